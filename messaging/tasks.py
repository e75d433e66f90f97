"""Doors to the jobs of messaging, and the sweep that finds what was not started."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from messaging.models import Contact, Message
from messaging.profiles import refresh_profile
from messaging.sending import give_up, send_reply
from tenancy.scope import find_open_store_id
from tenancy.tasks import store_task

SWEEP_LIMIT = 500
"""Per kind and run; the next run takes the next ones."""
GRACE = timedelta(seconds=5)
"""A reply that was queued just now has a task on its way."""


@store_task
def send_message(message_id: int) -> None:
    """Send a queued reply, then start the one written after it. Safe twice: see `claim_reply`."""
    _start(send_reply(message_id))


@store_task
def give_up_message(message_id: int) -> None:
    """Fail a reply of which we do not know whether it was sent. Safe twice."""
    _start(give_up(message_id))


@store_task
def fetch_contact_profile(contact_id: int) -> None:
    """Ask Meta for a contact's name. Safe twice: see `claim_contact`."""
    refresh_profile(contact_id)


@shared_task
def sweep_messaging() -> None:
    """Start replies that are due or were forgotten, settle lost ones, and ask for missing names."""
    now = timezone.now()
    queued = Message.unscoped.filter(state=Message.State.QUEUED, not_before__lte=now - GRACE)
    lost = Message.unscoped.filter(state=Message.State.SENDING, not_before__lte=now)
    nameless = Contact.unscoped.filter(profile_due_at__lte=now - GRACE)
    for task, rows in ((send_message, queued), (give_up_message, lost), (fetch_contact_profile, nameless)):
        for store_id, pk in rows.order_by("pk").values_list("store_id", "pk")[:SWEEP_LIMIT]:
            task.delay(store_id, pk)


def _start(message_id: int | None) -> None:
    if message_id is not None:
        send_message.delay(find_open_store_id(), message_id)
