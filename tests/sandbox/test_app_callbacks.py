"""What Meta posts to the app when a person removes it, and when they ask to be forgotten."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests

from tests.sandbox.conftest import ADA, APP_SECRET, BEN, Meta, error_of


@dataclass
class Dashboard:
    """The app's two callback addresses, with the forms that came in."""

    url: str = ""
    forms: list[tuple[str, str]] = field(default_factory=list)
    """Path and signed_request."""

    def wait_for(self, count: int) -> list[tuple[str, str]]:
        end = time.monotonic() + 5
        while len(self.forms) < count and time.monotonic() < end:
            time.sleep(0.01)
        assert len(self.forms) == count
        return self.forms


@pytest.fixture
def dashboard(meta: Meta) -> Iterator[Dashboard]:
    told = Dashboard()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            told.forms.append((self.path, form["signed_request"][0]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"url": "http://shop.example/erase/k9x2", "confirmation_code": "k9x2"}')

        def log_message(self, *arguments: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    told.url = f"http://127.0.0.1:{server.server_address[1]}"
    meta.control("callbacks", deauthorize=f"{told.url}/gone", data_deletion=f"{told.url}/erase")
    yield told
    server.shutdown()
    server.server_close()


def payload_of(signed: str) -> dict[str, Any]:
    """Check the signature as Meta's documentation tells apps to, and return what was signed."""
    signature, _, encoded = signed.partition(".")
    assert "=" not in signed
    expected = hmac.new(APP_SECRET.encode(), encoded.encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)) == expected
    facts: dict[str, Any] = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return facts


def test_giving_back_all_permissions_tells_the_app_who_left(meta: Meta, dashboard: Dashboard) -> None:
    token = meta.login()

    assert meta.delete("me/permissions", token) == {"success": True}

    [(path, signed)] = dashboard.wait_for(1)
    facts = payload_of(signed)
    assert path == "/gone"
    assert (facts["algorithm"], facts["user_id"]) == ("HMAC-SHA256", ADA)
    assert facts["expires"] - facts["issued_at"] == 3600
    assert error_of(meta.get("me", token)) == (190, 458)


def test_giving_back_one_permission_tells_nobody(meta: Meta, dashboard: Dashboard) -> None:
    token = meta.login()

    meta.delete("me/permissions/email", token)

    assert meta.world.removals == {}
    assert not [d for d in meta.world.deliveries.values() if d.object == "callback"]


def test_a_person_removes_the_app_on_the_page_and_asks_to_be_forgotten(
    meta: Meta, dashboard: Dashboard
) -> None:
    meta.login()
    requests.post(f"{meta.url}/apps/{ADA}/remove", timeout=10)
    dashboard.wait_for(1)

    page = requests.post(f"{meta.url}/apps/{ADA}/forget", timeout=10).text

    assert [path for path, _ in dashboard.forms] == ["/gone", "/erase"]
    assert payload_of(dashboard.forms[1][1])["user_id"] == ADA
    assert 'Code <strong>k9x2</strong>: <a href="http://shop.example/erase/k9x2">' in page


def test_asking_to_be_forgotten_comes_after_removing(meta: Meta, dashboard: Dashboard) -> None:
    meta.login()

    answer = requests.post(f"{meta.url}/_sandbox/data-deletion", json={"user_id": ADA}, timeout=10)

    assert (answer.status_code, answer.json()) == (400, {"error": "Ada Hazel has not removed the app"})
    assert requests.post(f"{meta.url}/apps/{BEN}/remove", timeout=10).status_code == 404
    assert dashboard.forms == []


def test_logging_in_again_takes_the_removal_back(meta: Meta, dashboard: Dashboard) -> None:
    meta.login()
    meta.control("remove-app", user_id=ADA)

    meta.login()

    assert meta.world.removals == {}
    assert ADA in meta.world.grants
