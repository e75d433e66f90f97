"""The only readers of what a person types about a product and its variants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import product as combinations
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalog.code_fields import CodeField, GtinField
from catalog.line_fields import LinesField
from catalog.models import Product, Status, Variant
from catalog.number_fields import AmountField, PiecesField
from catalog.options import join_lines, split_lines
from catalog.pictures.forms import PicturesField
from catalog.product_data import ProductData, VariantData
from catalog.sale_moments import SaleMoment
from ui.currency import decimals, to_major

MOST_VARIANTS = 100
MOST_TAGS = 30
FORM_ONLY = ("options", "is_every_combination_wanted")
"""Fields of the form that say how to make variants."""


class ProductForm(forms.ModelForm):  # type: ignore[type-arg]
    """What all variants of a product share."""

    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[(status.value, status.label) for status in (Status.ACTIVE, Status.DRAFT)],
        help_text=_("A draft is in no catalog and has no page for buyers."),
    )
    tags = LinesField(
        label=_("Tags"),
        sign=",",
        most=MOST_TAGS,
        item=forms.CharField(max_length=40),
        help_text=_("Your own words to find and group it by, with commas between."),
    )
    image_urls = PicturesField(
        label=_("Or their addresses"),
        help_text=_("Public web addresses of JPEG or PNG pictures, one on each line."),
    )
    options = forms.CharField(
        label=_("Options"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": _("Colour: Blue, Red")}),
        help_text=_(
            "How the variants differ, one option on each line: its name, a colon, its values with commas "
            "between."
        ),
    )
    is_every_combination_wanted = forms.BooleanField(
        label=_("Add a variant for each combination that is missing, at the price of the first one"),
        required=False,
    )

    class Meta:
        model = Product
        fields = [
            "title",
            "description",
            "status",
            "image_urls",
            "brand",
            "condition",
            "category",
            "google_category",
            "tags",
            "colour",
            "size",
            "material",
            "pattern",
            "gender",
            "age_group",
            "when_sold_out",
        ]
        error_messages = {"title": {"required": _("Give it a title: buyers read it first.")}}
        widgets = {"description": forms.Textarea(attrs={"rows": 5, "data-draft": ""})}
        help_texts = {
            "description": _("In plain words. Without one, Meta shows the title again."),
            "brand": _("Without one, Meta shows the store's name."),
            "when_sold_out": _("What buyers on Facebook, Instagram and its page see of it."),
            "google_category": _(
                "A name or number of Google's product taxonomy, such as Home & Garden > Lighting > Lamps."
            ),
        }

    def __init__(self, data: QueryDict | None = None, *, instance: Product | None = None) -> None:
        initial: dict[str, Any] = {}
        if instance is not None:
            variants = list(instance.variants.all())
            initial["options"] = join_lines(
                instance.option_names, [variant.option_values for variant in variants]
            )
        super().__init__(data, instance=instance, initial=initial)
        self.fields["when_sold_out"].required = False
        if instance is not None and instance.status == Status.ARCHIVED:
            del self.fields["status"]

    def clean_when_sold_out(self) -> str:
        """Leave it as it is when nothing is said."""
        said: str = self.cleaned_data["when_sold_out"]
        return said or self.instance.when_sold_out

    def show_typed(self, text: str) -> None:
        """Leave in the box of addresses what has not become a picture."""
        cast(PicturesField, self.fields["image_urls"]).typed = text

    def clean_options(self) -> dict[str, list[str]]:
        return split_lines(self.cleaned_data["options"])


class VariantForm(forms.Form):
    """One row: what a buyer can order, at which price. An empty new row is no variant."""

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(
        label=_("Options"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Blue, large")}),
    )
    sku = CodeField(label=_("SKU"), max_length=100, required=False)
    price = AmountField(label=_("Price"))
    on_hand = PiecesField(label=_("On hand"), required=False, initial=0)
    is_for_sale = forms.BooleanField(label=_("For sale"), required=False, initial=True)
    sale_price = AmountField(label=_("Sale price"), required=False)
    sale_starts_at = SaleMoment(label=_("Sale from"), required=False)
    sale_ends_at = SaleMoment(label=_("Sale until"), required=False)
    gtin = GtinField(
        label=_("GTIN"), max_length=20, required=False, help_text=_("The number under the barcode.")
    )
    image_url = forms.CharField(
        label=_("Picture"), required=False, help_text=_("Which of the pictures above buyers see first.")
    )
    mpn = CodeField(
        label=_("MPN"), max_length=70, required=False, help_text=_("The maker's own number of it.")
    )

    def __init__(self, *args: Any, currency: str, pictures: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency, self.pictures = currency, pictures
        numbered = [(url, _("Picture %(n)s") % {"n": n}) for n, url in enumerate(pictures, start=1)]
        self.fields["image_url"].widget = forms.Select(choices=[("", _("The main picture")), *numbered])
        # A variant that exists changes its stock by movements; a new one is for sale.
        del self.fields["on_hand" if self.initial.get("pk") else "is_for_sale"]
        for name in ("price", "sale_price"):
            cast(AmountField, self.fields[name]).use_currency(currency)
        for name in ("sale_starts_at", "sale_ends_at"):
            widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            self.fields[name].widget = widget

    def clean_image_url(self) -> str:
        """Follow the product when the picture has been taken out of it."""
        url: str = self.cleaned_data["image_url"]
        return url if url in self.pictures else ""

    def clean_price(self) -> Decimal:
        price: Decimal = self.cleaned_data["price"]
        self._refuse_amount(price)
        return price

    def clean_sale_price(self) -> Decimal | None:
        price: Decimal | None = self.cleaned_data["sale_price"]
        if price is not None:
            self._refuse_amount(price)
        return price

    def _refuse_amount(self, price: Decimal) -> None:
        places = decimals(self.currency)
        if price <= 0:
            raise ValidationError(_("Enter a price above zero."))
        if price != round(price, places):
            words = _("%(currency)s has %(places)s decimals. Enter a price with no more than that.")
            raise ValidationError(
                words if places else _("%(currency)s has no decimals. Enter a whole number."),
                params={"currency": self.currency, "places": places},
            )

    def clean(self) -> None:
        price, sale = self.cleaned_data.get("price"), self.cleaned_data.get("sale_price")
        starts, ends = self.cleaned_data.get("sale_starts_at"), self.cleaned_data.get("sale_ends_at")
        if price is not None and sale is not None and sale >= price:
            self.add_error("sale_price", _("The sale price has to be below the price."))
        if starts and ends and ends <= starts:
            self.add_error("sale_ends_at", _("The sale ends before it begins. Choose a later time."))
        if (starts or ends) and sale is None and "sale_price" not in self.errors:
            self.add_error("sale_price", _("Enter the price during the sale, or take its times out."))

    def variant_data(self, option_values: list[str]) -> VariantData:
        values = self.cleaned_data
        places = decimals(self.currency)
        sale = values["sale_price"]
        return VariantData(
            pk=values["pk"],
            title=", ".join(option_values) or values["title"],
            option_values=option_values,
            sku=values["sku"],
            gtin=values["gtin"],
            mpn=values["mpn"],
            image_url=values["image_url"],
            price_minor=int(values["price"].scaleb(places)),
            sale_price_minor=None if sale is None else int(sale.scaleb(places)),
            sale_starts_at=values["sale_starts_at"],
            sale_ends_at=values["sale_ends_at"],
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

    def __init__(
        self, data: QueryDict | None, *, product: Product | None, currency: str, pictures: Sequence[str] = ()
    ) -> None:
        self.known = {variant.pk: variant for variant in product.variants.all()} if product else {}
        # One that was taken over from Meta may have more, and can still be changed.
        self.max_num = max(MOST_VARIANTS, len(self.known))
        self.absolute_max = self.max_num + 1
        initial = [_initial(variant, currency) for variant in self.known.values()]
        super().__init__(
            data, prefix="variants", initial=initial, form_kwargs={"currency": currency, "pictures": pictures}
        )

    def filled(self) -> list[VariantForm]:
        """Return the rows that mean a variant."""
        return [form for form in self.forms if form.has_changed() or form.initial.get("pk")]

    def clean(self) -> None:
        if any(self.errors) or not self.management_form.is_valid():
            return
        rows = [form.cleaned_data for form in self.filled()]
        if not rows:
            self._refuse_nothing()
            return
        if {row["pk"] for row in rows if row["pk"]} - set(self.known):
            raise ValidationError(_("One of the variants belongs to another product. Open the page again."))
        titles = [row["title"].strip().lower() for row in rows]
        if len(set(titles)) < len(titles):
            raise ValidationError(_("Two variants have the same options. Say how they differ."))
        self._refuse_taken_skus(rows)

    def _refuse_nothing(self) -> None:
        """Ask for a price, in the first row where there is one."""
        words = _("Enter a price: a product needs at least one variant.")
        if not self.forms:
            raise ValidationError(words)
        self.forms[0].add_error("price", words)

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
    sale = variant.sale_price_minor
    return {
        "pk": variant.pk,
        "title": variant.title,
        "sku": variant.sku,
        "gtin": variant.gtin,
        "mpn": variant.mpn,
        "image_url": variant.image_url,
        "price": to_major(variant.price_minor, currency),
        "sale_price": None if sale is None else to_major(sale, currency),
        "sale_starts_at": variant.sale_starts_at,
        "sale_ends_at": variant.sale_ends_at,
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


def forgive(form: ProductForm, rows: BaseVariantForms) -> None:
    """Take the errors out but those of pictures: nobody asked to save the rest yet."""
    pictures = form.errors.get("image_urls")
    form.errors.clear()
    if pictures:
        form.errors["image_urls"] = pictures
    for row in rows:
        row.errors.clear()
    rows.non_form_errors().clear()


def read_product(form: ProductForm, rows: BaseVariantForms) -> ProductData | None:
    """Return what two valid forms say together; None, with the errors in `form`, when they disagree."""
    values = form.cleaned_data
    options: dict[str, list[str]] = values["options"]
    wants_all = values["is_every_combination_wanted"]
    try:
        variants = _variants(rows.filled(), options, wants_all=wants_all)
    except ValidationError as error:
        form.add_error("options", error)
        return None
    status = values.get("status") or form.initial.get("status", Status.ACTIVE)
    return product_data({**values, "status": status}, list(options), variants)


def product_data(
    values: Mapping[str, Any], option_names: list[str], variants: Sequence[VariantData]
) -> ProductData:
    """Put what a valid form says of a product together with its variants."""
    shared = {name: value for name, value in values.items() if name not in FORM_ONLY}
    return ProductData(**shared, option_names=option_names, variants=tuple(variants))


def _refuse_row(title: str, options: Mapping[str, Sequence[str]]) -> ValidationError:
    """Say what the row of a variant lacks, with an example of how it is written."""
    params = {
        "title": title,
        "options": ", ".join(options),
        "example": ", ".join(values[0] for values in options.values()),
    }
    if title:
        words = _("“%(title)s” is not complete. Write %(options)s of each variant, such as: %(example)s.")
    else:
        words = _(
            "One variant says nothing of %(options)s. Write in its row, such as: %(example)s. Or tick the "
            "box below, and each combination becomes a variant."
        )
    return ValidationError(words, params=params)


def _variants(
    rows: list[VariantForm], options: dict[str, list[str]], *, wants_all: bool
) -> list[VariantData]:
    if not options:
        return [row.variant_data([]) for row in rows]
    missing = list(combinations(*options.values())) if wants_all else []
    said = [tuple(part.strip() for part in row.cleaned_data["title"].split(",")) for row in rows]
    missing = [values for values in missing if values not in said]
    found: list[VariantData] = []
    for row, values in zip(rows, said, strict=True):
        if values == ("",) and missing:
            values = missing.pop(0)
        if len(values) != len(options) or not all(values):
            raise _refuse_row(row.cleaned_data["title"], options)
        found.append(row.variant_data(list(values)))
    known = sum(row.pk is not None for row in found)
    if len(found) + len(missing) > max(MOST_VARIANTS, known):
        raise ValidationError(
            _("These are %(n)s variants; a product has at most %(most)s. Take some values out."),
            params={"n": len(found) + len(missing), "most": MOST_VARIANTS},
        )
    price = found[0].price_minor
    return found + [
        VariantData(title=", ".join(values), option_values=list(values), price_minor=price)
        for values in missing
    ]
