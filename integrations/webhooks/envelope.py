"""Where an inner item stood, and what every event says of that."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from integrations.webhooks.events import Event
from integrations.webhooks.shapes import Json, clean, read_time


@dataclass(frozen=True)
class Envelope:
    """Where an inner item stood: with the item, enough to read it again later.

    `position` is its place among all items of the body; `entry_time` is as Meta gave it, in its own unit.
    """

    object: str
    asset_id: str
    channel: str
    entry_time: int | None
    position: int = 0


Reader = Callable[[Envelope, Json], Event]


def facts(
    kind: str, envelope: Envelope, item: Json, *, identity: str | None, time: object = None
) -> dict[str, Any]:
    """Return what every event needs; the time of the entry stands in for one that the item lacks."""
    return {
        "kind": kind,
        "object": envelope.object,
        "asset_id": envelope.asset_id,
        "channel": envelope.channel,
        "happened_at": read_time(time) or read_time(envelope.entry_time),
        "item": item,
        "identity": identity,
    }


def join(*parts: object) -> str:
    """Return an identity made of several values; nothing that they hold makes two the same by chance."""
    return json.dumps([clean(part) for part in parts])
