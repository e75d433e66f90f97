"""One writer, one connection, one INSERT for all bodies that wait at the same moment."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import psycopg
import structlog
from django.db import connections

from integrations.webhooks.intake import INSERT_DELIVERIES, insert_values

QUEUE_LIMIT = 2000
"""Bodies that may wait; above it a sender is told 503 at once instead of being kept hanging."""
BATCH_ROWS = 256
BATCH_BYTES = 16 * 1024 * 1024

log = structlog.get_logger()


class NotStored(Exception):
    """The body is not in the database, and nobody may be told that it is."""


@dataclass(slots=True)  # one for each body: frozen ones take thrice as long to make
class Waiting:
    body: bytes
    signed_by: str
    done: asyncio.Future[None]


class GroupCommit:
    """Stores bodies durably. `add` returns after the commit that holds the body."""

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        self._connection: psycopg.AsyncConnection | None = None

    async def add(self, body: bytes, signed_by: str) -> None:
        """Store one body, or raise NotStored."""
        if len(self._waiting) >= QUEUE_LIMIT:
            raise NotStored
        row = Waiting(body, signed_by, asyncio.get_running_loop().create_future())
        self._waiting.append(row)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        await row.done

    async def close(self) -> None:
        """Store what still waits, and let the connection go."""
        if self._writer:
            await self._writer
        if self._connection:
            await self._connection.close()

    async def _write_all(self) -> None:
        while self._waiting:
            batch = self._take_batch()
            try:
                await self._write(batch)
            except psycopg.Error as error:
                log.error("webhook_not_stored", rows=len(batch), error=str(error))
                _finish(batch, NotStored())
            except BaseException:
                _finish(batch, NotStored())
                raise

    def _take_batch(self) -> list[Waiting]:
        size = count = 0
        for row in self._waiting[:BATCH_ROWS]:
            size += len(row.body)
            if count and size > BATCH_BYTES:
                break
            count += 1
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        return batch

    async def _write(self, batch: list[Waiting]) -> None:
        try:
            try:
                await self._insert(batch)
            except psycopg.OperationalError:  # the server went away: once more on a new connection
                await self._insert(batch)
        except psycopg.Error:
            if self._connection is None or self._connection.closed or len(batch) == 1:
                raise
            await self._write_singly(batch)
        else:
            _finish(batch, None)

    async def _write_singly(self, batch: list[Waiting]) -> None:
        """A row that a living PostgreSQL refuses fails alone."""
        for row in batch:
            try:
                await self._insert([row])
                _finish([row], None)
            except psycopg.Error as error:
                log.error("webhook_refused_by_database", error=str(error))
                _finish([row], NotStored())

    async def _insert(self, batch: list[Waiting]) -> None:
        if self._connection is None or self._connection.closed:
            self._connection = await _connect()
        values = insert_values([(row.body, row.signed_by) for row in batch])
        await self._connection.execute(INSERT_DELIVERIES, values)


async def _connect() -> psycopg.AsyncConnection:
    params = connections["default"].get_connection_params()
    wanted = {key: value for key, value in params.items() if key not in ("context", "cursor_factory")}
    # Django prepares no statement, for the sake of poolers; here one statement is all that is ever sent.
    wanted |= {"autocommit": True, "connect_timeout": 3, "prepare_threshold": 1}
    return await psycopg.AsyncConnection.connect(**wanted)


def _finish(batch: list[Waiting], error: Exception | None) -> None:
    for row in batch:
        if row.done.done():  # the sender hung up
            continue
        if error is None:
            row.done.set_result(None)
        else:
            row.done.set_exception(error)
