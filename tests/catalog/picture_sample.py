"""Files as telephones, designers and mistakes make them, and a host that serves them."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image

GPS_TAG, ORIENTATION, CAMERA = 0x8825, 0x0112, 0x0110


def picture(
    kind: str = "JPEG", width: int = 600, height: int = 600, *, colour: Any = "teal", mode: str = "RGB"
) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height), colour).save(out, kind)
    return out.getvalue()


def photo(*, orientation: int = 6, width: int = 800, height: int = 600) -> bytes:
    """Make a JPEG that lies on its side and says where it was taken, with a red left half."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("red", (0, 0, width // 2, height))
    exif = Image.Exif()
    exif[ORIENTATION], exif[CAMERA] = orientation, "Camera of Olive"
    exif.get_ifd(GPS_TAG)[1] = "N"
    exif.get_ifd(GPS_TAG)[2] = (51.0, 30.0, 0.0)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def moving(kind: str = "GIF") -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (600, 600), colour) for colour in ("red", "blue")]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=200)
    return out.getvalue()


def bomb(width: int = 10_000) -> bytes:
    """Make a PNG of 100 million pixels in a few kilobytes."""
    out = io.BytesIO()
    Image.new("1", (width, 10_000)).save(out, "PNG")
    return out.getvalue()


def double() -> bytes:
    """Make a photo as telephones do: a JPEG with a second picture, of its brightness, behind it."""
    out = io.BytesIO()
    image, other = Image.new("RGB", (800, 600), "teal"), Image.new("RGB", (400, 300))
    image.save(out, "MPO", save_all=True, append_images=[other])
    return out.getvalue()


PAGE = b"<!DOCTYPE html><html><head><title>Not found</title></head><body>Sorry</body></html>"
DRAWING = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@dataclass
class Host:
    """A host on this machine: what it answers by path, and which paths were asked for."""

    url: str
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def serve(self, path: str, body: bytes, *, status: int = 200, **headers: str) -> str:
        self.answers[path] = (
            status,
            {name.replace("_", "-"): value for name, value in headers.items()},
            body,
        )
        return f"{self.url}{path}"


@contextmanager
def running_host() -> Iterator[Host]:
    host = Host("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.asked.append(self.path)
            status, headers, body = host.answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
