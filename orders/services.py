"""What a person does with orders."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from orders.intake import claim_mapping, place_order
from orders.lifecycle import lock_order
from orders.models import BY_HAND, Order
from orders.outbox import queue_again
from orders.requests import OrderRequest
from orders.tasks import send_order_email
from tenancy.audit import record_audit
from tenancy.models import User


@transaction.atomic
def place_manual_order(key: UUID, request: OrderRequest, *, actor: User) -> Order:
    """Place an order that a person took; the same key twice is one order. Raises OutOfStock."""
    mapping = claim_mapping(BY_HAND, str(key))
    if mapping.order is not None:
        already: Order = mapping.order
        return already
    order = mapping.order = place_order(request, actor=actor)
    mapping.save(update_fields=["order"])
    return order


@transaction.atomic
def resend_confirmation(number: int, *, actor: User) -> Order | None:
    """Send the confirmation once more; None when there is nobody to send it to. Raises Order.DoesNotExist."""
    order = lock_order(number)
    if order.is_cancelled or not order.buyer_email:
        return None
    email = queue_again(order, actor=actor)
    record_audit("order.confirmation_resent", actor=actor, target=order)
    send_order_email.delay_on_commit(order.store_id, email.pk)
    return order
