"""What Meta sends: looked at, repaired, and what was missed fetched. And the facts about a Page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from integrations.models import ConnectedPage, InstagramAccount, MetaAccount, SyncRun
from integrations.permissions import APP_FIELDS, PAGE_FIELDS
from integrations.subscriptions import check_app, subscribed_pages
from integrations.tasks import check_subscription, resync_page
from operations.demo.consent import HAZEL_HOME
from operations.health import check_health
from tenancy.models import AuditEntry, Store
from tenancy.scope import open_store
from tests.sandbox_process import Sandbox


def fields_at_meta(sandbox: Sandbox) -> set[str]:
    pages = sandbox.get("world")["pages"]
    return next(set(page["subscribed_fields"]) for page in pages if page["id"] == HAZEL_HOME)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Stands for the task that looks for leads, and keeps what it was started with."""
    found: list[tuple[int, int]] = []
    monkeypatch.setattr(
        "leads.tasks.sync_leads.delay_on_commit", lambda *args: found.append(args), raising=False
    )
    return found


def test_a_page_that_is_as_it_should_be_is_left_alone(
    connected_page: ConnectedPage, sandbox: Sandbox, started: list[Any]
) -> None:
    check_subscription(connected_page.store_id, connected_page.pk)
    run = SyncRun.unscoped.get(job="page.subscription")
    assert (run.state, run.rows_done) == ("done", 0)
    assert not AuditEntry.unscoped.filter(action="page.resubscribed").exists()
    assert started == []


def test_a_page_that_meta_dropped_is_subscribed_again_and_what_was_missed_is_fetched(
    connected_page: ConnectedPage, sandbox: Sandbox, started: list[Any]
) -> None:
    sandbox.post("page", {"page_id": HAZEL_HOME, "subscribed_fields": []})
    check_subscription(connected_page.store_id, connected_page.pk)
    assert fields_at_meta(sandbox) == set(PAGE_FIELDS)
    assert AuditEntry.unscoped.get(action="page.resubscribed").details["missing"] == "everything"
    assert started == [(connected_page.store_id, connected_page.pk)]
    assert SyncRun.unscoped.get(job="page.subscription").rows_done == len(PAGE_FIELDS)


def test_a_field_that_is_missing_is_named(
    connected_page: ConnectedPage, sandbox: Sandbox, started: list[Any]
) -> None:
    rest = [name for name in PAGE_FIELDS if name not in ("phone", "message_reads")]
    sandbox.post("page", {"page_id": HAZEL_HOME, "subscribed_fields": rest})
    check_subscription(connected_page.store_id, connected_page.pk)
    assert fields_at_meta(sandbox) == set(PAGE_FIELDS)
    entry = AuditEntry.unscoped.get(action="page.resubscribed")
    assert entry.details["missing"] == ["message_reads", "phone"]
    assert started == []


def test_without_the_permission_for_messages_the_rest_is_subscribed(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    MetaAccount.unscoped.update(granted_scopes=["pages_manage_metadata"])
    sandbox.post("page", {"page_id": HAZEL_HOME, "subscribed_fields": []})
    check_subscription(connected_page.store_id, connected_page.pk)
    assert {"leadgen", "feed", "name"} <= fields_at_meta(sandbox)
    assert not any(name.startswith("mess") for name in fields_at_meta(sandbox))


@pytest.mark.parametrize(
    ("page_state", "instagram_state", "looked_at"),
    [
        ("active", "active", True),
        ("disabled", "active", True),
        ("disconnected", "active", True),
        ("disconnected", "disconnected", False),
        ("needs_reconnect", "needs_reconnect", False),
    ],
)
def test_what_is_looked_at(
    connected_page: ConnectedPage, page_state: str, instagram_state: str, looked_at: bool
) -> None:
    ConnectedPage.unscoped.update(state=page_state)
    InstagramAccount.unscoped.update(state=instagram_state)
    assert subscribed_pages().exists() is looked_at


def test_the_apps_own_subscription_is_completed_but_never_taken_from_another_address(
    sandbox: Sandbox, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        "integrations.graph.accounts.subscribe_app", lambda **given: asked.append(given["object_"])
    )
    ours = settings.APP_BASE_URL + "/webhooks/facebook"
    known = {"page": (ours, {"feed"}), "instagram": ("https://other.example/", set())}
    monkeypatch.setattr("integrations.graph.accounts.fetch_app_subscriptions", lambda: known)
    assert check_app() == asked == ["page", "catalog", "permissions"]
    assert {"messaging_seen", "messaging_referral", "message_edit"} <= set(APP_FIELDS["instagram"])


# --- Facts ------------------------------------------------------------------------------------------------


def test_facts_are_read_and_a_new_name_stays_in_the_trail(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    changes = {"name": "Hazel House", "category": "Furniture", "phone": "+44 20 7946 0999"}
    sandbox.post("page", {"page_id": HAZEL_HOME, **changes})
    resync_page(connected_page.store_id, connected_page.pk)
    page = ConnectedPage.unscoped.get()
    assert (page.name, page.category) == ("Hazel House", "Furniture")
    assert page.details["phone"] == "+44 20 7946 0999"
    assert (page.details["emails"], page.details["location"]) == ("hello@hazelhome.example", "Leeds, UK")
    entry = AuditEntry.unscoped.get(action="page.renamed")
    assert entry.details == {"before": "Hazel Home", "after": "Hazel House"}
    resync_page(connected_page.store_id, connected_page.pk)
    assert AuditEntry.unscoped.filter(action="page.renamed").count() == 1
    assert InstagramAccount.unscoped.get().details == {"followers_count": "2048"}


@pytest.mark.django_db(transaction=True)
def test_a_change_that_meta_tells_has_the_page_read_again(
    connected_page: ConnectedPage, deliver: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Any] = []
    monkeypatch.setattr(
        "integrations.tasks.resync_page.apply_async", lambda args, *a, **k: started.append(args)
    )
    change = {"field": "name", "value": {"name": "Hazel House"}}
    deliver({"object": "page", "entry": [{"id": HAZEL_HOME, "time": 1763700000, "changes": [change]}]})
    assert started == [(connected_page.store_id, connected_page.pk)]


def test_an_instagram_account_linked_later_is_taken_in(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    InstagramAccount.unscoped.all().delete()
    resync_page(connected_page.store_id, connected_page.pk)
    row = InstagramAccount.unscoped.get()
    assert (row.username, row.state, row.page_id) == ("hazel.home", "active", connected_page.pk)


# --- Silence ----------------------------------------------------------------------------------------------

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_longest_silence_is_remembered_and_slowly_forgotten(connected_page: ConnectedPage) -> None:
    def hear(at: datetime) -> timedelta:
        with open_store(connected_page.store_id):
            row = ConnectedPage.objects.get()
            row.note_event(at)
            return ConnectedPage.objects.get().longest_silence

    assert hear(NOON) == timedelta(0)
    assert hear(NOON + timedelta(hours=10)) == timedelta(hours=10)
    faded = hear(NOON + timedelta(hours=12))
    assert timedelta(hours=9) < faded < timedelta(hours=10)


@pytest.mark.parametrize(
    ("quiet_hours", "usual_hours", "warned"),
    [(30, 10, True), (19, 10, False), (11, 1, False), (30, 0, False)],
)
def test_a_silence_beyond_the_pages_own_rhythm_is_a_warning(
    connected_page: ConnectedPage, store: Store, quiet_hours: int, usual_hours: int, warned: bool
) -> None:
    values = {
        "last_event_at": timezone.now() - timedelta(hours=quiet_hours),
        "longest_silence": timedelta(hours=usual_hours),
    }
    ConnectedPage.unscoped.update(**values)
    with open_store(store.pk):
        titles = [problem.title for problem in check_health(store).problems]
    assert ("Facebook Page Hazel Home is unusually quiet." in titles) is warned
