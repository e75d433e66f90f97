"""Pages of a variant's stock: the ledger, what is held, what is kept back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Reservation, StockMovement, Variant
from catalog.stock import ledger as stock
from catalog.stock import selectors, services
from catalog.stock.forms import HoldForm, LimitsForm
from catalog.stock.snapshots import describe_stock, list_snapshots
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role


def _get_variant(pk: int) -> Variant:
    found: Variant = get_object_or_404(Variant.objects.select_related("product", "store"), pk=pk)
    return found


@require_safe
@store_view(Role.VIEWER)
def ledger(request: StoreRequest, variant: int) -> HttpResponse:
    return _show(request, _get_variant(variant))


def _show(
    request: StoreRequest,
    variant: Variant,
    *,
    hold_form: HoldForm | None = None,
    limits_form: LimitsForm | None = None,
) -> HttpResponse:
    """Show a variant's stock, with the form that was refused as it was filled in."""
    page = selectors.read_ledger(variant, store=request.store, params=request.GET.dict())
    context = {
        "variant": variant,
        "page": page,
        "channels": [(one, describe_stock(one)) for one in list_snapshots([variant])],
        "holds": selectors.list_holds(variant),
        "hold_form": hold_form or HoldForm(),
        "limits_form": limits_form or LimitsForm(instance=variant),
        "can_edit": request.membership.allows(Role.MANAGER),
        "can_hold": request.membership.allows(Role.AGENT),
    }
    return render(request, "catalog/ledger.html", context, status=422 if hold_form or limits_form else 200)


@require_safe
@store_view(Role.VIEWER)
def ledger_csv(request: StoreRequest, variant: int) -> HttpResponse:
    found = _get_variant(variant)
    response = HttpResponse(selectors.write_ledger_csv(found), content_type="text/csv; charset=utf-8")
    name = f"stock-{found.retailer_id}.csv"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


@require_POST
@store_view(Role.MANAGER)
def undo(request: StoreRequest, movement: int) -> HttpResponse:
    rows = StockMovement.objects.select_related("variant__product", "variant__store")
    found: StockMovement = get_object_or_404(rows, pk=movement)
    try:
        stock.undo(found, actor=request.user)
    except stock.CannotUndo as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The change is undone; both entries stay in the history."))
    return redirect("catalog:ledger", store=request.store.slug, variant=found.variant_id)


@require_POST
@store_view(Role.AGENT)
def hold(request: StoreRequest, variant: int) -> HttpResponse:
    found, form = _get_variant(variant), HoldForm(request.POST)
    if form.is_valid():
        pieces = form.cleaned_data["quantity"]
        try:
            services.hold_by_hand(
                found, pieces, reference=form.reference, length=form.length, actor=request.user
            )
        except stock.OutOfStock as error:
            words = _("Only %(n)d can be held: the rest is held already, kept back or not there.")
            form.add_error("quantity", words % {"n": error.lines[0].available})
        else:
            words = ngettext("%(n)d piece is held.", "%(n)d pieces are held.", pieces)
            messages.success(request, words % {"n": pieces})
            return redirect("catalog:ledger", store=request.store.slug, variant=found.pk)
    return _show(request, found, hold_form=form)


@require_POST
@store_view(Role.AGENT)
def release(request: StoreRequest, hold: int) -> HttpResponse:
    found: Reservation = get_object_or_404(Reservation.objects.select_related("variant__product"), pk=hold)
    pieces = services.release_by_hand(found, actor=request.user)
    words = ngettext("%(n)d piece can be sold again.", "%(n)d pieces can be sold again.", pieces)
    messages.success(request, words % {"n": pieces})
    return redirect("catalog:ledger", store=request.store.slug, variant=found.variant_id)


@require_POST
@store_view(Role.MANAGER)
def limits(request: StoreRequest, variant: int) -> HttpResponse:
    found = _get_variant(variant)
    form = LimitsForm(request.POST, instance=_get_variant(variant))
    if not form.is_valid():
        return _show(request, found, limits_form=form)
    services.set_limits(found, **form.cleaned_data, actor=request.user)
    messages.success(request, _("Saved. Meta hears of it in seconds."))
    return redirect("catalog:ledger", store=request.store.slug, variant=found.pk)
