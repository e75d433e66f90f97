"""The page of one catalog's push: what would be sent, the word to go or stop, and how far it has come."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from catalog import services
from catalog.linking import services as linking
from catalog.linking.leaving import measure_stake
from catalog.linking.standing import read_card
from catalog.models import Catalog
from catalog.push.progress import count_on_the_way, find_last_run, measure_push
from catalog.push.rehearsal import count_waiting, rehearse
from catalog.selectors import get_catalog
from integrations.models import AssetState
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role


@require_safe
@store_view(Role.VIEWER)
def show(request: StoreRequest, catalog: int) -> HttpResponse:
    is_fragment = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]
    if is_fragment and Catalog.objects.filter(pk=catalog, state=AssetState.DISCONNECTED).exists():
        # It was let go while somebody looked on.
        return HttpResponseClientRedirect(reverse("catalog:catalogs", args=[request.store.slug]))
    found = get_catalog(catalog)
    is_rehearsing = found.is_held and found.choice and not found.is_leaving
    context = {
        "catalog": found,
        "card": read_card(found),
        "stake": measure_stake(found) if found.is_leaving else None,
        "rehearsal": rehearse(found) if is_rehearsing else None,
        **(_describe_sending(found) if found.is_sending else {}),
        "waiting": None if found.is_sending or found.is_held else count_waiting(found),
        "can_edit": request.membership.allows(Role.MANAGER),
    }
    return render(request, "catalog/_push.html" if is_fragment else "catalog/push.html", context)


def _describe_sending(catalog: Catalog) -> dict[str, object]:
    progress = measure_push(catalog)
    changes = "" if progress else count_on_the_way(catalog)
    at_rest = not progress and not changes
    return {"progress": progress, "changes": changes, "last_run": find_last_run(catalog) if at_rest else None}


@require_POST
@store_view(Role.MANAGER)
def let_go(request: StoreRequest, catalog: int) -> HttpResponse:
    """Agree to what the page shows: from now on it is sent."""
    found = get_catalog(catalog)
    services.let_go(found, actor=request.user)
    messages.success(request, _("Your products are on their way to %(catalog)s.") % {"catalog": found.name})
    return redirect("catalog:push", store=request.store.slug, catalog=found.pk)


@require_POST
@store_view(Role.MANAGER)
def hold_back(request: StoreRequest, catalog: int) -> HttpResponse:
    """Stop sending; what is left stays here."""
    found = get_catalog(catalog)
    services.hold_back(found, actor=request.user)
    words = _("Nothing more is sent to %(catalog)s. What is left stays here until you send it.")
    messages.success(request, words % {"catalog": found.name})
    return redirect("catalog:push", store=request.store.slug, catalog=found.pk)


@require_POST
@store_view(Role.MANAGER)
def send_all(request: StoreRequest, catalog: int) -> HttpResponse:
    """Send everything again, whatever we know of what Meta has."""
    found = get_catalog(catalog)
    linking.send_all_again(found, actor=request.user)
    messages.success(request, _("Everything is sent to %(catalog)s again.") % {"catalog": found.name})
    return redirect("catalog:push", store=request.store.slug, catalog=found.pk)
