"""A server that takes every batch of items at once, says that it is finished, and remembers when it came."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

Arrival = tuple[float, bytes]
"""When the whole of a call was there (time.monotonic), and its body."""

FINISHED = json.dumps({"data": [{"status": "finished", "errors_total_count": 0}]}).encode()


class NullCatalogs(ThreadingHTTPServer):
    """Reads bodies only when it is asked what came: nothing of that is in a measured time."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.arrivals: list[Arrival] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: NullCatalogs

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if not self.path.endswith("/items_batch"):
            return self._answer(b'{"success": true}')
        self.server.arrivals.append((time.monotonic(), body))
        self._answer(json.dumps({"handles": [f"h{id(body)}-{time.monotonic_ns()}"]}).encode())

    def do_GET(self) -> None:
        self._answer(FINISHED if "check_batch" in self.path else b'{"data": [], "name": "Shop"}')

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("facebook-api-version", "v26.0")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def running_catalogs() -> Iterator[NullCatalogs]:
    with NullCatalogs() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def read_rows(body: bytes) -> list[dict[str, Any]]:
    """Return the rows of one call, as they were sent."""
    requests: list[dict[str, Any]] = json.loads(parse_qs(body.decode())["requests"][0])
    return requests
