"""How full Meta's rate-limit buckets are: which one a call counts against, and what the headers say. Pure.

Source: fact sheet section 5 (which system applies, header formats, formulas); regain times are in minutes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.graph.encoding import ROOTS
from integrations.graph.errors import GraphError

APP_HEADER = "x-app-usage"
BUSINESS_HEADER = "x-business-use-case-usage"
APP = "app"
"""The bucket, and in its readings the object, of limits that count for the whole app."""

FULL_PERCENT = 95
"""Meta may throttle at 100. What is on its way from other workers has to fit in between."""
PAUSE_SECONDS = {"catalog_batch": 15}
"""How long a bucket rests that is nearly full, when Meta does not say; its window moves on meanwhile."""
DEFAULT_PAUSE_SECONDS = 60

CATALOG_BATCH_EDGES = {"items_batch", "localized_items_batch", "batch"}
CATALOG_EDGES = {
    "check_batch_request_status",
    "owned_product_catalogs",
    "client_product_catalogs",
    "products",
    "product_sets",
    "product_feeds",
}
LEAD_EDGES = {"leads", "leadgen_forms", "test_leads"}
MESSENGER_EDGES = {"messages", "conversations", "message_attachments", "messenger_profile"}

BY_CODE = {
    80001: "pages",
    80002: "instagram",
    80005: "leadgen",
    80006: "messenger",
    80009: "catalog_management",
    80014: "catalog_batch",
}
"""Error code of a full bucket → the bucket. Source: fact sheet 4.3."""
CODES = {bucket: code for code, bucket in BY_CODE.items()} | {APP: 4}
KNOWN = {*CODES, "ads_insights", "ads_management", "custom_audience"}
"""Names that Meta gives to buckets in its headers; others occur."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How full one bucket of one business object was. `pause_seconds` 0 lets the next call go."""

    object_id: str
    bucket: str
    percent: int
    pause_seconds: int


def bucket_of(path: str) -> str:
    """Say which limit a call of this path counts against, as well as a path can tell."""
    node, _, edge = path.strip("/").partition("/")
    if edge in CATALOG_BATCH_EDGES:
        return "catalog_batch"
    if edge in CATALOG_EDGES:
        return "catalog_management"
    if edge in LEAD_EDGES:
        return "leadgen"
    if edge in MESSENGER_EDGES:
        return "messenger"
    return APP if node in ROOTS else "pages"


def read_usage(headers: Mapping[str, str], *, bucket: str) -> list[Reading]:
    """Return what the headers of an answer say; `bucket` is the one that its call counts against.

    Business limits win over the app's where both could apply. A name we do not know means the call's bucket.
    """
    business = list(_business_readings(headers, bucket=bucket))
    return business or list(_app_readings(headers, bucket=bucket))


def refused_reading(error: GraphError, *, bucket: str) -> Reading:
    """Return what a refusal tells of the call's own bucket; code 4 speaks of the whole app."""
    object_id = APP if error.code == CODES[APP] else ""
    return Reading(object_id=object_id, bucket=bucket, percent=100, pause_seconds=error.seconds)


def seconds_to_wait(headers: Mapping[str, str]) -> int:
    """Return how long Meta asks us to stop, in seconds; 0 when it does not say."""
    entries = [entry for _, entry in _entries(headers)]
    minutes = max((_number(entry.get("estimated_time_to_regain_access")) for entry in entries), default=0)
    return minutes * 60 or _number(headers.get("retry-after"))


def _business_readings(headers: Mapping[str, str], *, bucket: str) -> Iterator[Reading]:
    for object_id, entry in _entries(headers):
        named = str(entry.get("type", "")).lower()
        own = named if named in KNOWN else bucket
        percent = _fullest(entry)
        seconds = _number(entry.get("estimated_time_to_regain_access")) * 60
        yield Reading(
            object_id=object_id[:64],
            bucket=own,
            percent=percent,
            pause_seconds=seconds or _pause(own, percent),
        )


def _app_readings(headers: Mapping[str, str], *, bucket: str) -> Iterator[Reading]:
    usage = _parse(headers.get(APP_HEADER, ""))
    if usage:
        percent = _fullest(usage)
        yield Reading(object_id=APP, bucket=bucket, percent=percent, pause_seconds=_pause(bucket, percent))


def _pause(bucket: str, percent: int) -> int:
    return PAUSE_SECONDS.get(bucket, DEFAULT_PAUSE_SECONDS) if percent >= FULL_PERCENT else 0


def _fullest(entry: Mapping[str, Any]) -> int:
    return max(_number(entry.get(key)) for key in ("call_count", "total_cputime", "total_time"))


def _entries(headers: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for object_id, entries in _parse(headers.get(BUSINESS_HEADER, "")).items():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict):
                yield str(object_id), entry


def _parse(text: str) -> dict[str, Any]:
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _number(value: Any) -> int:
    """Return a whole number that fits the database, 0 for anything that is none."""
    try:
        return min(max(int(float(value)), 0), 30_000)
    except (TypeError, ValueError, OverflowError):
        return 0
