"""Meta's errors as one family, each class with its remedy.

Source: fact sheet section 4 (Graph API error codes, messaging error codes), v26.0. A code that stands in no
table is `UnknownAnswer`: it is not retried, because calling again with the same data would fail again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class GraphError(Exception):
    """An answer of Meta that is not the one we asked for, in words without any token."""

    def __init__(
        self, message: str, *, code: int = 0, subcode: int = 0, trace: str = "", seconds: int = 0
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.subcode = subcode
        self.trace = trace
        self.seconds = seconds

    def __str__(self) -> str:
        code = f"{self.code}/{self.subcode}" if self.subcode else self.code
        return f"{self.message} ({code})" if code else self.message


class RetryLater(GraphError):
    """Meta or the line to Meta is down. Remedy: the same call again, later."""


class NoAnswer(RetryLater):
    """The call left, but no answer came: Meta may have done it. One that is safe twice tries again."""


class SlowDown(GraphError):
    """Over a rate limit. Remedy: nothing for `seconds`; going on would lengthen the block."""


class Reconnect(GraphError):
    """The token is dead. Remedy: a person connects again."""


class NotAllowed(GraphError):
    """A permission, task or feature is missing. Remedy: a person grants it."""


class FixData(GraphError):
    """The data is wrong. Remedy: change the data; the same call would fail again."""


class Gone(GraphError):
    """The object does not exist any more, or not for us."""


class WindowClosed(GraphError):
    """The person may not be written to at this time."""


class UnknownAnswer(GraphError):
    """A refusal that no table knows, or an answer that is no Graph answer."""


RATE_LIMIT_CODES = {4, 17, 32, 341, 613} | set(range(80000, 80015))
RATE_LIMIT_SECONDS = 300
"""When Meta does not say how long: long enough for its one-minute and short rolling windows to move."""

BY_CODE: dict[int, type[GraphError]] = {
    1: RetryLater,
    2: RetryLater,
    3: NotAllowed,
    10: NotAllowed,
    12: Gone,
    100: FixData,
    102: Reconnect,
    104: NotAllowed,
    190: Reconnect,
    368: NotAllowed,
    551: WindowClosed,
    803: Gone,
    2200: FixData,
    2500: FixData,
    2635: FixData,
    10800: FixData,
}

BY_SUBCODE: dict[tuple[int, int], type[GraphError]] = {
    (10, 2018278): WindowClosed,
    (10, 2534022): WindowClosed,
    (10, 2018065): WindowClosed,
    (10, 2018108): WindowClosed,
    (200, 1545041): WindowClosed,
    (551, 1545041): WindowClosed,
    (100, 33): Gone,
    (100, 2018001): Gone,
    (100, 2534014): Gone,
}


def classify(error: Mapping[str, Any], *, seconds: int = 0) -> GraphError:
    """Turn the `error` object of a Graph answer into the exception that names its remedy.

    `seconds` is how long Meta says a limit lasts, 0 when it does not say.
    """
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    message = str(error.get("error_user_msg") or error.get("message") or "Meta gave no reason.")
    kind = _kind(code, subcode, transient=error.get("is_transient") is True)
    if kind is SlowDown:
        seconds = seconds or RATE_LIMIT_SECONDS
    return kind(message, code=code, subcode=subcode, trace=str(error.get("fbtrace_id", "")), seconds=seconds)


def _kind(code: int, subcode: int, *, transient: bool) -> type[GraphError]:
    if (code, subcode) in BY_SUBCODE:
        return BY_SUBCODE[code, subcode]
    if code in RATE_LIMIT_CODES:
        return SlowDown
    if transient:
        return RetryLater
    if 200 <= code <= 299:
        return NotAllowed
    return BY_CODE.get(code, UnknownAnswer)


def _number(value: object) -> int:
    try:
        return int(value)  # type: ignore[call-overload,no-any-return]
    except (TypeError, ValueError):
        return 0
