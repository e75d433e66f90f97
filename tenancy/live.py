"""Tell a store's open pages that something changed. Only that: each of them then reads what it may see.

Redis carries the word between processes. It may lose it, so nobody depends on it: see `operations.live`.
"""

from __future__ import annotations

import time
from functools import cache, partial

import redis
import structlog
from django.conf import settings
from django.db import transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

from tenancy.scope import get_open_store_id

CHANNEL = "stormcom:live"
QUIET_SECONDS = 5.0
"""How long nothing is told after a failure: a Redis that hangs may not slow every commit down."""

log = structlog.get_logger()


def channel_of(store_id: int) -> str:
    return f"{CHANNEL}:{store_id}"


def tell_pages() -> None:
    """Have the open store's live pages look again, once the transaction is through."""
    transaction.on_commit(partial(_mouth().tell, get_open_store_id()))


class Mouth:
    """Says which store changed, and never fails."""

    def __init__(self) -> None:
        self._redis = redis.Redis.from_url(
            settings.CACHES["default"]["LOCATION"],
            socket_timeout=0.5,
            socket_connect_timeout=0.5,
            retry=Retry(NoBackoff(), 1),
        )
        self._quiet_until = 0.0

    def tell(self, store_id: int) -> None:
        if time.monotonic() < self._quiet_until:
            return
        try:
            self._redis.publish(channel_of(store_id), "")
        except redis.RedisError as error:
            self._quiet_until = time.monotonic() + QUIET_SECONDS
            log.warning("live_pages_not_told", error=str(error))


@cache
def _mouth() -> Mouth:
    return Mouth()
