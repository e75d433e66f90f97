"""Turn things of the world into Graph's answers: field selection, expansion, paging."""

import base64
import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from sandbox.call import Call
from sandbox.errors import GraphError, invalid
from sandbox.fields import Selection, parse
from sandbox.models import JSON

Handler = Callable[[Call, Any], Any | Awaitable[Any]]
FieldReader = Callable[[Call, Any], Any]


@dataclass(frozen=True)
class Kind:
    """How one kind of node is read."""

    name: str
    """The class of Meta's schema."""
    visible: Callable[[Call, Any], bool]
    fields: dict[str, FieldReader]
    default: tuple[str, ...] = ("id", "name")
    silent: frozenset[str] = frozenset()
    """Fields that Graph knows and this world leaves empty: left out of answers, no error."""


@dataclass(frozen=True)
class Schema:
    kinds: dict[type, Kind] = field(default_factory=dict)
    routes: dict[tuple[str, str, str], Handler] = field(default_factory=dict)
    """By kind, method and edge."""


SCHEMA = Schema()
"""Filled by `graph.py`, the one place that knows all kinds."""


def names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def attribute(name: str) -> FieldReader:
    return lambda call, node: getattr(node, name)


def constant(value: Any) -> FieldReader:
    return lambda call, node: value


def kind_of(node: Any) -> Kind:
    return SCHEMA.kinds[type(node)]


def render(call: Call, node: Any, fields: Sequence[Selection] | None = None) -> JSON:
    """Return the chosen fields of a node; an empty field is left out, the id is always there."""
    kind = kind_of(node)
    chosen = fields if fields is not None else [Selection(name) for name in kind.default]
    answer: JSON = {}
    for selection in chosen:
        value = _value(call, kind, node, selection)
        if value is not None:
            answer[selection.name] = value
    return answer | {"id": node.id}


def _value(call: Call, kind: Kind, node: Any, selection: Selection) -> Any:
    name = selection.name
    if name == "id":
        return node.id
    if name in kind.fields:
        return _expand(call, kind.fields[name](call, node), selection)
    if edge := SCHEMA.routes.get((kind.name, "GET", name)):
        answer = edge(call.within(f"{node.id}/{name}", dict(selection.modifiers) | _inner(selection)), node)
        if inspect.isawaitable(answer):
            raise invalid(f"Field {name} cannot be expanded")
        return answer
    if name in kind.silent:
        return None
    raise invalid(f"Tried accessing nonexisting field ({name}) on node type ({kind.name})")


def _inner(selection: Selection) -> JSON:
    return {} if selection.inner is None else {"fields": selection.inner}


def _expand(call: Call, value: Any, selection: Selection) -> Any:
    if type(value) in SCHEMA.kinds:
        return render(call, value, selection.inner if selection.inner is not None else [])
    if isinstance(value, dict) and selection.inner is not None:
        wanted = {inner.name for inner in selection.inner}
        return {key: value[key] for key in value if key in wanted or key == "data"}
    return value


def chosen_fields(call: Call) -> Sequence[Selection] | None:
    fields = call.params.get("fields")
    if isinstance(fields, tuple):
        return fields
    return (
        parse(",".join(call.words("fields")) if isinstance(fields, list) else str(fields)) if fields else None
    )


def listing(
    call: Call, rows: Sequence[Any], *, fields: Sequence[Selection] | None = None, limit: int = 25
) -> JSON:
    """Return one page of rows; `next` is there exactly while there is more."""
    chosen = chosen_fields(call)
    size = _limit(call, limit)
    start, end = _window(call, rows, size)
    answer: JSON = {
        "data": [render(call, row, chosen if chosen is not None else fields) for row in rows[start:end]]
    }
    if rows[start:end]:
        before, after = _cursor(rows[start].id), _cursor(rows[end - 1].id)
        answer["paging"] = {"cursors": {"before": before, "after": after}}
        if end < len(rows):
            answer["paging"]["next"] = _address(call, limit=size, after=after)
        if start > 0:
            answer["paging"]["previous"] = _address(call, limit=size, before=before)
    if call.params.get("summary"):
        answer["summary"] = {"total_count": len(rows)}
    return answer


def _limit(call: Call, default: int) -> int:
    text = call.text("limit", str(default))
    if not text.isdigit() or int(text) < 1:
        raise invalid("Param limit must be a positive integer")
    return int(text)


def _window(call: Call, rows: Sequence[Any], size: int) -> tuple[int, int]:
    if call.params.get("before"):
        end = _position(rows, call.text("before"))
        return max(0, end - size), end
    start = _position(rows, call.text("after")) + 1 if call.params.get("after") else 0
    return start, min(len(rows), start + size)


def _position(rows: Sequence[Any], cursor: str) -> int:
    padded = cursor + "=" * (-len(cursor) % 4)
    row_id = base64.urlsafe_b64decode(padded.encode()).decode(errors="replace")
    for position, row in enumerate(rows):
        if row.id == row_id:
            return position
    raise invalid("Invalid cursor: it belongs to an object that is gone")


def _cursor(row_id: str) -> str:
    return base64.urlsafe_b64encode(row_id.encode()).decode().rstrip("=")


def _address(call: Call, **position: Any) -> str:
    kept = {
        name: call.text(name)
        for name in call.params
        if name not in ("after", "before", "limit", "fields", "access_token", "appsecret_proof", "method")
    }
    if isinstance(call.params.get("fields"), str):
        kept["fields"] = call.params["fields"]
    token = call.token.id if call.token else ""
    query = urlencode(kept | {"access_token": token} | {name: str(value) for name, value in position.items()})
    version = f"/{call.version}" if call.version else ""
    return f"{call.origin}{version}/{call.path}?{query}"


def graph_time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def unknown_edge(path: str) -> GraphError:
    return GraphError(f"Unknown path components: /{path}", code=2500)
