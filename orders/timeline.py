"""An order's life as sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders.models import Door, OrderEvent
from orders.status import Status

Kind = OrderEvent.Kind

LOOKS: dict[str, tuple[str, str]] = {
    Kind.PLACED: ("shopping-bag", "info"),
    Kind.STOCK_TAKEN: ("archive-box", "neutral"),
    Kind.STOCK_SHORT: ("exclamation-triangle", "warning"),
    Kind.STOCK_RETURNED: ("archive-box-arrow-down", "neutral"),
    Kind.UPDATED: ("pencil-square", "neutral"),
    Kind.STATUS_CHANGED: ("arrow-path", "neutral"),
    Kind.CANCELLED: ("x-circle", "danger"),
    Kind.EMAIL_SENT: ("envelope", "success"),
    Kind.EMAIL_FAILED: ("envelope", "danger"),
    Kind.SETTLED: ("check-circle", "success"),
}
"""Icon and colour of each step."""

FIELD_WORDS = {
    "buyer_name": gettext_lazy("name"),
    "buyer_email": gettext_lazy("e-mail address"),
    "buyer_phone": gettext_lazy("phone"),
    "shipping_address": gettext_lazy("address"),
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of the timeline component."""

    text: str
    at: datetime
    by: str
    icon: str
    tone: str


def read_timeline(events: Iterable[OrderEvent]) -> list[Step]:
    return [_read_step(event) for event in events]


def _read_step(event: OrderEvent) -> Step:
    icon, tone = LOOKS[event.kind]
    return Step(text=_words(event), at=event.at, by=str(event.actor or ""), icon=icon, tone=tone)


def _words(event: OrderEvent) -> str:
    details: dict[str, Any] = event.details
    count = int(details.get("pieces", 0))
    match event.kind:
        case Kind.PLACED:
            return _("Order placed: %(door)s") % {"door": str(Door(details["door"]).label).lower()}
        case Kind.STOCK_TAKEN:
            return ngettext("%(n)d piece taken from stock", "%(n)d pieces taken from stock", count) % {
                "n": count
            }
        case Kind.STOCK_SHORT:
            words = ngettext(
                "Too few in stock: %(n)d piece was not taken",
                "Too few in stock: %(n)d pieces were not taken",
                count,
            )
            return words % {"n": count}
        case Kind.STOCK_RETURNED:
            return ngettext("%(n)d piece put back", "%(n)d pieces put back", count) % {"n": count}
        case Kind.UPDATED:
            fields = ", ".join(str(FIELD_WORDS.get(name, name)) for name in details.get("fields", ()))
            return _("The sales channel changed: %(fields)s") % {"fields": fields}
        case Kind.STATUS_CHANGED:
            return _("Status changed to %(status)s") % {"status": str(Status(details["after"]).label).lower()}
        case Kind.EMAIL_FAILED:
            return _("Confirmation not sent: %(reason)s") % {"reason": details.get("reason", "")}
        case Kind.EMAIL_SENT:
            return _("Confirmation sent to the buyer")
    return str(Kind(event.kind).label)
