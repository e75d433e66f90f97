"""The door through which stored deliveries get worked on: nudged at once, and run as a sweep."""

from __future__ import annotations

import time

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError

from integrations.webhooks.dispatch import work_mailboxes
from integrations.webhooks.inbox import unpack_deliveries

DELIVERIES_PER_STEP = 200
EVENTS_PER_STEP = 200
UNPACK_SECONDS = 2
"""Unpacking comes before working: only an unpacked event stands in its own mailbox, and until then a flood
from one shop stands before it. The share has an end, so that a flood that never ends is worked on too."""
WORK_SECONDS = 60
"""Then a fresh task takes over: far below the task time limit, which would kill a worker in the middle."""

log = structlog.get_logger()


def nudge_inbox() -> None:
    """Ask a worker to look at the inbox now. A broker that is away costs seconds, never an event."""
    try:
        work_inbox.apply_async(retry=False, expires=60)
    except OperationalError as error:
        log.warning("nudge_failed", error=str(error))


@shared_task
def work_inbox() -> None:
    """Unpack and work until nothing is due. Safe twice, late and beside itself: claims decide.

    As the timetable's sweep it finds lost nudges, ladders that came due, and dead workers' claims.
    """
    end = time.monotonic() + WORK_SECONDS
    while _unpack_all() + work_mailboxes(limit=EVENTS_PER_STEP):
        if time.monotonic() > end:
            nudge_inbox()
            return


def _unpack_all() -> int:
    """Unpack what was received, for a while; return how many deliveries."""
    unpacked, end = 0, time.monotonic() + UNPACK_SECONDS
    while time.monotonic() < end:
        step = unpack_deliveries(limit=DELIVERIES_PER_STEP)
        unpacked += step
        if step < DELIVERIES_PER_STEP:
            break
    return unpacked
