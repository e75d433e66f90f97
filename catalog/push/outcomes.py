"""What became of what was sent: a call in words that add up to its rows, and the items behind each word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import ngettext

from catalog.models import Catalog, CatalogItem, PushBatch
from catalog.push.refusals import explain_warning
from catalog.standings import KINDS, REFUSED, UNREADY, WARNED, Standing, stand, with_review
from ui.paging import cursor_page
from ui.wording import number_text

ROWS = 40
AGAIN = "again"
"""Asks for the items of a call that changed before Meta answered, and went out anew."""

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
    item: CatalogItem
    standing: Standing
    warnings: list[str]


@dataclass(frozen=True)
class SentPage:
    rows: list[SentItem]
    previous_url: str
    next_url: str


def list_batches(catalogs: Iterable[Catalog]) -> list[BatchRow]:
    """Return the newest calls of the catalogs; 1 query."""
    batches = PushBatch.objects.filter(catalog__in=list(catalogs), row_count__gt=0).select_related("catalog")
    newest = list(batches.defer("door_warnings").order_by("-id")[:10])
    # Who took items over from one of these is newer, and so among these.
    return [
        BatchRow(one, _describe(one, again=len(_find_again(one, newest))), _describe_warned(one))
        for one in newest
    ]


def _find_again(batch: PushBatch, newer: Iterable[PushBatch]) -> set[int]:
    return {pk for one in newer for pk in one.taken_over.get(str(batch.pk), ())}


def _describe(batch: PushBatch, *, again: int) -> list[Part]:
    taken, refused = batch.live_count, batch.failed_count
    rest = batch.row_count - taken - refused - again
    left, query = _say_rest(batch, rest)
    parts = [
        (taken, ngettext("%(n)s taken", "%(n)s taken", taken), ""),
        (refused, ngettext("%(n)s refused", "%(n)s refused", refused), f"?batch={batch.pk}&show={REFUSED}"),
        (
            again,
            ngettext("%(n)s changed meanwhile and sent anew", "%(n)s changed meanwhile and sent anew", again),
            f"?batch={batch.pk}&show={AGAIN}",
        ),
        (rest, left, query),
    ]
    return [Part(words % {"n": number_text(n)}, query) for n, words, query in parts if n > 0]


def _describe_warned(batch: PushBatch) -> Part | None:
    n = len(batch.warned_items)
    words = ngettext("%(n)s of them with a warning", "%(n)s of them with a warning", n)
    return Part(words % {"n": number_text(n)}, f"?batch={batch.pk}&show={WARNED}") if n else None


def _say_rest(batch: PushBatch, rest: int) -> tuple[str, str]:
    """Return what became of rows that Meta neither took nor refused, and the query that lists them."""
    open_ones = f"?batch={batch.pk}&show={ItemState.WAITING}"
    if batch.state == State.CLAIMED:
        return ngettext("%(n)s being sent", "%(n)s being sent", rest), open_ones
    if batch.state == State.SENT:
        return ngettext("%(n)s being checked", "%(n)s being checked", rest), open_ones
    if batch.state == State.FINISHED and batch.handle:
        words = ngettext("%(n)s kept back, as not ready", "%(n)s kept back, as not ready", rest)
        return words, f"?show={UNREADY}"
    return ngettext("%(n)s waiting again", "%(n)s waiting again", rest), f"?show={ItemState.WAITING}"


def list_items(catalog: Catalog, *, show: str, params: Mapping[str, str]) -> SentPage:
    """Return one page of a catalog's items of a kind; 1 query."""
    return _page(catalog, KINDS[show], params)


def list_items_of(batch: PushBatch, *, show: str, params: Mapping[str, str]) -> SentPage:
    """Return the items of a call that need a word (or have no answer) by what `show` asks; 2 queries."""
    if show == ItemState.WAITING:
        return _page(batch.catalog, Q(batch=batch), params)
    pks: Iterable[int] = batch.warned_items if show == WARNED else batch.refused_items
    if show == AGAIN:
        newer = PushBatch.objects.filter(catalog=batch.catalog_id, pk__gt=batch.pk)
        pks = _find_again(batch, newer.filter(taken_over__has_key=str(batch.pk)))
    return _page(batch.catalog, Q(pk__in=list(pks)), params)


def _page(catalog: Catalog, wanted: Q, params: Mapping[str, str]) -> SentPage:
    items = with_review(CatalogItem.objects.filter(wanted, catalog=catalog))
    rows = items.select_related("variant__product", "variant__store")
    page = cursor_page(rows, by="id", params=params, size=ROWS)
    found = [SentItem(one, stand(one), _warnings_of(one)) for one in page.rows]
    return SentPage(found, page.previous_url, page.next_url)


def _warnings_of(item: CatalogItem) -> list[str]:
    return [explain_warning(text) for text in item.meta_warnings.splitlines()]
