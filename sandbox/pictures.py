"""A picture for each Page and account: a small PNG whose colour comes from its id."""

import struct
import zlib
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.call import Call
from sandbox.models import JSON

SIZE = 96


def picture_of(call: Call, node: Any) -> JSON:
    return {
        "data": {"height": SIZE, "width": SIZE, "is_silhouette": False, "url": picture_url(call, node)},
    }


def picture_url(call: Call, node: Any) -> str:
    return f"{call.origin}/_sandbox/picture/{node.id}.png"


def draw(key: str) -> bytes:
    """Return a PNG: a lighter disc on a ground of the key's own colour."""
    seed = zlib.crc32(key.encode())
    ground = bytes(60 + (seed >> shift) % 120 for shift in (0, 8, 16))
    disc = bytes(min(255, value + 60) for value in ground)
    middle, radius = SIZE / 2, SIZE * 0.34
    rows = bytearray()
    for y in range(SIZE):
        rows.append(0)
        for x in range(SIZE):
            inside = (x - middle) ** 2 + (y - middle) ** 2 < radius**2
            rows += disc if inside else ground
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


async def show(request: Request) -> Response:
    return Response(draw(str(request.path_params["key"])), media_type="image/png")


ROUTES = [Route("/_sandbox/picture/{key}.png", show)]
