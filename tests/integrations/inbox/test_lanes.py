from __future__ import annotations

import pytest
from django.utils import timezone

from integrations.models import ConnectedPage, Mailbox, WebhookEvent
from integrations.webhooks import dispatch
from integrations.webhooks.inbox import unpack_deliveries
from integrations.webhooks.ladder import LADDER_SECONDS
from integrations.webhooks.outcomes import Park
from integrations.webhooks.tasks import work_inbox
from tenancy.models import AuditEntry
from tests.integrations.inbox.desk import PAGE, arrive, come_due, desk, message

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("routes")]


def test_a_failing_event_climbs_the_ladder_and_is_parked_at_its_end(page: ConnectedPage) -> None:
    desk.answer = ValueError("broken")
    arrive(message("m1"))
    for rung in LADDER_SECONDS:
        moment = timezone.now()
        work_inbox()
        event = WebhookEvent.objects.get()
        assert event.state == "waiting"
        assert rung <= (event.not_before - moment).total_seconds() < rung + 5
        assert "ValueError" in event.traceback
        assert Mailbox.objects.get().due_at == event.not_before
        come_due()
    work_inbox()
    event = WebhookEvent.objects.get()
    assert (event.state, event.reason, event.attempts) == ("parked", "failed 8 times: ValueError", 8)
    assert AuditEntry.unscoped.count() == 0


def test_a_failure_in_words_that_postgresql_cannot_hold_is_a_failure_like_any_other(
    page: ConnectedPage,
) -> None:
    desk.answer = {"m1": ValueError("no \x00 and no \ud800"), "m2": Park("never \x00")}
    arrive(message("m1", person="5"), message("m2", person="6"), message("m3", person="7"))
    work_inbox()
    failed, parked, done = WebhookEvent.objects.order_by("id")
    assert (failed.state, failed.attempts) == ("waiting", 1)
    assert "ValueError: no  and no \ufffd" in failed.traceback
    assert (parked.state, parked.reason) == ("parked", "never ")
    assert done.state == "done"


def test_a_failing_event_holds_up_its_own_conversation_alone_and_in_order(page: ConnectedPage) -> None:
    desk.answer = ValueError("broken")
    arrive(message("m1", person="5"))
    work_inbox()
    desk.answer = None
    arrive(message("m2", person="5"), message("m3", person="6"), message("m4", person="5"))
    work_inbox()
    assert desk.seen == ["m1", "m3"]
    head, *held = WebhookEvent.objects.filter(state="waiting").order_by("id")
    assert {row.not_before for row in held} == {head.not_before}
    assert [row.attempts for row in held] == [0, 0]
    come_due()
    work_inbox()
    assert desk.seen == ["m1", "m3", "m1", "m2", "m4"]
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"done"}


def test_the_held_events_of_a_conversation_go_on_once_its_first_is_parked(page: ConnectedPage) -> None:
    desk.answer = ValueError("broken")
    arrive(message("m1"), message("m2"))
    work_inbox()
    WebhookEvent.objects.filter(pk=WebhookEvent.objects.order_by("id")[0].pk).update(attempts=7)
    come_due()
    desk.answer = {"m1": ValueError("broken")}
    work_inbox()
    assert list(WebhookEvent.objects.order_by("id").values_list("state", flat=True)) == ["parked", "done"]


def test_many_held_events_hide_no_other_conversation(page: ConnectedPage) -> None:
    desk.answer = {"m0": ValueError("broken")}
    arrive(*(message(f"m{n}", person="5") for n in range(dispatch.EVENTS_PER_CLAIM * 2)))
    arrive(message("other", person="6"))
    work_inbox()
    assert desk.seen == ["m0", "other"]
    assert Mailbox.objects.get().due_at == WebhookEvent.objects.order_by("id")[0].not_before


def test_an_order_free_kind_neither_waits_nor_holds_up(page: ConnectedPage) -> None:
    value = {"leadgen_id": "1", "page_id": PAGE}
    arrive({"id": PAGE, "changes": [{"field": "leadgen", "value": value}]}, message("m1"))
    unpack_deliveries(limit=10)
    assert list(WebhookEvent.objects.order_by("id").values_list("lane", flat=True)) == ["", "5"]


def test_an_event_that_ends_its_workers_is_parked_in_the_end(page: ConnectedPage) -> None:
    arrive(message("m1"))
    unpack_deliveries(limit=10)
    WebhookEvent.objects.update(attempts=8)  # counted by workers that were killed in the middle
    work_inbox()
    event = WebhookEvent.objects.get()
    assert (event.state, event.attempts) == ("parked", 8)
    assert "a worker ended in the middle" in event.reason
    assert desk.seen == []


def test_a_stuck_mailbox_does_not_delay_another(page: ConnectedPage) -> None:
    desk.answer = ValueError("broken")
    arrive(message("m1"))
    work_inbox()
    desk.answer = None
    arrive(message("m2"))
    arrive(message("m3", page_id="999"))
    work_inbox()
    states = dict(WebhookEvent.objects.values_list("mailbox", "state").order_by("-id"))
    assert states[PAGE] == "waiting"
    assert states["999"] == "parked"
    assert desk.seen == ["m1"]
