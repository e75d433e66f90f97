"""The door through which stored deliveries get worked on: nudged at once, and run as a sweep."""

from __future__ import annotations

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError

from integrations.webhooks.dispatch import work_mailboxes
from integrations.webhooks.inbox import unpack_deliveries

DELIVERIES_PER_STEP = 200
EVENTS_PER_STEP = 500

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
    while unpack_deliveries(limit=DELIVERIES_PER_STEP) + work_mailboxes(limit=EVENTS_PER_STEP):
        pass
