"""How long Meta's messages are kept, and that removing them holds nobody up."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from integrations.models import ConnectedPage, WebhookDelivery, WebhookEvent
from integrations.webhooks import retention
from integrations.webhooks.retention import purge_webhooks
from messaging.models import Message
from operations.retention import purge_old_rows
from tenancy.models import Store
from tests.conftest import post_webhook
from tests.operations.sample import make_event


def left() -> set[tuple[str, int]]:
    """Return state and age in days of each event that is left."""
    now = timezone.now()
    rows = WebhookEvent.objects.values_list("state", "received_at")
    return {(state, (now - received_at).days) for state, received_at in rows}


def test_settled_events_go_after_their_days_parked_ones_later_and_waiting_ones_never(store: Store) -> None:
    for state in ("done", "ignored", "parked", "waiting"):
        for age in (29, 31, 89, 91):
            make_event(store, state, age=timedelta(days=age))
    purge_old_rows()
    assert left() == {
        *{(state, 29) for state in ("done", "ignored", "parked", "waiting")},
        *{("parked", age) for age in (31, 89)},
        *{("waiting", age) for age in (31, 89, 91)},
    }


def test_the_days_are_a_setting(store: Store, settings: Any) -> None:
    settings.WEBHOOK_RETENTION_DAYS, settings.WEBHOOK_PARKED_RETENTION_DAYS = 5, 7
    for state in ("done", "parked"):
        for age in (4, 6, 8):
            make_event(store, state, age=timedelta(days=age))
    purge_old_rows()
    assert left() == {("done", 4), ("parked", 4), ("parked", 6)}


def test_a_body_goes_when_none_of_its_events_is_left(store: Store) -> None:
    old = timedelta(days=40)
    gone, kept = make_event(store, "done", age=old), make_event(store, "parked", age=old)
    make_event(store, "done", age=old, delivery=kept.delivery)
    ages = {"unpacked": 31, "ignored": 31, "parked": 91, "received": 400}
    for state, days in ages.items():
        received_at = timezone.now() - timedelta(days=days)
        WebhookDelivery.objects.create(body=b"{}", signed_by="facebook", state=state, received_at=received_at)
    received_at = timezone.now() - timedelta(days=40)
    unread = WebhookDelivery.objects.create(
        body=b"hello", signed_by="facebook", state="parked", received_at=received_at
    )
    purge_old_rows()
    found = WebhookDelivery.objects.values_list("pk", "state")
    assert gone.delivery_id not in dict(found)
    assert {pk: state for pk, state in found if state != "received"} == {
        kept.delivery_id: "unpacked",
        unread.pk: "parked",
    }
    assert [state for _pk, state in found if state == "received"] == ["received"]


def test_a_run_does_no_more_than_its_slices(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ROWS_PER_SLICE", 4)
    for _ in range(30):
        make_event(store, "done", age=timedelta(days=40))
    assert purge_webhooks(slices=3) == 12
    assert WebhookEvent.objects.count() == 18
    assert purge_webhooks(slices=100) == 18 + 30
    assert (WebhookEvent.objects.count(), WebhookDelivery.objects.count()) == (0, 0)


def test_what_meta_sends_again_within_36_hours_is_known_with_the_shortest_retention(
    connected_page: ConnectedPage, deliver: Callable[[dict[str, Any]], Any], settings: Any
) -> None:
    settings.WEBHOOK_RETENTION_DAYS = settings.WEBHOOK_PARKED_RETENTION_DAYS = 3
    page_id = connected_page.page_id
    item = {"sender": {"id": "5001"}, "recipient": {"id": page_id}, "timestamp": 1763700000123}
    item["message"] = {"mid": "m_again", "text": "hello"}
    body = {"object": "page", "entry": [{"id": page_id, "time": 1763700000123, "messaging": [item]}]}
    deliver(body)
    WebhookEvent.objects.update(received_at=timezone.now() - timedelta(hours=37))
    purge_old_rows()
    deliver(body)
    assert WebhookEvent.objects.count() == 1
    assert WebhookDelivery.objects.latest("id").duplicate_count == 1
    # And after the key is gone the message itself still knows its own id.
    WebhookEvent.objects.update(received_at=timezone.now() - timedelta(days=4))
    purge_old_rows()
    assert WebhookEvent.objects.count() == 0
    deliver(body)
    assert Message.unscoped.filter(mid="m_again").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_slice_that_is_under_way_holds_up_no_delivery(store: Store) -> None:
    for _ in range(20):
        make_event(store, "done", age=timedelta(days=40))
    arrived: list[int] = []

    def arrive() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '1s'")
            arrived.append(post_webhook(b'{"object":"page","entry":[]}').status_code)
            make_event(store, "waiting")
            arrived.append(1)
        finally:
            connection.close()

    with transaction.atomic():
        assert purge_webhooks(slices=10) == 40
        sender = threading.Thread(target=arrive)
        sender.start()
        sender.join(10)
        assert arrived == [200, 1]  # while the removal has not even committed
    assert WebhookEvent.objects.get().state == "waiting"


def test_what_a_worker_works_on_is_not_waited_for(store: Store, transactional_db: None) -> None:
    busy, idle = (make_event(store, "done", age=timedelta(days=40)) for _ in range(2))
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                WebhookEvent.objects.select_for_update().get(pk=busy.pk)
                locked.set()
                release.wait(10)
        finally:
            connection.close()

    worker = threading.Thread(target=hold)
    worker.start()
    locked.wait(10)
    purge_webhooks(slices=10)
    assert list(WebhookEvent.objects.values_list("pk", flat=True)) == [busy.pk]
    assert idle.pk != busy.pk
    release.set()
    worker.join(10)


def _pages_read(state: str) -> int:
    """Return how many pages of the database one slice touches."""
    before = timezone.now() - timedelta(days=30)
    values: dict[str, Any] = {"state": state, "before": before, "after": 0, "rows": 100}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + retention.PURGE_EVENTS, values)
        ((plan,),) = cursor.fetchall()
        transaction.set_rollback(True)
    top = (plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]
    return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])


FILL = """
    INSERT INTO integrations_webhookevent (delivery_id, mailbox, store_id, kind, object, channel, asset_id,
        dedupe_key, item, received_at, state, reason, traceback, attempts, not_before)
    SELECT %s, '1', %s, 'message', 'page', 'messaging', '1', md5(n::text) || md5((-n)::text), '{}',
        now() - interval '40 days' + n * interval '1 minute', 'done', '', '', 1, now()
    FROM generate_series(%s, %s) n
"""


def test_a_slice_costs_the_same_however_many_events_are_stored(store: Store) -> None:
    delivery = make_event(store, "waiting").delivery_id

    def fill(first: int, last: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(FILL, [delivery, store.pk, first, last])
            cursor.execute("ANALYZE integrations_webhookevent")

    fill(1, 4_000)
    few = _pages_read("done")
    fill(4_001, 40_000)
    assert _pages_read("done") <= 1.3 * few


@time_machine.travel("2026-11-25T12:00:00Z")
def test_nothing_is_removed_from_a_young_store(store: Store) -> None:
    make_event(store, "done", age=timedelta(days=29, hours=23))
    assert purge_old_rows() == 0
