"""From Meta's announcement to the lead, over HTTP to the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from integrations.models import AssetState, ConnectedPage, SyncRun, WebhookEvent
from integrations.webhooks.events import LeadgenEvent
from leads.capture import record_leadgen
from leads.fetching import claim_fetch
from leads.models import Lead, LeadForm, MetaLead
from leads.services import fetch_failed_again
from leads.tasks import fetch_lead, sweep_leads, sync_all_leads, sync_leads
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tests.leads.sample import (
    ANSWERS,
    FORM,
    announce,
    fetch_waiting,
    leave_lead,
    the_lead,
    the_meta_lead,
)
from tests.sandbox_process import Sandbox

Deliver = Callable[[dict[str, Any] | bytes], Any]


def calls_of(sandbox: Sandbox, ending: str) -> int:
    return sum(call["path"].endswith(ending) for call in sandbox.get("calls"))


def test_a_filled_in_form_becomes_a_lead(
    sandbox: Sandbox, connected_page: ConnectedPage, store: Store, deliver: Deliver
) -> None:
    event = leave_lead(sandbox)
    for _ in range(3):
        assert deliver(event).status_code == 200
        fetch_waiting(store)
    with open_store(store.pk):
        lead = the_lead()
        assert (lead.name, lead.email, lead.phone) == ("Ann Lee", "ann@example.com", "+44 7700 900123")
        assert (lead.phone_digits, lead.status, lead.source) == ("+447700900123", "new", "lead_form")
        meta_lead = the_meta_lead()
        assert meta_lead.answers == {name: [text] for name, text in ANSWERS.items()}
        assert (meta_lead.state, meta_lead.attempts) == ("fetched", 1)
        assert lead.submitted_at == meta_lead.created_at_meta
        form = LeadForm.objects.get()
        assert form.form_id == FORM
        assert form.name == "Autumn lamp guide"
        room = "which_room_are_you_lighting?"
        assert (form.questions[room], list(form.options)) == ("Which room are you lighting?", [room])
        assert form.options[room]["living_room"] == "Living room"
        assert AuditEntry.objects.filter(action="lead.received", target_id=str(lead.pk)).count() == 1
    assert WebhookEvent.objects.get(kind="leadgen").state == "done"


def test_the_same_lead_announced_by_two_events_is_one(
    sandbox: Sandbox, connected_page: ConnectedPage, store: Store
) -> None:
    left = leave_lead(sandbox)["entry"][0]["changes"][0]["value"]["leadgen_id"]
    event = LeadgenEvent(
        kind="leadgen",
        object="page",
        asset_id=connected_page.page_id,
        channel="changes",
        happened_at=None,
        item={},
        leadgen_id=left,
    )
    with open_store(store.pk):
        answers = [record_leadgen(event, connected_page) for _ in range(10)]
        assert answers[0] is None
        assert all(answer and answer.reason == "This lead is already here." for answer in answers[1:])
        assert MetaLead.objects.count() == 1


@pytest.mark.parametrize("odd", ["me", "../me?fields=access_token&x=", "1/leads", "٣", "4" * 65])
def test_a_lead_by_an_id_that_is_none_is_parked_and_never_asked_for(
    odd: str, connected_page: ConnectedPage, store: Store, deliver: Deliver
) -> None:
    deliver(announce(odd))
    row = WebhookEvent.objects.get(kind="leadgen")
    words = "Meta announced a lead by an id that cannot be one, so it cannot be fetched."
    assert (row.state, row.reason) == ("parked", words)
    with open_store(store.pk):
        assert MetaLead.objects.count() == 0


def test_a_form_by_an_id_that_is_none_is_left_out(
    connected_page: ConnectedPage, store: Store, deliver: Deliver
) -> None:
    deliver(announce("440100200999", form_id="me"))
    with open_store(store.pk):
        assert MetaLead.objects.get().form is None


def test_a_lead_without_an_id_is_parked(
    connected_page: ConnectedPage, store: Store, deliver: Deliver
) -> None:
    deliver(announce(None))
    row = WebhookEvent.objects.get(kind="leadgen")
    assert row.state == "parked"
    assert row.reason == "Meta announced a lead without its id, so it cannot be fetched."
    with open_store(store.pk):
        assert MetaLead.objects.count() == 0


def test_numeric_ids_are_kept_as_text(connected_page: ConnectedPage, store: Store, deliver: Deliver) -> None:
    deliver(announce(4567890123456789, form_id=300100, ad_id=0))
    with open_store(store.pk):
        meta_lead = the_meta_lead()
        assert (meta_lead.leadgen_id, meta_lead.ad_id) == ("4567890123456789", "")


def test_an_ended_connection_fails_the_lead_in_words_and_a_person_can_try_again(
    sandbox: Sandbox, connected_page: ConnectedPage, store: Store, deliver: Deliver, agent: User
) -> None:
    event = leave_lead(sandbox)
    sandbox.fault("expired_token")
    deliver(event)
    fetch_waiting(store)
    with open_store(store.pk):
        assert the_meta_lead().state == "failed"
        assert the_meta_lead().reason.startswith("The connection to the Page has ended.")
        assert ConnectedPage.objects.get().auth_failures == 1
        assert Lead.objects.count() == 0
    sandbox.post("faults", {"name": "expired_token", "on": False})
    with open_store(store.pk):
        assert fetch_failed_again(actor=agent) == 1
    fetch_waiting(store)
    with open_store(store.pk):
        assert the_lead().name == "Ann Lee"
        page = ConnectedPage.objects.get()
        assert (page.state, page.error_count) == (AssetState.ACTIVE, 0)


def test_a_meta_that_is_down_is_asked_again_on_the_ladder_and_given_up_in_the_end(
    sandbox: Sandbox, connected_page: ConnectedPage, store: Store, deliver: Deliver
) -> None:
    event = leave_lead(sandbox)
    sandbox.fault("server_error")
    deliver(event)
    fetch_waiting(store)
    with open_store(store.pk):
        row = the_meta_lead()
        assert (row.state, row.attempts) == ("waiting", 1)
        assert timedelta(0) < row.not_before - timezone.now() <= timedelta(seconds=5)
    with time_machine.travel(timezone.now()) as clock:
        for _ in range(10):
            clock.shift(timedelta(days=1))
            fetch_waiting(store)
    with open_store(store.pk):
        row = the_meta_lead()
        assert (row.state, row.attempts) == ("failed", 8)
        assert row.reason == "Meta did not answer for a long time. Fetch the lead again later."


def test_a_rate_limit_is_waited_out(
    sandbox: Sandbox, connected_page: ConnectedPage, store: Store, deliver: Deliver
) -> None:
    event = leave_lead(sandbox)
    sandbox.fault("rate_limit", bucket="leadgen", minutes=7)
    deliver(event)
    fetch_waiting(store)
    with open_store(store.pk):
        row = the_meta_lead()
        assert row.state == "waiting"
        assert timedelta(minutes=6) < row.not_before - timezone.now() <= timedelta(minutes=7)


def test_a_lead_that_meta_has_no_more_fails_and_leaves_the_page_well(
    sandbox: Sandbox, connected_page: ConnectedPage, store: Store, deliver: Deliver
) -> None:
    deliver(announce("440999888777"))
    fetch_waiting(store)
    with open_store(store.pk):
        assert (
            the_meta_lead().reason == "Meta does not have this lead any more. Leads can be read for 90 days."
        )
        assert ConnectedPage.objects.get().error_count == 0


def test_a_claimed_lead_is_not_fetched_by_another_worker(
    sandbox: Sandbox, connected_page: ConnectedPage, store: Store, deliver: Deliver
) -> None:
    deliver(leave_lead(sandbox))
    with open_store(store.pk):
        meta_lead = the_meta_lead()
        assert claim_fetch(meta_lead.pk) is not None
        assert claim_fetch(meta_lead.pk) is None
    before = len(sandbox.get("calls"))
    fetch_lead(store.pk, meta_lead.pk)
    assert len(sandbox.get("calls")) == before


def test_the_sweep_finds_a_lead_whose_task_was_lost(
    sandbox: Sandbox, connected_page: ConnectedPage, store: Store, deliver: Deliver, tasks_at_once: None
) -> None:
    deliver(leave_lead(sandbox))
    with open_store(store.pk):
        assert Lead.objects.count() == 0
    sweep_leads()
    with open_store(store.pk):
        assert Lead.objects.count() == 1


def test_a_check_finds_a_lead_that_was_never_announced_and_doubles_none(
    sandbox: Sandbox, connected_page: ConnectedPage, store: Store, deliver: Deliver
) -> None:
    deliver(leave_lead(sandbox))
    fetch_waiting(store)
    leave_lead(sandbox, full_name="Bo Berg")  # and Meta's message about it is lost
    for _ in range(2):
        sync_leads(store.pk, connected_page.pk)
    with open_store(store.pk):
        assert sorted(Lead.objects.values_list("name", flat=True)) == ["Ann Lee", "Bo Berg"]
        runs = SyncRun.objects.filter(job="leads.sync").order_by("pk")
        assert [(run.state, run.rows_done) for run in runs] == [("done", 1), ("done", 0)]
        form = LeadForm.objects.get()
        newest = MetaLead.objects.order_by("-created_at_meta").first()
        assert newest is not None
        assert form.newest_lead_at == newest.created_at_meta


def test_an_announcement_after_the_check_adds_nothing(
    sandbox: Sandbox, connected_page: ConnectedPage, store: Store, deliver: Deliver
) -> None:
    event = leave_lead(sandbox)
    sync_leads(store.pk, connected_page.pk)
    deliver(event)
    fetch_waiting(store)
    with open_store(store.pk):
        assert (Lead.objects.count(), MetaLead.objects.count()) == (1, 1)


def test_a_check_reads_the_last_day_again_and_nothing_older(
    sandbox: Sandbox, connected_page: ConnectedPage, store: Store
) -> None:
    leave_lead(sandbox)
    sync_leads(store.pk, connected_page.pk)
    with open_store(store.pk):
        LeadForm.objects.update(newest_lead_at=timezone.now() + timedelta(days=2))
        Lead.objects.all().delete()
        MetaLead.objects.all().delete()
    sync_leads(store.pk, connected_page.pk)
    with open_store(store.pk):
        assert Lead.objects.count() == 0
        LeadForm.objects.update(newest_lead_at=timezone.now() + timedelta(hours=12))
    sync_leads(store.pk, connected_page.pk)
    with open_store(store.pk):
        assert Lead.objects.count() == 1


def test_a_check_that_fails_moves_no_place_and_says_why(
    sandbox: Sandbox, connected_page: ConnectedPage, store: Store
) -> None:
    leave_lead(sandbox)
    sandbox.fault("server_error", edge="leads")
    sync_leads(store.pk, connected_page.pk)
    with open_store(store.pk):
        run = SyncRun.objects.get(job="leads.sync")
        assert run.state == "failed"
        assert run.error != ""
        assert LeadForm.objects.get().newest_lead_at is None
        assert Lead.objects.count() == 0


def test_the_hourly_check_looks_at_every_connected_page(
    sandbox: Sandbox, connected_page: ConnectedPage, store: Store, tasks_at_once: None
) -> None:
    leave_lead(sandbox)
    sync_all_leads()
    with open_store(store.pk):
        assert the_lead().name == "Ann Lee"


def test_a_disconnected_page_is_not_asked(
    sandbox: Sandbox, connected_page: ConnectedPage, store: Store
) -> None:
    with open_store(store.pk):
        ConnectedPage.objects.update(state=AssetState.DISCONNECTED)
    before = calls_of(sandbox, "leadgen_forms")
    sync_leads(store.pk, connected_page.pk)
    assert calls_of(sandbox, "leadgen_forms") == before
