"""The pages of leads over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.models import ConnectedPage
from leads.models import Lead, MetaLead
from leads.selectors import lead_counts, leads_by_day
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tests.leads.sample import leave_lead, make_lead, the_lead
from tests.orders.sample import make_page
from tests.sandbox_process import Sandbox

ClientOf = Callable[[User], Client]
LIST = "/s/hazel-home/leads/"


def test_a_viewer_sees_leads_and_cannot_change_them(shop: Store, viewer: User, client_of: ClientOf) -> None:
    lead, client = make_lead(), client_of(viewer)
    assert "Ann Lee" in client.get(LIST).content.decode()
    assert "Check for new leads" not in client.get(LIST).content.decode()
    assert "How far are you?" not in client.get(f"{LIST}{lead.pk}/").content.decode()
    assert client.post(f"{LIST}{lead.pk}/status/", {"status": "won"}).status_code == 403
    assert client.post(f"{LIST}check/").status_code == 403
    assert client.post(f"{LIST}retry/").status_code == 403
    assert the_lead().status == "new"


def test_another_stores_lead_is_not_there(
    store: Store, other_store: Store, stranger: User, client_of: ClientOf
) -> None:
    with open_store(store.pk):
        lead = make_lead()
    client = client_of(stranger)
    assert client.get(f"{LIST}{lead.pk}/").status_code == 404
    assert client.get(f"/s/bolt-bikes/leads/{lead.pk}/").status_code == 404
    assert client.post(f"/s/bolt-bikes/leads/{lead.pk}/status/", {"status": "won"}).status_code == 404
    with open_store(store.pk):
        assert the_lead().status == "new"


def test_an_agent_moves_a_lead_on(shop: Store, agent: User, client_of: ClientOf) -> None:
    lead, client = make_lead(), client_of(agent)
    for _ in range(2):
        client.post(f"{LIST}{lead.pk}/status/", {"status": "contacted"})
    assert the_lead().status == "contacted"
    entry = AuditEntry.objects.get(action="lead.status_changed")
    assert (entry.actor, entry.details) == (agent, {"before": "new", "after": "contacted"})
    assert "Status changed from New to Contacted" in client.get(f"{LIST}{lead.pk}/").content.decode()


def test_a_status_nobody_knows_is_refused(shop: Store, agent: User, client_of: ClientOf) -> None:
    lead = make_lead()
    answer = client_of(agent).post(f"{LIST}{lead.pk}/status/", {"status": "rich"}, follow=True)
    assert "Choose one of the four statuses." in answer.content.decode()
    assert the_lead().status == "new"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=ann", True),
        ("?q=EXAMPLE.com", True),
        ("?q=900123", True),
        ("?q=%2B44+7700", True),
        ("?status=new", True),
        ("?status=rich", True),
        ("?older=nonsense", True),
        ("?older=2099-01-01T00:00:00%2B00:00~1", True),
        ("?q=berg", False),
        ("?status=won", False),
        ("?older=2001-01-01T00:00:00%2B00:00~1", False),
    ],
)
def test_leads_are_found(shop: Store, viewer: User, client_of: ClientOf, query: str, found: bool) -> None:
    make_lead(phone="+44 7700 900123", phone_digits="+447700900123")
    assert (">Ann Lee</a>" in client_of(viewer).get(LIST + query).content.decode()) is found


def test_the_newest_lead_comes_first_whenever_it_reached_us(
    shop: Store, viewer: User, client_of: ClientOf
) -> None:
    for n in range(45):
        make_lead(name=f"Lead {n:02}", submitted_at=timezone.now() - timedelta(hours=n))
    first = client_of(viewer).get(LIST).context["page"]
    second = client_of(viewer).get(LIST + first.next_url).context["page"]
    names = [lead.name for lead in first.rows + second.rows]
    assert names == [f"Lead {n:02}" for n in range(45)]
    back = client_of(viewer).get(LIST + second.previous_url).context["page"]
    assert [lead.name for lead in back.rows] == names[:40]


def test_the_list_costs_the_same_with_more_leads(shop: Store, viewer: User, client_of: ClientOf) -> None:
    page, client = make_page(), client_of(viewer)

    def add(count: int) -> None:
        for _ in range(count):
            meta_lead = MetaLead.objects.create(page=page, leadgen_id=str(MetaLead.objects.count()))
            make_lead(meta_lead=meta_lead)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(LIST).status_code == 200
        return len(seen)

    add(3)
    client.get(LIST)
    few = queries()
    add(27)
    assert queries() == few


def test_leads_that_could_not_be_fetched_are_shown_and_fetched_again(
    shop: Store, agent: User, client_of: ClientOf
) -> None:
    page, client = make_page(), client_of(agent)
    words = "Meta does not have this lead any more."
    MetaLead.objects.create(page=page, leadgen_id="1", state="failed", reason=words, attempts=8)
    shown = client.get(LIST).content.decode()
    assert "1 lead could not be fetched" in shown
    assert words in shown
    client.post(f"{LIST}retry/")
    row = MetaLead.objects.get()
    assert (row.state, row.attempts) == ("waiting", 0)


def test_a_check_needs_a_page(shop: Store, agent: User, client_of: ClientOf) -> None:
    answer = client_of(agent).post(f"{LIST}check/", follow=True)
    assert "No Page is connected" in answer.content.decode()


def test_the_button_checks_every_page(
    sandbox: Sandbox,
    connected_page: ConnectedPage,
    store: Store,
    agent: User,
    client_of: ClientOf,
    tasks_at_once: None,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    leave_lead(sandbox)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        client_of(agent).post(f"{LIST}check/")
    answer = client_of(agent).get(LIST).content.decode()
    assert ">Ann Lee</a>" in answer
    assert "1 new lead" in answer


def test_counts_and_days_are_the_stores(shop: Store) -> None:
    make_lead()
    make_lead(status=Lead.Status.WON)
    make_lead(submitted_at=timezone.now() - timedelta(days=20))
    counts = lead_counts()
    assert (counts.new, counts.total, counts.failed) == (2, 3, 0)
    assert [count for _day, count in leads_by_day(shop)] == [0] * 6 + [2]
