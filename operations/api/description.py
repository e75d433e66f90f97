"""The API as one object, and its OpenAPI document: what ninja knows, and what every operation shares."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from http.client import responses
from typing import Any

from django.conf import settings
from ninja import NinjaAPI
from ninja.operation import Operation
from ninja.responses import NinjaJSONEncoder

from operations.api.access import STORE_HEADER, KeyAuth, SessionAuth
from operations.api.operations import router
from operations.api.problems import CONTENT_TYPE, KINDS, handle_problems
from tenancy.roles import ApiScope

PREFIX = "integrations/facebook"
COMMON = ("malformed", "not-signed-in", "role-too-low", "not-found", "invalid", "too-many-requests", "fault")
"""The problems that any operation may answer."""
OWN: dict[str, tuple[str, ...]] = {
    "catalogSync": ("nothing-connected", "too-large"),
    "leadsSync": ("nothing-connected", "too-large"),
    "connect": ("not-set-up", "too-large"),
}
"""Operation → the problems that only it and its like answer."""

api = NinjaAPI(
    title="StormCom",
    version="1",
    description="Connecting Facebook Pages and Instagram accounts to a store, and seeing how they stand.",
    urls_namespace="api",
    openapi_url="",
    docs_url=None,
)
api.add_router(PREFIX, router)
handle_problems(api)


@cache
def describe() -> dict[str, Any]:
    """Return the OpenAPI document."""
    # By way of JSON, in which a status is text, and a default no object.
    document: dict[str, Any] = json.loads(
        json.dumps(api.get_openapi_schema(path_prefix="/api/"), cls=NinjaJSONEncoder)
    )
    document["servers"] = [{"url": settings.APP_BASE_URL}]
    document["components"]["schemas"]["Problem"] = _PROBLEM
    scopes = {found.operation_id: scope_of(found) for _path, found in walk_operations()}
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["x-scope"] = scopes[operation["operationId"]].value
            _complete(operation)
    return document


def walk_operations() -> Iterator[tuple[str, Operation]]:
    """Yield each operation with its path below the prefix."""
    for path, view in router.path_operations.items():
        for operation in view.operations:
            yield path, operation


def scope_of(operation: Operation) -> ApiScope:
    """Return what a key needs for an operation."""
    (scope,) = {way.scope for way in operation.auth_callbacks if isinstance(way, KeyAuth | SessionAuth)}
    return scope


def _complete(operation: dict[str, Any]) -> None:
    """Add what no operation says of itself: how the store is named, the limits' fields, the problems."""
    operation["parameters"] = [*operation["parameters"], *_STORE_PARAMETERS]
    for answer in operation["responses"].values():
        answer["headers"] = _LIMIT_FIELDS
    if "requestBody" in operation:
        operation["requestBody"]["required"] = False
    for kind in (*COMMON, *OWN.get(operation["operationId"], ())):
        words = KINDS[kind]
        operation["responses"][str(words.status)] = {
            "description": responses[words.status],
            "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }


_STORE_PARAMETERS = [
    {
        "in": place,
        "name": name,
        "required": False,
        "schema": {"type": "string"},
        "description": "The store's address, as in /s/<store>/. A session has to name it; a key knows it.",
    }
    for place, name in (("query", "store"), ("header", STORE_HEADER))
]
_LIMIT_FIELDS = {
    name: {"schema": {"type": "integer"}, "description": words}
    for name, words in (
        ("RateLimit-Limit", "Requests a minute."),
        ("RateLimit-Remaining", "How many are left of them."),
        ("RateLimit-Reset", "In how many seconds counting starts anew."),
    )
}
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "detail", "errors"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Names the kind of problem for good."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened or what to do, for a person."},
        "errors": {
            "type": "object",
            "description": "Field → sentences; empty unless the status is 422.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
