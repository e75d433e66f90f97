"""Reads Meta's rate-limit headers. Source: fact sheet section 5.2 (formats; regain time is in minutes)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

BUSINESS_USE_CASE_HEADER = "x-business-use-case-usage"


def seconds_to_wait(headers: Mapping[str, str]) -> int:
    """Return how long Meta asks us to stop, in seconds; 0 when it does not say."""
    minutes = [entry.get("estimated_time_to_regain_access", 0) for entry in _entries(headers)]
    return 60 * max((int(value) for value in minutes if isinstance(value, int | float)), default=0)


def _entries(headers: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    try:
        usage = json.loads(headers.get(BUSINESS_USE_CASE_HEADER, "{}"))
    except ValueError:
        return
    for entries in usage.values() if isinstance(usage, dict) else ():
        yield from (entry for entry in entries if isinstance(entry, dict))
