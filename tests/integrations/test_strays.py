"""Meta goes on telling of what nobody has connected any more, or tells what a person took away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse

from integrations.models import ConnectedPage, InstagramAccount, MetaAccount, WebhookEvent
from integrations.strays import STRAYS_UNTIL_LEAVING
from integrations.tasks import leave_stray, sweep_strays
from operations.demo.consent import HAZEL_HOME
from tenancy.models import AuditEntry
from tests.sandbox_process import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

Deliver = Callable[[dict[str, Any]], HttpResponse]


def message(asset_id: str, number: int) -> dict[str, Any]:
    item = {"sender": {"id": "5"}, "recipient": {"id": asset_id}, "timestamp": 1763700000123}
    entry = {
        "id": asset_id,
        "time": 1,
        "messaging": [item | {"message": {"mid": f"m{number}", "text": "hi"}}],
    }
    return {"object": "page", "entry": [entry]}


def fields_at_meta(sandbox: Sandbox) -> list[str]:
    pages = sandbox.get("world")["pages"]
    return next(page["subscribed_fields"] for page in pages if page["id"] == HAZEL_HOME)


def leave_strays(page: ConnectedPage) -> None:
    """Do what the sweep starts."""
    sweep_strays()
    leave_stray(page.store_id, page.pk)


def test_meta_is_asked_again_to_stop_after_ten_events_of_a_disconnected_page(
    connected_page: ConnectedPage, sandbox: Sandbox, deliver: Deliver
) -> None:
    ConnectedPage.unscoped.update(state="disconnected")  # and the call that should have told Meta was lost
    InstagramAccount.unscoped.update(state="disconnected")
    for number in range(STRAYS_UNTIL_LEAVING - 1):
        deliver(message(connected_page.page_id, number))
    leave_strays(connected_page)
    assert fields_at_meta(sandbox) != []
    deliver(message(connected_page.page_id, STRAYS_UNTIL_LEAVING))
    leave_strays(connected_page)
    assert fields_at_meta(sandbox) == []
    assert set(WebhookEvent.objects.values_list("state", "reason")) == {
        ("ignored", "disconnected from this store")
    }
    assert ConnectedPage.unscoped.get().stray_events == 0
    assert AuditEntry.unscoped.filter(action="page.unsubscribed").count() == 1


def test_a_subscription_that_the_instagram_account_needs_is_spared(
    connected_page: ConnectedPage, sandbox: Sandbox, deliver: Deliver
) -> None:
    ConnectedPage.unscoped.update(state="disconnected")
    for number in range(STRAYS_UNTIL_LEAVING):
        deliver(message(connected_page.page_id, number))
    leave_strays(connected_page)
    assert fields_at_meta(sandbox) != []
    assert AuditEntry.unscoped.filter(action="page.unsubscribed").count() == 0


def test_events_of_a_paused_page_are_no_strays(connected_page: ConnectedPage, deliver: Deliver) -> None:
    ConnectedPage.unscoped.update(state="disabled")
    deliver(message(connected_page.page_id, 1))
    assert WebhookEvent.objects.get().reason == "paused in this store"
    assert ConnectedPage.unscoped.get().stray_events == 0


def permission_taken(meta_user_id: str) -> dict[str, Any]:
    change = {"field": "pages_messaging", "verb": "revoked"}
    entry = {"id": meta_user_id, "uid": meta_user_id, "time": 1763700000, "changes": [change]}
    return {"object": "permissions", "entry": [entry]}


def test_a_permission_that_a_person_takes_away_has_their_access_looked_at_again(
    meta_account: MetaAccount, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []
    monkeypatch.setattr("integrations.person_events.recheck_person.delay_on_commit", looked_at.append)
    deliver(permission_taken(meta_account.meta_user_id))
    assert looked_at == [meta_account.meta_user_id]
    event = WebhookEvent.objects.get()
    assert (event.state, event.store_id) == ("done", meta_account.store_id)


def test_a_permission_of_somebody_who_connected_nothing_is_ignored(deliver: Deliver) -> None:
    deliver(permission_taken("5550001"))
    event = WebhookEvent.objects.get()
    assert (event.state, event.reason) == ("ignored", "not connected here")
