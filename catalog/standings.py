"""How items stand at Meta: of what kind each is, in SQL and in Python, and the word for it.

Three truths hide behind an item that failed, and each has a name of its own: Meta refused it, it is not
ready (we kept it back, as Meta would refuse it), or Meta gave no answer about it in all our tries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Case, CharField, F, Q, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import MOST_TRIES, CatalogItem, Readiness

State = CatalogItem.State
REFUSED, UNREADY, UNANSWERED = "refused", "unready", "unanswered"
"""The kinds of items that failed; those of all others are their states."""
WARNED = "warned"
"""Asks for items that Meta took with a warning: of no kind of their own, most of them are live."""

_FAILED = Q(state=State.FAILED)
_BLOCKED = Q(product__readiness=Readiness.BLOCKED)
_GIVEN_UP = Q(attempts__gte=MOST_TRIES)

KINDS: dict[str, Q] = {
    State.LIVE: Q(state=State.LIVE),
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
    default=F("state"),
    output_field=CharField(),
)
"""`kind_of` for a queryset of items."""


@dataclass(frozen=True)
class Standing:
    """How something stands at Meta: a word, its tone and icon."""

    words: str
    tone: str
    icon: str


def kind_of(item: CatalogItem) -> str:
    """Return of what kind an item is; its variant and product are loaded."""
    if item.state != State.FAILED:
        return item.state
    if item.variant.product.readiness == Readiness.BLOCKED:
        return UNREADY
    return UNANSWERED if item.attempts >= MOST_TRIES else REFUSED


def stand(item: CatalogItem) -> Standing:
    """Say in one badge how an item stands; its variant, product and store are loaded."""
    if item.state == State.LIVE and item.variant.is_hidden:
        return Standing(_("Hidden from buyers"), "neutral", "eye-slash")
    return standing_of(kind_of(item))


def standing_of(kind: str) -> Standing:
    """Say in one badge how items of a kind stand."""
    match kind:
        case State.LIVE:
            return Standing(_("Live"), "success", "check-circle")
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
    if 0 < counts.get(REFUSED, 0) < total:
        words = ngettext("%(n)s of %(total)s refused", "%(n)s of %(total)s refused", counts[REFUSED])
        return Standing(words % {"n": counts[REFUSED], "total": total}, "danger", "exclamation-circle")
    for kind in (REFUSED, UNREADY, UNANSWERED, State.WAITING, State.SENT):
        if counts.get(kind):
            return standing_of(kind)
    return standing_of(State.LIVE)
