"""A form field for several short values in one box."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class LinesField(forms.CharField):
    """Several values, parted by line breaks or (`sign`) by commas; each once, in their order."""

    def __init__(self, *, sign: str, item: forms.Field, most: int, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.sign, self.item, self.most = sign, item, most

    def prepare_value(self, value: Any) -> Any:
        joiner = self.sign if self.sign.isspace() else f"{self.sign} "
        return joiner.join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        found = [part.strip() for part in text.replace("\r", "\n").split(self.sign) if part.strip()]
        if len(found) > self.most:
            raise ValidationError(
                _("These are too many: at most %(most)s. Take some out."), params={"most": self.most}
            )
        return [str(self.item.clean(part)) for part in dict.fromkeys(found)]
