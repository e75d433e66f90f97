"""One line per log record: time, level, words, then key=value; what `structlog.contextvars` binds comes along."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import Any

import structlog

_renderer = structlog.dev.ConsoleRenderer(colors="FORCE_COLOR" in os.environ, pad_event_to=0)


def add_context(logger: Any, name: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Stamp level, time and bound context (store, event, task) on a record of the standard library."""
    structlog.stdlib.add_log_level(logger, name, record)
    record.setdefault("timestamp", structlog.processors.TimeStamper(fmt="%H:%M:%S")(logger, name, {})["timestamp"])
    return structlog.contextvars.merge_contextvars(logger, name, record)


def render(logger: Any, name: str, record: MutableMapping[str, Any]) -> str:
    """Turn a record into its line."""
    record.pop("_record", None)
    record.pop("_from_structlog", None)
    return str(_renderer(logger, name, record))
