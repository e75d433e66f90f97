"""The only readers of what a person types about holds and safety stock."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from catalog.number_fields import PiecesField
from tenancy.models import Store

HOLD_HOURS = ((1, _("1 hour")), (24, _("1 day")), (72, _("3 days")), (168, _("7 days")))


class HoldForm(forms.Form):
    """So many pieces held for a buyer for so long. `key` makes a form that is sent twice one hold."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    quantity = PiecesField(label=_("Pieces"), min_value=1)
    hours = forms.TypedChoiceField(label=_("For how long"), choices=HOLD_HOURS, coerce=int, initial=24)

    @property
    def reference(self) -> str:
        return f"hand:{self.cleaned_data['key']}"

    @property
    def length(self) -> timedelta:
        return timedelta(hours=self.cleaned_data["hours"])


class StockSettingsForm(forms.Form):
    """How a store deals with stock."""

    when_sold_out = forms.ChoiceField(
        label=_("When nothing is left of something"),
        choices=Store.SoldOut.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "On Facebook, on Instagram and on its own page. What is hidden keeps its reviews and comes back "
            "by itself, seconds after there is stock. A product can say otherwise for itself."
        ),
    )

    low_stock_at = PiecesField(
        label=_("Something runs low from how many pieces on"),
        required=False,
        help_text=_(
            "Of what can be sold. Then it is listed under “Running low”, and owners get an e-mail, once a "
            "day at most. Empty is never. A variant can have a number of its own."
        ),
    )

    measures_stock = forms.BooleanField(
        label=_("Measure how fast stock reaches Facebook and Instagram"),
        required=False,
        help_text=_(
            "With one hidden item in each catalog, “Stock check by StormCom”, which no buyer ever sees. What "
            "we measure is on the health page."
        ),
    )


class LimitsForm(forms.ModelForm):  # type: ignore[type-arg]
    """How many pieces of a variant are kept back, and from how many on it runs low."""

    safety_stock = PiecesField(
        label=_("Safety stock"),
        help_text=_("So many pieces are never offered, in case two buyers are faster than Meta."),
    )
    low_stock_at = PiecesField(
        label=_("Runs low from how many pieces on"),
        required=False,
        help_text=_("Empty is as the store says."),
    )

    class Meta:
        model = Variant
        fields = ("safety_stock", "low_stock_at")
