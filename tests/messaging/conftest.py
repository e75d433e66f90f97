"""A Page connected to the sandbox, whose signed events come to a letter box and are handed in when told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse

from integrations.graph.accounts import subscribe_app
from integrations.models import ConnectedPage
from integrations.permissions import APP_FIELDS
from messaging.models import Conversation
from tenancy.scope import open_store
from tests.sandbox_process import Sandbox

ARRIVAL_SECONDS = 10

Deliver = Callable[[bytes], HttpResponse]


class LetterBox:
    """Holds the bodies that the sandbox posted, in the order of their arrival."""

    def __init__(self, deliver: Deliver) -> None:
        self.bodies: list[bytes] = []
        self._deliver = deliver

    def wait_for(self, count: int) -> list[bytes]:
        """Return the bodies once there are `count`; fails when there are fewer or more."""
        end = time.monotonic() + ARRIVAL_SECONDS
        while len(self.bodies) < count and time.monotonic() < end:
            time.sleep(0.02)
        assert len(self.bodies) == count, self.bodies
        return self.bodies

    def hand_in(self, count: int) -> None:
        """Wait for `count` bodies, hand them in as Meta would, and empty the box."""
        bodies = self.wait_for(count)
        self.bodies = []
        for body in bodies:
            assert self._deliver(body).status_code == 200


def _answering(box: LetterBox) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(parse_qs(urlsplit(self.path).query)["hub.challenge"][0].encode())

        def do_POST(self) -> None:
            box.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(b"")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    return Door


@pytest.fixture
def letter_box(connected_page: ConnectedPage, deliver: Deliver) -> Iterator[LetterBox]:
    """Where the sandbox sends the events of Hazel Home and of its Instagram account."""
    box = LetterBox(deliver)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(box))
    Thread(target=server.serve_forever, daemon=True).start()
    for object_ in ("page", "instagram"):
        callback_url = f"http://127.0.0.1:{server.server_port}/webhooks/facebook"
        subscribe_app(object_=object_, fields=APP_FIELDS[object_], callback_url=callback_url)
    yield box
    server.shutdown()
    server.server_close()


BuyerWrites = Callable[..., Conversation]


@pytest.fixture
def buyer_writes(sandbox: Sandbox, letter_box: LetterBox, connected_page: ConnectedPage) -> BuyerWrites:
    """Have a buyer write in the sandbox, hand the event in, and return the conversation."""

    def write(text: str, *, buyer: str = "Maya Iyer", platform: str = "messenger") -> Conversation:
        facts = {"page_id": connected_page.page_id, "buyer": buyer, "text": text, "platform": platform}
        sender = sandbox.post("message", facts)["sender_id"]
        letter_box.hand_in(1)
        with open_store(connected_page.store_id):
            found: Conversation = Conversation.objects.select_related("contact").get(
                contact__person_id=sender
            )
            return found

    return write
