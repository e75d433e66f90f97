"""Fields for numbers and codes of goods, as people copy them and as programs spoil them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from catalog.gtin import clean_gtin, is_gtin, is_shortened
from catalog.texts import seen


class CodeField(forms.CharField):
    """A code without the signs that nobody sees, so that what looks the same is the same."""

    def to_python(self, value: Any) -> str:
        return seen(super().to_python(value) or "").strip()

    def validate(self, value: str) -> None:
        super().validate(value)
        if is_shortened(value):
            words = _(
                "A spreadsheet has shortened this number, and the rest of it is lost. Make the column one of "
                "text and enter the number again."
            )
            raise ValidationError(words)


class GtinField(CodeField):
    """The digits under a barcode."""

    def to_python(self, value: Any) -> str:
        return clean_gtin(super().to_python(value))

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not is_gtin(value):
            words = _(
                "This is no GTIN: it has 8, 12, 13 or 14 digits, and the last one checks the others. Look at "
                "the barcode again."
            )
            raise ValidationError(words)
