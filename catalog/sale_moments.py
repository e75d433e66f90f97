"""When a sale begins or ends, as people type it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

FIRST_YEAR, LAST_YEAR = 2000, 2099
"""Of a sale. Python cannot tell the time in every zone of the first and the last year that it knows."""


MONTHS = 12
_SLASHES = re.compile(r"(\d\d?)/(\d\d?)/\d")


class SaleMoment(forms.DateTimeField):
    """When a sale begins or ends, in the store's time."""

    default_error_messages = {"invalid": _("Enter a date and time like this: 2027-02-28 18:00.")}

    def to_python(self, value: Any) -> datetime | None:
        """Refuse 01/02/2027, which is another day in another country."""
        found = _SLASHES.match(str(value).strip())
        if found and found[1] != found[2] and max(int(found[1]), int(found[2])) <= MONTHS:
            words = _("“%(text)s” can be read in two ways. Write it like this: 2027-02-28 18:00.")
            raise ValidationError(words, params={"text": value})
        return super().to_python(value)

    def clean(self, value: Any) -> datetime | None:
        try:
            moment: datetime | None = super().clean(value)
        except ValidationError as error:
            if error.code != "ambiguous_timezone":
                raise
            words = _("The clock is changed then, so this time comes twice or never. Choose another one.")
            raise ValidationError(words) from None
        if moment is not None and not FIRST_YEAR <= moment.year <= LAST_YEAR:
            years = {"first": FIRST_YEAR, "last": LAST_YEAR}
            raise ValidationError(_("Enter a year from %(first)s to %(last)s."), params=years)
        return moment
