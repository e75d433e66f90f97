"""Replays: from the store's pages, from the admin and by command; large ones slice by slice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from integrations.models import EventReplay, Mailbox, WebhookDelivery, WebhookEvent
from integrations.tasks import continue_replays
from integrations.webhooks import replay
from integrations.webhooks.tasks import work_inbox
from tenancy.models import AuditEntry, Store, User
from tests.operations.sample import make_event

ClientOf = Callable[[User], Client]
LOG = "/s/hazel-home/health/events/"
NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)


def states(*events: WebhookEvent) -> list[str]:
    return [WebhookEvent.objects.get(pk=event.pk).state for event in events]


def trail() -> list[tuple[str, int, Any]]:
    rows = AuditEntry.unscoped.order_by("store_id", "id")
    return [(row.action, row.store_id, row.details.get("count")) for row in rows]


def run(**options: Any) -> str:
    out = StringIO()
    call_command("replay_webhooks", stdout=out, **options)
    return " ".join(out.getvalue().split())


# --- In the store -----------------------------------------------------------------------------------------


def test_ticked_messages_are_replayed_after_a_question_with_their_number(
    store: Store, manager: User, client_of: ClientOf
) -> None:
    first, second, third = (make_event(store, "parked", attempts=8) for _ in range(3))
    form = {"event": [first.pk, second.pk]}
    question = client_of(manager).post(f"{LOG}replay/", form)
    assert "2 messages are worked on again" in question.content.decode()
    assert states(first, second, third) == ["parked"] * 3
    answer = client_of(manager).post(f"{LOG}replay/", form | {"sure": "yes"}, follow=True)
    assert "2 messages are being worked on again." in answer.content.decode()
    assert states(first, second, third) == ["waiting", "waiting", "parked"]
    assert trail() == [("events.replayed", store.pk, 2)]
    assert Mailbox.objects.get().due_at is not None


def test_another_stores_messages_are_never_replayed(
    store: Store, other_store: Store, manager: User, client_of: ClientOf
) -> None:
    theirs = make_event(other_store, "parked")
    client = client_of(manager)
    client.post(f"{LOG}replay/", {"event": [theirs.pk], "sure": "yes"})
    client.post(f"{LOG}recover/", {"since": "1d"})
    assert client.post(f"{LOG}{theirs.pk}/replay/").status_code == 404
    assert states(theirs) == ["parked"]
    assert trail() == []


@pytest.mark.parametrize("given", [[], ["x"], ["9" * 30], ["²"]])
def test_nothing_ticked_is_said(store: Store, manager: User, client_of: ClientOf, given: list[str]) -> None:
    answer = client_of(manager).post(f"{LOG}replay/", {"event": given}, follow=True)
    assert "Tick the messages that should be worked on again." in answer.content.decode()


@time_machine.travel(NOW, tick=False)
def test_everything_that_failed_since_a_time_of_the_stores_zone_is_recovered(
    store: Store, manager: User, client_of: ClientOf
) -> None:
    Store.objects.update(timezone="Europe/Berlin")  # 14:00 there is 13:00 UTC
    before = make_event(store, "parked", age=timedelta(hours=2, minutes=1))
    parked = make_event(store, "parked", age=timedelta(hours=1, minutes=59))
    failing = make_event(
        store, "waiting", age=timedelta(hours=1), attempts=3, reason="failed, …", kind="leadgen"
    )
    done, ignored = make_event(store, "done"), make_event(store, "ignored")
    client = client_of(manager)
    page = client.get(f"{LOG}recover/", {"since": "14:00"}).content.decode()
    assert "Failed since 25 November 2026, 14:00" in page
    assert "Try 2 messages again" in page
    assert 'value="2026-11-25T14:00"' in page
    assert EventReplay.objects.count() == 0
    client.post(f"{LOG}recover/", {"since": "2026-11-25T14:00"})
    assert states(before, parked, failing, done, ignored) == [
        "parked",
        "waiting",
        "waiting",
        "done",
        "ignored",
    ]
    failing.refresh_from_db()
    assert failing.attempts == 0
    assert trail() == [("events.replayed", store.pk, 2)]


def test_a_time_that_is_none_is_answered_beside_the_field(
    store: Store, manager: User, client_of: ClientOf
) -> None:
    for answer in (
        client_of(manager).get(f"{LOG}recover/", {"since": "soon"}),
        client_of(manager).post(f"{LOG}recover/", {"since": "soon"}),
    ):
        assert answer.status_code == 422
        assert "“soon” is no time. Write 14:00" in answer.content.decode()
    assert client_of(manager).post(f"{LOG}recover/").status_code == 422


def test_nothing_failed_is_said(store: Store, manager: User, client_of: ClientOf) -> None:
    make_event(store, "done")
    assert "Nothing has failed since" in client_of(manager).get(f"{LOG}recover/?since=1d").content.decode()
    answer = client_of(manager).post(f"{LOG}recover/", {"since": "1d"}, follow=True)
    assert "Nothing has failed since then." in answer.content.decode()


def test_an_agent_may_look_but_not_replay(store: Store, agent: User, client_of: ClientOf) -> None:
    event = make_event(store, "parked")
    client = client_of(agent)
    for path in (LOG, f"{LOG}{event.pk}/"):
        assert "/replay/" not in client.get(path).content.decode()
    for path in (f"{event.pk}/replay/", "replay/", "recover/"):
        assert (
            client.post(f"{LOG}{path}", {"event": [event.pk], "sure": "yes", "since": "1d"}).status_code
            == 403
        )
    assert states(event) == ["parked"]


# --- Large ones -------------------------------------------------------------------------------------------


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "EVENTS_PER_SLICE", 3)


@pytest.mark.usefixtures("small_slices")
def test_a_large_replay_goes_slice_by_slice_and_lets_fresh_events_pass(store: Store) -> None:
    events = [make_event(store, "parked") for _ in range(8)]
    wanted = replay.Wanted(since=timezone.now() - timedelta(hours=1))
    run = replay.start_replay(wanted, actor=None)
    assert run is not None
    assert (run.total, run.replayed, run.finished_at) == (8, 3, None)
    assert states(*events) == ["waiting"] * 3 + ["parked"] * 5
    continue_replays()  # the slice before has not been tried: nobody stands behind more than one slice
    assert states(*events) == ["waiting"] * 3 + ["parked"] * 5
    for expected in (6, 8):
        WebhookEvent.objects.filter(state="waiting").update(state="done")
        continue_replays()
        run.refresh_from_db()
        assert run.replayed == expected
    assert run.finished_at is not None
    assert trail() == [("events.replayed", store.pk, 8)]


@pytest.mark.usefixtures("small_slices")
def test_what_fails_again_is_not_replayed_twice_by_the_same_replay(store: Store) -> None:
    events = [make_event(store, "parked") for _ in range(5)]
    replay.start_replay(replay.Wanted(since=timezone.now() - timedelta(hours=1)), actor=None)
    for _round in range(4):
        WebhookEvent.objects.filter(state="waiting").update(state="parked", attempts=8)
        continue_replays()
    run = EventReplay.objects.get()
    assert (run.replayed, run.finished_at is not None) == (5, True)
    assert states(*events) == ["parked"] * 5


@pytest.mark.usefixtures("small_slices")
def test_an_event_that_failed_again_does_not_hold_up_the_next_slice(store: Store) -> None:
    events = [make_event(store, "parked") for _ in range(4)]
    replay.start_replay(replay.Wanted(since=timezone.now() - timedelta(hours=1)), actor=None)
    WebhookEvent.objects.filter(state="waiting").update(attempts=1)
    continue_replays()
    assert states(*events) == ["waiting"] * 4


@pytest.mark.usefixtures("small_slices")
def test_the_log_shows_how_far_a_large_replay_is(store: Store, manager: User, client_of: ClientOf) -> None:
    for _ in range(5):
        make_event(store, "parked")
    client_of(manager).post(f"{LOG}recover/", {"since": "1d"})
    assert "3 of 5" in client_of(manager).get(LOG).content.decode()


# --- In the admin -----------------------------------------------------------------------------------------


@pytest.fixture
def staff(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("root@platform.example", "pass-phrase-77"))
    return client


ADMIN = "/admin/integrations/webhookevent/"


def test_staff_replay_a_selection_of_several_stores_into_each_ones_trail(
    staff: Client, store: Store, other_store: Store
) -> None:
    mine, theirs = make_event(store, "parked"), make_event(other_store, "parked")
    form = {"action": "replay", "_selected_action": [mine.pk, theirs.pk]}
    answer = staff.post(ADMIN, form, follow=True)
    assert "2 events are replayed." in answer.content.decode()
    assert states(mine, theirs) == ["waiting", "waiting"]
    assert trail() == [("events.replayed", store.pk, 1), ("events.replayed", other_store.pk, 1)]


def test_staff_recover_everything_since_a_time_after_seeing_how_many(
    staff: Client, store: Store, other_store: Store
) -> None:
    mine, theirs = make_event(store, "parked"), make_event(other_store, "parked")
    form = {"since": "2h", "pick": "failed", "store": store.pk}
    assert "Replay everything since" in staff.get(ADMIN).content.decode()
    page = staff.post(f"{ADMIN}recover/", form | {"count": "1"}).content.decode()
    assert "1 event is worked on again" in page
    assert states(mine, theirs) == ["parked", "parked"]
    staff.post(f"{ADMIN}recover/", form | {"sure": "1"})
    assert states(mine, theirs) == ["waiting", "parked"]
    assert staff.post(f"{ADMIN}recover/", form | {"since": "soon"}).status_code == 422


def test_only_staff_recover_in_the_admin(store: Store, owner: User, client_of: ClientOf) -> None:
    event = make_event(store, "parked")
    client_of(owner).post(f"{ADMIN}recover/", {"since": "2h", "pick": "failed", "sure": "1"})
    assert states(event) == ["parked"]


def test_staff_unpack_a_parked_body_again(staff: Client) -> None:
    delivery = WebhookDelivery.objects.create(body=b"hello", signed_by="facebook")
    work_inbox()
    assert WebhookDelivery.objects.get().state == "parked"
    assert "not JSON" in staff.get("/admin/integrations/webhookdelivery/").content.decode()
    form = {"action": "unpack_again", "_selected_action": [delivery.pk]}
    staff.post("/admin/integrations/webhookdelivery/", form)
    assert WebhookDelivery.objects.get().state == "received"


# --- By command -------------------------------------------------------------------------------------------


def test_the_command_counts_by_kind_and_asset_and_a_dry_run_changes_nothing(
    store: Store, other_store: Store
) -> None:
    events = [make_event(store, "parked", asset_id="100") for _ in range(2)]
    events.append(make_event(other_store, "parked", asset_id="200", kind="leadgen"))
    WebhookDelivery.objects.create(body=b"hello", signed_by="facebook", state="parked")
    words = run(since="2h", dry_run=True)
    assert words.startswith("2 message 100 1 leadgen 200 1 bodies that could not be read")
    assert words.endswith("Dry run: 3 events would be worked on again. Nothing was changed.")
    assert states(*events) == ["parked"] * 3
    assert WebhookDelivery.objects.filter(state="parked").count() == 1
    assert (EventReplay.objects.count(), trail()) == (0, [])


def test_the_command_replays_by_time_kind_store_and_state(store: Store, other_store: Store) -> None:
    old = make_event(store, "parked", age=timedelta(hours=5))
    middle = make_event(store, "parked", age=timedelta(hours=3))
    fresh = make_event(store, "parked", age=timedelta(hours=1))
    lead = make_event(store, "parked", age=timedelta(hours=3), kind="leadgen")
    theirs = make_event(other_store, "parked", age=timedelta(hours=3))
    ignored = make_event(store, "ignored", age=timedelta(hours=3))
    every = (old, middle, fresh, lead, theirs, ignored)
    assert run(since="4h", until="2h", kind="message", store="hazel-home").endswith(
        "1 event worked on again."
    )
    assert states(*every) == ["parked", "waiting", "parked", "parked", "parked", "ignored"]
    run(since="4h", state="ignored")
    assert states(*every) == ["parked", "waiting", "parked", "parked", "parked", "waiting"]
    run(since="1d")
    assert states(*every) == ["waiting"] * 6
    assert run(since="1d") == "No event to work on again."


def test_the_command_unpacks_parked_bodies_again_unless_a_store_or_kind_is_asked_for(store: Store) -> None:
    WebhookDelivery.objects.create(body=b"hello", signed_by="facebook", state="parked")
    run(since="1h", store="hazel-home")
    run(since="1h", kind="message")
    run(since="1h", state="done")
    assert WebhookDelivery.objects.get().state == "parked"
    run(since="1h")
    assert WebhookDelivery.objects.get().state == "received"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"since": "soon"}, "“soon” is no time. Write 14:00"),
        ({"since": "1h", "until": "maybe"}, "“maybe” is no time"),
        ({"since": "1h", "until": "2h"}, "--until is before --since"),
        ({"since": "1h", "store": "nowhere"}, "There is no store “nowhere”."),
        (
            {"since": "1h", "state": "broken"},
            "There is no state “broken”. Use one of failed, parked",
        ),
    ],
)
def test_bad_input_is_answered_with_a_sentence_and_changes_nothing(
    options: dict[str, str], sentence: str, store: Store
) -> None:
    event = make_event(store, "parked")
    with pytest.raises(CommandError, match=sentence) as refused:
        run(**options)
    assert refused.value.returncode == 1
    assert states(event) == ["parked"]
