"""The one door behind all doors: `place_order`, and the claim that makes it safe to knock twice."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from orders.lines import make_lines, take_stock, take_what_is_there
from orders.models import ExternalOrderMapping, Order, OrderEvent, OrderLine, claim_number, record_step
from orders.outbox import queue_confirmation
from orders.requests import OrderRequest
from orders.status import Status
from orders.tasks import send_order_email
from tenancy.audit import record_audit
from tenancy.live import tell_pages
from tenancy.models import Store, User
from tenancy.scope import get_open_store_id
from ui.wording import money_text


def claim_mapping(source_system: str, external_id: str) -> ExternalOrderMapping:
    """Return the mapping of an order elsewhere, made if it is new, locked until the transaction ends."""
    mapping = ExternalOrderMapping(source_system=source_system, external_id=external_id[:200])
    ExternalOrderMapping.objects.bulk_create([mapping], ignore_conflicts=True)
    rows = ExternalOrderMapping.objects.select_for_update()
    return rows.get(source_system=source_system, external_id=external_id[:200])


@transaction.atomic
def place_order(request: OrderRequest, *, actor: User | None = None) -> Order:
    """Make an order in the open store, with its lines, its stock, its timeline and its confirmation.

    Raises OutOfStock, and nothing has happened, unless the buyer has ordered already. Not safe
    twice by itself: callers hold a mapping.
    """
    store = Store.objects.get(pk=get_open_store_id())
    lines = make_lines(request, store_currency=store.currency)
    order = _draw_up(request, lines)
    order.store, order.number = store, claim_number(store.pk)
    if not request.is_cancelled:
        take = take_what_is_there if request.buyer_has_ordered else take_stock
        take(lines, reference=order.stock_reference, actor=actor, hold=request.hold)
    order.add_problems(*(line.problem for line in lines if line.problem))
    order.save()
    for line in lines:
        line.order = order
    OrderLine.objects.bulk_create(lines)
    _record(order, lines, actor=actor)
    send_confirmation(order)
    tell_pages()
    return order


def send_confirmation(order: Order) -> None:
    """Have the confirmation sent when the transaction is through, unless that was done before."""
    if email := queue_confirmation(order):
        send_order_email.delay_on_commit(order.store_id, email.pk)


def _draw_up(request: OrderRequest, lines: list[OrderLine]) -> Order:
    in_lines = sum(line.total_minor for line in lines)
    subtotal = in_lines if request.subtotal_minor is None else request.subtotal_minor
    added_up = subtotal + request.shipping_minor + request.tax_minor - request.discount_minor
    order = Order(
        source=request.source,
        door=request.door,
        status=Status.CANCELLED if request.is_cancelled else Status.NEW,
        buyer_name=request.buyer_name,
        buyer_email=request.buyer_email,
        buyer_phone=request.buyer_phone,
        shipping_address=dict(request.shipping_address),
        currency=request.currency,
        subtotal_minor=subtotal,
        shipping_minor=request.shipping_minor,
        tax_minor=request.tax_minor,
        discount_minor=request.discount_minor,
        total_minor=max(0, added_up) if request.total_minor is None else request.total_minor,
        placed_at=request.placed_at,
    )
    order.add_problems(*request.problems)
    order.add_problems(*_sums_that_differ(order, in_lines, added_up))
    return order


def _sums_that_differ(order: Order, in_lines: int, added_up: int) -> list[str]:
    """Say which of the amounts are not the sum of their parts: they stay as the buyer agreed to them."""
    sums = [
        (_("The subtotal is %(said)s, but the lines add up to %(sum)s."), order.subtotal_minor, in_lines),
        (_("The total is %(said)s, but its parts add up to %(sum)s."), order.total_minor, added_up),
    ]
    return [
        words % {"said": money_text(said, order.currency), "sum": money_text(parts, order.currency)}
        for words, said, parts in sums
        if said != parts
    ]


def _record(order: Order, lines: list[OrderLine], *, actor: User | None) -> None:
    record_step(order, OrderEvent.Kind.PLACED, actor=actor, door=order.door)
    held = sum(line.stock_held for line in lines)
    short = sum(line.quantity for line in lines if line.variant and not line.stock_held)
    if held:
        record_step(order, OrderEvent.Kind.STOCK_TAKEN, actor=actor, pieces=held)
    if order.is_cancelled:
        record_step(order, OrderEvent.Kind.CANCELLED, before=Status.NEW)
    elif short:
        record_step(order, OrderEvent.Kind.STOCK_SHORT, actor=actor, pieces=short)
    record_audit("order.placed", actor=actor, target=order, door=order.door, pieces=held)
