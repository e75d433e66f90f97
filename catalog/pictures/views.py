"""Files of pictures for everybody who knows their address: Meta, buyers, ourselves. No login, no query."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

from catalog.pictures import storage

FOR_EVER = "public, max-age=31536000, immutable"
"""A changed picture is another address."""


def _name(request: HttpRequest, name: str) -> str:
    return f'"{name}"'


@require_safe
@condition(etag_func=_name)
def show(request: HttpRequest, name: str) -> HttpResponse:
    """Show a picture by its name. What is kept was drawn by us, so it is what its ending says."""
    found = storage.find(name)
    if found is None:
        raise Http404
    with found:
        answer = HttpResponse(found.read(), content_type=storage.content_type(name))
    answer["Cache-Control"] = FOR_EVER
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
