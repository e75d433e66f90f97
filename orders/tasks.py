"""The doors through which order e-mails are sent."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from orders import outbox
from orders.models import OrderEmail
from tenancy.tasks import store_task

SWEEP_LIMIT = 500


@store_task
def send_order_email(email_id: int) -> None:
    """Send one e-mail. Safe twice, late and beside itself: the claim decides."""
    outbox.send(email_id)


@shared_task
def sweep_orders() -> None:
    """Have those e-mails sent whose task was lost or whose time on the ladder has come."""
    due = OrderEmail.unscoped.filter(state=OrderEmail.State.WAITING, not_before__lte=timezone.now())
    for store_id, email_id in due.order_by("not_before").values_list("store_id", "pk")[:SWEEP_LIMIT]:
        send_order_email.delay(store_id, email_id)
