from __future__ import annotations

import logging
from typing import Any

import pytest
from django.conf import settings

from stormcom.logs import _hide_tokens, make_formatter


def line(words: str, *args: object) -> str:
    return make_formatter().format(
        logging.LogRecord("uvicorn.access", logging.INFO, "", 1, words, args, None)
    )


@pytest.mark.parametrize(
    "address",
    [
        "/api/integrations/facebook/oauth/callback?code=SECRET&granted_scopes=a",
        "/webhooks/facebook?hub.mode=subscribe&hub.verify_token=SECRET",
        "/v26.0/me?fields=id&access_token=SECRET",
        "/oauth/access_token?client_secret=SECRET&fb_exchange_token=SECRET",
        "/invitations/SECRET/",
        "/accounts/password/reset/key/SECRET/",
        "/accounts/confirm-email/SECRET/",
    ],
)
def test_an_address_is_logged_without_what_is_secret_in_it(address: str) -> None:
    written = line('%s - "%s %s HTTP/%s" %d', "127.0.0.1", "GET", address, "1.1", 200)
    assert "SECRET" not in written
    assert "127.0.0.1" in written


def test_a_key_of_a_store_is_hidden_wherever_it_stands() -> None:
    key = "stc_SECRETsecretSECRETsecret-_42"
    record = {"event": f"asked with {key}", "header": f"Bearer {key}", "_record": None}
    assert "SECRET" not in line("Unexpected header: %s", f"Token {key}")
    assert "SECRET" not in str(_hide_tokens(None, "", record))


def test_what_is_no_secret_stays_readable() -> None:
    assert "/s/hazel-home/orders/?page=2" in line("GET /s/hazel-home/orders/?page=2")


@pytest.mark.parametrize("name", ["uvicorn", "uvicorn.access"])
def test_the_web_servers_lines_go_through_our_handler(name: str) -> None:
    wiring: dict[str, Any] = settings.LOGGING
    assert wiring["loggers"][name] == {"handlers": [], "propagate": True}
    assert wiring["root"]["handlers"] == ["stderr"]
