"""A pretend Meta in a thread, driven over real HTTP, and somebody who listens to its events."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import uvicorn

from sandbox.app import create_app
from sandbox.seed import seeded
from sandbox.world import World

APP_ID, APP_SECRET = "1000000000000001", "sandbox-app-secret"
APP_TOKEN = f"{APP_ID}|{APP_SECRET}"
ADA, BEN = "70001", "70002"
HAZEL, OUTLET, ARCHIVE, BOLT = "100200300400501", "100200300400502", "100200300400503", "100200300400601"
HAZEL_INSTAGRAM = "17841400000000501"
MAYA_ON_HAZEL = "7100000501000101"
CATALOG, FORM = "800100", "300100"
REDIRECT = "http://shop.example/callback"
SCOPES = [
    "email",
    "pages_show_list",
    "pages_messaging",
    "pages_manage_metadata",
    "pages_manage_ads",
    "instagram_basic",
    "instagram_manage_messages",
    "instagram_shopping_tag_products",
    "business_management",
    "catalog_management",
    "leads_retrieval",
]
MESSAGE_FIELDS = (
    "messages,message_echoes,message_deliveries,message_reads,messaging_postbacks,message_edits,"
    "message_reactions,messaging_referrals,send_cart,leadgen"
)


@dataclass
class Listener:
    """An app's webhook address: checks each signature and keeps the bodies."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    """Statuses for the next events; 200 when there is none left."""
    seconds: float = 0
    challenge_answer: str | None = None

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in list(self.bodies)]

    def wait_for(self, count: int, seconds: float = 5) -> list[dict[str, Any]]:
        end = time.monotonic() + seconds
        while len(self.bodies) < count and time.monotonic() < end:
            time.sleep(0.01)
        assert len(self.bodies) == count
        return self.events


def _handler(listener: Listener) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            trusted = query["hub.verify_token"] == ["let-me-in"] and query["hub.mode"] == ["subscribe"]
            self.send_response(200 if trusted else 403)
            self.end_headers()
            self.wfile.write((listener.challenge_answer or query["hub.challenge"][0]).encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            for name, algorithm in (("X-Hub-Signature-256", "sha256"), ("X-Hub-Signature", "sha1")):
                signature = hmac.new(APP_SECRET.encode(), body, algorithm).hexdigest()
                assert self.headers[name] == f"{algorithm}={signature}"
            time.sleep(listener.seconds)
            status = listener.answers.pop(0) if listener.answers else 200
            listener.bodies.append(body)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            return

    return Handler


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(listener))
    server.daemon_threads = True
    listener.url = f"http://127.0.0.1:{server.server_address[1]}/webhooks"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield listener
    server.shutdown()
    server.server_close()


@dataclass
class Meta:
    url: str
    world: World

    def get(self, path: str, token: str = "", **params: Any) -> Any:
        return self.ask("GET", path, token, **params).json()

    def post(self, path: str, token: str = "", **params: Any) -> Any:
        return self.ask("POST", path, token, **params).json()

    def delete(self, path: str, token: str = "", **params: Any) -> Any:
        return self.ask("DELETE", path, token, **params).json()

    def ask(self, method: str, path: str, token: str = "", **params: Any) -> requests.Response:
        """Send a Graph call with nested values as JSON text, as Meta's SDK does."""
        sent = {k: v if isinstance(v, str) else json.dumps(v) for k, v in params.items()}
        if token:
            sent["access_token"] = token
        url = f"{self.url}/v26.0/{path}"
        if method == "POST":
            return requests.post(url, data=sent, timeout=10)
        return requests.request(method, url, params=sent, timeout=10)

    def control(self, path: str, **body: Any) -> Any:
        answer = requests.post(f"{self.url}/_sandbox/{path}", json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def consent(
        self,
        *,
        user: str = ADA,
        pages: tuple[str, ...] = (HAZEL, OUTLET, ARCHIVE),
        asked: list[str] | None = None,
        ticked: list[str] | None = None,
        decision: str = "continue",
        **query: str,
    ) -> dict[str, str]:
        """Fill in the login dialog; returns the parameters the redirect address gets."""
        asked = SCOPES if asked is None else asked
        form = {
            "user": user,
            "pages": pages,
            "scopes": asked if ticked is None else ticked,
            "decision": decision,
        }
        query = {
            "client_id": APP_ID,
            "redirect_uri": REDIRECT,
            "scope": ",".join(asked),
            "state": "s1",
        } | query
        answer = requests.post(
            f"{self.url}/v26.0/dialog/oauth", params=query, data=form, allow_redirects=False, timeout=10
        )
        assert answer.status_code == 302, answer.text
        parts = urlsplit(answer.headers["location"])
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == query["redirect_uri"]
        return {name: values[0] for name, values in parse_qs(parts.query).items()}

    def redeem(self, code: str, **params: str) -> Any:
        client = {"client_id": APP_ID, "client_secret": APP_SECRET, "redirect_uri": REDIRECT, "code": code}
        return self.get("oauth/access_token", **(client | params))

    def login(self, **choices: Any) -> str:
        token: str = self.redeem(self.consent(**choices)["code"])["access_token"]
        return token

    def page_token(self, page_id: str = HAZEL, **choices: Any) -> str:
        token: str = self.get(page_id, self.login(**choices), fields="access_token")["access_token"]
        return token

    def subscribe(self, listener: Listener, page_id: str = HAZEL) -> str:
        """Subscribe app and Page; returns the Page token."""
        for name, fields in (
            ("page", MESSAGE_FIELDS),
            ("instagram", "messages,messaging_seen,messaging_referral"),
            ("catalog", "items_batch"),
        ):
            answer = self.post(
                f"{APP_ID}/subscriptions",
                APP_TOKEN,
                object=name,
                callback_url=listener.url,
                verify_token="let-me-in",
                fields=fields,
            )
            assert answer == {"success": True}
        token = self.page_token(page_id)
        assert self.post(f"{page_id}/subscribed_apps", token, subscribed_fields=MESSAGE_FIELDS) == {
            "success": True
        }
        return token


@pytest.fixture(scope="session")
def running_meta() -> Iterator[Meta]:
    world = seeded()
    server = uvicorn.Server(uvicorn.Config(create_app(world), port=0, log_level="warning", lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Meta(f"http://127.0.0.1:{port}", world)
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def meta(running_meta: Meta) -> Meta:
    running_meta.control("reset", seed=0)
    return running_meta


def item(retailer_id: str, /, **fields: Any) -> dict[str, Any]:
    """Return the row of a batch that creates or changes a whole item."""
    data = {
        "id": retailer_id,
        "title": "Oak lamp",
        "description": "A lamp of oak.",
        "availability": "in stock",
        "condition": "new",
        "price": "48.00 GBP",
        "link": "https://shop.example/lamp",
        "image_link": "https://shop.example/lamp.jpg",
        "brand": "Hazel",
    }
    return {"method": "UPDATE", "data": data | fields}


def wait_until(done: Callable[[], Any], seconds: float = 5) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := done():
            return answer
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


def error_of(answer: Any) -> tuple[int, int | None]:
    return answer["error"]["code"], answer["error"].get("error_subcode")


def proof(token: str) -> str:
    return hmac.new(APP_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
