"""Asking a worker for a job once, however many changes ask for it before a worker has taken it up.

What is remembered spares the broker and expires by itself. A lost task costs until then, or until the sweep;
a broker or a cache that is away never costs a change.
"""

from __future__ import annotations

from typing import Any

import structlog
from celery import Task
from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

ASKED_SECONDS = 10
"""How long a job counts as asked for when no worker takes it up."""

log = structlog.get_logger()


def ask(task: Task[..., Any], store_id: int, pk: int) -> None:
    """Queue a job of one row, unless it is asked for already."""
    if not _is_first(task.name, pk):
        return
    try:
        task.apply_async((store_id, pk), retry=False)
    except OperationalError as error:
        log.warning("nudge_failed", task=task.name, error=str(error))
        take_up(task, pk)


def take_up(task: Task[..., Any], pk: int) -> None:
    """Say that a worker is at a job: it sees all that was committed until now, what comes later asks anew.

    Before it looks, or a change could come between its look and this.
    """
    try:
        cache.delete(_key(task.name, pk))
    except RedisError as error:
        log.warning("nudge_not_forgotten", task=task.name, error=type(error).__name__)


def _is_first(name: str, pk: int) -> bool:
    try:
        return bool(cache.add(_key(name, pk), 1, ASKED_SECONDS))
    except RedisError:
        return True


def _key(name: str, pk: int) -> str:
    return f"asked:{name}:{pk}"
