"""The list of products: its tabs, its filters, its search."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog import product_selectors, selectors
from catalog.bulk import whole_lists
from catalog.bulk.views import read_archived
from catalog.filter_words import FILTERS, TABS, list_words, read_wanted
from catalog.models import Status
from catalog.product_selectors import Wanted
from catalog.standings import REJECTED, UNANSWERED
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role
from ui.counting import count_words

UNCOUNTED = (REJECTED, Status.ARCHIVED)
RARE = (REJECTED, UNANSWERED)


@require_safe
@store_view(Role.VIEWER)
def products(request: StoreRequest) -> HttpResponse:
    words = list_words()
    wanted = read_wanted(request.GET, words)
    page = product_selectors.list_products(wanted, params=request.GET.dict())
    can_edit = request.membership.allows(Role.MANAGER)
    context = {
        "page": page,
        "search": wanted.search,
        "chips": _chips(request.GET, wanted),
        "list": request.GET.urlencode(),
        "words": words,
        "wanted": wanted,
        "tabs": _tabs(request, wanted.show),
        "show": wanted.show,
        "next_url": page.next_url,
        "previous_url": page.previous_url,
        "catalogs": selectors.list_catalogs(),
        "can_edit": can_edit,
        "bulk_actions": _bulk_actions(wanted.show) if can_edit else [],
        "archived": read_archived(request) if can_edit else 0,
        "bulk_change": whole_lists.find_running() if can_edit else None,
    }
    return render(request, "catalog/products.html", context)


def _tabs(request: StoreRequest, show: str) -> list[dict[str, object]]:
    """Return the tabs with their counts; that of what is rare only while there is something."""
    counts = {kind: product_selectors.count_matching(kind) for kind in TABS if kind not in UNCOUNTED}
    there = {kind for kind in counts if counts[kind]}
    if product_selectors.has_rejected():
        there.add(REJECTED)
    return [
        {
            "url": f"?show={kind}" if kind else request.path,
            "label": label,
            "count": count_words(counts[kind]) if kind in counts else None,
            "current": show == kind,
        }
        for kind, label in TABS.items()
        if kind not in RARE or kind in there or show == kind
    ]


def _chips(params: QueryDict, wanted: Wanted) -> list[dict[str, object]]:
    """Return each filter that is on, with the address of the list without it."""
    chips: list[dict[str, object]] = []
    for name, words in FILTERS.items():
        if value := getattr(wanted, name):
            rest = params.copy()
            for gone in (name, "older", "newer"):
                rest.pop(gone, None)
            chips.append({"url": f"?{rest.urlencode()}", "label": words % {"value": value}, "current": True})
    return chips


def _bulk_actions(show: str) -> list[dict[str, str]]:
    edit = {"value": "edit", "text": _("Edit"), "tone": "primary"}
    if show == "archived":
        return [edit, {"value": "restore", "text": _("Put on sale again")}]
    return [edit, {"value": "archive", "text": _("Archive")}]
