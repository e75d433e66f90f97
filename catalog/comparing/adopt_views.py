"""The page on which items that are only at Meta become products: first what would happen, then the button."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.comparing import adopting
from catalog.comparing.adopt_forms import AdoptForm
from catalog.comparing.selectors import list_foreign, read_import
from catalog.comparing.tasks import adopt_items
from catalog.models import Catalog
from integrations.models import AssetState
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role

LEFT = "left"


@store_view(Role.MANAGER)
def show(request: StoreRequest, catalog: int) -> HttpResponse:
    connected = Catalog.objects.exclude(state=AssetState.DISCONNECTED)
    found: Catalog = get_object_or_404(connected, pk=catalog)
    facts = read_import(found)
    form = AdoptForm(request.POST or None, needs_pieces=facts.without_number > 0)
    if request.method == "POST" and form.is_valid():
        _ask(request, found, pieces=form.piece_count)
        return redirect("catalog:adopt", store=request.store.slug, catalog=found.pk)
    show_left = request.GET.get("show") == LEFT
    context = {
        "catalog": found,
        "facts": facts,
        "form": form,
        "show_left": show_left,
        "tabs": [
            {"url": "?", "label": _("Become products"), "count": facts.takeable, "current": not show_left},
            {"url": f"?show={LEFT}", "label": _("Cannot"), "count": facts.left, "current": show_left},
        ],
        "page": list_foreign(found, is_left=show_left, params=request.GET.dict()),
    }
    return render(request, "catalog/adopt.html", context, status=422 if form.is_bound else 200)


def _ask(request: StoreRequest, catalog: Catalog, *, pieces: int) -> None:
    count = adopting.ask_to_adopt(catalog, pieces=pieces, actor=request.user)
    if not count:
        messages.info(request, _("There is nothing left to take over."))
        return
    adopt_items.delay_on_commit(request.store.pk, catalog.pk)
    words = ngettext("%(n)s item becomes a product.", "%(n)s items become products.", count)
    messages.success(request, words % {"n": count})
