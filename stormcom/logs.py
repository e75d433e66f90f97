"""One line per log record: time, level, words, then key=value and what `structlog.contextvars` binds."""

from __future__ import annotations

import os
from typing import Any

import structlog
from structlog.typing import Processor

from integrations.webhooks.masking import masked_text

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
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer, _hide_secrets],
    )


def configure() -> None:
    """Send what structlog logs through the standard library, so that one handler prints everything."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _hide_secrets(logger: Any, name: str, line: Any) -> str:
    """The last net under law 10: nothing secret in a line, be it in an address, a value or a traceback."""
    return masked_text(line)
