"""Where Meta sends the wish to be forgotten, and where the person can watch it being done."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from integrations.oauth.callbacks import signed_callback
from integrations.oauth.signed_request import SignedRequest
from operations.erasure import record_request
from operations.erasure_words import describe_erased, describe_kept
from operations.models import CODE_LENGTH, DeletionRequest
from operations.tasks import erase


@signed_callback
def data_deletion(request: HttpRequest, asked: SignedRequest) -> HttpResponse:
    """Take the wish, and answer at once with where to follow it; a task does the rest."""
    found = record_request(
        DeletionRequest.Kind.FACEBOOK_USER,
        asked.user_id,
        subject={"user_id": asked.user_id},
        requested_at=asked.issued_at,
    )
    if found.state == DeletionRequest.State.WAITING:
        erase.delay_on_commit(found.pk)
    return JsonResponse({"url": found.public_url, "confirmation_code": found.code})


@require_safe
def instructions(request: HttpRequest) -> HttpResponse:
    """How to be forgotten, and a field for the code of who has asked already."""
    code = "".join(request.GET.get("code", "").split()).lower()
    if code.isascii() and code.isalnum() and len(code) <= 2 * CODE_LENGTH:
        return redirect("deletion_status", code=code)
    return render(
        request, "operations/data_deletion.html", {"wrong": bool(code)}, status=422 if code else 200
    )


@require_safe
@never_cache
def status(request: HttpRequest, code: str) -> HttpResponse:
    """How far one request is, for whoever has its code. No personal data, and for no search engine."""
    found = DeletionRequest.objects.select_related("store").filter(code=code.lower()).first()
    context = {
        "deletion": found,
        "erased": describe_erased(found.erased) if found else [],
        "kept": describe_kept(found.kept) if found else [],
    }
    page = render(request, "operations/deletion_status.html", context, status=200 if found else 404)
    page["X-Robots-Tag"] = "noindex, nofollow"
    return page
