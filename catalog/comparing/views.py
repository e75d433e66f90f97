"""The page that compares a catalog at Meta with the store, and mends what differs."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from catalog.comparing import mending, reconcile
from catalog.comparing.selectors import list_findings, pick_kind, read_overview
from catalog.comparing.tasks import compare_catalog, mend_catalog
from catalog.models import Catalog, CatalogFinding, Comparison
from catalog.selectors import get_catalog
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role
from ui.counting import count_words

Kind = CatalogFinding.Kind


def _get_finding(pk: int) -> CatalogFinding:
    found: CatalogFinding = get_object_or_404(CatalogFinding.objects.select_related("catalog"), pk=pk)
    return found


@require_safe
@store_view(Role.VIEWER)
def show(request: StoreRequest, catalog: int) -> HttpResponse:
    found = get_catalog(catalog)
    overview = read_overview(found)
    kind = pick_kind(request.GET.get("kind", ""), overview.counts)
    context = {
        "catalog": found,
        "overview": overview,
        "kind": kind,
        "tabs": [
            {
                "url": f"?kind={one}",
                "label": one.label,
                "count": count_words(overview.counts[one]),
                "current": one == kind,
            }
            for one in Kind
        ],
        "open_count": overview.counts[kind],
        "page": list_findings(found, kind=kind, params=request.GET.dict()),
        "can_edit": request.membership.allows(Role.MANAGER),
    }
    is_fragment = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]
    if is_fragment and not overview.progress:
        # Somebody looked on until it ended: the heading says so, and the list with findings comes first.
        return HttpResponseClientRefresh()
    template = "catalog/_comparison.html" if is_fragment else "catalog/compare.html"
    return render(request, template, context)


@require_POST
@store_view(Role.MANAGER)
def start(request: StoreRequest, catalog: int) -> HttpResponse:
    found = get_catalog(catalog)
    comparison = reconcile.start_comparison(found)
    if comparison is None:
        messages.info(request, _("A comparison is under way already."))
    else:
        compare_catalog.delay_on_commit(request.store.pk, comparison.pk)
    return _back(request, found)


@require_POST
@store_view(Role.MANAGER)
def stop(request: StoreRequest, catalog: int) -> HttpResponse:
    found = get_catalog(catalog)
    running = Comparison.objects.filter(catalog=found, state=Comparison.State.RUNNING)
    if any(reconcile.stop_comparison(comparison) for comparison in running):
        messages.success(request, _("The comparison is stopped. What it has found so far is below."))
    return _back(request, found)


@require_POST
@store_view(Role.MANAGER)
def mend_all(request: StoreRequest, catalog: int) -> HttpResponse:
    """Mend all open findings of a kind."""
    found, kind = get_catalog(catalog), request.POST.get("kind", "")
    _ask(request, found, CatalogFinding.objects.filter(kind=kind))
    return _back(request, found, kind)


@require_POST
@store_view(Role.MANAGER)
def mend(request: StoreRequest, finding: int) -> HttpResponse:
    found = _get_finding(finding)
    _ask(request, found.catalog, CatalogFinding.objects.filter(pk=found.pk))
    return _back(request, found.catalog, found.kind)


@require_POST
@store_view(Role.MANAGER)
def keep(request: StoreRequest, finding: int) -> HttpResponse:
    """Leave an item as it is, or take that back."""
    found = _get_finding(finding)
    if mending.keep(found, is_kept=found.state != CatalogFinding.State.KEPT):
        messages.success(request, _("%(item)s is noted.") % {"item": found.title or found.retailer_id})
    else:
        messages.info(request, _("It is being mended right now. Look again in a minute."))
    return _back(request, found.catalog, found.kind)


def _ask(request: StoreRequest, catalog: Catalog, findings: QuerySet[CatalogFinding]) -> None:
    count = mending.ask_for(findings, catalog=catalog, actor=request.user)
    if not count:
        messages.info(request, _("There is nothing to mend here any more."))
        return
    mend_catalog.delay_on_commit(request.store.pk, catalog.pk)
    if not catalog.is_sending:
        text = _("Noted. Nothing is sent to %(catalog)s for now; it is mended when you send again.")
        messages.info(request, text % {"catalog": catalog.name})
        return
    words = ngettext("%(n)s item is being mended.", "%(n)s items are being mended.", count)
    messages.success(request, words % {"n": count})


def _back(request: StoreRequest, catalog: Catalog, kind: str = "") -> HttpResponse:
    response = redirect("catalog:compare", store=request.store.slug, catalog=catalog.pk)
    if kind in Kind.values:
        response["Location"] += f"?kind={kind}"
    return response
