"""From the bytes of an answer to a JSON object, or to the error that it means.

Source: fact sheet 3.6 (error envelope; an outage may answer 200 with plain text) and 3.5 (batch answers).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from integrations.graph.codes import RATE_LIMIT_SECONDS, classify
from integrations.graph.errors import GraphError, NoAnswer, RetryLater, SlowDown, UnknownAnswer
from integrations.graph.usage import seconds_to_wait
from integrations.webhooks.shapes import clean

Json = dict[str, Any]
TRACE_HEADER = "x-fb-trace-id"
_NOT_STORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\xed[\xa0-\xbf]")
"""A NUL, and half of a character: Meta cuts texts in the middle of one. Whole ones are found, too."""
SAFE_TWICE = frozenset({"GET", "DELETE"})


def read_object(method: str, status: int, headers: Mapping[str, str], body: bytes | str) -> Json:
    """Return the JSON object of an answer, or raise what its error means."""
    found = parse(body)
    if isinstance(found, dict):
        check_object(status, headers, found)
        return found
    raise unreadable(method, status, headers)


def check_object(status: int, headers: Mapping[str, str], found: Json) -> None:
    """Raise what a JSON object means, if it is an error."""
    trace = headers.get(TRACE_HEADER, "")
    if "error" in found:
        raise classify(_envelope(found["error"]), seconds=seconds_to_wait(headers), trace=trace)
    if status >= 500:
        raise RetryLater(f"Meta answered HTTP {status}.", trace=trace)
    if not 200 <= status < 300:
        raise UnknownAnswer(f"Meta answered HTTP {status} without a reason.", trace=trace)


def unreadable(method: str, status: int, headers: Mapping[str, str]) -> GraphError:
    """Return the error for an answer that is no JSON object: plain text, a page, half of one, nothing.

    Below 400 or at 500 and above Meta may have done what was asked, so only a call that is safe twice is
    plainly to be tried again.
    """
    words, trace = f"Meta answered without JSON (HTTP {status}).", headers.get(TRACE_HEADER, "")
    if status == 429:
        return SlowDown(words, trace=trace, seconds=seconds_to_wait(headers) or RATE_LIMIT_SECONDS)
    if 200 <= status < 300 or status >= 500:
        kind = RetryLater if method in SAFE_TWICE else NoAnswer
        return kind(words, trace=trace)
    return UnknownAnswer(words, trace=trace)


def parse(body: bytes | str) -> Any:
    """Return the JSON value of a body, in text that PostgreSQL can hold; None for what is none."""
    try:
        found = json.loads(body)
        raw = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
        return _cleaned(found) if _NOT_STORABLE.search(raw) else found
    except (ValueError, RecursionError):
        return None


def _cleaned(value: Any) -> Any:
    match value:
        case dict():
            return {clean(name): _cleaned(inner) for name, inner in value.items()}
        case list():
            return [_cleaned(inner) for inner in value]
        case str():
            return clean(value)
    return value


def _envelope(error: Any) -> Mapping[str, Any]:
    return error if isinstance(error, dict) else {"message": error}
