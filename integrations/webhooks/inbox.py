"""Unpacking: from stored deliveries to one row per inner event, each waiting in its asset's mailbox.

One unpacker works at a time, so that events get their ids in the order of arrival and two deliveries of the
same event never meet; the dedupe key is unique all the same. Killed in the middle, it has done nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from itertools import accumulate, islice
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models.functions import Length

from integrations.models import WebhookDelivery, WebhookEvent
from integrations.webhooks.dashboard_test import is_dashboard_test
from integrations.webhooks.envelope import Envelope
from integrations.webhooks.events import Event, MessagingEvent
from integrations.webhooks.lanes import lane_of
from integrations.webhooks.parse import NotReadable, explain_empty, load_body, read_event, unpack

UNPACKING_LOCK = 0x53_4D_55
BYTES_PER_STEP = 2 * 1024 * 1024
"""Of bodies that are unpacked together: a body of many small events takes a hundred times its size."""
ROWS_PER_INSERT = 1000
MOST_EVENTS = 100_000
"""Meta batches up to 1,000 updates in one body. One with more than this is kept for somebody to look at: a
worker would be stopped for the time it takes, again and again, and nothing behind it would be unpacked."""

State = WebhookDelivery.State
log = structlog.get_logger()


def unpack_deliveries(*, limit: int) -> int:
    """Unpack up to `limit` received deliveries, oldest first, fewer of large ones; return how many."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [UNPACKING_LOCK])
        deliveries = _take(limit)
        rows = [row for delivery in deliveries for row in _open(delivery)]
        fresh = _insert(rows)
        found, kept = Counter(r.delivery_id for r in rows), Counter(r.delivery_id for r in fresh)
        for delivery in deliveries:
            delivery.event_count = kept[delivery.pk]
            delivery.duplicate_count = found[delivery.pk] - kept[delivery.pk]
        fields = ["state", "reason", "event_count", "duplicate_count"]
        WebhookDelivery.objects.bulk_update(deliveries, fields)
    return len(deliveries)


def _take(limit: int) -> list[WebhookDelivery]:
    """Return the oldest received deliveries, as many as a worker can hold, and one at least."""
    received = WebhookDelivery.objects.filter(state=State.RECEIVED).order_by("id")
    sizes = list(received.values_list("id", Length("body"))[:limit])
    totals = accumulate(size for _id, size in sizes)
    ids = [id_ for (id_, _size), total in zip(sizes, totals, strict=True) if total <= BYTES_PER_STEP]
    return list(received.filter(id__in=ids or [id_ for id_, _size in sizes[:1]]))


def _open(delivery: WebhookDelivery) -> list[WebhookEvent]:
    """Set the delivery's state and return the rows of its inner events."""
    try:
        objects = load_body(bytes(delivery.body))
        found = list(islice(unpack(objects), MOST_EVENTS + 1))
        if len(found) > MOST_EVENTS:
            raise NotReadable(f"more than {MOST_EVENTS} events in one body")
        rows = [_event_row(delivery, envelope, item) for envelope, item in found]
    except NotReadable as error:
        delivery.state, delivery.reason = State.PARKED, str(error)
        return []
    except Exception as error:  # a body that our reader cannot take must not hold up the ones behind it
        log.exception("delivery_not_unpacked", delivery_id=delivery.pk)
        delivery.state, delivery.reason = State.PARKED, f"a fault of ours: {type(error).__name__}"
        return []
    delivery.state = State.UNPACKED if rows else State.IGNORED
    delivery.reason = "" if rows else explain_empty(objects)
    return rows


def _event_row(delivery: WebhookDelivery, envelope: Envelope, item: Any) -> WebhookEvent:
    event = read_event(envelope, item)
    return WebhookEvent(
        delivery=delivery,
        mailbox=envelope.asset_id or f"object:{envelope.object}",
        kind=event.kind,
        object=envelope.object,
        channel=envelope.channel,
        asset_id=envelope.asset_id,
        dedupe_key=dedupe_key(envelope, event, delivery_id=delivery.pk),
        item=json.dumps(item),
        entry_time=envelope.entry_time,
        happened_at=event.happened_at,
        received_at=delivery.received_at,
        lane=lane_of(event),
    )


def dedupe_key(envelope: Envelope, event: Event, *, delivery_id: int) -> str:
    """Return the hash of what makes this the same event when it comes again.

    Where it stood (object, channel) does not count: a message is one, whichever way it came. Without an
    identity of its own (fact sheet 9.5) that is the whole item and the time Meta sent it first.
    """
    identity = event.identity or json.dumps([envelope.entry_time, event.item], sort_keys=True)
    account = event.account_id if isinstance(event, MessagingEvent) else envelope.asset_id
    parts = [account, event.kind, identity]
    if is_dashboard_test(event):
        parts += [str(delivery_id), str(envelope.position)]
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _insert(rows: list[WebhookEvent]) -> list[WebhookEvent]:
    """Insert the rows that are new, make their mailboxes due, and return them."""
    keys = [row.dedupe_key for row in rows]
    known = set(WebhookEvent.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", flat=True))
    first: dict[str, WebhookEvent] = {}
    for row in rows:
        if row.dedupe_key not in known:
            first.setdefault(row.dedupe_key, row)
    fresh = WebhookEvent.objects.bulk_create(first.values(), batch_size=ROWS_PER_INSERT)
    make_due({row.mailbox for row in fresh})
    return fresh


def make_due(mailboxes: set[str]) -> None:
    """Make mailboxes due now, whoever has them claimed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO integrations_mailbox AS box (name, due_at) "
            "SELECT unnest(%s::text[]), statement_timestamp() "
            "ON CONFLICT (name) DO UPDATE SET due_at = LEAST(box.due_at, excluded.due_at)",
            [sorted(mailboxes)],  # one order for all, so that two of these never wait for each other
        )
