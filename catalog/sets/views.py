"""The page of the product sets of a catalog: the store's tags and categories, as Meta has them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.comparing.tasks import mirror_sets
from catalog.models import Catalog, ProductSet
from catalog.selectors import get_catalog
from catalog.sets.product_sets import put_again
from tenancy.access import StoreRequest, store_view
from tenancy.audit import record_audit
from tenancy.roles import Role


@require_safe
@store_view(Role.VIEWER)
def show(request: StoreRequest, catalog: int) -> HttpResponse:
    found = get_catalog(catalog)
    context = {
        "catalog": found,
        "sets": list(ProductSet.objects.filter(catalog=found)),
        "can_edit": request.membership.allows(Role.MANAGER),
    }
    return render(request, "catalog/sets.html", context)


@require_POST
@store_view(Role.MANAGER)
def update(request: StoreRequest, catalog: int) -> HttpResponse:
    """Switch the sets on or off, and bring them up to date."""
    found = get_catalog(catalog)
    is_on = request.POST.get("mirrors_sets") == "on"
    changed = Catalog.objects.filter(pk=found.pk).exclude(mirrors_sets=is_on).update(mirrors_sets=is_on)
    if changed:
        record_audit("catalog.sets_switched", actor=request.user, target=found, name=found.name, is_on=is_on)
    put_again(found)
    mirror_sets.delay_on_commit(request.store.pk, found.pk)
    if found.is_sending:
        messages.success(request, _("The sets are being brought up to date. Look again in a minute."))
    else:
        words = _("Nothing is sent to %(catalog)s for now. Its sets follow when you send again.")
        messages.info(request, words % {"catalog": found.name})
    return redirect("catalog:sets", store=request.store.slug, catalog=found.pk)
