"""The page on which a store says how it deals with stock."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalog.stock import low_stock, sold_out
from catalog.stock.forms import StockSettingsForm
from catalog.stock.tasks import follow_low_stock, send_sold_out_again
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role
from tenancy.services import update_store


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(Role.MANAGER)
def show(request: StoreRequest) -> HttpResponse:
    store = request.store
    said = {"when_sold_out": store.when_sold_out, "low_stock_at": store.low_stock_at}
    said["measures_stock"] = store.measures_stock
    form = StockSettingsForm(request.POST or None, initial=said)
    if request.method == "POST" and form.is_valid():
        if sold_out.set_when_sold_out(store, form.cleaned_data["when_sold_out"], actor=request.user):
            send_sold_out_again.delay_on_commit(store.pk)
        if low_stock.set_threshold(store, form.cleaned_data["low_stock_at"], actor=request.user):
            follow_low_stock.delay_on_commit(store.pk)
        update_store(store, actor=request.user, measures_stock=form.cleaned_data["measures_stock"])
        messages.success(request, _("Saved."))
        return redirect("catalog:stock_settings", store=store.slug)
    return render(request, "catalog/stock_settings.html", {"form": form}, status=422 if form.errors else 200)
