"""The list of products, and what is done with many of them at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from catalog import bulk, product_selectors, selectors
from catalog.bulk_forms import BulkForm, ChosenForm
from catalog.models import Status
from catalog.product_selectors import Wanted
from catalog.standings import UNANSWERED
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role
from ui.counting import count_words

TABS = {
    "": gettext_lazy("On sale"),
    "refused": gettext_lazy("Refused by Meta"),
    "blocked": gettext_lazy("Not ready"),
    UNANSWERED: gettext_lazy("No answer from Meta"),
    "low": gettext_lazy("Running low"),
    "warning": gettext_lazy("Can be better"),
    "draft": gettext_lazy("Drafts"),
    "archived": gettext_lazy("Archived"),
}
RARE = (UNANSWERED,)


@require_safe
@store_view(Role.VIEWER)
def products(request: StoreRequest) -> HttpResponse:
    wanted = _wanted(request.GET)
    page = product_selectors.list_products(wanted, params=request.GET.dict())
    can_edit = request.membership.allows(Role.MANAGER)
    context = {
        "page": page,
        "search": wanted.search,
        "chips": _chips(request.GET),
        "tabs": _tabs(request, wanted.show),
        "show": wanted.show,
        "next_url": page.next_url,
        "previous_url": page.previous_url,
        "catalogs": selectors.list_catalogs(),
        "can_edit": can_edit,
        "bulk_actions": _bulk_actions(wanted.show) if can_edit else [],
    }
    return render(request, "catalog/products.html", context)


def _wanted(params: QueryDict) -> Wanted:
    said = {
        name: params.get(name, "").replace("\0", "").strip()[:100]
        for name in ("show", "q", "tag", "category")
    }
    return Wanted(show=said["show"], search=said["q"], tag=said["tag"], category=said["category"])


def _tabs(request: StoreRequest, show: str) -> list[dict[str, object]]:
    """Return the tabs with their counts; that of what is rare only while there is something."""
    counts = {kind: product_selectors.count_matching(kind) for kind in TABS if kind != Status.ARCHIVED}
    return [
        {
            "url": f"?show={kind}" if kind else request.path,
            "label": label,
            "count": count_words(counts[kind]) if kind in counts else None,
            "current": show == kind,
        }
        for kind, label in TABS.items()
        if kind not in RARE or counts[kind] or show == kind
    ]


def _chips(params: QueryDict) -> list[dict[str, object]]:
    """Return each filter that is on, with the address of the list without it."""
    chips: list[dict[str, object]] = []
    for name, words in (("category", _("Category: %(value)s")), ("tag", _("Tag: %(value)s"))):
        if params.get(name):
            rest = params.copy()
            for gone in (name, "older", "newer"):
                rest.pop(gone, None)
            label = words % {"value": params[name]}
            chips.append({"url": f"?{rest.urlencode()}", "label": label, "current": True})
    return chips


def _bulk_actions(show: str) -> list[dict[str, str]]:
    edit = {"value": "edit", "text": _("Edit"), "tone": "primary"}
    if show == "archived":
        return [edit, {"value": "restore", "text": _("Put on sale again")}]
    return [edit, {"value": "archive", "text": _("Archive")}]


@require_POST
@store_view(Role.MANAGER)
def many(request: StoreRequest) -> HttpResponse:
    """Do what the bar under the list says with the chosen products, or open the form to change them."""
    chosen = ChosenForm(request.POST)
    if not chosen.is_valid():
        messages.error(request, _("Choose at least one product first."))
        return redirect("catalog:products", store=request.store.slug)
    products = chosen.cleaned_data["product"]
    action = request.POST.get("action", "")
    if action not in bulk.STATUS_ACTIONS:
        return _change(request, products, is_sent=action == "save")
    count = bulk.set_status(products, action=action, actor=request.user)
    words = {
        "archive": ngettext("%(n)s product is archived.", "%(n)s products are archived.", count),
        "restore": ngettext("%(n)s product is on sale again.", "%(n)s products are on sale again.", count),
    }[action]
    messages.success(request, words % {"n": count})
    return redirect("catalog:products", store=request.store.slug)


def _change(request: StoreRequest, products: list[Any], *, is_sent: bool) -> HttpResponse:
    form = BulkForm(request.POST if is_sent else None)
    if is_sent and form.is_valid():
        try:
            count = bulk.change_products(products, form.change(), actor=request.user)
        except bulk.CannotChange as error:
            form.add_error("price_percent", str(error))
        else:
            words = ngettext("%(n)s product is changed.", "%(n)s products are changed.", count)
            messages.success(request, words % {"n": count})
            return redirect("catalog:products", store=request.store.slug)
    context = {"form": form, "products": products}
    return render(request, "catalog/bulk.html", context, status=422 if is_sent else 200)
