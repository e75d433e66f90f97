"""The only readers of what a person types about products, stock and catalogs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalog.models import HAND_REASONS, Product, Status, Variant
from catalog.services import ProductData, VariantData
from ui.currency import decimals, to_major

MOST_VARIANTS = 100
MOST_PIECES = 1_000_000
MOST_MONEY = Decimal("999999999")


class ProductForm(forms.ModelForm):  # type: ignore[type-arg]
    """What all variants of a product share."""

    image_url = forms.URLField(
        label=_("Picture address"),
        required=False,
        max_length=2000,
        assume_scheme="https",
        help_text=_(
            "A public web address of a JPEG or PNG, at least 500 × 500. Meta shows no product without one."
        ),
    )

    class Meta:
        model = Product
        fields = ["title", "description", "brand", "condition", "image_url"]
        widgets = {"description": forms.Textarea(attrs={"rows": 5})}
        help_texts = {
            "description": _("In plain words. Without one, Meta shows the title again."),
            "brand": _("Without one, Meta shows the store's name."),
        }


class VariantForm(forms.Form):
    """One row: what a buyer can order, at which price. An empty new row is no variant."""

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(
        label=_("Options"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Blue, large")}),
    )
    sku = forms.CharField(label=_("SKU"), max_length=100, required=False)
    price = forms.DecimalField(label=_("Price"), max_value=MOST_MONEY)
    on_hand = forms.IntegerField(
        label=_("On hand"), required=False, min_value=0, max_value=MOST_PIECES, initial=0
    )
    is_for_sale = forms.BooleanField(label=_("For sale"), required=False, initial=True)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        # A variant that exists changes its stock by movements; a new one is for sale.
        del self.fields["on_hand" if self.initial.get("pk") else "is_for_sale"]
        smallest = str(Decimal(1).scaleb(-decimals(currency)))
        self.fields["price"].widget.attrs |= {"step": smallest, "min": smallest}

    def clean_price(self) -> Decimal:
        price: Decimal = self.cleaned_data["price"]
        places = decimals(self.currency)
        if price <= 0:
            raise ValidationError(_("Enter a price above zero."))
        if price != round(price, places):
            raise ValidationError(
                _("%(currency)s has %(places)s decimals. Enter a price with no more than that."),
                params={"currency": self.currency, "places": places},
            )
        return price

    def variant_data(self) -> VariantData:
        values = self.cleaned_data
        return VariantData(
            pk=values["pk"],
            title=values["title"],
            sku=values["sku"],
            price_minor=int(values["price"].scaleb(decimals(self.currency))),
            on_hand=values.get("on_hand") or 0,
            is_for_sale=values.get("is_for_sale", True),
        )


class BaseVariantForms(BaseFormSet):  # type: ignore[type-arg]
    """The rows of one product: each refers to a variant of that product or to none yet."""

    default_error_messages = {
        "missing_management_form": _(
            "The form arrived incomplete, so nothing is saved. Open the page again."
        ),
    }

    def __init__(self, data: QueryDict | None, *, product: Product | None, currency: str) -> None:
        self.known = {variant.pk: variant for variant in product.variants.all()} if product else {}
        initial = [_initial(variant, currency) for variant in self.known.values()]
        super().__init__(data, prefix="variants", initial=initial, form_kwargs={"currency": currency})

    def filled(self) -> list[VariantForm]:
        """Return the rows that mean a variant."""
        return [form for form in self.forms if form.has_changed() or form.initial.get("pk")]

    def clean(self) -> None:
        if any(self.errors) or not self.management_form.is_valid():
            return
        rows = [form.cleaned_data for form in self.filled()]
        if not rows:
            raise ValidationError(_("Enter a price: a product needs at least one variant."))
        if {row["pk"] for row in rows if row["pk"]} - set(self.known):
            raise ValidationError(_("One of the variants belongs to another product. Open the page again."))
        titles = [row["title"].strip().lower() for row in rows]
        if len(set(titles)) < len(titles):
            raise ValidationError(_("Two variants have the same options. Say how they differ."))
        self._refuse_taken_skus(rows)

    def _refuse_taken_skus(self, rows: list[dict[str, Any]]) -> None:
        skus = [row["sku"] for row in rows if row["sku"]]
        taken = set(
            Variant.objects.filter(sku__in=skus).exclude(pk__in=self.known).values_list("sku", flat=True)
        )
        taken |= {sku for sku in skus if skus.count(sku) > 1}
        if taken:
            raise ValidationError(
                _("This SKU is used twice: %(sku)s. Each variant needs its own."), params={"sku": min(taken)}
            )


def _initial(variant: Variant, currency: str) -> dict[str, Any]:
    return {
        "pk": variant.pk,
        "title": variant.title,
        "sku": variant.sku,
        "price": to_major(variant.price_minor, currency),
        "is_for_sale": variant.status == Status.ACTIVE,
    }


VariantForms = cast(
    type[BaseVariantForms],
    formset_factory(
        VariantForm,
        formset=BaseVariantForms,
        extra=1,
        max_num=MOST_VARIANTS,
        absolute_max=MOST_VARIANTS + 1,
        validate_max=True,
    ),
)


def read_product(form: ProductForm, rows: BaseVariantForms) -> ProductData:
    """Return what two valid forms say together."""
    values = form.cleaned_data
    return ProductData(
        title=values["title"],
        description=values["description"],
        brand=values["brand"],
        condition=values["condition"],
        image_url=values["image_url"],
        variants=tuple(row.variant_data() for row in rows.filled()),
    )


class AdjustForm(forms.Form):
    """So many pieces more or fewer of a variant."""

    delta = forms.IntegerField(
        label=_("Change"),
        min_value=-MOST_PIECES,
        max_value=MOST_PIECES,
        help_text=_("Such as 12, or −1 for one less."),
    )
    reason = forms.ChoiceField(
        label=_("Why"), choices=[(reason.value, reason.label) for reason in HAND_REASONS]
    )

    def clean_delta(self) -> int:
        delta: int = self.cleaned_data["delta"]
        if delta == 0:
            raise ValidationError(_("Enter how many pieces more or fewer there are."))
        return delta


class ConnectCatalogForm(forms.Form):
    """Which of the catalogs that Meta named to connect."""

    account = forms.IntegerField()
    catalog_id = forms.CharField(max_length=64)
