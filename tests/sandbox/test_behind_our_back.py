"""What the sandbox lets happen to a Page and to a login without the app's doing."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox.conftest import ADA, APP_ID, APP_TOKEN, HAZEL, OUTLET, Listener, Meta

SYSTEM_USER = "61550000000001"


def own_pages(meta: Meta, token: str) -> list[str]:
    return [row["id"] for row in meta.get("me/accounts", token)["data"]]


def test_a_renamed_page_answers_with_its_new_name_and_tells_of_it(meta: Meta, listener: Listener) -> None:
    meta.post(
        f"{APP_ID}/subscriptions",
        APP_TOKEN,
        object="page",
        callback_url=listener.url,
        verify_token="let-me-in",
        fields="name",
    )
    token = meta.page_token()
    meta.post(f"{HAZEL}/subscribed_apps", token, subscribed_fields="name")
    assert meta.control("page", page_id=HAZEL, name="Hazel House") == {"deliveries": 1}
    change = listener.wait_for(1)[0]["entry"][0]["changes"][0]
    assert change == {"field": "name", "value": {"name": "Hazel House"}}
    assert meta.get(HAZEL, token)["name"] == "Hazel House"


def test_a_role_taken_away_takes_the_page_and_its_token(meta: Meta) -> None:
    token, page_token = meta.login(), meta.page_token()
    meta.control("page", page_id=HAZEL, tasks={ADA: []})
    assert HAZEL not in own_pages(meta, token)
    assert meta.get(HAZEL, page_token)["error"]["error_subcode"] == 492


def test_a_page_can_be_unticked_and_left_to_the_portfolio(meta: Meta) -> None:
    token = meta.login()
    meta.control("page", page_id=OUTLET, listed=False)
    assert OUTLET not in own_pages(meta, token)
    assert OUTLET in [row["id"] for row in meta.get("900100/owned_pages", token)["data"]]
    meta.control("page", page_id=HAZEL, ticked={ADA: False})
    assert meta.get(HAZEL, token)["error"]["error_subcode"] == 33


def test_a_subscription_can_be_dropped(meta: Meta) -> None:
    token = meta.page_token()
    meta.post(f"{HAZEL}/subscribed_apps", token, subscribed_fields="messages")
    meta.control("page", page_id=HAZEL, subscribed_fields=[])
    assert meta.get(f"{HAZEL}/subscribed_apps", token) == {"data": []}


@pytest.mark.parametrize("body", [{}, {"page_id": "1"}, {"page_id": HAZEL, "ticked": {"70002": True}}])
def test_a_mistake_is_told(body: dict[str, Any], meta: Meta) -> None:
    answer = requests.post(f"{meta.url}/_sandbox/page", json=body, timeout=10)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_the_configuration_for_system_users_gives_one(meta: Meta) -> None:
    token = meta.login(config_id="4712")
    facts = meta.get("debug_token", APP_TOKEN, input_token=token)["data"]
    assert (facts["type"], facts["user_id"], facts["expires_at"]) == ("SYSTEM_USER", SYSTEM_USER, 0)
    assert meta.get("me", token, fields="id,name,client_business_id") == {
        "id": SYSTEM_USER,
        "name": "StormCom for Hazel Home Ltd",
        "client_business_id": "900100",
    }
    assert own_pages(meta, token) == []
    assert HAZEL in [row["id"] for row in meta.get("me/assigned_pages", token)["data"]]
    assert meta.get(HAZEL, token, fields="access_token")["access_token"].startswith("EAAG")


def test_a_page_has_a_picture_of_its_own(meta: Meta) -> None:
    picture = meta.get(HAZEL, meta.page_token(), fields="picture")["picture"]["data"]
    answer = requests.get(picture["url"], timeout=10)
    assert (answer.headers["content-type"], answer.content[:4]) == ("image/png", b"\x89PNG")
