"""Many calls in one: Graph's batch. Source: fact sheet 3.5 (50 operations, `null` for one that timed out)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from integrations.graph.answers import Json, read_object
from integrations.graph.encoding import encode_params
from integrations.graph.errors import GraphError, NoAnswer

MOST_OPERATIONS = 50


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One call of a batch, as `GraphClient.request` takes it."""

    method: str = "GET"
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, str]:
        words = urlencode(encode_params(self.params))
        path = quote(self.path.strip("/"))
        if self.method == "POST":
            return {"method": "POST", "relative_url": path, "body": words}
        return {"method": self.method, "relative_url": f"{path}?{words}" if words else path}


@dataclass(frozen=True)
class Part:
    """What one operation came to: a JSON object, or the error in its place."""

    status: int
    headers: Mapping[str, str]
    result: Json | GraphError


def read_part(operation: Operation, answer: Any) -> Part | None:
    """Read one place of a batch's answer; None for an operation that Meta did not finish."""
    if answer is None:
        return None
    if not isinstance(answer, dict):
        return Part(0, {}, NoAnswer("Meta answered a part of a batch without an answer in it."))
    headers = _read_headers(answer.get("headers"))
    status = answer["code"] if isinstance(answer.get("code"), int) else 0
    body = answer.get("body")
    try:
        found = read_object(operation.method, status, headers, body if isinstance(body, str) else "")
    except GraphError as error:
        return Part(status, headers, error)
    return Part(status, headers, found)


def unfinished() -> Part:
    """Return the part of an operation that Meta did not finish, twice."""
    return Part(0, {}, NoAnswer("Meta did not finish this part of a batch."))


def _read_headers(rows: Any) -> dict[str, str]:
    found = (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
    return {str(row.get("name", "")).lower(): str(row.get("value", "")) for row in found}
