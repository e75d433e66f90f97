"""What is expected of the reader for one inner event."""

from __future__ import annotations

from typing import Any

from integrations.webhooks.events import Event

Reading = tuple[type[Event], str, dict[str, Any]]
"""The dataclass, the kind, and the facts that must be in it."""


def read(shape: type[Event], kind: str, **facts: Any) -> Reading:
    return shape, kind, facts
