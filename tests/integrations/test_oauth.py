from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from integrations.models import ConnectedPage, InstagramAccount, MetaAccount, OAuthAttempt
from integrations.permissions import NEEDED
from operations.demo.consent import HAZEL_HOME, consent
from tenancy.models import AuditEntry, Membership, Store, User
from tests.sandbox_process import Sandbox

INDEX = "/s/hazel-home/integrations/"
CALLBACK = "/api/integrations/facebook/oauth/callback"
OUTLET, ARCHIVE = "100200300400502", "100200300400503"

ClientOf = Callable[[User], Client]


@pytest.fixture
def person(client_of: ClientOf, manager: User) -> Client:
    return client_of(manager)


def start(person: Client) -> str:
    answer = person.post(f"{INDEX}connect/")
    assert answer.status_code == 302
    return str(answer["Location"])


def test_a_manager_connects_a_page_from_the_button_to_the_page_list(
    person: Client, sandbox: Sandbox, django_capture_on_commit_callbacks: Any
) -> None:
    back = consent(start(person), pages=[HAZEL_HOME, OUTLET])
    answer = person.get(CALLBACK, back)
    account = MetaAccount.unscoped.get()
    assert answer["Location"] == f"{INDEX}accounts/{account.pk}/"
    page = person.get(answer["Location"])
    assert b"Hazel Home" in page.content
    assert b"Hazel Outlet" in page.content

    chosen = person.post(answer["Location"], {"pages": [HAZEL_HOME]})
    assert chosen["Location"] == INDEX
    row = ConnectedPage.unscoped.get()
    assert (row.page_id, row.name, row.state) == (HAZEL_HOME, "Hazel Home", "connecting")
    assert InstagramAccount.unscoped.get().username == "hazel.home"
    assert list(AuditEntry.unscoped.order_by("id").values_list("action", flat=True)) == [
        "account.connected",
        "page.connected",
    ]
    assert b"Hazel Home" in person.get(INDEX).content


def test_the_dialog_is_asked_for_what_we_need_and_nothing_else(person: Client, sandbox: Sandbox) -> None:
    query = parse_qs(urlsplit(start(person)).query)
    assert query["scope"] == [",".join(NEEDED)]
    assert query["redirect_uri"] == ["http://127.0.0.1:8000" + CALLBACK]
    assert len(query["state"][0]) >= 32


def test_login_for_business_asks_by_configuration(person: Client, sandbox: Sandbox, settings: Any) -> None:
    settings.FACEBOOK_LOGIN_CONFIG_ID = "4711"
    query = parse_qs(urlsplit(start(person)).query)
    assert query["config_id"] == ["4711"]
    assert "scope" not in query


def test_the_state_is_not_kept_in_clear(person: Client, sandbox: Sandbox) -> None:
    state = parse_qs(urlsplit(start(person)).query)["state"][0]
    assert OAuthAttempt.unscoped.get().state_hash != state


def test_a_state_works_once(person: Client, sandbox: Sandbox) -> None:
    back = consent(start(person))
    assert person.get(CALLBACK, back).status_code == 302
    again = person.get(CALLBACK, back)
    assert again.status_code == 400
    assert b"was used already" in again.content
    assert MetaAccount.unscoped.count() == 1


def test_a_state_is_too_old_after_ten_minutes(person: Client, sandbox: Sandbox) -> None:
    back = consent(start(person))
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)):
        assert person.get(CALLBACK, back).status_code == 400
    assert MetaAccount.unscoped.count() == 0


def test_another_persons_state_is_refused_and_stays_usable(
    person: Client, sandbox: Sandbox, client_of: ClientOf, stranger: User
) -> None:
    back = consent(start(person))
    assert client_of(stranger).get(CALLBACK, back).status_code == 400
    assert person.get(CALLBACK, back).status_code == 302


@pytest.mark.parametrize("query", [{}, {"state": ""}, {"state": "made-up", "code": "x"}])
def test_a_forged_callback_changes_nothing(query: dict[str, str], person: Client) -> None:
    assert person.get(CALLBACK, query).status_code == 400
    assert MetaAccount.unscoped.count() == 0


def test_somebody_who_is_no_manager_any_more_connects_nothing(
    person: Client, sandbox: Sandbox, manager: User
) -> None:
    back = consent(start(person))
    Membership.objects.filter(user=manager).update(role="viewer")
    assert b"may not connect" in person.get(CALLBACK, back).content
    assert MetaAccount.unscoped.count() == 0


def test_a_permission_that_was_unticked_is_named_with_what_it_breaks(
    person: Client, sandbox: Sandbox
) -> None:
    scopes = [scope for scope in NEEDED if scope != "leads_retrieval"]
    picker = person.get(CALLBACK, consent(start(person), scopes=scopes), follow=True)
    assert MetaAccount.unscoped.get().missing_scopes == ["leads_retrieval"]
    assert "Needed for collecting leads" in picker.content.decode()
    assert '<span class="meta">leads_retrieval</span>' in picker.content.decode()


def test_no_ticked_page_is_explained(person: Client, sandbox: Sandbox) -> None:
    picker = person.get(CALLBACK, consent(start(person), pages=[]), follow=True)
    assert b"Meta offered no Page" in picker.content


def test_a_page_without_the_right_to_answer_cannot_be_connected(person: Client, sandbox: Sandbox) -> None:
    answer = person.get(CALLBACK, consent(start(person), pages=[ARCHIVE]))
    assert b"You have no right to answer messages" in person.get(answer["Location"]).content
    refused = person.post(answer["Location"], {"pages": [ARCHIVE]})
    assert refused.status_code == 422
    assert ConnectedPage.unscoped.count() == 0


def ticked(picker: str) -> list[str]:
    return re.findall(r'value="(\d+)" checked', picker)


def test_the_only_page_there_is_to_choose_starts_ticked(person: Client, sandbox: Sandbox) -> None:
    one = person.get(CALLBACK, consent(start(person), pages=[HAZEL_HOME, ARCHIVE]), follow=True)
    assert ticked(one.content.decode()) == [HAZEL_HOME]
    two = person.get(CALLBACK, consent(start(person), pages=[HAZEL_HOME, OUTLET]), follow=True)
    assert ticked(two.content.decode()) == []


def test_a_page_that_needs_reconnecting_starts_ticked(
    person: Client, sandbox: Sandbox, connected_page: ConnectedPage
) -> None:
    ConnectedPage.unscoped.update(state="needs_reconnect")
    picker = person.get(CALLBACK, consent(start(person), pages=[HAZEL_HOME, OUTLET]), follow=True)
    assert ticked(picker.content.decode()) == [connected_page.page_id] == [HAZEL_HOME]


def test_choosing_nothing_is_refused_with_a_sentence(person: Client, sandbox: Sandbox) -> None:
    answer = person.get(CALLBACK, consent(start(person)))
    refused = person.post(answer["Location"], {})
    assert refused.status_code == 422
    assert b"Tick at least one Page." in refused.content


def test_a_page_of_another_store_is_refused_without_naming_the_store(
    person: Client, connected_page: ConnectedPage, other_store: Store, stranger: User, client_of: ClientOf
) -> None:
    sam = client_of(stranger)
    dialog = sam.post("/s/bolt-bikes/integrations/connect/")["Location"]
    answer = sam.get(CALLBACK, consent(dialog))
    picker = sam.get(answer["Location"])
    assert b"Already connected to another store." in picker.content
    assert b"hazel-home" not in picker.content
    assert sam.post(answer["Location"], {"pages": [HAZEL_HOME]}).status_code == 422
    assert ConnectedPage.unscoped.filter(store=other_store).count() == 0


def test_disconnecting_asks_first_keeps_the_row_and_reconnecting_revives_it(
    person: Client, connected_page: ConnectedPage
) -> None:
    url = f"{INDEX}pages/{connected_page.pk}/disconnect/"
    assert b"Everything that is here already stays" in person.get(url).content
    connected_page.refresh_from_db()
    assert connected_page.state == "active"
    person.post(url)
    connected_page.refresh_from_db()
    assert connected_page.state == "disconnected"
    assert InstagramAccount.unscoped.get().state == "disconnected"

    account = MetaAccount.unscoped.get()
    person.post(f"{INDEX}accounts/{account.pk}/", {"pages": [HAZEL_HOME]})
    assert ConnectedPage.unscoped.get().pk == connected_page.pk
    assert ConnectedPage.unscoped.get().state == "connecting"


def test_a_disconnected_page_may_be_connected_by_another_store(
    person: Client, connected_page: ConnectedPage, other_store: Store, stranger: User, client_of: ClientOf
) -> None:
    person.post(f"{INDEX}pages/{connected_page.pk}/disconnect/")
    sam = client_of(stranger)
    answer = sam.get(CALLBACK, consent(sam.post("/s/bolt-bikes/integrations/connect/")["Location"]))
    sam.post(answer["Location"], {"pages": [HAZEL_HOME]})
    states = dict(ConnectedPage.unscoped.values_list("store__slug", "state"))
    assert states == {"hazel-home": "disconnected", "bolt-bikes": "connecting"}


@pytest.mark.parametrize("who", ["viewer", "agent"])
def test_only_managers_connect(who: str, request: pytest.FixtureRequest, client_of: ClientOf) -> None:
    client = client_of(request.getfixturevalue(who))
    assert client.post(f"{INDEX}connect/").status_code == 403
    assert OAuthAttempt.unscoped.count() == 0
    assert b"Connect Facebook" not in client.get(INDEX).content


def test_no_token_is_on_any_integrations_page(person: Client, connected_page: ConnectedPage) -> None:
    tokens = [connected_page.token, MetaAccount.unscoped.get().token]
    account = MetaAccount.unscoped.get()
    for url in [INDEX, f"{INDEX}accounts/{account.pk}/", "/s/hazel-home/health/events/"]:
        content = person.get(url).content.decode()
        assert not any(token in content for token in tokens)
