"""What every answer of the JSON API has, whoever made it: problems as problems, limits, no caching."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from operations.api.limits import find_standing
from operations.api.problems import CONTENT_TYPE, answer_status

NAMESPACE = "api"


class ApiMiddleware:
    """Stands first, so that it also sees what Django and the other middleware refuse."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        return _finished(request, response) if _is_of_the_api(request) else response


def _is_of_the_api(request: HttpRequest) -> bool:
    """Say whether an address is the API's: one of its own, or one under /api/ that is nobody's."""
    if not request.path_info.startswith("/api/"):
        return False
    match = request.resolver_match
    return match is None or NAMESPACE in match.namespaces


def _finished(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code >= 400 and response.headers.get("Content-Type") != CONTENT_TYPE:
        response = _as_problem(response)
    response.headers.setdefault("Cache-Control", "no-store")
    standing = find_standing(request)
    for name, value in standing.headers().items() if standing else ():
        response[name] = value
    return response


def _as_problem(refused: HttpResponse) -> HttpResponse:
    """Put a problem in the place of a page, with what the page's headers say to browsers."""
    problem = answer_status(refused.status_code)
    for name, value in refused.headers.items():
        if not name.startswith("Content-") or name == "Content-Security-Policy":
            problem.headers.setdefault(name, value)
    return problem
