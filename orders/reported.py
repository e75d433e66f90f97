"""Reading an order event: from what a sales channel says to what we can work with. Raises nothing but Park.

Source: docs/events.md (the shape), fact sheet section 18.4 (where the shape comes from). What cannot be read
is left out and said so in `problems`: the event itself stays in the event log, word for word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.webhooks.events import OrderEvent
from integrations.webhooks.outcomes import Park
from integrations.webhooks.shapes import Json, clean, read_id, read_list, read_object, read_time
from orders.amounts import BadAmount, read_currency, to_minor
from orders.models import Source
from orders.requests import ADDRESS_KEYS, LineRequest

MAX_LINES = 500
MAX_QUANTITY = 10_000

RANKS = {"order.created": 0, "order.updated": 1, "order.cancelled": 2}
"""Of two events with the same time the later stage is the newer version: times have whole seconds."""

Fact = str | dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """Money of an order; None where the channel said nothing that can be read."""

    currency: str
    subtotal_minor: int | None
    shipping_minor: int | None
    tax_minor: int | None
    total_minor: int | None


@dataclass(frozen=True, kw_only=True)
class ReportedOrder:
    """An order as a sales channel told it in one event.

    `version` is text that sorts like the versions of an order; `facts` holds only what was said.
    """

    external_id: str
    kind: str
    version: str
    updated_at: datetime
    placed_at: datetime
    source: Source
    is_cancelled: bool
    facts: dict[str, Fact]
    lines: tuple[LineRequest, ...]
    amounts: Amounts
    problems: tuple[str, ...]


def read_order(event: OrderEvent, *, store_currency: str) -> ReportedOrder:
    """Read one event. Raises Park when it has no id: then nobody could ever tell which order it is."""
    if not event.external_id:
        raise Park(
            _("A sales channel sent an order without its number, so it cannot be kept apart from others.")
        )
    value, now = event.value, timezone.now()
    problems: list[str] = []
    updated_at = read_time(value.get("last_updated")) or event.happened_at or now
    currency = _read_currency(value, store_currency, problems)
    lines = tuple(_read_lines(value, currency, problems))
    return ReportedOrder(
        external_id=event.external_id,
        kind=event.kind,
        version=f"{updated_at:%Y-%m-%dT%H:%M:%S.%f} {RANKS[event.kind]}",
        updated_at=updated_at,
        placed_at=_past(read_time(value.get("created")) or event.happened_at or now, now),
        source=_read_source(value, event),
        is_cancelled=event.kind == "order.cancelled" or _state(value) in ("CANCELLED", "CANCELED"),
        facts=_read_facts(value),
        lines=lines,
        amounts=_read_amounts(value, currency, problems),
        problems=tuple(problems),
    )


def _past(moment: datetime, now: datetime) -> datetime:
    """A clock that is ahead does not put an order into the future."""
    return min(moment, now)


def _state(value: Json) -> str:
    return clean(read_object(value.get("order_status")).get("state")).upper()


def _read_source(value: Json, event: OrderEvent) -> Source:
    channel = clean(value.get("channel")).strip().lower()
    if channel == "instagram" or (not channel and event.object == "instagram"):
        return Source.INSTAGRAM
    return Source.FACEBOOK


def _read_facts(value: Json) -> dict[str, Fact]:
    """Return who ordered and where it goes, as far as it is said."""
    buyer, address = read_object(value.get("buyer_details")), read_object(value.get("shipping_address"))
    place = {key: clean(address.get(key)).strip()[:200] for key in ADDRESS_KEYS}
    facts: dict[str, Fact] = {
        "buyer_name": clean(buyer.get("name")).strip()[:200],
        "buyer_email": clean(buyer.get("email")).strip()[:254],
        "buyer_phone": clean(buyer.get("phone")).strip()[:40],
        "shipping_address": {key: text for key, text in place.items() if text},
    }
    return {name: fact for name, fact in facts.items() if fact}


# --- Lines ------------------------------------------------------------------------------------------------


def _read_lines(value: Json, currency: str, problems: list[str]) -> Iterator[LineRequest]:
    items = read_list(value.get("items"))
    if len(items) > MAX_LINES:
        problems.append(
            _("The order has %(n)d lines; only the first %(max)d are here.")
            % {"n": len(items), "max": MAX_LINES}
        )
    for position, item in enumerate(items[:MAX_LINES], start=1):
        line = _read_line(read_object(item), position, currency, problems)
        if line:
            yield line


def _read_line(item: Json, position: int, currency: str, problems: list[str]) -> LineRequest | None:
    retailer_id = read_id(item.get("retailer_id"))[:100]
    title = clean(item.get("product_name")).strip()[:300]
    quantity = _read_quantity(item.get("quantity"))
    if quantity is None:
        problems.append(
            _("Line %(n)d (%(title)s) was left out: its quantity “%(quantity)s” cannot be.")
            % {"n": position, "title": title or retailer_id or "?", "quantity": _shown(item.get("quantity"))}
        )
        return None
    price = _read_money(
        item.get("price_per_unit"), currency, _("the price of line %(n)d") % {"n": position}, problems
    )
    return LineRequest(retailer_id=retailer_id, title=title, quantity=quantity, unit_price_minor=price)


def _read_quantity(value: object) -> int | None:
    """Return a whole number from 1 on, whether it came as a number or as text."""
    text = clean(value).strip().removesuffix(".0")
    quantity = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    return quantity if 0 < quantity <= MAX_QUANTITY else None


# --- Money ------------------------------------------------------------------------------------------------


def _read_amounts(value: Json, currency: str, problems: list[str]) -> Amounts:
    payment = read_object(value.get("estimated_payment_details"))
    subtotal = read_object(payment.get("subtotal"))
    option = read_object(value.get("selected_shipping_option"))
    shipping = subtotal.get("shipping") if subtotal.get("shipping") is not None else option.get("price")
    return Amounts(
        currency=currency,
        subtotal_minor=_read_money(subtotal.get("items"), currency, _("the sum of the lines"), problems),
        shipping_minor=_read_money(shipping, currency, _("the price of shipping"), problems),
        tax_minor=_read_money(payment.get("tax"), currency, _("the tax"), problems),
        total_minor=_read_money(payment.get("total_amount"), currency, _("the total"), problems),
    )


def _read_money(value: object, currency: str, what: str, problems: list[str]) -> int | None:
    """Return an amount in the order's currency; None when nothing was said or it cannot be read (noted)."""
    if value is None:
        return None
    amount = value.get("amount") if isinstance(value, dict) else value
    said = read_currency(value.get("currency")) if isinstance(value, dict) else ""
    try:
        if said and said != currency:
            raise BadAmount(said)
        return to_minor(amount, currency)
    except BadAmount:
        words = _("The sales channel sent “%(amount)s” as %(what)s, which cannot be read in %(currency)s.")
        shown = f"{_shown(amount)} {said}".strip()
        problems.append(words % {"amount": shown, "what": what, "currency": currency})
        return None


def _read_currency(value: Json, store_currency: str, problems: list[str]) -> str:
    """Return the currency the buyer agreed to: of the total, else the first one that is said."""
    said = [clean(money.get("currency")) for money in _moneys(value)]
    currency = next(filter(None, map(read_currency, said)), store_currency)
    if currency != store_currency:
        words = _("The buyer paid in %(theirs)s, your store sells in %(ours)s.")
        problems.append(words % {"theirs": currency, "ours": store_currency})
    return currency


def _moneys(value: Json) -> Iterator[Json]:
    payment = read_object(value.get("estimated_payment_details"))
    yield read_object(payment.get("total_amount"))
    yield read_object(read_object(payment.get("subtotal")).get("items"))
    for item in read_list(value.get("items")):
        yield read_object(read_object(item).get("price_per_unit"))


def _shown(value: object) -> str:
    return (clean(value) or type(value).__name__)[:40]
