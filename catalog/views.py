"""Pages of one product: what it is, its form, stock by hand."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from catalog import selectors, services
from catalog.comparing.advice_selectors import list_reviews
from catalog.forms import AdjustForm
from catalog.linking.choice_forms import SAID
from catalog.linking.switches import list_switches
from catalog.models import MOST_PIECES, Catalog, Product, Reason, Variant
from catalog.pictures.forms import ACTION, PictureEditor, edit_product, read_pictures
from catalog.pictures.selectors import list_images
from catalog.pictures.tasks import look_at_pictures
from catalog.preflight import check
from catalog.product_forms import BaseVariantForms, ProductForm, VariantForms, forgive, read_product
from catalog.stock import ledger
from tenancy.access import StoreRequest, store_view
from tenancy.models import Store
from tenancy.roles import Role
from ui.wording import number_text

MOST_UNFOLDED = 8
"""Variants of a product whose cards stand open; of more each is a line that unfolds."""


@store_view(Role.VIEWER)
def product(request: StoreRequest, product: int) -> HttpResponse:
    return _show_product(request, get_object_or_404(Product.objects, pk=product))


def _show_product(
    request: StoreRequest,
    found: Product,
    *,
    variant: Variant | None = None,
    refused: AdjustForm | None = None,
) -> HttpResponse:
    """Show a product, with the stock form of `variant` open when it was refused."""
    rows = selectors.list_variants(found)
    catalogs = selectors.list_catalogs()
    context = {
        "product": found,
        "cards": [(row, refused if row.variant == variant else _adjust_form(row.variant)) for row in rows],
        "when_sold_out": Store.SoldOut(found.when_sold_out_in(request.store)).label,
        "is_folded": len(rows) > MOST_UNFOLDED,
        "on_hand": sum(row.variant.on_hand for row in rows),
        "findings": check(found, [row.variant for row in rows]),
        "movements": selectors.list_movements(found),
        "images": list_images(found),
        "reviews": list_reviews(found),
        "catalogs": catalogs,
        "shown_items": sum(item.is_at_meta for row in rows for item in row.items),
        "switches": list_switches(found, [row.variant for row in rows], catalogs),
        "said": SAID,
        "can_edit": request.membership.allows(Role.MANAGER),
    }
    return render(request, "catalog/product.html", context, status=422 if refused else 200)


def _adjust_form(variant: Variant, data: QueryDict | None = None) -> AdjustForm:
    return AdjustForm(data, auto_id=f"id_{variant.pk}_%s")


@store_view(Role.MANAGER)
def new(request: StoreRequest) -> HttpResponse:
    return _edit(request, None)


@store_view(Role.MANAGER)
def edit(request: StoreRequest, product: int) -> HttpResponse:
    return _edit(request, get_object_or_404(Product.objects, pk=product))


def _edit(request: StoreRequest, found: Product | None) -> HttpResponse:
    is_sent = request.method == "POST"
    editor = read_pictures(request.POST, request.FILES) if is_sent else edit_product(found)
    sent = editor.put_into(request.POST) if is_sent else None
    form = ProductForm(sent, instance=found)
    rows = VariantForms(sent, product=found, currency=request.store.currency, pictures=editor.addresses)
    if is_sent and ACTION in request.POST:
        return _show_form(request, found, form, rows, editor)
    if is_sent and form.is_valid() and rows.is_valid() and not editor.errors:
        saved = _save(request, found, form, rows, editor)
        if saved is not None:
            look_at_pictures.delay_on_commit(request.store.pk)
            messages.success(request, _("%(product)s is saved.") % {"product": saved.title})
            return redirect("catalog:product", store=request.store.slug, product=saved.pk)
    return _show_form(request, found, form, rows, editor)


def _show_form(
    request: StoreRequest,
    found: Product | None,
    form: ProductForm,
    rows: BaseVariantForms,
    editor: PictureEditor,
) -> HttpResponse:
    """Show the form. A button of the pictures is no try to save: nothing else is found fault with yet."""
    is_only_pictures = ACTION in request.POST
    if is_only_pictures:
        forgive(form, rows)
    form.show_typed(editor.typed)
    is_refused = (form.is_bound and not is_only_pictures) or bool(editor.errors or form.errors)
    context = {"product": found, "form": form, "rows": rows, "editor": editor}
    return render(request, "catalog/edit.html", context, status=422 if is_refused else 200)


def _save(
    request: StoreRequest,
    found: Product | None,
    form: ProductForm,
    rows: BaseVariantForms,
    editor: PictureEditor,
) -> Product | None:
    data = read_product(form, rows)
    if data is None:
        return None
    data = replace(data, image_alts=editor.alts)
    try:
        if found is None:
            return services.create_product(data, actor=request.user)
        return services.update_product(found, data, actor=request.user)
    except IntegrityError:  # somebody else was faster with one of the SKUs
        form.add_error(None, _("One of the SKUs was just given to another product. Choose another one."))
        return None


@require_POST
@store_view(Role.MANAGER)
def archive(request: StoreRequest, product: int) -> HttpResponse:
    found: Product = get_object_or_404(Product.objects, pk=product)
    services.archive_product(found, actor=request.user)
    messages.success(
        request, _("%(product)s is archived and leaves your catalogs.") % {"product": found.title}
    )
    return redirect("catalog:product", store=request.store.slug, product=found.pk)


@require_POST
@store_view(Role.MANAGER)
def restore(request: StoreRequest, product: int) -> HttpResponse:
    found: Product = get_object_or_404(Product.objects, pk=product)
    services.restore_product(found, actor=request.user)
    messages.success(request, _("%(product)s is on sale again.") % {"product": found.title})
    return redirect("catalog:product", store=request.store.slug, product=found.pk)


@require_POST
@store_view(Role.MANAGER)
def send(request: StoreRequest, product: int) -> HttpResponse:
    found: Product = get_object_or_404(Product.objects, pk=product)
    count = services.send_now(found)
    if count and not Catalog.objects.filter(Catalog.SENDING, items__variant__product=found).exists():
        words = ngettext("%(n)s item waits.", "%(n)s items wait.", count) % {"n": count}
        messages.info(request, words + " " + _("Nothing is sent to its catalogs until you say so there."))
    elif count:
        words = ngettext("%(n)s item is being sent to Meta.", "%(n)s items are being sent to Meta.", count)
        messages.success(request, words % {"n": count})
    else:
        messages.info(request, _("No catalog shows this product yet. Connect one first."))
    return redirect("catalog:product", store=request.store.slug, product=found.pk)


@require_POST
@store_view(Role.MANAGER)
def adjust(request: StoreRequest, variant: int) -> HttpResponse:
    found = get_object_or_404(Variant.objects.select_related("product", "store"), pk=variant)
    form = _adjust_form(found, request.POST)
    if form.is_valid():
        delta, reason = form.cleaned_data["delta"], Reason(form.cleaned_data["reason"])
        try:
            ledger.adjust(found, delta, reason=reason, actor=request.user, reference=form.reference)
        except ledger.OutOfStock as error:
            words = _("There are only %(n)s on hand, so no more than that can be taken away.")
            form.add_error("delta", words % {"n": error.lines[0].available})
        except ledger.TooMany as error:
            words = _("There are %(n)s on hand already, and there can be no more than %(most)s of a variant.")
            numbers = {"n": number_text(error.on_hand), "most": number_text(MOST_PIECES)}
            form.add_error("delta", words % numbers)
        else:
            messages.success(request, _("The stock of %(variant)s is changed.") % {"variant": found})
            return redirect(reverse("catalog:product", args=[request.store.slug, found.product_id]))
    return _show_product(request, found.product, variant=found, refused=form)
