"""What Meta sent is kept for some time, then removed in slices.

Settled events go first, then the deliveries that nobody refers to any more. What waits is never removed, what
is parked has a longer limit of its own. An event's dedupe key lives as long as its row: longer than the 36
hours in which Meta sends again (fact sheet 9.5), which `stormcom.checks` watches over.

A slice is one short transaction. It reads an index from its oldest end and goes on where the slice before
ended, so it costs the same however much is stored; it waits for no lock, and holds none that an insert wants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from integrations.models import WebhookDelivery, WebhookEvent

ROWS_PER_SLICE = 1000

PURGE_EVENTS = """
    WITH oldest AS (
        SELECT id, received_at FROM integrations_webhookevent
        WHERE state = %(state)s AND id > %(after)s ORDER BY id LIMIT %(rows)s FOR UPDATE SKIP LOCKED
    )
    DELETE FROM integrations_webhookevent
    WHERE id = ANY(ARRAY(SELECT id FROM oldest WHERE received_at < %(before)s)) RETURNING id
"""
PURGE_DELIVERIES = """
    DELETE FROM integrations_webhookdelivery WHERE id IN (
        SELECT id FROM integrations_webhookdelivery delivery
        WHERE received_at >= %(after)s AND received_at < %(before)s AND state = %(state)s AND NOT EXISTS (
            SELECT 1 FROM integrations_webhookevent event WHERE event.delivery_id = delivery.id
        )
        ORDER BY received_at LIMIT %(rows)s FOR UPDATE SKIP LOCKED
    )
    RETURNING received_at
"""
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

Slice = Callable[[Any], list[Any]]
"""Takes the key after which to begin, and returns the keys of what it removed."""


def purge_webhooks(*, slices: int) -> int:
    """Remove what is too old, at most so many slices; return how many rows went."""
    removed = 0
    for purge, after in _steps(timezone.now()):
        while slices > 0:
            slices -= 1
            keys = purge(after)
            removed += len(keys)
            if len(keys) < ROWS_PER_SLICE:
                break
            after = max(keys)
    return removed


def _steps(now: datetime) -> Iterator[tuple[Slice, Any]]:
    old = now - timedelta(days=settings.WEBHOOK_RETENTION_DAYS)
    very_old = now - timedelta(days=settings.WEBHOOK_PARKED_RETENTION_DAYS)
    event, delivery = WebhookEvent.State, WebhookDelivery.State
    events = {event.DONE: old, event.IGNORED: old, event.PARKED: very_old}
    for state, before in events.items():
        yield _slice(PURGE_EVENTS, state=state.value, before=before), 0
    deliveries = {delivery.UNPACKED: old, delivery.IGNORED: old, delivery.PARKED: very_old}
    for kept, before in deliveries.items():
        yield _slice(PURGE_DELIVERIES, state=kept.value, before=before), _BEGINNING


def _slice(sql: str, *, state: str, before: datetime) -> Slice:
    def purge(after: Any) -> list[Any]:
        values = {"state": state, "before": before, "after": after, "rows": ROWS_PER_SLICE}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            cursor.execute(sql, values)
            return [key for (key,) in cursor.fetchall()]

    return purge
