"""Who looks at which store in this web process, and telling them what changed.

A word from Redis is only the reason to look at once: what is told is read from the database, once for all
pages of a store, and what was lost on the way is found by the next look. Everything here runs in the event
loop; a look borrows a thread and a database connection for its milliseconds, a waiting page holds neither.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from django.db import Error

from operations.live.listener import Listener
from operations.live.look import OVERLAP, Guest, Look, gives_back, list_gone, look
from operations.rail import RailNumbers

HEARTBEAT_SECONDS = 15.0
"""How often a page hears that all is quiet, and how long a lost word may stay unnoticed."""
DEAF_SECONDS = 2.0
"""The same while Redis is away."""
PAUSE_SECONDS = 0.1
"""Between two looks at one store: a flood of changes is told in ten parts a second."""
LOOKS_AT_A_TIME = 3
"""Of the connections that pages share, no more are lent to looks."""
PROCESS_LIMIT = 1000
PERSON_LIMIT = 12

log = structlog.get_logger()
seats: Counter[int] = Counter()
"""Open streams of this process by person."""


def has_room(user_id: int) -> bool:
    """Say whether one more stream may be opened."""
    return seats[user_id] < PERSON_LIMIT and seats.total() < PROCESS_LIMIT


@dataclass(eq=False)
class Reader:
    """One open page: how far it knows the store, and what it has yet to be told."""

    guest: Guest
    cursor: datetime
    known: dict[str, int] = field(default_factory=dict)
    rail: RailNumbers | None = None
    news: dict[str, Any] = field(default_factory=dict)
    has_ended: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, found: Look) -> None:
        """Add what is new to this page. Bounded: what it has not taken yet gives way to what is newer."""
        seen = [one for one in found.changes if one.changed_at > self.cursor - OVERLAP]
        new = {one.uuid: one.revision for one in seen if self.known.get(one.uuid, -1) < one.revision}
        if self.cursor < found.reaches_back_to:
            self.news["all"] = True
        elif new:
            self.news.setdefault("conversations", {}).update(new)
        if found.rail != self.rail:
            self.news["rail"] = self.rail = found.rail
        self.known = {one.uuid: one.revision for one in seen}
        self.cursor = max(self.cursor, found.at)
        if self.news:
            self.wake.set()

    def end(self) -> None:
        self.has_ended = True
        self.wake.set()

    async def take(self) -> dict[str, Any]:
        """Wait for news and return it; nothing after a heartbeat's time of quiet."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.wake.wait(), HEARTBEAT_SECONDS)
        self.wake.clear()
        news, self.news = self.news, {}
        return news


class Room:
    """The readers of one store."""

    def __init__(self, store_id: int, hub: Hub) -> None:
        self.store_id = store_id
        self.readers: set[Reader] = set()
        self._hub = hub
        self._word = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def enter(self, reader: Reader) -> None:
        self.readers.add(reader)
        self.look_again()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def leave(self, reader: Reader) -> None:
        self.readers.discard(reader)
        if not self.readers and self._task:
            self._task.cancel()

    def look_again(self) -> None:
        self._word.set()

    async def _run(self) -> None:
        try:
            await self._keep_looking()
        finally:
            for reader in self.readers:
                reader.end()

    async def _keep_looking(self) -> None:
        checked_at = asyncio.get_running_loop().time()
        while True:
            pause = HEARTBEAT_SECONDS if self._hub.listener.hears else DEAF_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(self._word.wait(), pause)
            self._word.clear()
            try:
                await self._look()
                if asyncio.get_running_loop().time() - checked_at >= HEARTBEAT_SECONDS:
                    checked_at = asyncio.get_running_loop().time()
                    await self._see_off()
            except Error as error:
                log.warning("live_pages_see_nothing", store_id=self.store_id, error=str(error))
            await asyncio.sleep(PAUSE_SECONDS)

    async def _look(self) -> None:
        readers = list(self.readers)  # who comes during the look has a look of their own
        since = min(reader.cursor for reader in readers)
        found = await self._hub.read(look, self.store_id, since)
        for reader in readers:
            reader.hear(found)

    async def _see_off(self) -> None:
        gone = await self._hub.read(list_gone, self.store_id, {reader.guest for reader in self.readers})
        for reader in self.readers:
            if reader.guest in gone:
                reader.end()


class Hub:
    """All rooms of this process. Lives as long as its event loop."""

    def __init__(self) -> None:
        self.listener = Listener(stores=lambda: tuple(self._rooms), on_word=self._hear)
        self._rooms: dict[int, Room] = {}
        self._turns = asyncio.Semaphore(LOOKS_AT_A_TIME)
        self._is_closed = False
        self._listening = asyncio.create_task(self.listener.run())
        _before_the_server_waits(self.close)

    async def enter(self, store_id: int, reader: Reader) -> None:
        seats[reader.guest.user_id] += 1
        if self._is_closed:
            reader.end()
            return
        room = self._rooms.get(store_id)
        if room is None:
            room = self._rooms[store_id] = Room(store_id, self)
            room.enter(reader)
            await self.listener.add(store_id)
        room.enter(reader)

    async def leave(self, store_id: int, reader: Reader) -> None:
        seats[reader.guest.user_id] -= 1
        if not seats[reader.guest.user_id]:
            del seats[reader.guest.user_id]
        room = self._rooms.get(store_id)
        if room is None:
            return
        room.leave(reader)
        if not room.readers:
            del self._rooms[store_id]
            await self.listener.drop(store_id)

    async def read(self, function: Callable[..., Any], *args: Any) -> Any:
        async with self._turns:
            return await asyncio.to_thread(gives_back(function), *args)

    def close(self) -> None:
        """End all streams: the server is going, and waits for them."""
        self._is_closed = True
        self._listening.cancel()
        for room in self._rooms.values():
            for reader in room.readers:
                reader.end()

    def _hear(self, store_id: int) -> None:
        if room := self._rooms.get(store_id):
            room.look_again()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def find_hub() -> Hub:
    """Return the hub of the running loop, made for the first page that comes."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


def _before_the_server_waits(close: Callable[[], None]) -> None:
    """Call `close` on the signal that stops the server.

    Uvicorn tells an application that it stops only after the last open response has ended, and a stream would
    end only after that.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # no signals here: whoever runs a server in a thread ends it otherwise
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)

        def stop(number: int, frame: FrameType | None, before: Any = before) -> None:
            loop.call_soon_threadsafe(close)
            if callable(before):
                before(number, frame)

        signal.signal(number, stop)
