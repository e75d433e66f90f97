"""The page of the Meta catalogs that show the store's products."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog import selectors
from catalog.forms import ConnectCatalogForm
from catalog.linking import services
from catalog.linking.discovery import ask_again
from catalog.linking.look_tasks import discover_catalogs
from catalog.linking.standing import read_cards
from catalog.models import CatalogCreation, Choice
from catalog.push.outcomes import list_batches
from integrations.models import MetaAccount
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role


@store_view(Role.VIEWER)
def catalogs(request: StoreRequest) -> HttpResponse:
    accounts = list(MetaAccount.objects.order_by("pk"))
    cards = read_cards()
    found = [card.catalog for card in cards]
    offered, searches = selectors.list_offered(accounts)
    creations = selectors.list_creations()
    context = {
        "cards": cards,
        "batches": list_batches(found),
        "accounts": accounts,
        "offered": offered,
        "searches": searches,
        "creations": creations,
        "is_making": any(creation.state == CatalogCreation.State.ASKED for creation in creations),
        "has_business": any(search.businesses for search in searches),
        "is_searching": len(searches) < len(accounts) or any(not search.answered_at for search in searches),
        "can_edit": request.membership.allows(Role.MANAGER),
    }
    template = "catalog/_offered.html" if request.htmx else "catalog/catalogs.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_POST
@store_view(Role.MANAGER)
def look(request: StoreRequest) -> HttpResponse:
    """Ask Meta again which catalogs there are."""
    for account in MetaAccount.objects.order_by("pk"):
        ask_again(account)
        discover_catalogs.delay_on_commit(request.store.pk, account.pk)
    return redirect("catalog:catalogs", store=request.store.slug)


@require_POST
@store_view(Role.MANAGER)
def connect(request: StoreRequest) -> HttpResponse:
    form = ConnectCatalogForm(request.POST)
    account_pk = form.cleaned_data["account"] if form.is_valid() else None
    account: MetaAccount = get_object_or_404(MetaAccount.objects, pk=account_pk)
    facts = selectors.get_offered(account, form.cleaned_data["catalog_id"])
    if known := selectors.find_connected(facts.catalog_id):  # an old page: to connect it anew would stop it
        messages.info(request, _("%(catalog)s is connected already.") % {"catalog": known.name})
        return redirect("catalog:push", store=request.store.slug, catalog=known.pk)
    try:
        catalog = services.link_catalog(
            account,
            catalog_id=facts.catalog_id,
            name=facts.name,
            actor=request.user,
            is_held=True,
            choice=Choice.UNDECIDED,
        )
    except services.CatalogTaken:
        messages.error(request, _("This catalog is connected to another store. Disconnect it there first."))
    else:
        words = _("%(catalog)s is connected. Choose what it shows; nothing is sent before you agree to it.")
        messages.success(request, words % {"catalog": catalog.name})
        return redirect("catalog:choose", store=request.store.slug, catalog=catalog.pk)
    return redirect("catalog:catalogs", store=request.store.slug)
