"""The page of what Meta says of a catalog: its advice, its reviews, and Instagram's tags."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.comparing.advice_selectors import list_advice, read_advice
from catalog.comparing.tasks import ask_for_advice, look_at_reviews
from catalog.models import Severity
from catalog.selectors import get_catalog
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role


@require_safe
@store_view(Role.VIEWER)
def show(request: StoreRequest, catalog: int) -> HttpResponse:
    found = get_catalog(catalog)
    facts = read_advice(found)
    wanted = request.GET.get("show", "")
    told = [one for one in Severity if facts.counts[one] != "0"]
    severity = wanted if wanted in Severity.values else (told or [Severity.MUST_FIX])[0]
    context = {
        "catalog": found,
        "facts": facts,
        "severity": severity,
        "is_unasked": not facts.asked_at and not told,
        "tabs": [
            {
                "url": f"?show={one}",
                "label": one.label,
                "count": facts.counts[one],
                "current": one == severity,
            }
            for one in Severity
        ],
        "page": list_advice(found, severity=severity, params=request.GET.dict()),
        "can_edit": request.membership.allows(Role.MANAGER),
    }
    return render(request, "catalog/advice.html", context)


@require_POST
@store_view(Role.MANAGER)
def ask(request: StoreRequest, catalog: int) -> HttpResponse:
    """Ask Meta again, in the background."""
    found = get_catalog(catalog)
    ask_for_advice.delay_on_commit(request.store.pk, found.pk)
    look_at_reviews.delay_on_commit(request.store.pk, found.pk)
    messages.success(request, _("Meta is being asked. Look again in a minute."))
    return redirect("catalog:advice", store=request.store.slug, catalog=found.pk)
