"""Buyers write, shops answer."""

from typing import Any

import pytest
import requests

from tests.sandbox.conftest import (
    ARCHIVE,
    HAZEL,
    HAZEL_INSTAGRAM,
    MAYA_ON_HAZEL,
    OUTLET,
    SCOPES,
    Listener,
    Meta,
    error_of,
)

DAY = 24 * 3600


def write(meta: Meta, text: str = "Is the lamp there?", **more: str) -> Any:
    body = {"page_id": HAZEL, "buyer": "Maya Iyer", "text": text} | more
    return meta.control("message", **body)


def answer(meta: Meta, token: str, to: str = MAYA_ON_HAZEL, **params: Any) -> Any:
    message = {"message": {"text": "Yes."}, "messaging_type": "RESPONSE"} | params
    return meta.post(f"{HAZEL}/messages", token, recipient={"id": to}, **message)


def test_a_buyers_message_is_an_event(meta: Meta, listener: Listener) -> None:
    meta.subscribe(listener)
    sent = write(meta, "Grüße / 👋")
    (event,) = listener.wait_for(1)
    assert event["object"] == "page"
    messaging = event["entry"][0]["messaging"][0]
    assert messaging["sender"] == {"id": MAYA_ON_HAZEL}
    assert messaging["recipient"] == {"id": HAZEL}
    assert messaging["message"] == {"mid": sent["mid"], "text": "Grüße / 👋"}
    assert event["entry"][0]["time"] >= messaging["timestamp"] > 1_000_000_000_000


def test_a_reply_brings_echo_delivery_and_read_in_that_order(meta: Meta, listener: Listener) -> None:
    token = meta.subscribe(listener)
    write(meta)
    body = {
        "recipient": {"id": MAYA_ON_HAZEL},
        "messaging_type": "RESPONSE",
        "message": {"text": "Yes.", "metadata": "local-42"},
    }
    url = f"{meta.url}/v26.0/me/messages"
    sent = requests.post(url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=10).json()
    assert sent["recipient_id"] == MAYA_ON_HAZEL
    events = [event["entry"][0]["messaging"][0] for event in listener.wait_for(4)[1:]]
    assert events[0]["sender"] == {"id": HAZEL}
    assert events[0]["message"] == {
        "mid": sent["message_id"],
        "is_echo": True,
        "app_id": 1000000000000001,
        "metadata": "local-42",
        "text": "Yes.",
    }
    assert events[1]["delivery"]["mids"] == [sent["message_id"]]
    assert "watermark" in events[2]["read"]


def test_on_instagram_the_echo_comes_with_messages_and_read_has_the_mid(
    meta: Meta, listener: Listener
) -> None:
    token = meta.subscribe(listener)
    written = write(meta, platform="instagram")
    assert (written["recipient_id"], written["mid"][:4]) == (HAZEL_INSTAGRAM, "aWdf")
    sent = answer(meta, token, to=written["sender_id"])
    inbound, echo, seen = listener.wait_for(3)
    assert {event["object"] for event in (inbound, echo, seen)} == {"instagram"}
    assert echo["entry"][0]["messaging"][0]["message"]["is_echo"] is True
    assert seen["entry"][0]["messaging"][0]["read"] == {"mid": sent["message_id"]}


def test_the_window_is_a_day_and_seven_for_a_human(meta: Meta) -> None:
    token = meta.page_token()
    assert error_of(answer(meta, token)) == (10, 2018278)
    write(meta)
    meta.control("clock", advance_seconds=DAY - 60)
    assert "message_id" in answer(meta, token)
    meta.control("clock", advance_seconds=120)
    assert error_of(answer(meta, token)) == (10, 2018278)
    human = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    assert "message_id" in answer(meta, token, **human)
    meta.control("clock", advance_seconds=6 * DAY)
    assert error_of(answer(meta, token, **human)) == (10, 2018278)


def test_instagram_has_another_code_for_a_closed_window(meta: Meta) -> None:
    token, written = meta.page_token(), write(meta, platform="instagram")
    meta.control("clock", advance_seconds=DAY + 60)
    assert error_of(answer(meta, token, to=written["sender_id"])) == (10, 2534022)


@pytest.mark.parametrize(
    "params",
    [
        {"messaging_type": "MESSAGE_TAG", "tag": "POST_PURCHASE_UPDATE"},
        {"messaging_type": "MESSAGE_TAG"},
        {"messaging_type": "SHOUT"},
        {"message": {}},
        {"message": {"text": "x" * 2001}},
        {"message": {"text": "x", "quick_replies": [{"title": "a"}] * 14}},
        {"sender_action": "typing_on"},
    ],
)
def test_what_may_not_be_sent_is_refused_and_not_written(meta: Meta, params: dict[str, Any]) -> None:
    token = meta.page_token()
    write(meta)
    assert error_of(answer(meta, token, **params)) == (100, None)
    assert [message.outbound for message in meta.world.messages.values()] == [False]


def test_a_sender_action_alone_is_fine(meta: Meta) -> None:
    token = meta.page_token()
    sent = meta.post(f"{HAZEL}/messages", token, recipient={"id": MAYA_ON_HAZEL}, sender_action="mark_seen")
    assert sent == {"recipient_id": MAYA_ON_HAZEL}


def test_the_id_of_a_buyer_holds_for_one_page_only(meta: Meta) -> None:
    token = meta.page_token()
    for stranger in ("7100000502000101", "123", ""):
        assert error_of(answer(meta, token, to=stranger)) == (100, 2018001)
    assert meta.world.messages == {}


def test_sending_needs_page_token_permission_and_task(meta: Meta) -> None:
    assert error_of(answer(meta, meta.login())) == (210, None)
    assert error_of(meta.post(f"{ARCHIVE}/messages", meta.page_token(ARCHIVE), recipient={"id": "1"})) == (
        200,
        None,
    )
    weak = meta.page_token(ticked=[scope for scope in SCOPES if scope != "pages_messaging"])
    assert error_of(answer(meta, weak)) == (230, None)


def test_conversations_show_the_thread_with_its_people(meta: Meta) -> None:
    token = meta.page_token()
    write(meta)
    answer(meta, token)
    fields = "id,snippet,message_count,participants,messages.limit(1){message,from}"
    (thread,) = meta.get(f"{HAZEL}/conversations", token, fields=fields, platform="messenger")["data"]
    assert (thread["snippet"], thread["message_count"]) == ("Yes.", 2)
    assert [party["name"] for party in thread["participants"]["data"]] == ["Maya Iyer", "Hazel Home"]
    assert thread["messages"]["data"][0]["from"]["id"] == HAZEL
    assert meta.get(f"{HAZEL}/conversations", token, user_id="1") == {"data": []}


def test_only_the_twenty_newest_messages_can_be_read(meta: Meta) -> None:
    token = meta.page_token()
    mids = [write(meta, f"line {number}")["mid"] for number in range(21)]
    (thread,) = meta.get(f"{HAZEL}/conversations", token)["data"]
    rows = meta.get(f"{thread['id']}/messages", token, limit="50")["data"]
    assert [row["id"] for row in rows] == mids[:0:-1]
    assert meta.get(mids[1], token, fields="message")["message"] == "line 1"
    assert error_of(meta.get(mids[0], token)) == (9000001, None)


def test_instagram_threads_are_asked_for_by_platform(meta: Meta) -> None:
    token = meta.page_token()
    write(meta, platform="instagram")
    assert meta.get(f"{HAZEL}/conversations", token) == {"data": []}
    (thread,) = meta.get(f"{HAZEL}/conversations", token, platform="instagram", fields="participants")["data"]
    assert thread["participants"]["data"][0]["username"] == "maya.iyer"
    outlet = meta.page_token(OUTLET)
    assert error_of(meta.get(f"{OUTLET}/conversations", outlet, platform="instagram")) == (100, 2534013)


def test_a_profile_shows_who_writes_to_this_page_only(meta: Meta) -> None:
    token = meta.page_token()
    assert meta.get(MAYA_ON_HAZEL, token, fields="first_name,last_name,locale") == {
        "first_name": "Maya",
        "last_name": "Iyer",
        "id": MAYA_ON_HAZEL,
    }
    assert error_of(meta.get(MAYA_ON_HAZEL, meta.page_token(OUTLET))) == (100, 33)


def test_a_message_reaches_nobody_before_both_layers_are_subscribed(meta: Meta, listener: Listener) -> None:
    token = meta.subscribe(listener)
    meta.delete(f"{HAZEL}/subscribed_apps", token)
    assert write(meta)["deliveries"] == 0
    assert not meta.world.deliveries
