"""The pages of orders."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.stock.ledger import OutOfStock
from orders import lifecycle, selectors, services
from orders.emails import address_lines
from orders.forms import FilterForm, ManualOrderForm, StatusForm, list_choices
from orders.lifecycle import NotPossible
from orders.models import Order, Source
from orders.status import Status, may_become, step_forward
from orders.timeline import read_timeline
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role


@require_safe
@store_view(Role.VIEWER)
def index(request: StoreRequest) -> HttpResponse:
    chosen = FilterForm(request.GET).read()
    counts = selectors.order_counts()
    page = selectors.list_orders(
        status=chosen["status"], source=chosen["source"], query=chosen["q"], params=request.GET.dict()
    )
    context = {
        "page": page,
        "counts": counts,
        "tabs": _tabs(request, counts, chosen),
        "sources": _sources(request, chosen),
        "chosen": chosen,
        "can_act": request.membership.allows(Role.AGENT),
    }
    return render(request, "orders/list.html", context)


def _tabs(
    request: StoreRequest, counts: selectors.OrderCounts, chosen: dict[str, str]
) -> list[dict[str, object]]:
    choices = [("", _("All"), counts.total), ("attention", _("Needs a look"), counts.attention)]
    choices += [(value, str(label), counts.by_status.get(value, 0)) for value, label in Status.choices]
    return [
        {
            "url": _address(request, chosen | {"status": value}),
            "label": label,
            "count": count,
            "current": value == chosen["status"],
        }
        for value, label, count in choices
    ]


def _sources(request: StoreRequest, chosen: dict[str, str]) -> list[dict[str, object]]:
    """Return a chip for each source; pressing the chosen one again shows all."""
    return [
        {
            "url": _address(request, chosen | {"source": "" if value == chosen["source"] else value}),
            "label": label,
            "current": value == chosen["source"],
        }
        for value, label in Source.choices
    ]


def _address(request: StoreRequest, params: dict[str, str]) -> str:
    kept = urlencode({key: value for key, value in params.items() if value})
    address = reverse("orders:list", kwargs={"store": request.store.slug})
    return f"{address}?{kept}" if kept else address


@require_safe
@store_view(Role.VIEWER)
def detail(request: StoreRequest, number: int) -> HttpResponse:
    order = _get_order(number)
    lines = selectors.list_lines(order)
    context = {
        "order": order,
        "lines": lines,
        "address": address_lines(order.shipping_address),
        "external_id": selectors.find_external_id(order),
        "timeline": read_timeline(selectors.list_events(order)),
        "actions": _actions(request, order),
        "pieces_held": sum(line.stock_held for line in lines),
    }
    return render(request, "orders/detail.html", context)


def _get_order(number: int) -> Order:
    try:
        return selectors.get_order(number)
    except Order.DoesNotExist:
        raise Http404 from None


def _actions(request: StoreRequest, order: Order) -> dict[str, Any]:
    """Return what this person may do with the order as it is now; empty for those who only look."""
    if not request.membership.allows(Role.AGENT):
        return {}
    return {
        "next": step_forward(order.status),
        "cancel": may_become(order.status, Status.CANCELLED),
        "resend": bool(order.buyer_email) and not order.is_cancelled,
        "settle": bool(order.needs_attention),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(Role.AGENT)
def new(request: StoreRequest) -> HttpResponse:
    form = ManualOrderForm(request.POST or None, currency=request.store.currency)
    if request.method == "POST" and form.is_valid():
        try:
            order = services.place_manual_order(
                form.cleaned_data["key"], form.as_request(), actor=request.user
            )
        except OutOfStock as shortage:
            form.add_shortages({line.variant.pk: line.available for line in shortage.lines})
        else:
            messages.success(request, _("Order %(number)s is placed.") % {"number": order})
            return _to_order(request, order.number)
    status = 422 if request.method == "POST" else 200
    return render(request, "orders/new.html", {"form": form, "choices": list_choices()}, status=status)


def _to_order(request: StoreRequest, number: int) -> HttpResponse:
    return redirect("orders:detail", store=request.store.slug, number=number)


@require_POST
@store_view(Role.AGENT)
def change_status(request: StoreRequest, number: int) -> HttpResponse:
    form = StatusForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("An order has no such status."))
        return _to_order(request, number)
    try:
        order = lifecycle.change_status(number, Status(form.cleaned_data["status"]), actor=request.user)
    except Order.DoesNotExist:
        raise Http404 from None
    except NotPossible as refusal:
        messages.error(request, str(refusal))
    else:
        words = _("Order %(number)s is %(status)s.")
        messages.success(request, words % {"number": order, "status": order.get_status_display().lower()})
    return _to_order(request, number)


@require_POST
@store_view(Role.AGENT)
def cancel(request: StoreRequest, number: int) -> HttpResponse:
    try:
        order = lifecycle.cancel_order(number, actor=request.user)
    except Order.DoesNotExist:
        raise Http404 from None
    except NotPossible as refusal:
        messages.error(request, str(refusal))
    else:
        words = _("Order %(number)s is cancelled. Its pieces are back in stock.")
        messages.success(request, words % {"number": order})
    return _to_order(request, number)


@require_POST
@store_view(Role.AGENT)
def resend(request: StoreRequest, number: int) -> HttpResponse:
    try:
        order = services.resend_confirmation(number, actor=request.user)
    except Order.DoesNotExist:
        raise Http404 from None
    if order:
        messages.success(
            request, _("The confirmation is on its way to %(email)s.") % {"email": order.buyer_email}
        )
    else:
        messages.error(request, _("This order has no e-mail address, or it is cancelled: nothing was sent."))
    return _to_order(request, number)


@require_POST
@store_view(Role.AGENT)
def settle(request: StoreRequest, number: int) -> HttpResponse:
    try:
        order = lifecycle.settle_attention(number, actor=request.user)
    except Order.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("Order %(number)s needs no more looking at.") % {"number": order})
    return _to_order(request, number)
