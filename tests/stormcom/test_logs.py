from __future__ import annotations

import logging
import sys
from typing import Any

import pytest
import structlog
from django.conf import settings

from stormcom.logs import make_formatter


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
    assert "SECRET" not in line("Unexpected header: %s", f"Token {key}")


def test_an_exception_is_logged_without_what_is_secret_in_it() -> None:
    try:
        raise ConnectionError(
            "for url: /v26.0/me?access_token=EAASECRETsecretSECRET&limit=3, Bearer SECRETSECRET"
        )
    except ConnectionError:
        record = logging.LogRecord("app", logging.ERROR, "", 1, "It failed", (), sys.exc_info())
    written = make_formatter().format(record)
    assert "SECRET" not in written
    assert "ConnectionError: for url: /v26.0/me?access_token=•••&limit=3" in written


def test_a_value_that_is_no_text_is_logged_without_what_is_secret_in_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logger = structlog.get_logger("of this test")
    logging.getLogger("of this test").addHandler(handler := logging.StreamHandler())
    handler.setFormatter(make_formatter())
    logger.warning(
        "It failed", params={"access_token": "SECRET", "limit": 3}, body=b'{"client_secret":"SECRET"}'
    )
    written = capsys.readouterr().err
    assert "It failed" in written
    assert "SECRET" not in written


def test_what_is_no_secret_stays_readable() -> None:
    assert "/s/hazel-home/orders/?page=2" in line("GET /s/hazel-home/orders/?page=2")


@pytest.mark.parametrize("name", ["uvicorn", "uvicorn.access"])
def test_the_web_servers_lines_go_through_our_handler(name: str) -> None:
    wiring: dict[str, Any] = settings.LOGGING
    assert wiring["loggers"][name] == {"handlers": [], "propagate": True}
    assert wiring["root"]["handlers"] == ["stderr"]
