"""The pages anybody may read, and the style guide."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from ui import samples


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What StormCom is, and the way in."""
    context = {
        "demo_sign_ins": getattr(settings, "DEMO_SIGN_INS", []),
        "domain_code": settings.FACEBOOK_DOMAIN_VERIFICATION,
    }
    return render(request, "landing.html", context)


@require_safe
def domain_verification(request: HttpRequest, code: str) -> HttpResponse:
    """The file by which Meta sees that the domain is ours: named by the code, and holding it."""
    if not code or code != settings.FACEBOOK_DOMAIN_VERIFICATION:
        raise Http404
    return HttpResponse(code)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for an icon on pages that name none, such as Django's admin."""
    return redirect(static("icon.svg"))


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept of whom, why and how long."""
    keep = {
        "events_days": settings.WEBHOOK_RETENTION_DAYS,
        "parked_days": settings.WEBHOOK_PARKED_RETENTION_DAYS,
    }
    return render(request, "privacy.html", {"contact": settings.CONTACT_EMAIL, "keep": keep})


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """What one may expect of the other."""
    return render(request, "terms.html", {"contact": settings.CONTACT_EMAIL})


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in all its states; only while developing."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "ui/styleguide.html", samples.context())
