"""A Page and its Instagram account in the store: seen, paused, disconnected, brought back, erased."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from integrations.erasing import SLICE
from integrations.models import (
    AssetPicture,
    ConnectedPage,
    InstagramAccount,
    MetaAccount,
    SyncRun,
    WebhookDelivery,
    WebhookEvent,
)
from integrations.tasks import (
    erase_asset,
    finish_connection,
    leave_page,
    recheck_account,
    resync_page,
    sweep_pages,
)
from integrations.webhooks.tasks import work_inbox
from leads.models import LeadForm, MetaLead
from messaging.models import Contact, Conversation, Message
from operations.demo.consent import HAZEL_HOME
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tests.messaging import sample
from tests.sandbox_process import Sandbox

INDEX = "/s/hazel-home/integrations/"
INSTAGRAM = "17841400000000501"

ClientOf = Callable[[User], Client]


@pytest.fixture
def person(client_of: ClientOf, manager: User) -> Client:
    return client_of(manager)


def states() -> tuple[str, str]:
    return ConnectedPage.unscoped.get().state, InstagramAccount.unscoped.get().state


def fields_at_meta(sandbox: Sandbox) -> list[str]:
    pages = sandbox.get("world")["pages"]
    return next(page["subscribed_fields"] for page in pages if page["id"] == HAZEL_HOME)


def actions() -> list[str]:
    return list(AuditEntry.unscoped.order_by("pk").values_list("action", flat=True))


# --- Seen -------------------------------------------------------------------------------------------------


def test_the_page_of_a_page_shows_its_facts(person: Client, connected_page: ConnectedPage) -> None:
    resync_page(connected_page.store_id, connected_page.pk)
    content = person.get(f"{INDEX}pages/{connected_page.pk}/").content.decode()
    for words in ("Home Decor", "Lamps, linen and quiet things", "@hazel.home", "by Ada Hazel", HAZEL_HOME):
        assert words in content


def test_a_viewer_sees_and_changes_nothing(
    client_of: ClientOf, viewer: User, connected_page: ConnectedPage
) -> None:
    content = client_of(viewer).get(f"{INDEX}pages/{connected_page.pk}/").content.decode()
    assert "Pause or leave" not in content


def test_pictures_come_from_our_own_address(
    person: Client, connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    recheck_account(connected_page.store_id, connected_page.account_id)
    assert set(AssetPicture.unscoped.values_list("asset_id", flat=True)) == {HAZEL_HOME, INSTAGRAM}
    assert f'src="{INDEX}pictures/{HAZEL_HOME}/?v=' in person.get(INDEX).content.decode()
    answer = person.get(f"{INDEX}pictures/{HAZEL_HOME}/")
    assert (answer["Content-Type"], answer.content[:4]) == ("image/png", b"\x89PNG")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_drawing_with_scripts_is_no_picture(
    connected_page: ConnectedPage, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from integrations import pictures

    assert pictures._fetch(f"{sandbox.url}/_sandbox/static/avatar.svg") is None
    monkeypatch.setattr(pictures, "MOST_BYTES", 20)
    assert pictures._fetch(f"{sandbox.url}/_sandbox/picture/1.png") is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://[broken/a.png",
        "http://169.254.169.254/latest",
        "https://evil.example/a.png",
        "https://a.fbcdn.net@evil.example/a.png",
        "https://xfbcdn.net/a.png",
    ],
)
def test_only_meta_is_asked_for_pictures(url: str) -> None:
    from integrations import pictures

    assert not pictures._is_metas(url)


# --- Paused -----------------------------------------------------------------------------------------------


def test_a_paused_page_keeps_what_comes_and_sends_nothing_until_it_is_resumed(
    person: Client, connected_page: ConnectedPage, deliver: Callable[[Any], Any]
) -> None:
    url = f"{INDEX}pages/{connected_page.pk}/"
    person.post(f"{url}pause/")
    assert states() == ("disabled", "active")
    message = {"sender": {"id": "5001"}, "recipient": {"id": HAZEL_HOME}, "timestamp": 1763700000123}
    message["message"] = {"mid": "m_1", "text": "hello"}
    deliver({"object": "page", "entry": [{"id": HAZEL_HOME, "time": 1763700000123, "messaging": [message]}]})
    assert WebhookEvent.objects.get().reason == "paused in this store"
    assert Message.unscoped.count() == 0
    assert "Resume" in person.get(url).content.decode()
    person.post(f"{url}resume/")
    assert states() == ("active", "active")
    assert [*actions()[-3:]] == ["page.paused", "page.resumed", "events.replayed"]
    work_inbox()
    assert WebhookEvent.objects.get().state == "done"
    assert Message.unscoped.get().text == "hello"


def test_pausing_twice_changes_and_records_nothing(person: Client, connected_page: ConnectedPage) -> None:
    url = f"{INDEX}pages/{connected_page.pk}/pause/"
    person.post(url)
    answer = person.post(url, follow=True)
    assert "has changed in the meantime" in answer.content.decode()
    assert actions().count("page.paused") == 1


def test_an_instagram_account_is_paused_alone(
    person: Client, instagram_account: InstagramAccount, connected_page: ConnectedPage
) -> None:
    person.post(f"{INDEX}instagram/{instagram_account.pk}/pause/")
    assert states() == ("active", "disabled")


# --- Disconnected, and back -------------------------------------------------------------------------------


def test_a_page_ends_at_meta_with_the_last_that_needs_it(
    person: Client, connected_page: ConnectedPage, instagram_account: InstagramAccount, sandbox: Sandbox
) -> None:
    store = connected_page.store_id
    person.post(f"{INDEX}pages/{connected_page.pk}/disconnect/", {"keep_instagram": "on"})
    assert states() == ("disconnected", "active")
    leave_page(store, connected_page.pk)
    assert fields_at_meta(sandbox) != []
    person.post(f"{INDEX}instagram/{instagram_account.pk}/disconnect/")
    leave_page(store, connected_page.pk)
    assert fields_at_meta(sandbox) == []
    assert ConnectedPage.unscoped.get().subscribed_fields == []


def test_an_instagram_account_leaves_alone_and_comes_back_as_the_same_row(
    person: Client, connected_page: ConnectedPage, instagram_account: InstagramAccount, sandbox: Sandbox
) -> None:
    url = f"{INDEX}instagram/{instagram_account.pk}/"
    person.post(f"{url}disconnect/")
    leave_page(connected_page.store_id, connected_page.pk)
    assert states() == ("active", "disconnected")
    assert fields_at_meta(sandbox) != []
    assert "Connect again" in person.get(url).content.decode()
    person.post(f"{url}reconnect/")
    assert states() == ("active", "active")
    assert InstagramAccount.unscoped.get().pk == instagram_account.pk


def test_reconnecting_revives_the_row_the_history_and_the_subscription(
    person: Client, connected_page: ConnectedPage, sandbox: Sandbox, store: Store
) -> None:
    with open_store(store.pk):
        sample.make_conversation(connected_page)
    person.post(f"{INDEX}pages/{connected_page.pk}/disconnect/")
    leave_page(store.pk, connected_page.pk)
    account = MetaAccount.unscoped.get()
    person.post(f"{INDEX}accounts/{account.pk}/", {"pages": [HAZEL_HOME]})
    finish_connection(store.pk, connected_page.pk)
    assert states() == ("active", "active")
    assert ConnectedPage.unscoped.get().pk == connected_page.pk
    assert "messages" in fields_at_meta(sandbox)
    assert Conversation.unscoped.get().page_id == connected_page.pk


def test_a_page_that_meta_does_not_let_us_into_waits_for_a_person(
    person: Client, meta_account: MetaAccount, sandbox: Sandbox, store: Store
) -> None:
    person.post(f"{INDEX}accounts/{meta_account.pk}/", {"pages": [HAZEL_HOME]})
    sandbox.post("page", {"page_id": HAZEL_HOME, "ticked": {"70001": False}})
    finish_connection(store.pk, ConnectedPage.unscoped.get().pk)
    assert states() == ("needs_reconnect", "needs_reconnect")


def test_a_page_that_only_lost_its_access_is_left_without_asking_meta_for_ever(
    person: Client, connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    sandbox.post("kill-tokens", {"user_id": "70001", "subcode": 460})
    person.post(f"{INDEX}pages/{connected_page.pk}/disconnect/")
    leave_page(connected_page.store_id, connected_page.pk)
    assert ConnectedPage.unscoped.get().subscribed_fields == []
    sandbox.get("calls")
    sweep_pages()
    assert SyncRun.unscoped.filter(job="page.disconnect").count() == 1


# --- Erased -----------------------------------------------------------------------------------------------


@pytest.fixture
def boss(client_of: ClientOf, owner: User) -> Client:
    return client_of(owner)


def fill(page: ConnectedPage, deliver: Callable[[Any], Any]) -> None:
    item = {"sender": {"id": "5001"}, "recipient": {"id": HAZEL_HOME}, "timestamp": 1763700000123}
    item["message"] = {"mid": "m_1", "text": "hello"}
    deliver({"object": "page", "entry": [{"id": HAZEL_HOME, "time": 1763700000123, "messaging": [item]}]})
    with open_store(page.store_id):
        form = LeadForm.objects.create(page=page, form_id="300100")
        MetaLead.objects.create(page=page, form=form, leadgen_id="44")


def test_deleting_says_what_goes_and_wants_the_name_typed(
    boss: Client, connected_page: ConnectedPage, deliver: Callable[[Any], Any]
) -> None:
    fill(connected_page, deliver)
    url = f"{INDEX}pages/{connected_page.pk}/delete/"
    content = boss.get(url).content.decode()
    assert "1 conversation with 1 message" in content
    assert "what Facebook sent of 1 lead" in content
    refused = boss.post(url, {"name": "Hazel"})
    assert refused.status_code == 422
    assert "That is not its name. Nothing was erased." in refused.content.decode()
    empty = boss.post(url, {"name": ""})
    assert empty.status_code == 422
    assert "Type its name first. Nothing was erased." in empty.content.decode()
    assert states() == ("active", "active")


def test_deleting_erases_the_data_and_keeps_the_trail(
    boss: Client, connected_page: ConnectedPage, deliver: Callable[[Any], Any], sandbox: Sandbox
) -> None:
    fill(connected_page, deliver)
    boss.post(f"{INDEX}pages/{connected_page.pk}/delete/", {"name": "hazel home"})
    assert states() == ("disconnected", "disconnected")
    assert "Being erased" in boss.get(INDEX).content.decode()
    erase_asset(connected_page.store_id, "page", connected_page.pk)
    models: list[Any] = [ConnectedPage, InstagramAccount, Contact, Conversation, Message, MetaLead, LeadForm]
    assert [model.unscoped.count() for model in models] == [0] * 7
    assert (WebhookEvent.objects.count(), WebhookDelivery.objects.count()) == (0, 0)
    assert fields_at_meta(sandbox) == []
    assert actions()[-2:] == ["instagram.erased", "page.erased"]
    assert AuditEntry.unscoped.get(action="page.erased").details["messaging"] == 3
    erase_asset(connected_page.store_id, "page", connected_page.pk)
    assert SLICE == 500


def test_a_page_that_is_being_erased_cannot_be_connected(boss: Client, connected_page: ConnectedPage) -> None:
    boss.post(f"{INDEX}pages/{connected_page.pk}/delete/", {"name": "Hazel Home"})
    account = MetaAccount.unscoped.get()
    answer = boss.post(f"{INDEX}accounts/{account.pk}/", {"pages": [HAZEL_HOME]}, follow=True)
    assert "is still being erased here" in answer.content.decode()
    assert states() == ("disconnected", "disconnected")


def test_only_owners_delete(person: Client, connected_page: ConnectedPage) -> None:
    url = f"{INDEX}pages/{connected_page.pk}/delete/"
    assert person.post(url, {"name": "Hazel Home"}).status_code == 403
    assert "Delete" not in person.get(f"{INDEX}pages/{connected_page.pk}/").content.decode()
