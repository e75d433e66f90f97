"""From a body to its inner events. Pure, and raises for nothing that is JSON but `NotReadable`.

The tables of shapes stand in `read_messaging` and `read_changes`. What stands in neither is kept all the
same: as a change of the field it names, or as `unknown`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from integrations.webhooks.envelope import Envelope, facts
from integrations.webhooks.events import Event
from integrations.webhooks.read_changes import read_change
from integrations.webhooks.read_messaging import find_reader, read_messaging
from integrations.webhooks.shapes import Json, read_epoch, read_id, read_list, read_object, read_objects

CHANNELS = ("messaging", "standby", "changes", "changed_fields")
DEEPEST = 100
"""Meta's own bodies are a dozen deep. Far deeper ones could be read here and then fail at the next reader."""


class NotReadable(Exception):
    """A signed body is no JSON that holds objects; the message says what it is."""


def load_body(body: bytes) -> list[Json]:
    """Return the JSON objects of a body, or raise NotReadable with the reason.

    There is one; Meta's documentation also prints a list of them.
    """
    try:
        data = json.loads(body)
    except RecursionError:
        raise NotReadable("nested too deeply") from None
    except ValueError:
        raise NotReadable("not JSON") from None
    if body.count(b"[") + body.count(b"{") > DEEPEST and _is_deeper(data, DEEPEST):
        raise NotReadable("nested too deeply")
    objects: list[Json] = [data] if isinstance(data, dict) else list(read_objects(data))
    if not objects:
        raise NotReadable("not a JSON object")
    return objects


def _is_deeper(data: Any, limit: int) -> bool:
    level = [data]
    for _ in range(limit):
        inner = [
            one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)
        ]
        level = [value for values in inner for value in values]
    return bool(level)


def unpack(objects: list[Json]) -> Iterator[tuple[Envelope, Any]]:
    """Yield each inner item of a body with its envelope; `explain_empty` says why there is none."""
    position = 0
    for data in objects:
        object_ = read_id(data.get("object"))[:40]
        for entry in read_objects(data.get("entry")) if object_ else ():
            asset_id = (read_id(entry.get("id")) or read_id(entry.get("uid")))[:64]
            for channel, item in _items(entry):
                yield Envelope(object_, asset_id, channel, read_epoch(entry.get("time")), position), item
                position += 1


def _items(entry: Json) -> Iterator[tuple[str, Any]]:
    for channel in CHANNELS:
        for item in read_list(entry.get(channel)):
            yield channel, item
    if isinstance(entry.get("field"), str):  # the form that Meta documents for Instagram Login
        yield "changes", {"field": entry["field"], "value": entry.get("value")}


def explain_empty(objects: list[Json]) -> str:
    """Say why a body holds no event."""
    for data in objects:
        entry = data.get("entry")
        if not read_id(data.get("object")):
            return 'no "object"'
        if not isinstance(entry, list):
            return "entry is not a list"
        if not entry:
            return "entry list is empty"
    return "entry carries no event"


def read_event(envelope: Envelope, item: Any) -> Event:
    """Read one inner item into its event."""
    if envelope.channel == "changed_fields" and isinstance(item, str):
        return read_change(envelope, {"field": item})
    if not isinstance(item, dict):
        return Event(**facts("unknown", envelope, {"value": item}, identity=None))
    if envelope.channel in ("messaging", "standby"):
        return _read_messaging_item(envelope, item)
    value = read_object(item.get("value"))
    if find_reader(value) and ("sender" in value or "recipient" in value):
        return read_messaging(envelope, value)  # Instagram, and the test button, send messages as changes too
    return read_change(envelope, item)


def _read_messaging_item(envelope: Envelope, item: Json) -> Event:
    if find_reader(item) is None and isinstance(item.get("field"), str):  # comments of groups, so documented
        return read_change(envelope, {"field": item["field"], "value": item})
    return read_messaging(envelope, item)
