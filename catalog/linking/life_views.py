"""Making a catalog, and letting one go."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from catalog.linking import creating, leaving
from catalog.linking.forms import NewCatalogForm, UnlinkForm
from catalog.linking.tasks import make_catalog, stop_listening
from catalog.models import CatalogSearch
from catalog.selectors import get_catalog
from integrations.models import MetaAccount
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(Role.MANAGER)
def new(request: StoreRequest) -> HttpResponse:
    """Ask for a new catalog; it is made in the background."""
    searches = list(CatalogSearch.objects.select_related("account").order_by("account"))
    form = NewCatalogForm(request.POST or None, searches=searches)
    if form.is_bound and form.is_valid():
        (account, business), name = form.chosen(), form.cleaned_data["name"]
        creation = creating.ask_for_catalog(account, business, name=name, actor=request.user)
        if creation is None:
            messages.info(request, _("A catalog of this name is being made already."))
        else:
            make_catalog.delay_on_commit(request.store.pk, creation.pk)
            messages.success(request, _("Meta is asked to make %(name)s.") % {"name": name})
        return redirect("catalog:catalogs", store=request.store.slug)
    accounts = MetaAccount.objects.count()
    context = {
        "form": form,
        "accounts": accounts,
        "has_business": bool(form.found),
        "is_asking": len(searches) < accounts or any(not search.answered_at for search in searches),
    }
    return render(request, "catalog/new_catalog.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(Role.MANAGER)
def unlink(request: StoreRequest, catalog: int) -> HttpResponse:
    """Say what letting a catalog go means, and do it."""
    found = get_catalog(catalog)
    form = UnlinkForm(request.POST or None)
    if form.is_bound and form.is_valid():
        if form.cleaned_data["items"] == "remove":
            leaving.empty_catalog(found, actor=request.user)
            words = _("Your items are being taken out of %(catalog)s. It is let go when they are out.")
            messages.success(request, words % {"catalog": found.name})
            return redirect("catalog:push", store=request.store.slug, catalog=found.pk)
        leaving.unlink_catalog(found, actor=request.user)
        stop_listening.delay_on_commit(request.store.pk, found.pk)
        words = _("%(catalog)s is disconnected. Its items at Meta stay as they are.")
        messages.success(request, words % {"catalog": found.name})
        return redirect("catalog:catalogs", store=request.store.slug)
    context = {"catalog": found, "form": form, "stake": leaving.measure_stake(found)}
    return render(request, "catalog/unlink.html", context, status=422 if form.is_bound else 200)


@require_POST
@store_view(Role.MANAGER)
def keep(request: StoreRequest, catalog: int) -> HttpResponse:
    """Take no more items out, and keep the catalog."""
    found = get_catalog(catalog)
    leaving.keep_catalog(found, actor=request.user)
    words = _("%(catalog)s stays connected. Look what would be sent, and agree, to put back what is out.")
    messages.success(request, words % {"catalog": found.name})
    return redirect("catalog:push", store=request.store.slug, catalog=found.pk)
