"""Meta's errors as one closed family: what each means and its remedy. Which code is which: `codes.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class GraphError(Exception):
    """An answer of Meta that is not the one we asked for, in words without any token.

    `trace` is Meta's name for the call, which its support asks for; `data` is what `error_data` held.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int = 0,
        subcode: int = 0,
        trace: str = "",
        seconds: int = 0,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.subcode = subcode
        self.trace = trace
        self.seconds = seconds
        self.data = data or {}

    def __str__(self) -> str:
        code = f"{self.code}/{self.subcode}" if self.subcode else self.code
        return f"{self.message} ({code})" if code else self.message

    @property
    def blamed_fields(self) -> list[str]:
        """The fields that Meta names as wrong, as dotted paths."""
        specs = self.data.get("blame_field_specs")
        return [".".join(map(str, spec)) for spec in specs or () if isinstance(spec, list)]


class RetryLater(GraphError):
    """Meta or the line to Meta is down. Remedy: the same call again, later."""


class NoAnswer(RetryLater):
    """The call left, but no usable answer came: Meta may have done it. One that is safe twice tries again."""


class SlowDown(GraphError):
    """Over a rate limit. Remedy: nothing for `seconds`; going on would lengthen the block."""


class RateLimited(SlowDown):
    """A call that we did not make, because Meta would refuse it. Remedy: make it after `seconds`."""


class Reconnect(GraphError):
    """The token is dead. Remedy: a person connects again."""


class NotAllowed(GraphError):
    """A permission, task, feature or link between accounts is missing. Remedy: a person grants it."""


class Blocked(GraphError):
    """Meta restricts the app, the Page or the person for its conduct. Remedy: a person looks at Facebook."""


class FixData(GraphError):
    """The data is wrong. Remedy: change the data; the same call would fail again."""


class Gone(GraphError):
    """The object or the edge does not exist any more, or not for us. Remedy: stop asking for it."""


class WindowClosed(GraphError):
    """The person may not be written to at this time. Remedy: wait until they write."""


class ThreadTaken(WindowClosed):
    """Another app answers this thread now. Remedy: a person takes it over in the Page's inbox."""


class UnknownAnswer(GraphError):
    """A refusal that no table knows, or an answer that is no Graph answer. Remedy: staff looks at it."""
