from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from catalog.models import Status as ProductStatus
from catalog.models import Variant
from catalog.number_fields import say_least, say_most
from orders.amounts import BadAmount, to_minor
from orders.models import Door, Source
from orders.reported import MAX_QUANTITY
from orders.requests import ADDRESS_KEYS, LineRequest, OrderRequest
from orders.status import Status
from ui.wording import money_text

LINES = 5
CHOICES_SHOWN = 500
"""More products than that do not fit a list on a page; each can still be typed by its SKU or name."""
SEPARATOR = " · "
STALE = _("This form is not complete any more. Reload the page, then place the order.")


class FilterForm(forms.Form):
    """What the list shows; a value nobody offered shows everything."""

    status = forms.ChoiceField(choices=[("attention", ""), *Status.choices], required=False)
    source = forms.ChoiceField(choices=Source.choices, required=False)
    q = forms.CharField(max_length=100, required=False)

    def read(self) -> dict[str, str]:
        """Return what can be used of it, '' for the rest."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}


class StatusForm(forms.Form):
    status = forms.ChoiceField(choices=Status.choices)


def label_of(variant: Variant) -> str:
    return f"{variant}{SEPARATOR}{variant.sku or variant.retailer_id}"


class ProductField(forms.CharField):
    """A variant, chosen from the list or typed: by SKU, by its id at Meta, or by a name that only one has."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        code = text.rpartition(SEPARATOR)[2]
        sold = Variant.objects.select_related("product").filter(
            status=ProductStatus.ACTIVE, product__status=ProductStatus.ACTIVE
        )
        for found in (
            sold.filter(sku=code),
            sold.filter(retailer_id=code),
            sold.filter(product__title__icontains=text),
        ):
            rows = list(found[:2])
            if len(rows) == 1:
                return rows[0]
            if rows:
                raise forms.ValidationError(
                    _("Several products fit. Choose one from the list, or type its SKU.")
                )
        raise forms.ValidationError(_("You sell no product with this name or SKU."))


class LineForm(forms.Form):
    product = ProductField(label=_("Product"), max_length=400, required=False)
    quantity = forms.IntegerField(
        label=_("Quantity"),
        min_value=1,
        max_value=MAX_QUANTITY,
        required=False,
        error_messages={
            "invalid": _("Type a whole number, such as 2."),
            "min_value": say_least(1),
            "max_value": say_most(MAX_QUANTITY),
        },
    )

    def __init__(self, data: Mapping[str, str] | None, *, number: int) -> None:
        super().__init__(data, prefix=f"line{number}")
        product, quantity = self.fields["product"].widget, self.fields["quantity"].widget
        product.attrs |= {"list": "products", "autocomplete": "off"}
        product.attrs["aria-label"] = _t("Product of line %(n)d") % {"n": number}
        quantity.attrs |= {"inputmode": "numeric", "placeholder": "1"}
        quantity.attrs["aria-label"] = _t("Quantity of line %(n)d") % {"n": number}

    def read(self) -> LineRequest | None:
        """Return the line at our price, one piece when no quantity was typed; None for an empty line."""
        variant: Variant | None = self.cleaned_data.get("product")
        if variant is None:
            return None
        quantity = self.cleaned_data.get("quantity") or 1
        return LineRequest(variant=variant, quantity=quantity, unit_price_minor=variant.price_minor)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("quantity") and not cleaned.get("product") and not self.errors:
            self.add_error("product", _("Say which product this is."))
        return cleaned


class ManualOrderForm(forms.Form):
    """An order taken by a person: who it is for, where it goes, and up to five lines."""

    key = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid.uuid4,
        error_messages={"required": STALE, "invalid": STALE},
    )
    buyer_name = forms.CharField(
        label=_("Name"), max_length=200, error_messages={"required": _("Say who the order is for.")}
    )
    buyer_email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("We send the confirmation there."),
        error_messages={"invalid": _("This is no e-mail address. It looks like name@example.com.")},
    )
    buyer_phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    street1 = forms.CharField(label=_("Street and number"), max_length=200, required=False)
    street2 = forms.CharField(label=_("Address line 2"), max_length=200, required=False)
    city = forms.CharField(label=_("Town or city"), max_length=200, required=False)
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    country = forms.CharField(label=_("Country"), max_length=60, required=False)
    shipping = forms.CharField(label=_("Price of shipping"), max_length=20, required=False)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["shipping"].widget.attrs["inputmode"] = "decimal"
        self.fields["shipping"].help_text = _t("In %(currency)s.") % {"currency": currency}
        data = self.data if self.is_bound else None
        self.line_forms = [LineForm(data, number=number) for number in range(1, LINES + 1)]

    def clean_shipping(self) -> int:
        text = self.cleaned_data["shipping"].replace(",", ".") or "0"
        try:
            return to_minor(text, self.currency)
        except BadAmount:
            example = money_text(390, self.currency)
            raise forms.ValidationError(
                _("Type an amount such as %(example)s."), params={"example": example}
            ) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        valid = [line.is_valid() for line in self.line_forms]
        if all(valid) and not self.chosen_lines():
            self.line_forms[0].add_error("product", _("Choose at least one product."))
        return cleaned

    def is_valid(self) -> bool:
        return super().is_valid() and all(line.is_valid() for line in self.line_forms)

    def chosen_lines(self) -> list[LineRequest]:
        return [line for form in self.line_forms if (line := form.read())]

    def as_request(self) -> OrderRequest:
        """Return what a valid form asks for, at our prices as they are now."""
        given = self.cleaned_data
        return OrderRequest(
            source=Source.MANUAL,
            door=Door.HAND,
            currency=self.currency,
            lines=tuple(self.chosen_lines()),
            buyer_has_ordered=False,
            placed_at=timezone.now(),
            buyer_name=given["buyer_name"],
            buyer_email=given["buyer_email"],
            buyer_phone=given["buyer_phone"],
            shipping_address=self._address(),
            shipping_minor=given["shipping"],
        )

    def _address(self) -> dict[str, str]:
        """Return the address as orders keep it; empty when none was given."""
        given = {key: self.cleaned_data[key] for key in ADDRESS_KEYS if self.cleaned_data.get(key)}
        return {"name": self.cleaned_data["buyer_name"], **given} if given else {}

    def add_shortages(self, available: dict[int, int]) -> None:
        """Put what is short beside its lines; `available` are the pieces that can be sold, by variant."""
        for line in self.line_forms:
            variant = line.cleaned_data.get("product")
            if variant and variant.pk in available:
                words = _("Only %(n)d in stock.") if available[variant.pk] else _("None in stock.")
                line.add_error("quantity", forms.ValidationError(words, params={"n": available[variant.pk]}))


def list_choices() -> list[str]:
    """Return the labels of what can be chosen; 1 query."""
    sold = Variant.objects.filter(status=ProductStatus.ACTIVE, product__status=ProductStatus.ACTIVE)
    rows = sold.select_related("product").order_by("product__title", "pk")[:CHOICES_SHOWN]
    return [label_of(variant) for variant in rows]
