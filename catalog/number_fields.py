"""Fields for pieces and prices: what no shop has, and no database keeps, is refused in plain words."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import MOST_PIECES
from ui.currency import decimals, sample_amount
from ui.wording import number_text

_TWO_WAYS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
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

    def to_python(self, value: Any) -> int | None:
        """Refuse 1.000, which is a thousand to some and one to others."""
        if _TWO_WAYS.fullmatch(str(value).strip()):
            words = _("“%(text)s” can be read in two ways. Write thousands without a sign: 1250.")
            raise ValidationError(words, params={"text": value})
        return super().to_python(value)


class AmountField(forms.DecimalField):
    """A price in whole units of the store's currency, up to MOST_MONEY."""

    def __init__(self, **kwargs: Any) -> None:
        words: dict[str, Any] = {"max_value": say_most(MOST_MONEY)}
        super().__init__(max_value=MOST_MONEY, error_messages=words, **kwargs)

    def use_currency(self, currency: str) -> None:
        """Take the steps of a currency, and give an example in it."""
        words = _("Enter a price, such as %(sample)s.") % {"sample": sample_amount(currency)}
        self.error_messages |= {"required": words, "invalid": words}
        smallest = str(Decimal(1).scaleb(-decimals(currency)))
        self.widget.attrs |= {"step": smallest, "min": smallest}
