"""What the JSON API answers when it does not do as asked: `application/problem+json` (RFC 9457).

The table is closed: each kind has an address of its own, which stands on /api/docs with what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

CONTENT_TYPE = "application/problem+json"

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of problem: its status, its title, and what to do about it."""

    status: int
    title: str
    remedy: str


KINDS: dict[str, Kind] = {
    "malformed": Kind(
        status=400,
        title="The request cannot be read.",
        remedy="Look at the address and the host in it; a body is a JSON object in UTF-8, or nothing at all.",
    ),
    "not-signed-in": Kind(
        status=401,
        title="You have to say who you are.",
        remedy="Send `Authorization: Bearer` with an API key of the store.",
    ),
    "key-refused": Kind(
        status=401,
        title="The API key does not work.",
        remedy="Make a new one in the settings of the store, under “API keys”.",
    ),
    "missing-scope": Kind(
        status=403,
        title="The API key does not allow this.",
        remedy="Make a key that allows it; what a key allows never changes.",
    ),
    "role-too-low": Kind(
        status=403,
        title="Your role in the store does not allow this.",
        remedy="Ask an owner of the store for the role that is named.",
    ),
    "no-csrf": Kind(
        status=403,
        title="The request may come from another site.",
        remedy="Send the CSRF cookie's value as `X-CSRFToken`, from a page of ours; or use an API key.",
    ),
    "not-found": Kind(
        status=404,
        title="There is nothing here.",
        remedy="Look at the address, and at the ids and the store in it. Others' stores are not shown.",
    ),
    "method-not-allowed": Kind(
        status=405,
        title="This address has no such method.",
        remedy="Use one of those that the `Allow` header names.",
    ),
    "nothing-connected": Kind(
        status=409,
        title="There is nothing to look at.",
        remedy="Connect a Page or a catalog to the store first.",
    ),
    "too-large": Kind(
        status=413,
        title="The body is too large.",
        remedy="Send only the fields of the operation: they are short.",
    ),
    "invalid": Kind(
        status=422,
        title="Something in the request does not fit.",
        remedy="`errors` names each field and what is wrong with it.",
    ),
    "too-many-requests": Kind(
        status=429,
        title="That was too often.",
        remedy="Wait for the seconds of `Retry-After`, then go on.",
    ),
    "fault": Kind(
        status=500,
        title="That is a fault of ours.",
        remedy="Try again in a minute. If it stays, tell the people who run this StormCom.",
    ),
    "not-set-up": Kind(
        status=503,
        title="This StormCom has no Facebook app yet.",
        remedy="The people who run it have to enter FACEBOOK_APP_ID and FACEBOOK_APP_SECRET.",
    ),
}
_WORDS = {
    "extra_forbidden": "There is no such field.",
    "int_parsing": "Give a whole number.",
    "model_attributes_type": "Send a JSON object.",
    "string_pattern_mismatch": "Give an id as Meta writes it, without spaces.",
    "string_type": "Give text, in quotes.",
    "string_unicode": "Give text that is valid Unicode.",
}
"""What pydantic says in words of its own → the same for somebody who knows only the API."""
_BY_STATUS = {
    401: "not-signed-in",
    403: "no-csrf",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    429: "too-many-requests",
}


class Problem(Exception):
    """One problem. `errors` is field → sentences; `headers` go out with it."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        *,
        errors: Mapping[str, list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind)
        self.kind, self.detail = kind, detail
        self.errors, self.headers = dict(errors or {}), dict(headers or {})


def address_of(kind: str) -> str:
    """Return what names a kind of problem in the whole world, and can be read."""
    return f"{settings.APP_BASE_URL}/api/docs#{kind}"


def answer_problem(problem: Problem) -> HttpResponse:
    kind = KINDS[problem.kind]
    body: dict[str, Any] = {
        "type": address_of(problem.kind),
        "title": kind.title,
        "status": kind.status,
        "detail": problem.detail or kind.remedy,
        "errors": problem.errors,
    }
    headers = dict(problem.headers)
    if kind.status == 401:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="StormCom"')
    return JsonResponse(body, status=kind.status, content_type=CONTENT_TYPE, headers=headers)


def answer_status(status: int) -> HttpResponse:
    """Answer a problem of which only the status is known: what Django itself refused."""
    by_class = "fault" if status >= 500 else "malformed"
    return answer_problem(Problem(_BY_STATUS.get(status, by_class)))


def handle_problems(api: NinjaAPI) -> None:
    """Have every exception of an operation answered as a problem."""
    handlers: dict[type[Exception], Any] = {
        Problem: lambda request, error: answer_problem(error),
        Http404: lambda request, error: answer_status(404),
        HttpError: lambda request, error: answer_status(error.status_code),
        SuspiciousOperation: lambda request, error: answer_status(400),
        RequestDataTooBig: lambda request, error: answer_status(413),
        ValidationError: _answer_invalid,
        Exception: _answer_fault,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def _answer_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors: dict[str, list[str]] = {}
    for one in error.errors:
        # Where it stood ("query", "body"), then the operation's own name of the body, then the field.
        path = [str(part) for part in one["loc"][1:] if part != "wanted"]
        words = _WORDS.get(one["type"], f"{one['msg']}.")
        errors.setdefault(".".join(path) or str(one["loc"][0]), []).append(words)
    return answer_problem(Problem("invalid", errors=errors))


def _answer_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("The API failed", path=request.path, exc_info=error)
    return answer_problem(Problem("fault"))
