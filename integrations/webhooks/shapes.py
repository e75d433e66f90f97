"""Readers of single values in what Meta sends. Pure, and none of them ever raises.

Ids arrive as text or numbers, times in seconds, milliseconds, ISO or text, and any key may be missing or be
something else than documented.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

Json = Mapping[str, Any]

_MILLISECONDS_FROM = 10**11
"""Seconds stay below it until the year 5138; milliseconds are above it since 1973."""
_MICROSECONDS_FROM = 10**15
"""Above it since 2001; what is thousand times as much are nanoseconds."""
_LAST_YEAR = 9998
"""One year from the end of Python's calendar, so that every time can be shown in every time zone."""


def clean(value: object) -> str:
    """Return text that PostgreSQL can hold; '' for what is no text or number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value).replace("\x00", "")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def read_id(value: object) -> str:
    """Return an id as text, whether it came as text or as a number; '' when missing, 0 stays '0'."""
    if isinstance(value, float):
        value = int(value) if math.isfinite(value) else None
    return clean(value).strip()[:200]


def read_object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def read_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def read_objects(value: object) -> Iterator[Json]:
    """Yield the objects of a list, passing over what is none."""
    yield from (entry for entry in read_list(value) if isinstance(entry, dict))


def read_number(value: object) -> int | None:
    """Return a whole number of at most 64 bits, as PostgreSQL and the clock can hold it."""
    try:
        number = int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        return None
    return number if abs(number) < 2**63 else None


def read_epoch(value: object) -> int | None:
    """Return a time as the whole number it came as, or the seconds of an ISO time."""
    moment = _from_iso(value) if isinstance(value, str) else None
    return int(moment.timestamp()) if moment else read_number(value)


def read_time(value: object) -> datetime | None:
    """Return UTC for seconds, smaller units, their text, or ISO 8601; None for rubbish or before 1970."""
    number = None if isinstance(value, bool) else read_number(value)
    if number is not None:
        moment = _from_number(number)
    else:
        moment = _from_iso(value) if isinstance(value, str) else None
    return moment if moment and 1970 <= moment.year <= _LAST_YEAR else None


def _from_number(number: int) -> datetime | None:
    milliseconds: float = number
    while milliseconds >= _MICROSECONDS_FROM:
        milliseconds /= 1000
    seconds = milliseconds / 1000 if milliseconds >= _MILLISECONDS_FROM else milliseconds
    try:
        return datetime.fromtimestamp(seconds, UTC) if number > 0 else None
    except (OverflowError, ValueError, OSError):
        return None


def _from_iso(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
