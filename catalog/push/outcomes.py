"""What became of what was sent: a call in words that add up to its rows, and the items behind each word."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils.translation import ngettext

from catalog.comparing.review_words import Point, describe
from catalog.models import Catalog, CatalogItem, PushBatch, RemoteItem, Variant
from catalog.push.leftovers import find_held_back, find_replaced, replaced_by
from catalog.push.refusals import explain_warning
from catalog.standings import IN_REVIEW, KINDS, REFUSED, WARNED, Standing, stand, standing_of, with_review
from ui.paging import cursor_page
from ui.wording import number_text

ROWS = 40
AGAIN, TAKEN, LEFT = "again", "taken", "left"
"""Ask for items of a call: those that changed before Meta answered, and were sent again; those that Meta
took; those that were kept back, or did not get through."""
OF_CALLS = (AGAIN, TAKEN, LEFT)

State, ItemState = PushBatch.State, CatalogItem.State


@dataclass(frozen=True)
class Part:
    """So many rows of a call, in words; `query` has the list of items show them, '' for no link."""

    words: str
    query: str


@dataclass(frozen=True)
class BatchRow:
    """One call; the numbers of `parts` add up to its rows. `warned` are those taken with a warning."""

    batch: PushBatch
    parts: list[Part]
    warned: Part | None


@dataclass(frozen=True)
class SentItem:
    """One line of a list of items; `points` are what Meta's review wants mended, in lists of those."""

    variant: Variant
    standing: Standing
    error: str
    answered_at: datetime | None
    warnings: list[str]
    points: list[Point]


@dataclass(frozen=True)
class SentPage:
    rows: list[SentItem]
    previous_url: str
    next_url: str


def list_batches(catalogs: Iterable[Catalog]) -> list[BatchRow]:
    """Return the newest calls of the catalogs; 1 query."""
    batches = PushBatch.objects.filter(catalog__in=list(catalogs), row_count__gt=0).select_related("catalog")
    unread = ("door_warnings", "taken_items", "left_items", "unreviewed_items")
    named = batches.annotate(taken_named=F("taken_items__len"), left_named=F("left_items__len"))
    newest = list(named.defer(*unread).order_by("-id")[:10])
    # Who took items over from one of these is newer, and so among these.
    return [
        BatchRow(one, _describe(one, again=len(replaced_by(newest, one))), _describe_warned(one))
        for one in newest
    ]


def _describe(batch: Any, *, again: int) -> list[Part]:
    """Name the rows of a call. One from before its items were noted leads nowhere."""
    taken, refused = batch.live_count, batch.failed_count
    rest = batch.row_count - taken - refused - again
    left, show = _say_rest(batch, rest)
    parts = [
        (taken, ngettext("%(n)s taken", "%(n)s taken", taken), TAKEN if batch.taken_named else ""),
        (refused, ngettext("%(n)s refused", "%(n)s refused", refused), REFUSED),
        (
            again,
            ngettext("%(n)s sent again after a change", "%(n)s sent again after a change", again),
            AGAIN,
        ),
        (rest, left, show),
    ]
    return [Part(words % {"n": number_text(n)}, _query(batch, show)) for n, words, show in parts if n > 0]


def _query(batch: PushBatch, show: str) -> str:
    return f"?batch={batch.pk}&show={show}" if show else ""


def _describe_warned(batch: PushBatch) -> Part | None:
    n = len(batch.warned_items)
    words = ngettext("%(n)s of them with a warning", "%(n)s of them with a warning", n)
    return Part(words % {"n": number_text(n)}, _query(batch, WARNED)) if n else None


def _say_rest(batch: Any, rest: int) -> tuple[str, str]:
    """Return what became of rows that Meta neither took nor refused, and what lists them."""
    if batch.state == State.CLAIMED:
        return ngettext("%(n)s being sent", "%(n)s being sent", rest), ItemState.WAITING
    if batch.state == State.SENT:
        return ngettext("%(n)s being checked", "%(n)s being checked", rest), ItemState.WAITING
    show = LEFT if batch.left_named else ""
    if keeps_back(batch):
        return ngettext("%(n)s kept back, as not ready", "%(n)s kept back, as not ready", rest), show
    return ngettext("%(n)s did not get through", "%(n)s did not get through", rest), show


def keeps_back(batch: PushBatch) -> bool:
    """Say whether what a call has left was kept back by us; else it did not get through."""
    return batch.state == State.FINISHED and bool(batch.handle)


def list_items(catalog: Catalog, *, show: str, params: Mapping[str, str]) -> SentPage:
    """Return one page of a catalog's items of a kind; 1 query."""
    return _page(catalog, KINDS[show], params)


def list_in_review(catalog: Catalog, *, show: str, params: Mapping[str, str]) -> SentPage:
    """Return one page of what stands so in Meta's review, with what it wants mended; 2 queries."""
    seen = RemoteItem.objects.filter(
        catalog=catalog, variant__isnull=False, review_status=IN_REVIEW[show]
    ).select_related("variant__product", "variant__store")
    page = cursor_page(seen, by="id", params=params, size=ROWS)
    mine = CatalogItem.objects.filter(catalog=catalog, variant__in=[one.variant_id for one in page.rows])
    items = {item.variant_id: item for item in with_review(mine)}
    rows = [_reviewed(one, items.get(one.variant_id or 0), show) for one in page.rows]
    return SentPage(rows, page.previous_url, page.next_url)


def _reviewed(seen: Any, item: CatalogItem | None, show: str) -> SentItem:
    points = describe(seen).points
    if item is None:
        return SentItem(seen.variant, standing_of(show), "", seen.seen_at, [], points)
    item.variant = seen.variant
    return _sent(item, points)


def list_items_of(batch: PushBatch, *, show: str, params: Mapping[str, str]) -> SentPage:
    """Return the items of a call by what `show` asks: one of OF_CALLS, refused, warned, else its open ones.

    4 queries at most, whatever the size of the catalog.
    """
    numbers: dict[str, Callable[[], Iterable[int]]] = {
        AGAIN: lambda: find_replaced(batch),
        TAKEN: lambda: batch.taken_items,
        LEFT: lambda: batch.left_items,
        REFUSED: lambda: batch.refused_items,
        WARNED: lambda: batch.warned_items,
    }
    if find := numbers.get(show):
        return _page(batch.catalog, Q(pk__in=list(find())), params)
    return _page(batch.catalog, Q(batch=batch) | Q(pk__in=find_held_back(batch)), params)


def _page(catalog: Catalog, wanted: Q, params: Mapping[str, str]) -> SentPage:
    items = with_review(CatalogItem.objects.filter(wanted, catalog=catalog))
    rows = items.select_related("variant__product", "variant__store")
    page = cursor_page(rows, by="id", params=params, size=ROWS)
    return SentPage([_sent(one, []) for one in page.rows], page.previous_url, page.next_url)


def _sent(item: CatalogItem, points: list[Point]) -> SentItem:
    warnings = [explain_warning(text) for text in item.meta_warnings.splitlines()]
    return SentItem(item.variant, stand(item), item.error, item.answered_at, warnings, points)
