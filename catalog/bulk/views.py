"""What is done with many products at once: archiving after a question, taking that back, changing them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from catalog.bulk import changes, whole_list_views
from catalog.bulk.forms import BulkForm, ChosenForm
from catalog.models import Product
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role

ARCHIVED = "archived_products"
"""Key in the session: what was just archived, so that it can be taken back."""


def read_archived(request: StoreRequest) -> int:
    """Return how many products were just archived and can be put back; said once."""
    kept = request.session.get(ARCHIVED, {})
    if kept.get("store") != request.store.pk or kept["is_said"]:
        return 0
    request.session[ARCHIVED] = kept | {"is_said": True}
    return len(kept["products"])


@require_POST
@store_view(Role.MANAGER)
def many(request: StoreRequest) -> HttpResponse:
    """Do what the bar under the list says with the chosen products, or open the page that asks for more."""
    if request.POST.get("everything") == "yes":
        return whole_list_views.many(request)
    chosen = ChosenForm(request.POST)
    if not chosen.is_valid():
        messages.error(request, _("Choose at least one product first."))
        return _back(request)
    products, action = chosen.cleaned_data["product"], request.POST.get("action", "")
    if action == "archive":
        return _archive(request, products)
    if action == "restore":
        count = changes.restore_products(products, actor=request.user)
        words = ngettext(
            "%(n)s product is on sale again, and goes to your catalogs.",
            "%(n)s products are on sale again, and go to your catalogs.",
            count,
        )
        messages.success(request, words % {"n": count})
        return _back(request)
    return _change(request, products, is_sent=action == "save")


def _archive(request: StoreRequest, products: list[Product]) -> HttpResponse:
    if request.POST.get("sure") != "yes":
        context = {
            "products": products,
            "leaving": changes.measure_archiving(products),
            "list": request.POST.get("list", ""),
        }
        return render(request, "catalog/archive.html", context)
    archived = changes.archive_products(products, actor=request.user)
    request.session[ARCHIVED] = {"store": request.store.pk, "products": archived, "is_said": False}
    return _back(request)


@require_POST
@store_view(Role.MANAGER)
def undo(request: StoreRequest) -> HttpResponse:
    """Put back what was just archived, as it was."""
    kept = request.session.get(ARCHIVED, {})
    archived = kept["products"] if kept.get("store") == request.store.pk else []
    count = changes.unarchive_products(archived, actor=request.user)
    words = ngettext("%(n)s product is back as it was.", "%(n)s products are back as they were.", count)
    messages.success(request, words % {"n": count})
    return _back(request)


def _change(request: StoreRequest, products: list[Any], *, is_sent: bool) -> HttpResponse:
    form = BulkForm(request.POST if is_sent else None)
    if is_sent and form.is_valid():
        try:
            count = changes.change_products(products, form.change(), actor=request.user)
        except changes.CannotChange as error:
            form.add_error("price_percent", str(error))
        else:
            words = ngettext("%(n)s product is changed.", "%(n)s products are changed.", count)
            messages.success(request, words % {"n": count})
            return _back(request)
    context = {"form": form, "products": products, "list": request.POST.get("list", "")}
    return render(request, "catalog/bulk.html", context, status=422 if is_sent else 200)


def _back(request: StoreRequest) -> HttpResponseRedirect:
    """Lead back to the list as it was: its tab, its filters, its page."""
    query = QueryDict(request.POST.get("list", "")[:1000]).urlencode()
    address = redirect("catalog:products", store=request.store.slug)
    return redirect(f"{address.url}?{query}" if query else address.url)
