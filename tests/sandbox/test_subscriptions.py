"""Both layers of subscription, and the handshake."""

import pytest

from tests.sandbox.conftest import (
    APP_ID,
    APP_TOKEN,
    ARCHIVE,
    CATALOG,
    HAZEL,
    HAZEL_INSTAGRAM,
    SCOPES,
    Listener,
    Meta,
    error_of,
)


def subscribe(meta: Meta, url: str, token: str = APP_TOKEN, **change: str) -> object:
    params = {"object": "page", "callback_url": url, "verify_token": "let-me-in", "fields": "messages,feed"}
    return meta.post(f"{APP_ID}/subscriptions", token, **(params | change))


def test_the_callback_is_verified_before_the_answer(meta: Meta, listener: Listener) -> None:
    assert subscribe(meta, listener.url) == {"success": True}
    rows = meta.get(f"{APP_ID}/subscriptions", APP_TOKEN)["data"]
    assert rows == [
        {
            "object": "page",
            "callback_url": listener.url,
            "active": True,
            "fields": [{"name": "messages", "version": "v26.0"}, {"name": "feed", "version": "v26.0"}],
        }
    ]


def test_a_callback_that_does_not_verify_changes_nothing(meta: Meta, listener: Listener) -> None:
    assert error_of(subscribe(meta, listener.url, verify_token="wrong")) == (2200, None)
    listener.challenge_answer = "something else"
    assert error_of(subscribe(meta, listener.url)) == (2200, None)
    assert error_of(subscribe(meta, "http://127.0.0.1:9/nobody")) == (2200, None)
    assert meta.world.subscriptions == {}


@pytest.mark.parametrize(
    "change", [{"object": "shop"}, {"fields": "orders"}, {"callback_url": "shop.example"}]
)
def test_unknown_objects_fields_and_addresses_are_refused(
    meta: Meta, listener: Listener, change: dict[str, str]
) -> None:
    assert error_of(subscribe(meta, listener.url, **change)) == (100, None)
    assert meta.world.subscriptions == {}


def test_only_the_app_subscribes_the_app(meta: Meta, listener: Listener) -> None:
    assert error_of(subscribe(meta, listener.url, token=meta.login())) == (190, 467)


def test_fields_and_whole_objects_can_be_given_up(meta: Meta, listener: Listener) -> None:
    subscribe(meta, listener.url)
    meta.delete(f"{APP_ID}/subscriptions", APP_TOKEN, object="page", fields="feed")
    assert meta.world.subscriptions["page"].fields == ["messages"]
    meta.delete(f"{APP_ID}/subscriptions", APP_TOKEN, object="page")
    assert meta.world.subscriptions == {}


def test_a_page_replaces_its_fields_and_shows_them(meta: Meta) -> None:
    token = meta.page_token()
    meta.post(f"{HAZEL}/subscribed_apps", token, subscribed_fields="feed,messages")
    meta.post(f"{HAZEL}/subscribed_apps", token, subscribed_fields=["leadgen"])
    rows = meta.get(f"{HAZEL}/subscribed_apps", token)["data"]
    assert [(row["id"], row["subscribed_fields"]) for row in rows] == [(APP_ID, ["leadgen"])]
    assert meta.delete(f"{HAZEL}/subscribed_apps", token) == {"success": True}
    assert meta.get(f"{HAZEL}/subscribed_apps", token) == {"data": []}


def test_a_page_subscription_needs_page_token_permissions_task_and_known_fields(meta: Meta) -> None:
    user_token = meta.login()
    edge = f"{HAZEL}/subscribed_apps"
    assert error_of(meta.post(edge, user_token, subscribed_fields="feed")) == (210, None)
    error = meta.post(edge, meta.page_token(), subscribed_fields="orders")["error"]
    assert (error["code"], "messaging_postbacks" in error["message"]) == (100, True)
    assert error_of(
        meta.post(f"{ARCHIVE}/subscribed_apps", meta.page_token(ARCHIVE), subscribed_fields="feed")
    ) == (
        200,
        None,
    )
    weak = meta.page_token(ticked=[scope for scope in SCOPES if scope != "pages_messaging"])
    error = meta.post(edge, weak, subscribed_fields="messages")["error"]
    assert (error["code"], "pages_messaging" in error["message"]) == (200, True)
    assert meta.world.pages[HAZEL].subscribed_fields == []


def test_instagram_accounts_and_catalogs_subscribe_too(meta: Meta) -> None:
    token, page_token = meta.login(), meta.page_token()
    edge = f"{HAZEL_INSTAGRAM}/subscribed_apps"
    assert meta.post(edge, page_token, subscribed_fields="messages") == {"success": True}
    assert meta.get(edge, page_token)["data"][0]["subscribed_fields"] == ["messages"]
    assert meta.delete(edge, page_token) == {"success": True}
    assert meta.post(f"{CATALOG}/subscribed_apps", token, app_id=APP_ID) == {"success": True}
    assert meta.get(f"{CATALOG}/subscribed_apps", token)["data"][0]["id"] == APP_ID
    assert meta.delete(f"{CATALOG}/subscribed_apps", token) == {"success": True}
    assert meta.get(f"{CATALOG}/subscribed_apps", token) == {"data": []}
