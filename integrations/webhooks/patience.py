"""How long a sender is waited for: one look a second at all who are being read, not a timer for each.

A timer for each body would stay in the event loop's heap for its whole time, thousands a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

LOOK_SECONDS = 1.0

T = TypeVar("T")


class _Rest(Generic[T]):
    """A coroutine that has begun and waits for something: what is left of it can be awaited."""

    def __init__(self, begun: Coroutine[Any, Any, T], waits_for: Any) -> None:
        self._begun, self._waits_for = begun, waits_for

    def __await__(self) -> Generator[Any, Any, T]:
        try:
            yield self._waits_for
        except BaseException:  # the task was cancelled while it waited
            self._begun.close()
            raise
        return (yield from self._begun.__await__())


class Patience:
    """Lets many waits end after so many seconds, to within LOOK_SECONDS; of one event loop."""

    def __init__(self) -> None:
        self._until: dict[asyncio.Task[Any], float] = {}
        self._late: set[asyncio.Task[Any]] = set()
        self._watch: asyncio.Task[None] | None = None

    async def wait(self, what: Coroutine[Any, Any, T], *, seconds: float) -> T:
        """Return what the wait comes to. Raises TimeoutError. One wait at a time for each task."""
        try:
            waits_for = what.send(None)
        except StopIteration as done:  # it was there already, as most bodies are
            value: T = done.value
            return value
        return await self._wait(_Rest(what, waits_for), seconds)

    async def _wait(self, rest: _Rest[T], seconds: float) -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task can wait")
        self._until[task] = loop.time() + seconds
        if self._watch is None or self._watch.done():
            self._watch = loop.create_task(self._look())
        try:
            return await rest
        except asyncio.CancelledError:
            if task not in self._late:
                raise
            task.uncancel()
            raise TimeoutError from None
        finally:
            del self._until[task]
            self._late.discard(task)

    async def _look(self) -> None:
        while self._until:
            await asyncio.sleep(LOOK_SECONDS)
            now = asyncio.get_running_loop().time()
            for task, until in list(self._until.items()):
                if until <= now and task not in self._late:
                    self._late.add(task)
                    task.cancel()
