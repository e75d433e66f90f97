"""Whether what every process needs is there: the database, and the broker with its queues."""

from __future__ import annotations

from dataclasses import dataclass, field

import redis
from celery import current_app
from django.db import OperationalError, connection
from kombu.exceptions import OperationalError as BrokerError

QUEUES = ("webhooks", "stock", "default", "bulk")


@dataclass(frozen=True, kw_only=True)
class Broker:
    """Whether the broker answers, and how many jobs wait in each queue."""

    reachable: bool
    waiting: dict[str, int] = field(default_factory=dict)


def is_database_ready() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return False
    return True


def inspect_broker() -> Broker:
    """Ask the broker; a dead one costs about a second, and no request fails of it."""
    try:
        with current_app.connection_for_read(connect_timeout=1) as broker:
            broker.ensure_connection(max_retries=0, timeout=1)
            queues = broker.default_channel.client
            return Broker(reachable=True, waiting={name: int(queues.llen(name)) for name in QUEUES})
    except (BrokerError, redis.RedisError, OSError):
        return Broker(reachable=False)
