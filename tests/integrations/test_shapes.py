"""A body for each shape that Meta documents, what is read in it, what makes two deliveries one event."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from integrations.webhooks.dashboard_test import is_dashboard_test
from integrations.webhooks.events import Event, MessagingEvent
from integrations.webhooks.inbox import dedupe_key
from integrations.webhooks.noted import REASONS
from integrations.webhooks.parse import load_body, read_event, unpack
from integrations.webhooks.wording import KINDS
from stormcom.event_routes import ROUTES
from tests.integrations import readings_of_others, readings_of_pages
from tests.integrations.reading import Reading

READINGS = readings_of_pages.READINGS | readings_of_others.READINGS
BODIES = Path(__file__).parent / "bodies"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PAGE, ACCOUNT, CUSTOMER, FOLLOWER = "100200300400501", "17841400000000501", "7700001111", "8800002222"


def body(name: str) -> Any:
    return json.loads((BODIES / f"{name}.json").read_bytes())


def events(data: Any) -> list[Event]:
    return [read_event(envelope, item) for envelope, item in unpack(load_body(json.dumps(data).encode()))]


def keys(data: Any, *, delivery_id: int = 1) -> list[str]:
    found = unpack(load_body(json.dumps(data).encode()))
    return [
        dedupe_key(envelope, read_event(envelope, item), delivery_id=delivery_id) for envelope, item in found
    ]


def test_every_body_has_a_reading() -> None:
    names = {str(path.relative_to(BODIES).with_suffix("")) for path in BODIES.rglob("*.json")}
    assert names == set(READINGS)


@pytest.mark.parametrize("name", READINGS)
def test_each_shape_is_read_as_it_should(name: str) -> None:
    found = events(body(name))
    assert [
        _reading(event, expected) for event, expected in zip(found, READINGS[name], strict=True)
    ] == READINGS[name]


def _reading(event: Event, expected: Reading) -> Reading:
    return type(event), event.kind, {name: getattr(event, name) for name in expected[2]}


@pytest.mark.parametrize("name", [name for name in READINGS if not name.startswith("other/")])
def test_each_conversation_event_names_the_customer_and_the_account(name: str) -> None:
    for event in events(body(name)):
        if not isinstance(event, MessagingEvent) or is_dashboard_test(event) or not event.person_id:
            continue
        on_instagram = name.startswith("instagram/")
        sides = (FOLLOWER, ACCOUNT) if on_instagram else (CUSTOMER, PAGE)
        assert (event.person_id, event.account_id) == sides


@pytest.mark.parametrize("name", READINGS)
def test_times_are_utc_whatever_the_unit(name: str) -> None:
    for event in events(body(name)):
        if name == "other/application_without_an_id":
            assert event.happened_at is None
        elif name == "instagram/standby_iso_times":
            assert event.happened_at == datetime(2026, 11, 21, 10, tzinfo=UTC)
        elif name == "other/order_created":
            assert event.happened_at == datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
        else:
            assert event.happened_at is not None
            assert event.happened_at.replace(microsecond=0) == NOON


def test_every_kind_has_words_and_every_route_a_kind_with_words() -> None:
    kinds = {reading[1] for readings in READINGS.values() for reading in readings}
    routed = {kind for routes in ROUTES.values() for kind in routes}
    assert kinds <= set(KINDS)
    assert routed <= set(KINDS)
    assert set(REASONS) <= routed


@pytest.mark.parametrize("name", [name for name in READINGS if name.startswith("page/")])
def test_every_kind_of_a_page_has_a_route(name: str) -> None:
    assert {event.kind for event in events(body(name))} <= set(ROUTES["page"])


@pytest.mark.parametrize("name", [name for name in READINGS if name.startswith("instagram/")])
def test_every_kind_of_an_instagram_account_has_a_route(name: str) -> None:
    assert {event.kind for event in events(body(name))} <= set(ROUTES["instagram"])


# --- Dedupe keys ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in READINGS if not name.startswith("test_button/")])
def test_a_delivery_that_comes_again_brings_nothing_new(name: str) -> None:
    assert keys(body(name), delivery_id=1) == keys(body(name), delivery_id=2)
    assert len(set(keys(body(name)))) == len(READINGS[name])


@pytest.mark.parametrize("name", [name for name in READINGS if name.startswith("test_button/")])
def test_a_test_of_the_dashboard_is_new_each_time(name: str) -> None:
    first, second = keys(body(name), delivery_id=1), keys(body(name), delivery_id=2)
    assert len({*first, *second}) == 2 * len(READINGS[name])
    assert all(is_dashboard_test(event) for event in events(body(name)))


@pytest.mark.parametrize("name", [name for name in READINGS if not name.startswith("test_button/")])
def test_nothing_else_is_taken_for_a_test(name: str) -> None:
    assert not any(is_dashboard_test(event) for event in events(body(name)))


def messaging(
    item: dict[str, Any], *, channel: str = "messaging", time: int = 1, object_: str = "page"
) -> Any:
    parties = {"sender": {"id": CUSTOMER}, "recipient": {"id": PAGE}}
    return {"object": object_, "entry": [{"id": PAGE, "time": time, channel: [parties | item]}]}


def as_change(field: str, item: dict[str, Any]) -> Any:
    return change(field, {"sender": {"id": CUSTOMER}, "recipient": {"id": PAGE}} | item)


def change(field: str, value: Any, *, time: int = 1, object_: str = "page") -> Any:
    return {
        "object": object_,
        "entry": [{"id": PAGE, "time": time, "changes": [{"field": field, "value": value}]}],
    }


MESSAGE = {"message": {"mid": "m_1", "text": "hi"}}
COMMENT = {"item": "comment", "verb": "add", "comment_id": "9_77", "message": "a"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (messaging(MESSAGE), messaging(MESSAGE, channel="standby")),
        (messaging(MESSAGE), messaging(MESSAGE, object_="instagram")),
        (messaging(MESSAGE), messaging({"timestamp": 5} | MESSAGE, time=2)),
        (messaging(MESSAGE), as_change("messages", MESSAGE)),
        (body("instagram/message_text"), body("instagram/message_under_object_page")),
        (body("page/message_echo"), body("page/message_echo_with_customer_as_sender")),
        (
            messaging({"postback": {"title": "A", "payload": "a"}, "timestamp": 1795262400}),
            as_change("messaging_postbacks", {"postback": {"payload": "a"}, "timestamp": "1795262400000"}),
        ),
        (
            messaging({"read": {"watermark": 1795262400000}}),
            messaging({"read": {"watermark": 1795262400000}}, time=2),
        ),
        (
            messaging({"message_edit": {"mid": "m_1", "num_edit": 1}}),
            messaging({"message_edit": {"mid": "m_1", "num_edit": "1"}}),
        ),
        (change("feed", COMMENT), change("feed", COMMENT | {"message": "told again"}, time=2)),
        (change("feed", COMMENT | {"verb": "remove"}), change("feed", COMMENT | {"verb": "remove"}, time=2)),
        (
            change("comments", {"id": "1790"}, object_="instagram"),
            change("comments", {"id": "1790", "media": {"ad_id": "6"}}, time=2, object_="instagram"),
        ),
        (change("leadgen", {"leadgen_id": 4}), change("leadgen", {"leadgen_id": "4", "ad_id": "6"}, time=2)),
    ],
)
def test_these_two_are_one_event(one: Any, other: Any) -> None:
    assert keys(one) == keys(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (messaging(MESSAGE), messaging({"message": MESSAGE["message"] | {"is_echo": True}})),
        (messaging(MESSAGE), messaging({"message": MESSAGE["message"] | {"is_deleted": True}})),
        (messaging(MESSAGE), messaging({"message_edit": {"mid": "m_1", "text": "hi", "num_edit": 1}})),
        (
            messaging({"message_edit": {"mid": "m_1", "text": "b", "num_edit": 1}}),
            messaging({"message_edit": {"mid": "m_1", "text": "c", "num_edit": 2}}),
        ),
        (
            messaging({"message_edit": {"mid": "m_1", "text": "b"}}),
            messaging({"message_edit": {"mid": "m_1", "text": "c"}}),
        ),
        (
            messaging({"postback": {"mid": "m_3"}}, channel="standby"),
            messaging({"postback": {"mid": "m_3", "payload": "a"}}),
        ),
        (
            messaging({"read": {"watermark": 1795262400000}}),
            messaging({"read": {"watermark": 1795262400001}}),
        ),
        (
            messaging({"read": {"watermark": 1795262400000}}),
            messaging({"delivery": {"watermark": 1795262400000}}),
        ),
        (messaging({"read": {}}, time=1), messaging({"read": {}}, time=2)),
        (
            messaging({"reaction": {"mid": "m_1", "action": "react"}, "timestamp": 1795262400000}),
            messaging({"reaction": {"mid": "m_1", "action": "react"}, "timestamp": 1795262400001}),
        ),
        (
            messaging({"reaction": {"mid": "m_1", "action": "react"}}),
            messaging({"reaction": {"mid": "m_1", "action": "unreact"}}),
        ),
        (change("feed", COMMENT), change("feed", COMMENT | {"verb": "remove"})),
        (
            change("feed", COMMENT | {"verb": "edited", "message": "b"}, time=1),
            change("feed", COMMENT | {"verb": "edited", "message": "c"}, time=2),
        ),
        (
            change("feed", COMMENT | {"verb": "edited", "message": "b"}, time=1),
            change("feed", COMMENT | {"verb": "edited", "message": "b"}, time=3),
        ),
        (
            change("feed", COMMENT | {"verb": "hide"}, time=1),
            change("feed", COMMENT | {"verb": "hide"}, time=2),
        ),
        (
            change("items_batch", {"handle": "h", "status": "Started"}, object_="catalog"),
            change("items_batch", {"handle": "h", "status": "Finished"}, object_="catalog"),
        ),
        (change("leadgen", {"leadgen_id": 4}), change("leadgen_update", {"leadgen_id": 4})),
        (change("name", "A", time=1), change("name", "A", time=2)),
    ],
)
def test_these_two_are_two_events(one: Any, other: Any) -> None:
    assert keys(one) != keys(other)
