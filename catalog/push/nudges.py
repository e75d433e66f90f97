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


def ask(task: Task[..., Any], *args: int, seconds: float = 0) -> None:
    """Queue a job, to be done after so many seconds, unless it is asked for already."""
    if not _is_first(_key(task, args), seconds):
        return
    try:
        task.apply_async(args, countdown=seconds or None, retry=False)
    except OperationalError as error:
        log.warning("nudge_failed", task=task.name, error=str(error))
        take_up(task, *args)


def take_up(task: Task[..., Any], *args: int) -> None:
    """Say that a worker is at a job: it sees all that was committed until now, what comes later asks anew.

    Before it looks, or a change could come between its look and this.
    """
    try:
        cache.delete(_key(task, args))
    except RedisError as error:
        log.warning("nudge_not_forgotten", task=task.name, error=type(error).__name__)


def _is_first(key: str, seconds: float) -> bool:
    try:
        return bool(cache.add(key, 1, seconds + ASKED_SECONDS))
    except RedisError:
        return True


def _key(task: Task[..., Any], args: tuple[int, ...]) -> str:
    return ":".join(["asked", task.name, *map(str, args)])
