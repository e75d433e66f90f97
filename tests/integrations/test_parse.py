"""What the reader makes of each shape: bodies of our own, in the shapes of the fact sheet."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.webhooks.events import (
    Event,
    ItemsBatchEvent,
    LeadgenEvent,
    MessageEvent,
    OrderEvent,
    PostbackEvent,
    ReceiptEvent,
)
from integrations.webhooks.inbox import dedupe_key
from integrations.webhooks.parse import NotReadable, load_body, read_event, unpack
from integrations.webhooks.shapes import clean, read_time

PAGE = "222"
PARTIES = {"sender": {"id": "5"}, "recipient": {"id": PAGE}, "timestamp": 1763700000123}


def events(
    *items: dict[str, Any], channel: str = "messaging", object_: str = "page", **entry: Any
) -> list[Event]:
    body = {"object": object_, "entry": [{"id": PAGE, "time": 1763700000, channel: list(items)} | entry]}
    return [read_event(envelope, item) for envelope, item in unpack(load_body(json.dumps(body).encode()))]


def change(field: str, value: Any) -> Event:
    [event] = events({"field": field, "value": value}, channel="changes")
    return event


def test_a_text_message_is_read_whole() -> None:
    message = {
        "mid": "m_1",
        "text": "hi",
        "quick_reply": {"payload": "SIZE_M"},
        "reply_to": {"mid": "m_0"},
        "attachments": [{"type": "image", "payload": {"url": "https://cdn.example/1"}}, {"type": "fallback"}],
    }
    [event] = events(PARTIES | {"message": message})
    assert isinstance(event, MessageEvent)
    assert (event.kind, event.person_id, event.mid, event.text) == ("message", "5", "m_1", "hi")
    assert (event.quick_reply_payload, event.reply_to_mid) == ("SIZE_M", "m_0")
    assert [(a.type, a.url) for a in event.attachments] == [
        ("image", "https://cdn.example/1"),
        ("fallback", ""),
    ]
    assert event.happened_at == datetime(2025, 11, 21, 4, 40, 0, 123000, UTC)


def test_an_echo_is_about_the_one_who_received_it() -> None:
    echo = {"is_echo": True, "mid": "m_2", "app_id": 26390203743090, "metadata": "local-42"}
    [event] = events({"sender": {"id": PAGE}, "recipient": {"id": "5"}, "message": echo})
    assert isinstance(event, MessageEvent)
    assert (event.kind, event.person_id, event.app_id) == ("echo", "5", "26390203743090")
    assert event.metadata == "local-42"


def test_a_message_that_was_taken_back_has_its_own_kind() -> None:
    [event] = events(PARTIES | {"message": {"mid": "m_1", "is_deleted": True, "text": "oh"}})
    assert event.kind == "message_deleted"


def test_a_postback_without_a_mid_is_told_by_sender_time_and_payload() -> None:
    [event] = events(PARTIES | {"postback": {"title": "Start", "payload": "GET_STARTED"}})
    assert isinstance(event, PostbackEvent)
    assert (event.title, event.payload, event.identity) == (
        "Start",
        "GET_STARTED",
        "5|1763700000123|GET_STARTED",
    )


def test_receipts_come_by_watermark_or_by_mid() -> None:
    delivered, read, seen = events(
        PARTIES | {"delivery": {"mids": ["m_1"], "watermark": 1763700000253}},
        PARTIES | {"read": {"watermark": 1763700000253}},
        PARTIES | {"read": {"mid": "aWdf"}},
    )
    assert isinstance(delivered, ReceiptEvent)
    assert isinstance(read, ReceiptEvent)
    assert isinstance(seen, ReceiptEvent)
    assert (delivered.mids, read.mids, seen.mids) == (("m_1",), (), ("aWdf",))
    assert delivered.watermark_at == read.watermark_at
    assert seen.watermark_at is None


def test_a_lead_is_its_ids() -> None:
    event = change("leadgen", {"leadgen_id": 444, "page_id": "222", "form_id": 333, "ad_id": 0})
    assert isinstance(event, LeadgenEvent)
    assert (event.leadgen_id, event.form_id, event.ad_id) == ("444", "333", "")


def test_a_finished_batch_names_its_handle() -> None:
    event = change("items_batch", {"catalog_id": 800, "handle": "Hq7", "status": "Finished"})
    assert isinstance(event, ItemsBatchEvent)
    assert (event.catalog_id, event.handle, event.status) == ("800", "Hq7", "Finished")


def test_two_changes_of_an_order_are_two_events_and_its_creation_is_one() -> None:
    def key(field: str, value: dict[str, Any]) -> str:
        body = {
            "object": "commerce_order",
            "entry": [{"id": PAGE, "changes": [{"field": field, "value": value}]}],
        }
        [(envelope, item)] = unpack(body)
        event = read_event(envelope, item)
        assert isinstance(event, OrderEvent)
        return dedupe_key(envelope, event, delivery_id=1)

    assert key("order.created", {"id": 1, "note": "a"}) == key("order.created", {"id": "1", "note": "b"})
    assert key("order.updated", {"id": 1, "note": "a"}) != key("order.updated", {"id": 1, "note": "b"})
    assert key("order.created", {"id": 1}) != key("order.cancelled", {"id": 1})


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("reaction", "reaction"),
        ("message_edit", "message_edit"),
        ("optin", "optin"),
        ("referral", "referral"),
        ("account_linking", "account_linking"),
        ("policy_enforcement", "policy_enforcement"),
        ("policy-enforcement", "policy_enforcement"),
        ("take_thread_control", "handover"),
        ("app_roles", "handover"),
        ("order", "send_cart"),
        ("something_new", "unknown"),
    ],
)
def test_each_key_of_a_messaging_item_has_its_kind(key: str, kind: str) -> None:
    [event] = events(PARTIES | {key: {"x": 1}})
    assert event.kind == kind


def test_messages_in_the_form_of_the_dashboards_test_button_are_messages() -> None:
    event = change("messages", PARTIES | {"message": {"mid": "random_mid", "text": "random_text"}})
    assert isinstance(event, MessageEvent)
    assert (event.channel, event.mid) == ("changes", "random_mid")


def test_standby_is_read_like_messaging_and_says_so() -> None:
    [event] = events(PARTIES | {"message": {"mid": "m"}}, channel="standby")
    assert (event.kind, event.channel) == ("message", "standby")


def test_a_change_in_no_table_keeps_its_fields_name() -> None:
    assert change("picture", "https://x").kind == "picture"
    assert change("", None).kind == "unknown"


@pytest.mark.parametrize("entry", ["nope", None, 7, [["x"]], [{"messaging": "nope"}], [{"changes": {}}]])
def test_a_malformed_entry_holds_no_event(entry: Any) -> None:
    assert list(unpack({"object": "page", "entry": entry})) == []


def test_an_item_that_is_no_object_is_kept_as_unknown() -> None:
    [event] = events("text")  # type: ignore[arg-type]
    assert (event.kind, event.item) == ("unknown", {"value": "text"})


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1763700000, datetime(2025, 11, 21, 4, 40, tzinfo=UTC)),
        (1763700000000, datetime(2025, 11, 21, 4, 40, tzinfo=UTC)),
        ("1763700000", datetime(2025, 11, 21, 4, 40, tzinfo=UTC)),
        ("2025-11-21T04:40:00+0000", datetime(2025, 11, 21, 4, 40, tzinfo=UTC)),
        ("2025-11-21T05:40:00+01:00", datetime(2025, 11, 21, 4, 40, tzinfo=UTC)),
        (0, None),
        (-5, None),
        (None, None),
        (True, None),
        ("", None),
        ("TIMESTAMP", None),
        ({}, None),
        (10**40, None),
        ("0001-01-01T00:00:00+0000", None),
        ("9999-12-31T23:59:59+0000", None),
        (253402300799000, None),
    ],
)
def test_times_of_every_unit_become_utc(value: Any, moment: datetime | None) -> None:
    assert read_time(value) == moment


def test_text_is_freed_of_what_postgresql_cannot_hold() -> None:
    assert clean("a\x00b") == "ab"
    assert clean("\ud83d\ude00") == "\U0001f600"
    assert clean("\ud83d!").encode() == "\ufffd!".encode()
    assert clean({"a": 1}) == clean(None) == clean(True) == ""


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "entry", "messaging", "changes", "message", "sender", "value", "field", "mid"]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)


@given(st.dictionaries(st.sampled_from(["object", "entry", "x"]), anything))
def test_no_json_object_breaks_the_reader(data: dict[str, Any]) -> None:
    for envelope, item in unpack(data):
        event = read_event(envelope, item)
        assert len(dedupe_key(envelope, event, delivery_id=1)) == 64


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    reason = ""
    try:
        load_body(body)
    except NotReadable as refusal:
        reason = str(refusal)
    assert reason in ("", "not JSON", "not a JSON object", "nested too deeply")
