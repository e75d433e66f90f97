from __future__ import annotations

from typing import Any

import pytest

from stormcom.checks import check_meta, check_secrets

LIVE = {
    "META_MODE": "live",
    "FACEBOOK_APP_ID": "1",
    "FACEBOOK_APP_SECRET": "s",
    "FACEBOOK_VERIFY_TOKEN": "v",
    "GRAPH_API_URL": "https://graph.facebook.com",
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
        ({"DEBUG": True}, ["stormcom.E006"]),
        ({"META_MODE": "sandbox"}, ["stormcom.W001"]),
    ],
)
def test_each_fault_has_its_id(changes: dict[str, Any], expected: list[str], settings: Any) -> None:
    assert ids(settings, **(LIVE | changes)) == expected


def test_every_check_says_what_to_do(settings: Any) -> None:
    for name, value in {"META_MODE": "live", "FERNET_KEYS": []}.items():
        setattr(settings, name, value)
    assert all(message.hint for message in [*check_secrets(None), *check_meta(None)])
