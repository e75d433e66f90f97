"""A moment as a person writes it: `14:00`, `2026-11-25 14:00`, `2h`. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from django.utils.dateparse import parse_date, parse_datetime, parse_time
from django.utils.translation import gettext as _

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"(?:\d{1,6}[smhdw])+")


class NotAMoment(ValueError):
    """The text is no moment in the past; carries the sentence that says what to write instead."""


def read_moment(text: str, *, now: datetime, zone: tzinfo) -> datetime:
    """Return the moment a text means in a time zone, in UTC. Raises NotAMoment.

    A time of day is the last one that has passed; a date is its beginning; `2h` and `1d12h` are so long ago.
    """
    try:
        moment = _read(text.strip(), now=now.astimezone(zone))
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise NotAMoment(
            _("“%(text)s” is no time. Write 14:00, 2026-11-25 14:00, or how long ago: 30m, 2h, 1d.")
            % {"text": text.strip()[:40]}
        )
    if moment > now:
        raise NotAMoment(_("“%(text)s” is in the future.") % {"text": text.strip()[:40]})
    return moment.astimezone(UTC)


def _read(text: str, *, now: datetime) -> datetime | None:
    if _AGO.fullmatch(text):
        parts = re.findall(r"(\d+)([smhdw])", text)
        return now - sum((timedelta(**{UNITS[unit]: int(count)}) for count, unit in parts), timedelta())
    if (clock := parse_time(text)) is not None and ":" in text:
        today = _at(now, clock)
        return today if today <= now else _at(now - timedelta(days=1), clock)
    if (moment := parse_datetime(text)) is not None:
        return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
    day = parse_date(text)
    return datetime.combine(day, time(), tzinfo=now.tzinfo) if day else None


def _at(day: datetime, clock: time) -> datetime:
    return datetime.combine(day.date(), clock.replace(tzinfo=None), tzinfo=day.tzinfo)
