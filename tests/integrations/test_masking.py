"""What staff may see of Meta's bodies: everything but secrets, wherever these hide."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from integrations.models import WebhookDelivery, WebhookEvent
from integrations.webhooks.masking import masked_body, masked_text
from tenancy.models import Store, User
from tests.operations.sample import make_event

SECRET = "EAABwzLixnjYBO4QZBfZC"
PLAIN = "hidden-value"


def masked(value: Any) -> Any:
    return json.loads(masked_body(json.dumps(value).encode()))


@pytest.mark.parametrize(
    "key",
    [
        "access_token",
        "merchant_access_token",
        "pageAccessToken",
        "system-user-token",
        "code",
        "Code",
        "authorization_code",
        "signed_request",
        "appsecret_proof",
        "app_secret",
        "access_key",
        "accessKeyId",
        "api_key",
        "password",
        "signature",
    ],
)
def test_a_secret_is_masked_by_its_name(key: str) -> None:
    assert masked({"value": [{key: PLAIN, "page_id": "7"}]}) == {"value": [{key: "•••", "page_id": "7"}]}


def test_a_secret_that_is_a_whole_object_is_masked_as_a_whole() -> None:
    assert masked({"tokens": {"page": PLAIN}, "pages": ["1"]}) == {"tokens": "•••", "pages": ["1"]}


def test_what_looks_like_a_token_is_masked_under_any_name() -> None:
    body = {"note": f"use {SECRET} here", SECRET: 1, "app": "123456789012345|AbCdEfGhIjKlMnOp"}
    assert masked(body) == {"note": "use ••• here", "•••": 1, "app": "•••"}


def test_a_key_of_a_store_is_masked_and_how_it_begins_is_not() -> None:
    assert masked({"note": "we use stc_hiddenVALUE-_0123", "hint": "stc_hidd…"}) == {
        "note": "we use •••",
        "hint": "stc_hidd…",
    }


def test_json_inside_a_string_is_masked_however_deep() -> None:
    inner = json.dumps({"access_token": PLAIN, "more": json.dumps({"code": PLAIN, "kept": "yes"})})
    outer = masked({"payload": inner})
    read = json.loads(outer["payload"])
    assert read["access_token"] == "•••"
    assert json.loads(read["more"]) == {"code": "•••", "kept": "yes"}


def test_secrets_in_an_address_are_masked_and_the_rest_of_it_stays() -> None:
    address = f"https://shop.example/back?code={PLAIN}&page=7&access_token={PLAIN}"
    assert masked({"url": address})["url"] == "https://shop.example/back?code=•••&page=7&access_token=•••"


def test_what_is_no_secret_stays() -> None:
    body = {
        "error": {"code": 190, "token_known": True},
        "text": "It costs 5, EAAsy",
        "mid": "m_AbEAAxyz1234567",
    }
    assert masked(body) == body


def test_a_body_that_is_no_json_is_masked_too() -> None:
    assert PLAIN not in masked_body(f"access_token={PLAIN}&x=1".encode())
    assert PLAIN not in masked_body(f'{{"access_token": "{PLAIN}", '.encode())
    assert "x=1" in masked_body(b"access_token=a&x=1")


def test_a_lone_surrogate_can_be_shown() -> None:
    assert masked_body(b'{"text": "a\\ud800b"}').encode() == b'{\n  "text": "a?b"\n}'


def test_a_traceback_shows_no_secret() -> None:
    trace = f"""  File "capture.py", line 9, in fetch
GraphError: Refused (190/463): {{'access_token': '{PLAIN}', "client_secret": "{PLAIN} {PLAIN}"}}
Authorization: Bearer {PLAIN} and {SECRET} and {{\\"code\\": \\"{PLAIN}\\"}} code=190"""
    shown = masked_text(trace)
    assert PLAIN not in shown
    assert SECRET not in shown
    assert "Refused (190/463)" in shown
    assert "code=190" in shown


@pytest.mark.parametrize(
    "part", [b"token", b"a.", b"token=", b'token="', b"code:", b"EAA", b"1", b"\\", b"["]
)
def test_masking_takes_time_by_length_only(part: bytes) -> None:
    body = part * (1_000_000 // len(part))
    started = time.perf_counter()
    masked_body(body)
    assert time.perf_counter() - started < 5


def test_the_admin_shows_bodies_items_and_tracebacks_without_secrets(
    store: Store, client_of: Callable[[User], Client]
) -> None:
    body = json.dumps({"object": "user", "value": {"access_token": PLAIN, "note": SECRET}})
    event = make_event(store, "parked", item=body, traceback=f"ValueError: access_token={PLAIN}")
    WebhookDelivery.objects.filter(pk=event.delivery_id).update(body=body.encode())
    client = client_of(User.objects.create_superuser("root@platform.example", "pass-phrase-77"))
    for path in (f"webhookevent/{event.pk}", f"webhookdelivery/{event.delivery_id}"):
        page = client.get(f"/admin/integrations/{path}/change/").content.decode()
        assert PLAIN not in page
        assert SECRET not in page
        assert "•••" in page
    assert WebhookEvent.objects.get().item == body
