"""One line per log record: time, level, words, then key=value and what `structlog.contextvars` binds."""

from __future__ import annotations

import os
import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

_IN_QUERY = re.compile(
    r"\b(access_token|fb_exchange_token|input_token|client_secret|code|hub\.verify_token)=[^&\s\"]+"
)
_IN_PATH = re.compile(r"(/invitations|/password/reset/key|/confirm-email|/data-deletion)/[^/\s\"]+")
"""Links that open something for whoever has them."""
_KEY = re.compile(r"\bstc_[A-Za-z0-9_\-]{5,}+")
"""An API key of a store."""

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="%H:%M:%S"),
]


def make_formatter() -> structlog.stdlib.ProcessorFormatter:
    """Return the formatter of all records, ours and the libraries'."""
    renderer = structlog.dev.ConsoleRenderer(colors="FORCE_COLOR" in os.environ, pad_event_to=0)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _hide_tokens, renderer],
    )


def configure() -> None:
    """Send what structlog logs through the standard library, so that one handler prints everything."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _hide_tokens(logger: Any, name: str, record: EventDict) -> EventDict:
    """The last net under law 10: no token, key, code or secret link of an address reaches a line."""
    record["event"] = str(record.get("event", ""))
    return {name: _hide(value) if isinstance(value, str) else value for name, value in record.items()}


def _hide(words: str) -> str:
    return _KEY.sub("•••", _IN_PATH.sub(r"\1/•••", _IN_QUERY.sub(r"\1=•••", words)))
