"""What the two callbacks of Meta's dashboard share, and the one for removed apps.

Meta posts a form with one field, `signed_request` (fact sheet section 8). What is refused leaves no row:
nobody vouches for it. Nothing remote happens here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations.deauthorising import deauthorise
from integrations.oauth.signed_request import BadSignedRequest, SignedRequest, read_signed_request
from integrations.webhooks.signature import AppSecrets

logger = structlog.get_logger(__name__)

BODY_LIMIT = 16_384
"""Bytes of the whole form; longer ones are not even read."""

Callback = Callable[[HttpRequest, SignedRequest], HttpResponse]


def signed_callback(view: Callback) -> Callable[[HttpRequest], HttpResponse]:
    """Let in Meta's own POST and nothing else; what does not fit is answered 400 with the reason."""

    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        try:
            asked = read_signed_request(_read_form(request), secrets=_app_secrets(), now=timezone.now())
        except BadSignedRequest as error:
            logger.warning("A signed_request was refused", path=request.path, why=str(error))
            return HttpResponse(f"{error}\n", status=400, content_type="text/plain; charset=utf-8")
        return view(request, asked)

    return csrf_exempt(require_POST(never_cache(checked)))


def _app_secrets() -> AppSecrets:
    return AppSecrets(facebook=settings.FACEBOOK_APP_SECRET, instagram=settings.INSTAGRAM_APP_SECRET)


def _read_form(request: HttpRequest) -> str:
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > BODY_LIMIT:
        raise BadSignedRequest("The form is longer than any of Meta's.")
    return request.POST.get("signed_request", "")


@signed_callback
def deauthorized(request: HttpRequest, asked: SignedRequest) -> HttpResponse:
    """A person removed the app at Facebook. Meta wants any 200, also when we do not know them."""
    count = deauthorise(asked.user_id, asked_at=asked.issued_at)
    return JsonResponse({"success": True, "connections_ended": count})
