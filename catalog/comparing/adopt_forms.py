"""The only reader of what a person says about items that become products."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalog.number_fields import PiecesField


class AdoptForm(forms.Form):
    """How many pieces there are of what Meta shows as in stock without a number; not asked without such."""

    pieces = PiecesField(
        label=_("Pieces of each item without a number"),
        help_text=_("With 0 they are shown as out of stock until you enter how many you have."),
    )

    def __init__(self, data: QueryDict | None, *, needs_pieces: bool) -> None:
        super().__init__(data)
        if not needs_pieces:
            del self.fields["pieces"]

    @property
    def piece_count(self) -> int:
        """What was said; call it on a valid form."""
        return int(self.cleaned_data.get("pieces", 0))
