"""A person removes the app at Facebook: what Meta posts, and what becomes of the Pages they connected."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from catalog.models import Catalog
from integrations.models import ConnectedPage, InstagramAccount, MetaAccount
from integrations.tasks import resync_page
from messaging.models import Conversation, Message
from operations.demo.consent import HAZEL_HOME
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tests.integrations.signing import signed
from tests.sandbox_process import Sandbox

ADDRESS = "/api/integrations/facebook/deauthorize"
ADA = "70001"
WHY = (
    "The person who connected this removed StormCom at Facebook. Somebody has to connect it again. (190/458)"
)


def post(form: dict[str, str] | None = None, **over: Any) -> Any:
    return Client(enforce_csrf_checks=True).post(ADDRESS, form or {"signed_request": signed(**over)})


def withdrawn() -> int:
    return AuditEntry.unscoped.filter(action="account.access_withdrawn").count()


def test_all_tokens_of_the_person_are_forgotten_and_the_page_says_why(
    connected_page: ConnectedPage, instagram_account: InstagramAccount
) -> None:
    answer = post()

    assert (answer.status_code, answer.json()) == (200, {"success": True, "connections_ended": 1})
    page, account = ConnectedPage.unscoped.get(), MetaAccount.unscoped.get()
    assert (page.token, page.state, page.last_error) == ("", "needs_reconnect", WHY)
    assert page.subscribed_fields == []
    assert InstagramAccount.unscoped.get().state == "needs_reconnect"
    assert (account.token, account.granted_scopes, account.available_pages) == ("", [], [])
    [entry] = AuditEntry.unscoped.filter(action="account.access_withdrawn")
    assert (entry.actor, entry.details) == (None, {"pages": ["Hazel Home"]})


def test_catalogs_that_speak_through_the_account_wait_too(connected_page: ConnectedPage) -> None:
    with open_store(connected_page.store_id):
        Catalog.objects.create(
            account=connected_page.account, catalog_id="800100", name="Shop", state="active"
        )

    post()

    assert Catalog.unscoped.get().state == "needs_reconnect"


def test_the_instagram_apps_secret_is_accepted(connected_page: ConnectedPage, settings: Any) -> None:
    settings.INSTAGRAM_APP_SECRET = "insta-secret"

    assert post(secret="insta-secret").status_code == 200
    assert ConnectedPage.unscoped.get().state == "needs_reconnect"


def test_twice_is_as_good_as_once(connected_page: ConnectedPage) -> None:
    post()
    before = ConnectedPage.unscoped.values().get()

    assert post().json() == {"success": True, "connections_ended": 0}

    assert ConnectedPage.unscoped.values().get() == before
    assert withdrawn() == 1


def test_one_that_comes_late_does_not_cut_off_the_new_connection(connected_page: ConnectedPage) -> None:
    MetaAccount.unscoped.update(connected_at=timezone.now() + timedelta(minutes=10))

    assert post().json() == {"success": True, "connections_ended": 0}

    page = ConnectedPage.unscoped.get()
    assert (page.state, page.token[:4], withdrawn()) == ("active", "EAAG", 0)


def test_every_store_of_the_person_is_cut_off_and_no_other_person_is(
    connected_page: ConnectedPage, store: Store, other_store: Store
) -> None:
    for place, user_id in ((other_store, ADA), (store, "70002")):
        with open_store(place.pk):
            account = MetaAccount(meta_user_id=user_id, name="Somebody")
            account.store = place
            account.seal_token("EAABother")
            account.save()
            ConnectedPage.objects.create(
                account=account, page_id=f"9{user_id}{place.pk}", name="Other", state="active"
            )

    assert post().json() == {"success": True, "connections_ended": 2}

    states = dict(ConnectedPage.unscoped.values_list("account__meta_user_id", "state"))
    assert states == {ADA: "needs_reconnect", "70002": "active"}
    assert {account.meta_user_id: account.token for account in MetaAccount.unscoped.all()} == {
        ADA: "",
        "70002": "EAABother",
    }


@pytest.mark.parametrize(("state", "after"), [("disabled", "disabled"), ("disconnected", "disconnected")])
def test_a_page_that_rests_stays_as_it_is_but_loses_its_token(
    connected_page: ConnectedPage, state: str, after: str
) -> None:
    ConnectedPage.unscoped.update(state=state)

    post()

    page = ConnectedPage.unscoped.get()
    assert (page.state, page.token, page.subscribed_fields) == (after, "", [])


def test_what_meta_still_sends_is_kept_and_nothing_can_be_answered(
    connected_page: ConnectedPage,
    deliver: Callable[[dict[str, Any]], Any],
    client_of: Callable[[User], Client],
    agent: User,
) -> None:
    post()
    now = int(time.time() * 1000)
    item = {"sender": {"id": "7100000501000101"}, "recipient": {"id": HAZEL_HOME}, "timestamp": now}
    item["message"] = {"mid": "m_1", "text": "Are you there?"}
    deliver({"object": "page", "entry": [{"id": HAZEL_HOME, "time": now, "messaging": [item]}]})

    assert Message.unscoped.get().text == "Are you there?"
    url = f"/s/hazel-home/inbox/{Conversation.unscoped.get().uuid}/reply/"
    refused = client_of(agent).post(url, {"text": "Yes"}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert (
        "Facebook no longer lets us in to this Page. Connect it again to reply." in refused.content.decode()
    )
    assert Message.unscoped.count() == 1


def test_the_integrations_page_says_what_to_do(
    connected_page: ConnectedPage, client_of: Callable[[User], Client], owner: User
) -> None:
    post()

    page = client_of(owner).get("/s/hazel-home/integrations/").content.decode()

    assert "Needs reconnecting" in page


def test_the_hourly_look_asks_nothing_without_a_token(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    post()
    before = len(sandbox.get("calls"))

    resync_page(connected_page.store_id, connected_page.pk)

    assert len(sandbox.get("calls")) == before
    assert ConnectedPage.unscoped.get().last_error == WHY


def test_a_stranger_is_answered_200_and_nothing_changes(connected_page: ConnectedPage) -> None:
    before = ConnectedPage.unscoped.values().get()

    assert post(user_id="99999").json() == {"success": True, "connections_ended": 0}

    assert ConnectedPage.unscoped.values().get() == before


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"signed_request": "a.b.c"},
        {"signed_request": signed(secret="somebody-elses")},
        {"signed_request": signed(user_id="")},
        {"signed_request": signed(expires=1)},
        {"signed_request": "x" * 30_000},
    ],
)
def test_what_nobody_vouches_for_is_refused_in_words_and_leaves_no_row(
    connected_page: ConnectedPage, form: dict[str, str]
) -> None:
    before = ConnectedPage.unscoped.values().get()

    answer = Client().post(ADDRESS, form)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode().strip().endswith(".")
    assert ConnectedPage.unscoped.values().get() == before
    assert withdrawn() == 0


def test_the_address_is_for_posts_only(db: None) -> None:
    assert Client().get(ADDRESS).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_removing_the_app_at_the_pretend_meta_reaches_the_store(
    connected_page: ConnectedPage, sandbox: Sandbox, live_server: LiveServer
) -> None:
    sandbox.post("callbacks", {"deauthorize": live_server.url + ADDRESS})

    sandbox.post("remove-app", {"user_id": ADA})

    end = time.monotonic() + 5
    while ConnectedPage.unscoped.get().state == "active" and time.monotonic() < end:
        time.sleep(0.05)
    assert ConnectedPage.unscoped.get().state == "needs_reconnect"
    [told] = [row for row in sandbox.get("deliveries") if row["object"] == "callback"]
    assert (told["field"], told["mailbox"]) == ("deauthorize", ADA)
