"""The webhook address as a plain Django view: the reference, and the door under any other server."""

from __future__ import annotations

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from integrations.webhooks import intake


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
        return _answer(intake.TOO_LARGE)
    verdict = intake.examine(
        body,
        sha256=request.headers.get("X-Hub-Signature-256", ""),
        sha1=request.headers.get("X-Hub-Signature", ""),
    )
    if isinstance(verdict, intake.Answer):
        return _answer(verdict)
    try:
        # One statement in autocommit is durable once it returns, without BEGIN and COMMIT around it.
        with connection.cursor() as cursor:
            cursor.execute(intake.INSERT_DELIVERIES, intake.insert_values([(body, verdict)]))
    except Error:
        return _answer(intake.NOT_STORED)
    intake.nudger.send()
    return _answer(intake.KEPT)


def _read_body(request: HttpRequest) -> bytes | None:
    """Return the body, or None when it is over the limit; never holds more than the limit in memory."""
    limit: int = settings.WEBHOOK_BODY_LIMIT
    body = request.read(limit + 1)
    return None if len(body) > limit else body


def _answer(answer: intake.Answer) -> HttpResponse:
    return _plain(answer.words, status=answer.status, headers=answer.headers)


def _plain(words: str, *, status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8", headers=headers)
