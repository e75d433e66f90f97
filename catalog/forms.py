"""The only readers of what a person types about stock and catalogs."""

from __future__ import annotations

import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from catalog.models import HAND_REASONS, MOST_PIECES, Reason
from catalog.number_fields import PiecesField

ADDING = (Reason.DELIVERED, Reason.RETURNED)


class AdjustForm(forms.Form):
    """So many pieces more or fewer of a variant. `key` makes a form that is sent twice one change."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)
    delta = PiecesField(
        label=_("Change"),
        min_value=-MOST_PIECES,
        help_text=_("Such as 12, or −1 for one less."),
    )
    reason = forms.ChoiceField(
        label=_("Why"), choices=[(reason.value, reason.label) for reason in HAND_REASONS]
    )

    def clean(self) -> None:
        """Refuse a reason that contradicts the number: the history is there to be believed."""
        delta, reason = self.cleaned_data.get("delta"), self.cleaned_data.get("reason")
        if delta and delta < 0 and reason in ADDING:
            self.add_error("reason", _("This adds pieces. Choose why some are gone, or leave out the minus."))
        elif delta and delta > 0 and reason == Reason.DAMAGED:
            self.add_error("reason", _("This takes pieces away. Put a minus before the number."))

    @property
    def reference(self) -> str:
        """Return what the change is known by, '' for one without a key."""
        key = self.cleaned_data["key"]
        return f"hand:{key}" if key else ""

    def clean_delta(self) -> int:
        delta: int = self.cleaned_data["delta"]
        if delta == 0:
            raise ValidationError(_("Enter how many pieces more or fewer there are."))
        return delta


class ConnectCatalogForm(forms.Form):
    """Which of the catalogs that Meta named to connect."""

    account = forms.IntegerField()
    catalog_id = forms.CharField(max_length=64)
