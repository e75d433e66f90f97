"""The lines of an order that is being placed: which of our products they are, and the stock they take."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from catalog.models import Reason, Variant
from catalog.stock import ledger
from catalog.stock.ledger import Leave
from orders.models import OrderLine
from orders.requests import LineRequest, OrderRequest
from tenancy.models import User
from ui.wording import money_text


def make_lines(request: OrderRequest, *, store_currency: str) -> list[OrderLine]:
    """Return the lines, not saved, each with what is odd about it in words; 1 query."""
    wanted = {line.retailer_id for line in request.lines if line.variant is None and line.retailer_id}
    found = Variant.objects.select_related("product").filter(retailer_id__in=wanted) if wanted else []
    variants = {variant.retailer_id: variant for variant in found}
    return [
        _make_line(
            line,
            position,
            variant=line.variant or variants.get(line.retailer_id),
            currency=request.currency,
            same_currency=request.currency == store_currency,
        )
        for position, line in enumerate(request.lines, start=1)
    ]


def _make_line(
    request: LineRequest, position: int, *, variant: Variant | None, currency: str, same_currency: bool
) -> OrderLine:
    ours = variant.price_minor if variant and same_currency else None
    price = request.unit_price_minor if request.unit_price_minor is not None else ours
    line = OrderLine(
        position=position,
        variant=variant,
        retailer_id=variant.retailer_id if variant else request.retailer_id,
        title=(request.title or str(variant or request.retailer_id or _("Unknown product")))[:300],
        quantity=request.quantity,
        unit_price_minor=price or 0,
    )
    line.problem = "\n".join(_oddities(request, line, ours=ours, currency=currency))
    return line


def _oddities(request: LineRequest, line: OrderLine, *, ours: int | None, currency: str) -> list[str]:
    said = []
    if line.variant is None:
        words = _("“%(title)s” (%(id)s) is none of your products, so no stock was taken for it.")
        said.append(words % {"title": line.title, "id": line.retailer_id or _("no id")})
    if request.unit_price_minor is None:
        words = _("“%(title)s” came without a price; %(price)s was put down.")
        said.append(words % {"title": line.title, "price": money_text(line.unit_price_minor, currency)})
    elif ours is not None and ours != line.unit_price_minor:
        words = _("The buyer agreed to %(theirs)s for “%(title)s”; your price is %(ours)s.")
        theirs = money_text(line.unit_price_minor, currency)
        said.append(words % {"title": line.title, "theirs": theirs, "ours": money_text(ours, currency)})
    return said


def take_stock(
    lines: Sequence[OrderLine],
    *,
    reference: str,
    actor: User | None,
    hold: str = "",
    leave: Leave = Leave.HELD_AND_SAFETY,
) -> None:
    """Take all the pieces, or raise OutOfStock and take none. `hold` is what was held for this buyer."""
    known = [line for line in lines if line.variant is not None]
    pieces = _pieces(known)
    ledger.take(pieces, reason=Reason.ORDER, reference=reference, actor=actor, leave=leave, hold=hold)
    for line in known:
        line.stock_held = line.quantity


def take_what_is_there(
    lines: Sequence[OrderLine], *, reference: str, actor: User | None, hold: str = ""
) -> None:
    """Take the pieces of each product of which there are enough; say so on the lines of the others.

    The buyer was promised them, which is what the safety stock is for.
    """
    left = list(lines)
    while True:
        try:
            return take_stock(left, reference=reference, actor=actor, hold=hold, leave=Leave.HELD)
        except ledger.OutOfStock as shortage:
            short = {item.variant.pk: item for item in shortage.lines}
        for line in left:
            if line.variant_id in short:
                line.problem = f"{line.problem}\n{_shortage_words(line, short[line.variant_id])}".strip()
        left = [line for line in left if line.variant_id not in short]


def _shortage_words(line: OrderLine, shortage: ledger.Shortage) -> str:
    words = _("“%(title)s” is short: %(wanted)d ordered, %(there)d in stock. None were taken for this order.")
    return words % {"title": line.title, "wanted": shortage.wanted, "there": shortage.available}


def give_stock_back(lines: Sequence[OrderLine], *, reference: str, actor: User | None) -> int:
    """Put back what the lines hold, once; return how many pieces. Saves the lines."""
    held = [line for line in lines if line.stock_held]
    pieces = [(line.variant, line.stock_held) for line in held if line.variant is not None]
    ledger.give_back(pieces, reason=Reason.CANCELLED, reference=reference, actor=actor)
    for line in held:
        line.stock_held = 0
    OrderLine.objects.bulk_update(held, ["stock_held"])
    return sum(quantity for _variant, quantity in pieces)


def _pieces(lines: Sequence[OrderLine]) -> list[ledger.Line]:
    return [(line.variant, line.quantity) for line in lines if line.variant is not None]
