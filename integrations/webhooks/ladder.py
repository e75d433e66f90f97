"""When a failed event is tried again. Pure."""

from __future__ import annotations

from datetime import timedelta

LADDER_SECONDS = (5, 30, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600)
"""After the last rung the event is parked: visible, and replayed by a person."""
MOST_ATTEMPTS = len(LADDER_SECONDS) + 1


def find_wait(*, attempts: int) -> timedelta | None:
    """Return how long to wait after `attempts` tries, or None when it is time to park."""
    return timedelta(seconds=LADDER_SECONDS[attempts - 1]) if attempts < MOST_ATTEMPTS else None
