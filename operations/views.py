"""Home, health, and the outbox of embedded mode."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.linking.look_tasks import resync_catalog
from catalog.models import Catalog
from integrations.models import ConnectedPage
from integrations.tasks import resync_page
from operations.health import check_health
from operations.home import look_around
from operations.outbox import is_outbox_open, list_mails
from operations.problems import find_product_notes
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role


@require_safe
@store_view(Role.VIEWER)
def home(request: StoreRequest) -> HttpResponse:
    found = look_around(request.store, for_manager=request.membership.allows(Role.MANAGER))
    return render(request, "operations/home.html", {"home": found})


@require_safe
@store_view(Role.VIEWER)
def health(request: StoreRequest) -> HttpResponse:
    context = {
        "health": check_health(request.store),
        "notes": find_product_notes(request.store),
        "can_check": request.membership.allows(Role.AGENT),
    }
    return render(request, "operations/health.html", context)


@require_POST
@store_view(Role.AGENT)
def check_page(request: StoreRequest, page: int) -> HttpResponse:
    found: ConnectedPage = get_object_or_404(ConnectedPage.objects, pk=page)
    resync_page.delay_on_commit(request.store.pk, found.pk)
    return _checking(request, found.name)


@require_POST
@store_view(Role.AGENT)
def check_catalog(request: StoreRequest, catalog: int) -> HttpResponse:
    found: Catalog = get_object_or_404(Catalog.objects, pk=catalog)
    resync_catalog.delay_on_commit(request.store.pk, found.pk)
    return _checking(request, found.name)


def _checking(request: StoreRequest, name: str) -> HttpResponse:
    messages.success(request, _("We are checking %(name)s now.") % {"name": name})
    return redirect("health", store=request.store.slug)


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """The e-mails that embedded mode kept, for trying out what would be in a person's inbox."""
    if not is_outbox_open():
        raise Http404
    return render(request, "operations/outbox.html", {"mails": list_mails()})
