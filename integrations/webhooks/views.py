"""The webhook address as a plain Django view: the reference, and the door under any other server."""

from __future__ import annotations

from django.conf import settings
from django.db import Error, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from integrations.webhooks import intake
from integrations.webhooks.tasks import nudge_inbox


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receive_webhook(request: HttpRequest) -> HttpResponse:
    return _handshake(request) if request.method == "GET" else _receive(request)


def _handshake(request: HttpRequest) -> HttpResponse:
    challenge = intake.answer_handshake(
        mode=request.GET.get("hub.mode", ""),
        verify_token=request.GET.get("hub.verify_token", ""),
        challenge=request.GET.get("hub.challenge", ""),
    )
    if challenge is None:
        return _plain("The verify token does not fit.", status=403)
    return _plain(challenge, status=200)


def _receive(request: HttpRequest) -> HttpResponse:
    body = _read_body(request)
    if body is None:
        return _refuse(intake.TOO_LARGE)
    verdict = intake.examine(
        body,
        sha256=request.headers.get("X-Hub-Signature-256", ""),
        sha1=request.headers.get("X-Hub-Signature", ""),
    )
    if isinstance(verdict, intake.Refusal):
        return _refuse(verdict)
    try:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(intake.INSERT_DELIVERIES, intake.insert_values([(body, verdict)]))
    except Error:
        return _refuse(intake.NOT_STORED)
    nudge_inbox()
    return _plain("ok", status=200)


def _read_body(request: HttpRequest) -> bytes | None:
    """Return the body, or None when it is over the limit; never holds more than the limit in memory."""
    limit: int = settings.WEBHOOK_BODY_LIMIT
    body = request.read(limit + 1)
    return None if len(body) > limit else body


def _refuse(refusal: intake.Refusal) -> HttpResponse:
    return _plain(refusal.words, status=refusal.status)


def _plain(words: str, *, status: int) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
