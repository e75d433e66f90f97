"""The page for people who write programs, made of the OpenAPI document, and the document itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from operations.api.description import describe
from operations.api.problems import KINDS
from tenancy.roles import ApiScope

FIRST_CALL = 'curl -H "Authorization: Bearer stc_…" {url}/api/integrations/facebook/status'


@dataclass(frozen=True, kw_only=True)
class FieldRow:
    """One field of a body or an answer; `name` is the path to it, with [] where there are many."""

    name: str
    type: str
    words: str


@dataclass(frozen=True, kw_only=True)
class OperationRow:
    id: str
    method: str
    path: str
    summary: str
    description: str
    scope: str
    asked: list[FieldRow]
    status: str
    answered: list[FieldRow]


@require_safe
@cache_control(public=True, max_age=300)
def openapi(request: HttpRequest) -> HttpResponse:
    return JsonResponse(describe())


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    context = {
        "operations": list(_operations(describe())),
        "kinds": KINDS,
        "scopes": ApiScope,
        "first_call": FIRST_CALL.format(url=settings.APP_BASE_URL),
        "per_minute": settings.API_REQUESTS_PER_MINUTE,
        "per_store": settings.API_REQUESTS_PER_MINUTE_AND_STORE,
        "per_address": settings.API_REQUESTS_PER_MINUTE_AND_ADDRESS,
    }
    return render(request, "operations/api_docs.html", context)


def _operations(document: dict[str, Any]) -> Iterator[OperationRow]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            status, answer = next((int(s), a) for s, a in operation["responses"].items() if int(s) < 400)
            yield OperationRow(
                id=operation["operationId"],
                method=method.upper(),
                path=path,
                summary=operation["summary"],
                description=operation["description"],
                scope=operation["x-scope"],
                asked=list(_asked(document, operation)),
                status=str(status),
                answered=list(_fields(document, answer["content"]["application/json"]["schema"])),
            )


def _asked(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[FieldRow]:
    for one in operation["parameters"]:
        if one["name"] not in ("store", "X-Store"):
            words = one.get("description", "")
            yield FieldRow(name=one["name"], type=_type(one["schema"]), words=words)
    if body := operation.get("requestBody"):
        yield from _fields(document, body["content"]["application/json"]["schema"])


def _fields(document: dict[str, Any], schema: dict[str, Any], path: str = "") -> Iterator[FieldRow]:
    for name, field in _resolve(document, schema).get("properties", {}).items():
        place = f"{path}{name}"
        yield FieldRow(name=place, type=_type(field), words=field.get("description", ""))
        inner = _inner(field)
        many = field.get("type") == "array"
        yield from _fields(document, inner, f"{place}[]." if many else f"{place}.")


def _inner(field: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the objects in a field; an empty one when there are none."""
    options = [field, field.get("items", {}), *field.get("anyOf", [])]
    return next((one for one in options if "$ref" in one), {})


def _resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference, also the one of a body that may be left out."""
    reference = _inner(schema).get("$ref", "")
    name = reference.rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema


def _type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    return str(schema.get("format") or schema.get("type") or "object")
