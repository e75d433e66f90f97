"""The two limits that the webhook door is held against: the least code that does the same durable work.

`one_insert` (limit A): HMAC, one INSERT and commit for each body. `group_commit` (limit B): the bodies that
wait at the same moment in one INSERT and commit. No framework, no settings, no size limit, no error handling.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool

CONNINFO = os.environ.get("BENCH_CONNINFO", "")
SECRET = b"sandbox-app-secret"
ONE = "INSERT INTO integrations_webhookdelivery (body, signed_by) VALUES (%s, %s)"
MANY = (
    "INSERT INTO integrations_webhookdelivery (body, signed_by) SELECT * FROM unnest(%s::bytea[], %s::text[])"
)

_waiting: list[tuple[bytes, asyncio.Future[None]]] = []
_resources: dict[str, Any] = {}


async def one_insert(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send, opened=_open_pool)
        return
    body = await _checked_body(scope, receive)
    async with _resources["pool"].connection() as connection:
        await connection.execute(ONE, [body, "facebook"])
    await _answer(send)


async def group_commit(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send, opened=_open_writer)
        return
    body = await _checked_body(scope, receive)
    stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    _waiting.append((body, stored))
    _resources["wake"].set()
    await stored
    await _answer(send)


async def _open_pool() -> None:
    pool = AsyncConnectionPool(CONNINFO, min_size=8, max_size=8, open=False, kwargs={"autocommit": True})
    await pool.open(wait=True)
    _resources["pool"] = pool


async def _open_writer() -> None:
    connection = await psycopg.AsyncConnection.connect(CONNINFO, autocommit=True)
    _resources["wake"] = asyncio.Event()
    _resources["writer"] = asyncio.create_task(_write(connection, _resources["wake"]))


async def _write(connection: psycopg.AsyncConnection, wake: asyncio.Event) -> None:
    while True:
        await wake.wait()
        wake.clear()
        batch = _waiting[:]
        _waiting.clear()
        await connection.execute(MANY, [[body for body, _ in batch], ["facebook"] * len(batch)])
        for _, stored in batch:
            stored.set_result(None)


async def _checked_body(scope: Any, receive: Any) -> bytes:
    chunks, more = [], True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    body = b"".join(chunks)
    given = dict(scope["headers"])[b"x-hub-signature-256"].decode()
    expected = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(given, expected):
        raise ValueError("the benchmark signs every body")
    return body


async def _answer(send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


async def _live(receive: Any, send: Any, *, opened: Any) -> None:
    await receive()
    await opened()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
