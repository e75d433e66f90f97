"""Needed against granted, per person and per Page, and what follows when it changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import LazySettings
from django.test import Client

from integrations.models import ConnectedPage, InstagramAccount, MetaAccount, SyncRun
from integrations.permissions import NEEDED
from integrations.report import report_account
from integrations.selectors import list_pages
from integrations.tasks import finish_connection, recheck_account
from operations.demo.consent import ADA, HAZEL_HOME, consent
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tests.sandbox_process import Sandbox

INDEX = "/s/hazel-home/integrations/"
CALLBACK = "/api/integrations/facebook/oauth/callback"
OUTLET = "100200300400502"

ClientOf = Callable[[User], Client]


@pytest.fixture
def person(client_of: ClientOf, manager: User) -> Client:
    return client_of(manager)


def connect(person: Client, *, form: dict[str, str] | None = None, **answers: Any) -> str:
    """Go through the dialog and return the address of the picker."""
    dialog = person.post(f"{INDEX}connect/", form or {})["Location"]
    return str(person.get(CALLBACK, consent(dialog, **answers))["Location"])


def statuses(account: MetaAccount) -> dict[str, str]:
    account = MetaAccount.unscoped.get(pk=account.pk)
    with open_store(account.store_id):
        lines = report_account(account, list_pages()).lines
    return {line.permission: line.status for line in lines if line.status != "granted"}


def without(*scopes: str) -> list[str]:
    return [scope for scope in NEEDED if scope not in scopes]


def test_all_allowed_is_said_line_by_line(person: Client, meta_account: MetaAccount) -> None:
    page = person.get(f"{INDEX}accounts/{meta_account.pk}/permissions/").content.decode()
    assert page.count("Yes</span>") == len(NEEDED)
    assert "Ask again" not in page


def test_a_gap_is_named_with_what_breaks_and_can_be_asked_for_again(person: Client, sandbox: Sandbox) -> None:
    connect(person, scopes=without("leads_retrieval", "catalog_management"))
    account = MetaAccount.unscoped.get()
    assert statuses(account) == {"leads_retrieval": "declined", "catalog_management": "declined"}
    page = person.get(f"{INDEX}accounts/{account.pk}/permissions/").content.decode()
    assert "Collecting leads" in page
    assert page.count("No, box unticked") == 2

    again = person.post(f"{INDEX}connect/", {"account": account.pk})["Location"]
    query = parse_qs(urlsplit(again).query)
    assert query["scope"] == ["leads_retrieval,catalog_management"]
    assert query["auth_type"] == ["rerequest"]
    person.get(CALLBACK, consent(again, scopes=["leads_retrieval", "catalog_management"]))
    assert statuses(account) == {}
    assert "left out some permissions" not in person.get(INDEX).content.decode()


def test_another_stores_account_cannot_be_asked_for(
    client_of: ClientOf, stranger: User, meta_account: MetaAccount
) -> None:
    answer = client_of(stranger).post("/s/bolt-bikes/integrations/connect/", {"account": meta_account.pk})
    assert answer.status_code == 404


@pytest.mark.parametrize("account", ["x", "-1", "99999999999999999999", "1; DROP"])
def test_a_made_up_account_is_not_found(account: str, person: Client) -> None:
    assert person.post(f"{INDEX}connect/", {"account": account}).status_code == 404


def test_a_permission_that_leaves_out_one_page_names_it(
    person: Client, connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    account = connected_page.account
    MetaAccount.unscoped.update(scope_targets={"pages_messaging": [OUTLET], "instagram_basic": []})
    assert statuses(account) == {"pages_messaging": "partly", "instagram_basic": "partly"}
    page = person.get(INDEX).content.decode()
    assert "Needed for answering Messenger messages: Hazel Home" in page
    assert "@hazel.home" in page


@pytest.mark.parametrize(
    ("scopes", "words"),
    [
        (tuple(NEEDED), "No Page was ticked."),
        (without("pages_show_list"), "The box that lets us see which Pages you manage was left out."),
        (without("business_management"), "leave the box about your business ticked, too."),
    ],
)
def test_an_empty_list_says_why(scopes: Any, words: str, person: Client, sandbox: Sandbox) -> None:
    picker = person.get(connect(person, pages=[], scopes=scopes)).content.decode()
    assert words in picker
    assert "Connect again" in picker


def test_a_page_that_only_a_portfolio_leads_to_is_offered(person: Client, sandbox: Sandbox) -> None:
    sandbox.post("page", {"page_id": OUTLET, "listed": False})
    picker = person.get(connect(person, pages=[HAZEL_HOME, OUTLET])).content.decode()
    assert "Hazel Outlet" in picker
    assert sorted(page["page_id"] for page in MetaAccount.unscoped.get().available_pages) == [
        HAZEL_HOME,
        OUTLET,
    ]


def test_a_portfolio_that_does_not_answer_stops_nobody(person: Client, sandbox: Sandbox) -> None:
    sandbox.fault("server_error", edge="businesses")
    picker = person.get(connect(person)).content.decode()
    assert "Hazel Home" in picker


# --- Login for Business -----------------------------------------------------------------------------------


def test_a_system_user_of_a_business_connects_its_pages(
    person: Client, sandbox: Sandbox, settings: LazySettings, store: Store
) -> None:
    settings.FACEBOOK_LOGIN_CONFIG_ID = "4712"
    dialog = person.post(f"{INDEX}connect/")["Location"]
    query = parse_qs(urlsplit(dialog).query)
    assert (query["config_id"], query["override_default_response_type"]) == (["4712"], ["true"])
    assert "scope" not in query
    picker = person.get(CALLBACK, consent(dialog))["Location"]
    account = MetaAccount.unscoped.get()
    assert (account.meta_user_id, account.token_kind) == ("61550000000001", "SYSTEM_USER")
    assert account.expires_at is None
    assert "Hazel Home" in person.get(picker).content.decode()
    person.post(picker, {"pages": [HAZEL_HOME]})
    page = ConnectedPage.unscoped.get()
    finish_connection(store.pk, page.pk)
    assert ConnectedPage.unscoped.get().state == "active"


def test_a_configuration_for_people_gives_a_long_lived_token(
    person: Client, sandbox: Sandbox, settings: LazySettings
) -> None:
    settings.FACEBOOK_LOGIN_CONFIG_ID = "4711"
    connect(person)
    account = MetaAccount.unscoped.get()
    assert (account.token_kind, account.meta_user_id, account.missing_scopes) == ("USER", ADA, [])
    assert account.expires_at is not None
    assert (account.expires_at - account.connected_at).days >= 59


def test_a_system_user_without_pages_is_explained(
    person: Client, sandbox: Sandbox, settings: LazySettings
) -> None:
    settings.FACEBOOK_LOGIN_CONFIG_ID = "4712"
    assert (
        "The business portfolio gave StormCom no Page."
        in person.get(connect(person, pages=[])).content.decode()
    )


# --- Looking again ----------------------------------------------------------------------------------------


def test_a_permission_taken_back_is_found_at_the_next_look(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    account = connected_page.account
    consent(_dialog(connected_page), scopes=without("leads_retrieval"))
    recheck_account(account.store_id, account.pk)
    assert statuses(account) == {"leads_retrieval": "declined"}
    entry = AuditEntry.unscoped.get(action="account.permissions_changed")
    assert entry.details == {"lost": ["leads_retrieval"], "gained": []}
    assert SyncRun.unscoped.get(job="account.check").state == "done"


def test_a_page_that_is_unticked_needs_reconnecting_and_comes_back_when_ticked(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    account = connected_page.account
    sandbox.post("page", {"page_id": HAZEL_HOME, "ticked": {ADA: False}})
    recheck_account(account.store_id, account.pk)
    page = ConnectedPage.unscoped.get()
    assert (page.state, page.last_error) == (
        "needs_reconnect",
        "Ada Hazel no longer lets StormCom use this Page.",
    )
    assert InstagramAccount.unscoped.get().state == "needs_reconnect"
    assert AuditEntry.unscoped.filter(action="page.access_lost").count() == 1

    sandbox.post("page", {"page_id": HAZEL_HOME, "ticked": {ADA: True}})
    recheck_account(account.store_id, account.pk)
    assert ConnectedPage.unscoped.get().state == "active"
    assert InstagramAccount.unscoped.get().state == "active"
    assert AuditEntry.unscoped.filter(action="page.reconnected").count() == 1


def test_a_trouble_that_a_new_consent_ends_is_gone_at_once(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    words = "(#230) Requires pages_messaging permission to manage the object (230)"
    ConnectedPage.unscoped.update(last_error=words, error_count=1)
    sandbox.fault("server_error", edge=HAZEL_HOME, times=1)
    recheck_account(connected_page.store_id, connected_page.account_id)
    assert ConnectedPage.unscoped.get().error_count == 2
    recheck_account(connected_page.store_id, connected_page.account_id)
    page = ConnectedPage.unscoped.get()
    assert (page.state, page.error_count, page.last_error) == ("active", 0, "")
    assert AuditEntry.unscoped.filter(action="page.reconnected").count() == 0


def test_a_page_missing_on_the_lists_but_still_shared_is_left_alone(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    sandbox.post("page", {"page_id": HAZEL_HOME, "listed": False})
    sandbox.fault("server_error", edge="owned_pages")
    recheck_account(connected_page.store_id, connected_page.account_id)
    assert ConnectedPage.unscoped.get().state == "active"


def test_a_look_that_fails_changes_nothing(connected_page: ConnectedPage, sandbox: Sandbox) -> None:
    before = MetaAccount.unscoped.values().get()
    sandbox.fault("server_error", edge="accounts")
    recheck_account(connected_page.store_id, connected_page.account_id)
    assert MetaAccount.unscoped.values().get() == before
    assert ConnectedPage.unscoped.get().state == "active"
    assert SyncRun.unscoped.get(job="account.check").state == "failed"


def _dialog(page: ConnectedPage) -> str:
    from integrations.oauth.flow import start_attempt

    with open_store(page.store_id):
        user = page.account.connected_by
        assert user is not None
        return start_attempt(user)
