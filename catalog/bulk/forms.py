"""The only readers of what a person says of many products at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from catalog.bulk.changes import Change
from catalog.line_fields import LinesField
from catalog.linking.choice_forms import SAID, SWITCHES
from catalog.models import Catalog, Product
from catalog.product_forms import MOST_TAGS

MOST_CHOSEN = 100
AS_IT_IS = ("", _("Leave as it is"))


class ChosenForm(forms.Form):
    """Which products: those of this store, whatever was sent."""

    product = forms.TypedMultipleChoiceField(coerce=int)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        asked = [pk for pk in data.getlist("product") if pk.isdecimal() and len(pk) <= 18][:MOST_CHOSEN]
        self.found = {product.pk: product for product in Product.objects.filter(pk__in=asked)}
        self.fields["product"].choices = [(pk, pk) for pk in self.found]  # type: ignore[attr-defined]

    def clean_product(self) -> list[Product]:
        return [self.found[pk] for pk in self.cleaned_data["product"]]


class BulkForm(forms.Form):
    """What to change in all of them; what is left empty stays as it is."""

    brand = forms.CharField(label=_("Brand"), max_length=100, required=False)
    category = forms.CharField(label=_("Category"), max_length=100, required=False)
    google_category = forms.CharField(label=_("Google category"), max_length=250, required=False)
    condition = forms.ChoiceField(
        label=_("Condition"), required=False, choices=[AS_IT_IS, *Product.Condition.choices]
    )
    when_sold_out = forms.ChoiceField(
        label=_("When nothing is left"), required=False, choices=[AS_IT_IS, *Product.WhenSoldOut.choices]
    )
    add_tags = LinesField(label=_("Add tags"), sign=",", most=MOST_TAGS, item=forms.CharField(max_length=40))
    remove_tags = LinesField(
        label=_("Take tags out"), sign=",", most=MOST_TAGS, item=forms.CharField(max_length=40)
    )
    price_percent = forms.DecimalField(
        label=_("Change prices by percent"),
        required=False,
        min_value=Decimal(-90),
        max_value=Decimal(900),
        decimal_places=2,
        error_messages={
            "invalid": _("Enter a number, such as 5 or −10."),
            "min_value": _("Enter −90 at least: prices stay above zero."),
            "max_value": _("Enter 900 at most."),
            "max_decimal_places": _("Enter two decimals at most."),
        },
        help_text=_("Such as 5, or −10 for a tenth less. Sale prices change with them."),
    )

    catalog = forms.TypedChoiceField(label=_("In the catalog"), required=False, coerce=int, empty_value=None)
    said = forms.ChoiceField(label=_("Show them there"), required=False, choices=[AS_IT_IS, *SAID])

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.found = {one.pk: one for one in Catalog.objects.filter(state__in=Catalog.PUSHED)}
        choices = [AS_IT_IS, *((pk, one.name) for pk, one in self.found.items())]
        self.fields["catalog"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> None:
        if self.errors:
            return
        if not any(self.cleaned_data.values()):
            raise ValidationError(_("Nothing to change yet: fill in at least one field."))
        catalog, said = self.cleaned_data["catalog"], self.cleaned_data["said"]
        if said and not catalog:
            self.add_error("catalog", _("Choose the catalog, too."))
        if catalog and not said:
            self.add_error("said", _("Choose what the catalog shall do with them, too."))

    def change(self) -> Change:
        values = dict(self.cleaned_data)
        catalog, said = values.pop("catalog"), values.pop("said")
        if catalog:
            values |= {"catalog": self.found[catalog], "is_shown": SWITCHES[said]}
        return Change(**values)
