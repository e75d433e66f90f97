"""The closed table: Meta's code and subcode → the error that names the remedy.

Source: fact sheet section 4 (general codes, auth subcodes, rate limits, messaging codes) and 19 (103), v26.0.
What stands in no table is `UnknownAnswer` and never retried: the same call would fail again. To add a line,
add a sample of the answer to tests/integrations/graph_answers.json, too; a test holds the two together.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from integrations.graph.errors import (
    Blocked,
    FixData,
    Gone,
    GraphError,
    NotAllowed,
    Reconnect,
    RetryLater,
    SlowDown,
    ThreadTaken,
    UnknownAnswer,
    WindowClosed,
)
from integrations.webhooks.masking import masked_text

Kind = type[GraphError]

RATE_LIMIT_CODES = {4, 17, 32, 341, 613} | set(range(80000, 80015))
RATE_LIMIT_SECONDS = 300
"""When Meta does not say how long: long enough for its one-minute and short rolling windows to move."""

BY_CODE: dict[int, Kind] = {
    1: RetryLater,
    2: RetryLater,
    3: NotAllowed,
    10: NotAllowed,
    12: Gone,
    33: Gone,
    100: FixData,
    102: Reconnect,
    103: NotAllowed,
    104: NotAllowed,
    190: Reconnect,
    368: Blocked,
    506: FixData,
    551: WindowClosed,
    803: Gone,
    2200: FixData,
    2500: FixData,
    2635: FixData,
    10800: FixData,
    10801: FixData,
    36103: NotAllowed,
    1609005: FixData,
}
PERMISSION_CODES = range(200, 300)

BY_SUBCODE: dict[tuple[int, int], Kind] = {
    (10, 1893015): WindowClosed,
    (10, 1893063): Blocked,
    (10, 2018065): WindowClosed,
    (10, 2018108): WindowClosed,
    (10, 2018278): WindowClosed,
    (10, 2534022): WindowClosed,
    (10, 2534077): NotAllowed,
    (100, 33): Gone,
    (100, 2018001): Gone,
    (100, 2534013): NotAllowed,
    (100, 2534014): Gone,
    (100, 2534037): ThreadTaken,
    (200, 1545041): WindowClosed,
    (551, 1545041): WindowClosed,
}

BY_EITHER: dict[int, Kind] = {
    2018218: Gone,
    2018247: NotAllowed,
    2018300: ThreadTaken,
    9000001: Gone,
}
"""Messaging codes that Meta lists alone: they may come as code or as subcode."""

AUTH_SUBCODES: dict[int, str] = {
    458: "removed",
    459: "checkpoint",
    460: "password",
    463: "expired",
    464: "unconfirmed",
    467: "invalid",
    492: "role",
}
"""Subcode of a dead token → the cause in one word; they decide nothing, for any 190 means: connect again."""


def classify(error: Mapping[str, Any], *, seconds: int = 0, trace: str = "") -> GraphError:
    """Turn the `error` object of a Graph answer into the exception that names its remedy.

    `seconds` is how long Meta says a limit lasts, 0 when it does not say; `trace` is the one of the headers.
    """
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    message = _text(error.get("error_user_msg")) or _text(error.get("message")) or "Meta gave no reason."
    kind = kind_of(code, subcode, transient=error.get("is_transient") is True)
    return kind(
        message,
        code=code,
        subcode=subcode,
        trace=_text(error.get("fbtrace_id")) or trace,
        seconds=(seconds or RATE_LIMIT_SECONDS) if kind is SlowDown else 0,
        data=_read_data(error.get("error_data")),
    )


def kind_of(code: int, subcode: int, *, transient: bool = False) -> Kind:
    """Return the class of an error, the most specific rule first."""
    if (code, subcode) in BY_SUBCODE:
        return BY_SUBCODE[code, subcode]
    if either := BY_EITHER.get(code) or BY_EITHER.get(subcode):
        return either
    if code in RATE_LIMIT_CODES:
        return SlowDown
    if transient:
        return RetryLater
    if code in PERMISSION_CODES:
        return NotAllowed
    return BY_CODE.get(code, UnknownAnswer)


def _read_data(value: Any) -> Mapping[str, Any] | None:
    """Return `error_data`, which comes as an object or as JSON text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def _text(value: object) -> str:
    """Return Meta's words, without the token that some of them repeat."""
    return masked_text(value).strip() if isinstance(value, str) else ""


def _number(value: object) -> int:
    """Return a code that fits the database; 0 for what is none."""
    try:
        number = int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        return 0
    return number if 0 < number < 2**31 else 0
