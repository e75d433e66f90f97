"""What happens to an order after it was placed: steps forward, cancelling, and being looked at."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from orders.lines import give_stock_back
from orders.models import Order, OrderEvent, OrderLine, record_step
from orders.status import Status, may_become
from tenancy.audit import record_audit
from tenancy.live import tell_pages
from tenancy.models import User


class NotPossible(Exception):
    """The order has moved on meanwhile; the message says to what, in words."""


def lock_order(number: int) -> Order:
    """Return the order, locked until the transaction ends. Raises Order.DoesNotExist."""
    return Order.objects.select_for_update(of=("self",)).select_related("store").get(number=number)


@transaction.atomic
def change_status(number: int, status: Status, *, actor: User) -> Order:
    """Move an order one step on. Safe twice. Raises NotPossible, Order.DoesNotExist."""
    order = lock_order(number)
    if order.status == status:
        return order
    if status is Status.CANCELLED or not may_become(order.status, status):
        raise NotPossible(_refusal(order))
    before, order.status = order.status, status
    order.save(update_fields=["status", "updated_at"])
    record_step(order, OrderEvent.Kind.STATUS_CHANGED, actor=actor, before=before, after=status.value)
    record_audit("order.status_changed", actor=actor, target=order, before=before, after=status.value)
    tell_pages()
    return order


@transaction.atomic
def cancel_order(number: int, *, actor: User) -> Order:
    """Cancel an order and put its pieces back. Safe twice. Raises NotPossible, Order.DoesNotExist."""
    order = lock_order(number)
    if order.is_cancelled:
        return order
    if not may_become(order.status, Status.CANCELLED):
        raise NotPossible(_refusal(order))
    _cancel(order, actor=actor)
    return order


def cancel_by_channel(order: Order) -> None:
    """Cancel a locked order because its sales channel says so; what has been shipped is only noted."""
    if order.is_cancelled:
        return
    if may_become(order.status, Status.CANCELLED):
        _cancel(order, actor=None)
        return
    order.add_problems(_("The sales channel cancelled this order, but it had left your house already."))
    order.save(update_fields=["needs_attention", "updated_at"])


def _cancel(order: Order, *, actor: User | None) -> None:
    before, order.status = order.status, Status.CANCELLED
    order.save(update_fields=["status", "updated_at"])
    record_step(order, OrderEvent.Kind.CANCELLED, actor=actor, before=before)
    lines = list(OrderLine.objects.filter(order=order).select_related("variant"))
    pieces = give_stock_back(lines, reference=order.stock_reference, actor=actor)
    if pieces:
        record_step(order, OrderEvent.Kind.STOCK_RETURNED, actor=actor, pieces=pieces)
    record_audit("order.cancelled", actor=actor, target=order, before=before, pieces=pieces)
    tell_pages()


@transaction.atomic
def settle_attention(number: int, *, actor: User) -> Order:
    """Note that a person has looked at what was odd about an order. Safe twice."""
    order = lock_order(number)
    if order.needs_attention:
        order.needs_attention = ""
        order.save(update_fields=["needs_attention", "updated_at"])
        record_step(order, OrderEvent.Kind.SETTLED, actor=actor)
        record_audit("order.settled", actor=actor, target=order)
    return order


def _refusal(order: Order) -> str:
    words = _("Order %(number)s is %(status)s, so that is not possible any more.")
    return words % {"number": order, "status": order.get_status_display().lower()}
