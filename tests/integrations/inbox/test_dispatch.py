from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from integrations.models import (
    ConnectedPage,
    InstagramAccount,
    Mailbox,
    MetaAccount,
    WebhookDelivery,
    WebhookEvent,
)
from integrations.webhooks import dispatch, inbox
from integrations.webhooks.inbox import unpack_deliveries
from integrations.webhooks.mailboxes import claim_mailbox, release_mailbox
from integrations.webhooks.outcomes import Ignored, Park
from integrations.webhooks.replay import replay_events, unpack_again
from integrations.webhooks.tasks import work_inbox
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tests.integrations.inbox.desk import PAGE, arrive, desk, message
from tests.integrations.webhook_cases import ODD_BODIES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("routes")]


def test_an_event_is_worked_on_in_its_stores_scope_and_done(page: ConnectedPage) -> None:
    arrive(message("m1"))
    work_inbox()
    event = WebhookEvent.objects.get()
    assert (event.state, event.store_id, event.attempts, event.reason) == ("done", page.store_id, 1, "")
    assert event.settled_at is not None
    page.refresh_from_db()
    assert page.last_event_at is not None


def test_the_same_event_ten_times_is_one_event(page: ConnectedPage) -> None:
    for _ in range(5):
        arrive(message("m1"), message("m1"))
    work_inbox()
    assert desk.seen == ["m1"]
    assert WebhookEvent.objects.count() == 1
    assert sum(d.duplicate_count for d in WebhookDelivery.objects.all()) == 9


def test_large_bodies_are_unpacked_a_few_at_a_time_and_the_largest_alone(
    page: ConnectedPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        arrive(message(f"small-{number}"))
    arrive(*[message(f"large-{number}") for number in range(50)])
    size = len(bytes(WebhookDelivery.objects.order_by("id")[0].body))
    monkeypatch.setattr(inbox, "BYTES_PER_STEP", 2 * size + 1)
    assert [unpack_deliveries(limit=200) for _ in range(4)] == [2, 1, 1, 0]
    work_inbox()
    assert WebhookEvent.objects.filter(state="done").count() == 53


def test_the_dashboards_test_button_is_never_a_duplicate(page: ConnectedPage) -> None:
    arrive(message("random_mid", page_id="0"))
    arrive(message("random_mid", page_id="0"))
    work_inbox()
    assert WebhookEvent.objects.count() == 2


def test_events_of_a_mailbox_are_done_in_order_of_arrival(page: ConnectedPage) -> None:
    for n in range(8):
        arrive(message(f"m{n}"))
    work_inbox()
    assert desk.seen == [f"m{n}" for n in range(8)]


def test_an_asset_that_nobody_connected_is_parked(page: ConnectedPage) -> None:
    arrive(message("m1", page_id="999"))
    work_inbox()
    event = WebhookEvent.objects.get()
    assert (event.state, event.reason, event.store_id) == ("parked", "not connected here", None)


def test_an_instagram_message_under_object_page_reaches_the_instagram_account(page: ConnectedPage) -> None:
    with open_store(page.store_id):
        InstagramAccount.objects.create(page=page, instagram_id="17841", username="hazel", state="active")
    to_instagram = {
        "sender": {"id": "5"},
        "recipient": {"id": "17841"},
        "message": {"mid": "m1", "text": "hi"},
    }
    arrive({"id": "17841", "messaging": [to_instagram]})
    arrive({"id": PAGE, "messaging": [to_instagram | {"message": {"mid": "m2", "text": "hi"}}]})
    work_inbox()
    assert desk.assets == ["17841", "17841"]


def test_a_message_to_another_stores_account_stays_with_the_entrys_store(
    page: ConnectedPage, other_store: Store
) -> None:
    with open_store(other_store.pk):
        account = MetaAccount.objects.create(meta_user_id="70002")
        ConnectedPage.objects.create(account=account, page_id="999", name="Bolt Bikes", state="active")
    arrive({"id": PAGE, "messaging": [message("m1", page_id="999")["messaging"][0]]})
    work_inbox()
    assert WebhookEvent.objects.get().store_id == page.store_id


def test_a_paused_page_ignores_events_and_says_so(page: ConnectedPage) -> None:
    ConnectedPage.unscoped.update(state="disabled")
    arrive(message("m1"))
    work_inbox()
    assert WebhookEvent.objects.get().reason == "paused in this store"
    assert desk.seen == []


def test_a_kind_without_a_handler_is_ignored_with_its_name(page: ConnectedPage) -> None:
    arrive({"id": PAGE, "changes": [{"field": "picture", "value": "x"}]})
    work_inbox()
    event = WebhookEvent.objects.get()
    assert (event.state, event.reason) == ("ignored", "kind not handled: page_field_change")


def test_an_object_that_is_not_ours_is_ignored_with_its_name(page: ConnectedPage) -> None:
    body = b'{"object":"moon","entry":[{"id":"1","changes":[{"field":"phase"}]}]}'
    WebhookDelivery.objects.create(body=body, signed_by="facebook")
    work_inbox()
    event = WebhookEvent.objects.get()
    assert (event.state, event.reason) == ("ignored", "object not handled: moon")


def test_a_handlers_reason_to_ignore_is_kept(page: ConnectedPage) -> None:
    desk.answer = Ignored("a sticker")
    arrive(message("m1"))
    work_inbox()
    assert (WebhookEvent.objects.get().state, WebhookEvent.objects.get().reason) == ("ignored", "a sticker")


def test_a_parking_handler_leaves_nothing_behind(page: ConnectedPage) -> None:
    desk.answer = Park("the currency is not one we know")
    arrive(message("m1"))
    work_inbox()
    event = WebhookEvent.objects.get()
    assert (event.state, event.reason) == ("parked", "the currency is not one we know")
    assert AuditEntry.unscoped.count() == 0


def test_a_failed_event_that_is_replayed_is_done_with_a_fresh_ladder(page: ConnectedPage) -> None:
    desk.answer = Park("not yet")
    arrive(message("m1"))
    work_inbox()
    desk.answer = None
    assert replay_events(WebhookEvent.objects.filter(state="parked")) == 1
    work_inbox()
    event = WebhookEvent.objects.get()
    assert (event.state, event.attempts, event.reason) == ("done", 1, "")


def test_what_one_store_was_told_stays_there_when_the_page_has_moved_on(
    page: ConnectedPage, other_store: Store, stranger: User
) -> None:
    arrive(message("m1"), message("m2"))
    desk.answer = {"m2": RuntimeError("not now")}
    work_inbox()
    with open_store(page.store_id):
        ConnectedPage.objects.update(state="disconnected")
    with open_store(other_store.pk):
        account = MetaAccount.objects.create(meta_user_id="9")
        ConnectedPage.objects.create(account=account, page_id=PAGE, name="Moved", state="active")
    desk.answer = None
    replay_events(WebhookEvent.objects.all())
    work_inbox()
    rows = WebhookEvent.objects.order_by("id").values_list("store_id", "state", "reason")
    assert list(rows) == [(page.store_id, "ignored", "disconnected from this store")] * 2
    assert not AuditEntry.unscoped.filter(store=other_store).exists()


def test_staff_replay_an_event_from_the_admin(page: ConnectedPage, client: Client) -> None:
    desk.answer = Park("not yet")
    arrive(message("m1"))
    work_inbox()
    desk.answer = None
    event = WebhookEvent.objects.get()
    client.force_login(User.objects.create_superuser("root@platform.example", "pass-phrase-77"))
    form = {"action": "replay", "_selected_action": [event.pk]}
    answer = client.post("/admin/integrations/webhookevent/", form, follow=True)
    assert "1 event is replayed." in answer.content.decode()
    work_inbox()
    event.refresh_from_db()
    assert (event.state, event.attempts, event.reason) == ("done", 1, "")


@pytest.mark.parametrize("name", ODD_BODIES)
def test_no_signed_body_stops_the_worker(name: str, page: ConnectedPage) -> None:
    WebhookDelivery.objects.create(body=ODD_BODIES[name], signed_by="facebook")
    arrive(message("m1"))
    work_inbox()
    assert desk.seen[-1] == "m1"
    assert not WebhookDelivery.objects.filter(state="received").exists()
    assert not WebhookEvent.objects.filter(state="waiting").exists()


def test_a_body_that_is_not_json_is_parked_and_can_be_unpacked_again(page: ConnectedPage) -> None:
    delivery = WebhookDelivery.objects.create(body=b"hello", signed_by="facebook")
    work_inbox()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("parked", "not JSON")
    assert unpack_again(WebhookDelivery.objects.all()) == 1
    assert unpack_deliveries(limit=10) == 1


def test_a_body_of_more_events_than_a_worker_can_take_is_kept_for_a_look(
    page: ConnectedPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MOST_EVENTS", 3)
    large = arrive(*(message(f"large{number}") for number in range(4)))
    arrive(*(message(f"m{number}") for number in range(3)))
    work_inbox()
    large.refresh_from_db()
    assert (large.state, large.reason) == ("parked", "more than 3 events in one body")
    assert desk.seen == ["m0", "m1", "m2"]


def test_an_empty_entry_list_is_ignored_with_the_reason() -> None:
    delivery = arrive()
    work_inbox()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("ignored", "entry list is empty")


def test_a_mailbox_without_waiting_events_is_not_due(page: ConnectedPage) -> None:
    arrive(message("m1"))
    work_inbox()
    box = Mailbox.objects.get()
    assert (box.due_at, box.claimed_until) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_do_each_event_once_and_in_order(page: ConnectedPage) -> None:
    for n in range(120):
        arrive(message(f"m{n:03}"))

    def work() -> None:
        try:
            work_inbox()
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert desk.seen == [f"m{n:03}" for n in range(120)]
    assert WebhookEvent.objects.filter(state="done").count() == 120
    assert AuditEntry.unscoped.count() == 120


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_died_gives_its_mailbox_back(page: ConnectedPage) -> None:
    arrive(message("m1"))
    unpack_deliveries(limit=10)
    dead = claim_mailbox()
    assert dead is not None
    assert dead.mailbox == PAGE
    assert dispatch.work_mailboxes(limit=10) == 0
    Mailbox.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    living = claim_mailbox()
    assert living is not None
    release_mailbox(dead)  # it was only slow: its claim has run out, and frees nobody else's
    assert claim_mailbox() is None
    release_mailbox(living)
    assert dispatch.work_mailboxes(limit=10) == 1
    assert desk.seen == ["m1"]


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_with_the_same_event_the_slower_one_leaves_nothing(page: ConnectedPage) -> None:
    arrive(message("m1"))
    unpack_deliveries(limit=10)
    row = WebhookEvent.objects.get()
    ConnectedPage.unscoped.update(last_event_at=timezone.now())  # else both would write to its row
    desk.meanwhile = lambda: dispatch._work(WebhookEvent.objects.get())
    assert dispatch._work(row) is None
    assert desk.seen == ["m1", "m1"]
    assert AuditEntry.unscoped.filter(action="seen.m1").count() == 1
    assert WebhookEvent.objects.get().state == "done"


@pytest.mark.django_db(transaction=True)
def test_a_flood_of_one_shop_delays_another_by_one_turn(page: ConnectedPage, monkeypatch: Any) -> None:
    monkeypatch.setattr(dispatch, "EVENTS_PER_CLAIM", 5)
    arrive(*(message(f"m{n:03}") for n in range(100)))
    arrive(message("other", page_id="999"))
    work_inbox()
    settled = WebhookEvent.objects.order_by("settled_at").values_list("mailbox", flat=True)
    assert list(settled).index("999") <= 5
