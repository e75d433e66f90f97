"""What machines ask: does the process live, can it work, and how is it doing?"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from operations.metrics import may_read_metrics, render_metrics
from operations.readiness import inspect_broker, is_database_ready


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """The process can serve: the database answers.

    A broker that is away is told, but is no reason to take the web away: without it Meta's messages and
    people's work are kept, and swept up later.
    """
    database, broker = is_database_ready(), inspect_broker().reachable
    facts = {"ready": database, "database": _word(database), "broker": _word(broker)}
    return JsonResponse(facts, status=200 if database else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for a monitor that shows METRICS_TOKEN; others learn nothing, not even that they are here."""
    if not may_read_metrics(request.headers.get("Authorization", "")):
        raise Http404
    return HttpResponse(render_metrics(), content_type=CONTENT_TYPE_LATEST)


def _word(answers: bool) -> str:
    return "ok" if answers else "unreachable"
