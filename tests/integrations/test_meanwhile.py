"""What people do while a job of ours is talking to Meta stays, whatever the job knew before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations import standing
from integrations.connections import connect_page
from integrations.deauthorising import deauthorise
from integrations.graph import accounts
from integrations.models import ConnectedPage, InstagramAccount, MetaAccount
from integrations.tasks import finish_connection, leave_page, recheck_account
from operations.demo.consent import HAZEL_HOME
from tenancy.models import AuditEntry, User
from tenancy.scope import open_store
from tests.sandbox_process import Sandbox

ADA = "70001"

Meanwhile = Callable[[str, Callable[[], object]], None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Have something happen right after Meta has answered one kind of call, once."""

    def hook(name: str, act: Callable[[], object]) -> None:
        call = getattr(accounts, name)

        def calling(*args: Any, **kwargs: Any) -> Any:
            answer = call(*args, **kwargs)
            monkeypatch.setattr(accounts, name, call)
            act()
            return answer

        monkeypatch.setattr(accounts, name, calling)

    return hook


@pytest.fixture
def page(meta_account: MetaAccount, owner: User) -> ConnectedPage:
    """A Page that was just chosen, and is not armed yet."""
    with open_store(meta_account.store_id):
        return connect_page(meta_account, HAZEL_HOME, actor=owner)


def fields_at_meta(sandbox: Sandbox) -> list[str]:
    pages = sandbox.get("world")["pages"]
    return next(page["subscribed_fields"] for page in pages if page["id"] == HAZEL_HOME)


def test_a_page_that_is_disconnected_while_it_is_being_connected_stays_so(
    page: ConnectedPage, owner: User, sandbox: Sandbox, meanwhile: Meanwhile
) -> None:
    meanwhile("subscribe_page", lambda: standing.disconnect(page, actor=owner))
    finish_connection(page.store_id, page.pk)
    leave_page(page.store_id, page.pk)

    found = ConnectedPage.unscoped.get()
    assert (found.state, found.token, found.subscribed_fields) == ("disconnected", "", [])
    assert InstagramAccount.unscoped.get().state == "disconnected"
    assert fields_at_meta(sandbox) == []


def test_a_page_whose_person_leaves_while_it_is_being_connected_waits_for_somebody(
    page: ConnectedPage, meanwhile: Meanwhile
) -> None:
    meanwhile("subscribe_page", lambda: deauthorise(ADA, asked_at=timezone.now()))
    finish_connection(page.store_id, page.pk)

    found = ConnectedPage.unscoped.get()
    assert (found.state, found.token) == ("needs_reconnect", "")


def test_a_page_that_is_paused_while_it_is_being_brought_back_stays_paused(
    connected_page: ConnectedPage, owner: User, meanwhile: Meanwhile
) -> None:
    ConnectedPage.unscoped.filter(pk=connected_page.pk).update(state="needs_reconnect", sealed_token="")
    meanwhile("subscribe_page", lambda: standing.pause(connected_page, actor=owner))
    recheck_account(connected_page.store_id, connected_page.account_id)

    assert ConnectedPage.unscoped.get().state == "disabled"
    assert not AuditEntry.unscoped.filter(action="page.reconnected").exists()


def test_a_person_who_leaves_during_the_daily_look_is_not_brought_back(
    connected_page: ConnectedPage, meanwhile: Meanwhile
) -> None:
    meanwhile("list_refused", lambda: deauthorise(ADA, asked_at=timezone.now()))
    recheck_account(connected_page.store_id, connected_page.account_id)

    account = MetaAccount.unscoped.get()
    assert (account.token, account.granted_scopes, account.available_pages) == ("", [], [])
    assert ConnectedPage.unscoped.get().state == "needs_reconnect"


def test_a_consent_that_is_given_during_the_daily_look_is_kept(
    connected_page: ConnectedPage, meanwhile: Meanwhile
) -> None:
    later = timezone.now() + timedelta(minutes=1)

    def connect_again() -> None:
        account = MetaAccount.unscoped.get()
        account.seal_token("EAANEW")
        account.connected_at = later
        account.save()

    meanwhile("list_refused", connect_again)
    recheck_account(connected_page.store_id, connected_page.account_id)

    account = MetaAccount.unscoped.get()
    assert (account.token, account.connected_at) == ("EAANEW", later)
