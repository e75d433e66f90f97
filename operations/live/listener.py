"""One ear per web process for what Redis carries, however many pages are open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import redis.asyncio
import structlog
from django.conf import settings
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from tenancy.live import CHANNEL, channel_of

AGAIN_SECONDS = 1.0

log = structlog.get_logger()


class Listener:
    """Listens for the stores somebody looks at, and calls `on_word` with the id of one that changed."""

    def __init__(self, *, stores: Callable[[], Iterable[int]], on_word: Callable[[int], None]) -> None:
        self._stores = stores
        self._on_word = on_word
        self._ear: PubSub | None = None

    @property
    def hears(self) -> bool:
        """Whether Redis is there. It may still lose a word."""
        return self._ear is not None

    async def run(self) -> None:
        """Listen until cancelled, over all failures of Redis."""
        client = redis.asyncio.Redis.from_url(
            settings.CACHES["default"]["LOCATION"],
            socket_connect_timeout=2,
            health_check_interval=10,
            retry=Retry(NoBackoff(), 0),
        )
        try:
            while True:
                try:
                    await self._listen(client)
                except (redis.RedisError, OSError) as error:
                    if self.hears:
                        log.warning("live_pages_hear_nothing", error=str(error))
                self._ear = None
                await asyncio.sleep(AGAIN_SECONDS)
        finally:
            await client.aclose()

    async def _listen(self, client: redis.asyncio.Redis) -> None:
        async with client.pubsub() as ear:
            # The bare channel carries nothing: it keeps the connection while nobody looks at any store.
            await ear.subscribe(CHANNEL, *map(channel_of, self._stores()))
            self._ear = ear
            for store_id in self._stores():
                self._on_word(store_id)  # what was said while nobody listened
            while True:
                word = await ear.get_message(ignore_subscribe_messages=True, timeout=5)
                if word and word["channel"] != CHANNEL.encode():
                    self._on_word(int(word["channel"].decode().rpartition(":")[2]))

    async def add(self, store_id: int) -> None:
        await self._call("subscribe", store_id)

    async def drop(self, store_id: int) -> None:
        await self._call("unsubscribe", store_id)

    async def _call(self, verb: str, store_id: int) -> None:
        if self._ear is None:
            return  # `_listen` asks for all stores when Redis is back
        try:
            await getattr(self._ear, verb)(channel_of(store_id))
        except (redis.RedisError, OSError) as error:
            log.info("live_pages_hear_nothing", error=str(error))
