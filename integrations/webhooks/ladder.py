"""When a failed event is tried again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

LADDER_SECONDS = (5, 30, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600)
"""After the last rung the event is parked: visible, and replayed by a person."""


def next_attempt(*, attempts: int, now: datetime) -> datetime | None:
    """Return when to try again after `attempts` tries, or None when it is time to park."""
    if attempts > len(LADDER_SECONDS):
        return None
    return now + timedelta(seconds=LADDER_SECONDS[attempts - 1])
