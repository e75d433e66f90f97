"""Fields for pieces and prices: what no shop has, and no database keeps, is refused in plain words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import MOST_PIECES
from ui.wording import number_text

MOST_MONEY = Decimal("999999999")


def _say_most(number: Decimal | int) -> str:
    return _("This is too much. Enter %(most)s at most.") % {"most": number_text(number)}


def _say_least(number: Decimal | int) -> str:
    return _("This is too little. Enter %(least)s at least.") % {"least": number_text(number)}


say_most, say_least = lazy(_say_most, str), lazy(_say_least, str)


class PiecesField(forms.IntegerField):
    """A number of pieces, from `min_value` to MOST_PIECES."""

    def __init__(self, *, min_value: int = 0, **kwargs: Any) -> None:
        words: dict[str, Any] = {
            "required": gettext_lazy("Enter a whole number, such as 12."),
            "invalid": gettext_lazy("Enter a whole number, such as 12."),
            "max_value": say_most(MOST_PIECES),
            "min_value": say_least(min_value),
        }
        super().__init__(min_value=min_value, max_value=MOST_PIECES, error_messages=words, **kwargs)


class AmountField(forms.DecimalField):
    """A price in whole units of the store's currency, up to MOST_MONEY."""

    def __init__(self, **kwargs: Any) -> None:
        words: dict[str, Any] = {
            "required": gettext_lazy("Enter a price, such as 12.50."),
            "invalid": gettext_lazy("Enter a price, such as 12.50."),
            "max_value": say_most(MOST_MONEY),
        }
        super().__init__(max_value=MOST_MONEY, error_messages=words, **kwargs)
