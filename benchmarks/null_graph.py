"""A server that answers each call at once with the same small page and a usage header that rises."""

from __future__ import annotations

import asyncio
import itertools
import json

PORT = 18710
_BODY = json.dumps({"data": [{"id": f"t_{number}"} for number in range(3)], "paging": {}}).encode()
_numbers = itertools.count()


def _answer() -> bytes:
    entry = {
        "type": "messenger",
        "call_count": next(_numbers) // 20 % 60,
        "total_cputime": 3,
        "total_time": 4,
        "estimated_time_to_regain_access": 0,
    }
    usage = json.dumps({"100200300400501": [entry]})
    head = (
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nfacebook-api-version: v26.0\r\n"
        f"x-business-use-case-usage: {usage}\r\ncontent-length: {len(_BODY)}\r\n\r\n"
    )
    return head.encode() + _BODY


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(_answer())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", PORT)
    print("listening", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
