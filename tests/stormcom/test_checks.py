from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from stormcom.checks import (
    _graph_version,
    check_graph_version,
    check_meta,
    check_retention,
    check_secrets,
)

LIVE = {
    "META_MODE": "live",
    "FACEBOOK_APP_ID": "1",
    "FACEBOOK_APP_SECRET": "s",
    "FACEBOOK_VERIFY_TOKEN": "v",
    "GRAPH_API_URL": "https://graph.facebook.com",
    "PICTURES_FROM_PRIVATE_ADDRESSES": False,
    "FACEBOOK_DIALOG_URL": "https://www.facebook.com/v26.0/dialog/oauth",
    "APP_BASE_URL": "https://shop.example",
    "DEBUG": False,
}


def ids(settings: Any, **changes: Any) -> list[str | None]:
    for name, value in changes.items():
        setattr(settings, name, value)
    return [message.id for message in [*check_secrets(None), *check_meta(None)]]


def test_nothing_is_wrong_with_nothing_set(settings: Any) -> None:
    assert ids(settings, DEBUG=True) == []


def test_nothing_is_wrong_in_a_complete_live_setting(settings: Any) -> None:
    assert ids(settings, **LIVE) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"FERNET_KEYS": []}, ["stormcom.E001"]),
        ({"META_MODE": "test", "DEBUG": True}, ["stormcom.E002"]),
        ({"FACEBOOK_VERIFY_TOKEN": ""}, ["stormcom.E003"]),
        ({"FACEBOOK_VERIFY_TOKEN": " , "}, ["stormcom.E003"]),
        ({"FACEBOOK_APP_SECRET": ""}, ["stormcom.E003"]),
        ({"GRAPH_API_URL": "http://127.0.0.1:8001"}, ["stormcom.E004"]),
        ({"FACEBOOK_DIALOG_URL": "http://localhost:8001/dialog"}, ["stormcom.E004"]),
        ({"APP_BASE_URL": "http://shop.example"}, ["stormcom.E005"]),
        ({"PICTURES_FROM_PRIVATE_ADDRESSES": True}, ["stormcom.E009"]),
        ({"DEBUG": True}, ["stormcom.E006"]),
        ({"META_MODE": "sandbox"}, ["stormcom.W001"]),
    ],
)
def test_each_fault_has_its_id(changes: dict[str, Any], expected: list[str], settings: Any) -> None:
    assert ids(settings, **(LIVE | changes)) == expected


def test_a_retention_shorter_than_meta_sends_again_is_refused(settings: Any) -> None:
    assert check_retention(None) == []
    settings.WEBHOOK_RETENTION_DAYS = 2
    assert [message.id for message in check_retention(None)] == ["stormcom.E020"]
    settings.WEBHOOK_RETENTION_DAYS, settings.WEBHOOK_PARKED_RETENTION_DAYS = 30, 29
    assert [message.id for message in check_retention(None)] == ["stormcom.E021"]


def test_every_check_says_what_to_do(settings: Any) -> None:
    for name, value in {"META_MODE": "live", "FERNET_KEYS": []}.items():
        setattr(settings, name, value)
    assert all(message.hint for message in [*check_secrets(None), *check_meta(None)])


TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("v26.0", []),
        ("v25.0", []),
        ("v24.0", ["stormcom.E008"]),  # catalogs and leads ended on 6 October
        ("v21.0", ["stormcom.E008"]),
        ("v18.0", ["stormcom.E008"]),
        ("v27.0", ["stormcom.E007"]),
        ("26", ["stormcom.E007"]),
    ],
)
def test_a_version_that_meta_has_ended_is_refused(version: str, expected: list[str]) -> None:
    assert [message.id for message in _graph_version(version, today=TODAY)] == expected


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2027, 7, 29), []),
        (date(2027, 7, 30), ["stormcom.W002"]),
        (date(2028, 7, 28), ["stormcom.W002"]),
        (date(2028, 7, 29), ["stormcom.E008"]),
    ],
)
def test_the_end_of_a_version_is_told_a_year_before(today: date, expected: list[str]) -> None:
    found = list(_graph_version("v25.0", today=today))
    assert [message.id for message in found] == expected
    assert all(message.hint for message in found)


def test_the_version_of_today_is_well() -> None:
    assert check_graph_version(None) == []
