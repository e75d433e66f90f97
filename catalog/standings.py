"""How items stand at Meta: of what kind each is, in SQL and in Python, and the word for it.

Three truths hide behind an item that failed, and each has a name of its own: Meta refused it, it is not
ready (we kept it back, as Meta would refuse it), or Meta gave no answer about it in all our tries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import MOST_TRIES, CatalogItem, Readiness, RemoteItem

State, Review = CatalogItem.State, RemoteItem.Review
REFUSED, UNREADY, UNANSWERED = "refused", "unready", "unanswered"
"""The kinds of items that failed; those of all others are their states."""
REVIEWING, REJECTED = "reviewing", "rejected"
"""The kinds of live items that Meta's review keeps from buyers."""
WARNED = "warned"
"""Asks for items that Meta took with a warning: of no kind of their own, most of them are live."""

REVIEW = "review_status"
AnItem = TypeVar("AnItem", bound=CatalogItem)

_LIVE = Q(state=State.LIVE)
_FAILED = Q(state=State.FAILED)
_BLOCKED = Q(product__readiness=Readiness.BLOCKED)
_GIVEN_UP = Q(attempts__gte=MOST_TRIES)

IN_REVIEW = {REVIEWING: Review.PENDING, REJECTED: Review.REJECTED}
"""What a list of items can be asked for that stands in Meta's review → how it stands there."""
KINDS: dict[str, Q] = {
    State.LIVE: _LIVE,
    State.WAITING: Q(state__in=[State.WAITING, State.SENT]),
    REFUSED: _FAILED & ~_BLOCKED & ~_GIVEN_UP,
    UNREADY: _FAILED & _BLOCKED,
    UNANSWERED: _FAILED & ~_BLOCKED & _GIVEN_UP,
    WARNED: ~Q(meta_warnings=""),
}
"""What a list of items can be asked for → its items."""
KIND = Case(
    When(KINDS[UNREADY], then=Value(UNREADY)),
    When(KINDS[UNANSWERED], then=Value(UNANSWERED)),
    When(_FAILED, then=Value(REFUSED)),
    When(_LIVE & (Q(review_status=None) | Q(review_status=Review.PENDING)), then=Value(REVIEWING)),
    When(_LIVE & Q(review_status=Review.REJECTED), then=Value(REJECTED)),
    default=F("state"),
    output_field=CharField(),
)
"""`kind_of` for a queryset of items, read `with_review`."""


@dataclass(frozen=True)
class Standing:
    """How something stands at Meta: a word, its tone and icon."""

    words: str
    tone: str
    icon: str


def with_review(items: QuerySet[AnItem]) -> QuerySet[AnItem]:
    """Add `review_status` to items: how Meta's review stands, None until it was asked about."""
    seen = RemoteItem.objects.filter(catalog=OuterRef("catalog"), variant=OuterRef("variant"))
    found = items.annotate(review_status=Subquery(seen.values("review_status")[:1]))
    return cast("QuerySet[AnItem]", found)


def kind_of(item: CatalogItem) -> str:
    """Return of what kind an item is; it was read `with_review`, its variant and product are loaded."""
    if item.state == State.LIVE:
        return _kind_in_review(getattr(item, REVIEW))
    if item.state != State.FAILED:
        return item.state
    if item.variant.product.readiness == Readiness.BLOCKED:
        return UNREADY
    return UNANSWERED if item.attempts >= MOST_TRIES else REFUSED


def _kind_in_review(status: str | None) -> str:
    if status in (None, Review.PENDING):
        return REVIEWING
    return REJECTED if status == Review.REJECTED else State.LIVE


def stand(item: CatalogItem) -> Standing:
    """Say in one badge how an item stands: as for `kind_of`, with its store, too."""
    if item.state == State.LIVE and item.variant.is_hidden:
        return Standing(_("Hidden from buyers"), "neutral", "eye-slash")
    return standing_of(kind_of(item))


def standing_of(kind: str) -> Standing:
    """Say in one badge how items of a kind stand."""
    match kind:
        case State.LIVE:
            return Standing(_("Live"), "success", "check-circle")
        case "reviewing":
            return Standing(_("Meta is reviewing it"), "info", "clock")
        case "rejected":
            return Standing(_("Rejected by Meta"), "danger", "exclamation-circle")
        case State.SENT:
            return Standing(_("Meta is checking"), "info", "clock")
        case "refused":
            return Standing(_("Refused"), "danger", "exclamation-circle")
        case "unready":
            return Standing(_("Not ready"), "warning", "exclamation-triangle")
        case "unanswered":
            return Standing(_("No answer from Meta"), "warning", "exclamation-triangle")
        case State.REMOVED:
            return Standing(_("Not shown"), "neutral", "archive-box")
        case _:
            return Standing(_("Waiting"), "info", "clock")


def summarise(counts: Mapping[str, int]) -> Standing:
    """Say in one badge how a product's items stand, counted by kind: what needs a person comes first."""
    total = sum(counts.values())
    refused = counts.get(REFUSED, 0) + counts.get(REJECTED, 0)
    if 0 < refused < total:
        words = ngettext("%(n)s of %(total)s refused", "%(n)s of %(total)s refused", refused)
        return Standing(words % {"n": refused, "total": total}, "danger", "exclamation-circle")
    for kind in (REFUSED, REJECTED, UNREADY, UNANSWERED, State.WAITING, State.SENT, REVIEWING):
        if counts.get(kind):
            return standing_of(kind)
    return standing_of(State.LIVE)
