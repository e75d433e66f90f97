"""Working on settled events again. Handlers are safe twice, so a replay changes only what went wrong."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from integrations.models import WebhookDelivery, WebhookEvent
from integrations.webhooks.inbox import make_due


def replay_events(events: QuerySet[WebhookEvent]) -> int:
    """Put events back into their mailboxes, due now, with a fresh ladder; return how many.

    The caller nudges the inbox afterwards.
    """
    with transaction.atomic():
        # Of the events alone: the admin joins a store that may be missing, and such a join cannot be locked.
        rows = list(events.select_for_update(of=("self",)).order_by("id"))
        WebhookEvent.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=WebhookEvent.State.WAITING,
            reason="",
            traceback="",
            attempts=0,
            not_before=Now(),
            settled_at=None,
            duration_ms=None,
        )
        make_due({row.mailbox for row in rows})
    return len(rows)


def unpack_again(deliveries: QuerySet[WebhookDelivery]) -> int:
    """Have deliveries unpacked again, such as parked ones after a mended parser; return how many."""
    return deliveries.update(state=WebhookDelivery.State.RECEIVED, reason="")
