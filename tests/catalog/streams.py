"""What a streamed answer says, read as the server reads it."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync


def read_stream(response: Any) -> bytes:
    async def read() -> bytes:
        return b"".join([part async for part in response.streaming_content])

    return async_to_sync(read)()
