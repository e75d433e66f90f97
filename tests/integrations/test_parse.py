"""The reader raises for nothing that is JSON and loses nothing; `test_shapes` has a body for each shape."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.webhooks.envelope import Envelope
from integrations.webhooks.events import Event, OrderEvent
from integrations.webhooks.inbox import dedupe_key
from integrations.webhooks.parse import CHANNELS, NotReadable, explain_empty, load_body, read_event, unpack
from integrations.webhooks.read_changes import CHANGES, FEED_ITEMS
from integrations.webhooks.read_messaging import MESSAGING
from integrations.webhooks.shapes import clean, read_id, read_time
from integrations.webhooks.wording import KINDS

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


def test_two_changes_of_an_order_are_two_events_and_its_creation_is_one() -> None:
    def key(field: str, value: dict[str, Any]) -> str:
        body = {
            "object": "commerce_order",
            "entry": [{"id": PAGE, "changes": [{"field": field, "value": value}]}],
        }
        [(envelope, item)] = unpack([body])
        event = read_event(envelope, item)
        assert isinstance(event, OrderEvent)
        return dedupe_key(envelope, event, delivery_id=1)

    assert key("order.created", {"id": 1, "note": "a"}) == key("order.created", {"id": "1", "note": "b"})
    assert key("order.updated", {"id": 1, "note": "a"}) != key("order.updated", {"id": 1, "note": "b"})
    assert key("order.created", {"id": 1}) != key("order.cancelled", {"id": 1})


def test_standby_is_read_like_messaging_and_says_so() -> None:
    [event] = events(PARTIES | {"message": {"mid": "m"}}, channel="standby")
    assert (event.kind, event.channel) == ("message", "standby")


def test_a_change_in_no_table_is_a_change_of_its_field() -> None:
    assert change("picture", "https://x").kind == "page_field_change"
    assert change("", None).kind == "unknown"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"object": "page", "entry": "nope"}, "entry is not a list"),
        ({"object": "page", "entry": 7}, "entry is not a list"),
        ({"object": "page"}, "entry is not a list"),
        ({"object": "page", "entry": []}, "entry list is empty"),
        ({"object": "page", "entry": [["x"]]}, "entry carries no event"),
        ({"object": "page", "entry": [{"messaging": "nope"}]}, "entry carries no event"),
        ({"object": "page", "entry": [{"changes": {}}]}, "entry carries no event"),
        ({"entry": [{"messaging": [{"message": {"text": "x"}}]}]}, 'no "object"'),
        ({"field": "messages", "value": {}}, 'no "object"'),
    ],
)
def test_a_malformed_body_holds_no_event_and_says_why(body: dict[str, Any], reason: str) -> None:
    assert list(unpack([body])) == []
    assert explain_empty([body]) == reason


def test_bodies_nested_beyond_reason_are_refused_before_anything_is_read() -> None:
    def body(depth: int) -> bytes:
        return b'{"object":"page","entry":' + b"[" * depth + b"]" * depth + b"}"

    assert load_body(body(90)) != []
    with pytest.raises(NotReadable, match="nested too deeply"):
        load_body(body(400))
    wide = b'{"object":"page","entry":[' + b"{}," * 400 + b"{}]}"
    assert len(load_body(wide)[0]["entry"]) == 401


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12345678901234567890, "12345678901234567890"),
        (" 5 ", "5"),
        (5.0, "5"),
        (1.7841400008460056e16, "17841400008460056"),
        (0, "0"),
        (True, ""),
        (None, ""),
        (float("inf"), ""),
        (float("nan"), ""),
        ({"id": 5}, ""),
    ],
)
def test_ids_are_text_whatever_they_came_as(value: Any, text: str) -> None:
    assert read_id(value) == text


def test_an_item_that_is_no_object_is_kept_as_unknown() -> None:
    [event] = events("text")  # type: ignore[arg-type]
    assert (event.kind, event.item) == ("unknown", {"value": "text"})


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1763700000, datetime(2025, 11, 21, 4, 40, tzinfo=UTC)),
        (1763700000000, datetime(2025, 11, 21, 4, 40, tzinfo=UTC)),
        (1763700000123456, datetime(2025, 11, 21, 4, 40, 0, 123456, tzinfo=UTC)),
        (1763700000123456000, datetime(2025, 11, 21, 4, 40, 0, 123456, tzinfo=UTC)),
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


KEYS = [
    "id", "uid", "time", "timestamp", "sender", "recipient", "value", "field", "item", "verb", "mid", "from",
    "attachments", "payload", "referral", "product", "products", "reply_to", "story", "is_echo", "num_edit",
    "watermark", "mids", "leadgen_id", "handle", "media", "comment_id", "quantity", "created_time",
]  # fmt: skip
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["\x00", "\ud800", "9" * 20, "2026-11-21T10:00:00+0000", *CHANGES, *FEED_ITEMS])
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYS, *MESSAGING]) | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=25,
)
entries = st.dictionaries(
    st.sampled_from([*CHANNELS, "id", "time", "field", "value"]), anything | st.lists(anything)
)
bodies = st.fixed_dictionaries(
    {"object": st.sampled_from(["page", "instagram", "catalog", "moon"]) | anything},
    optional={"entry": st.lists(entries, max_size=3) | anything},
)
changed = st.fixed_dictionaries({"field": st.sampled_from([*CHANGES, "name"]), "value": anything})
spoken = st.dictionaries(
    st.sampled_from([*MESSAGING, "sender", "recipient", "timestamp"]), anything, max_size=5
)


@given(bodies)
def test_no_json_object_breaks_the_reader(data: dict[str, Any]) -> None:
    for envelope, item in unpack([data]):
        _is_kept(envelope, item)


@given(st.sampled_from(["page", "instagram", "catalog"]), changed)
def test_no_change_breaks_the_reader(object_: str, item: Any) -> None:
    _is_kept(Envelope(object_, PAGE, "changes", 1), item)


@given(st.sampled_from(["messaging", "standby", "changes"]), spoken)
def test_no_messaging_item_breaks_the_reader(channel: str, item: Any) -> None:
    _is_kept(Envelope("page", PAGE, channel, 1), item)


def _is_kept(envelope: Envelope, item: Any) -> None:
    event = read_event(envelope, item)
    assert event.kind in KINDS
    assert len(dedupe_key(envelope, event, delivery_id=1)) == 64
    again = read_event(envelope, json.loads(json.dumps(item)))
    assert dedupe_key(envelope, again, delivery_id=1) == dedupe_key(envelope, event, delivery_id=1)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    reason = ""
    try:
        load_body(body)
    except NotReadable as refusal:
        reason = str(refusal)
    assert reason in ("", "not JSON", "not a JSON object", "nested too deeply")
