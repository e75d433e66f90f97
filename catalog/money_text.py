"""Amounts as people write them into a file: 12.50, 12,50, 12.50 GBP, £12.50. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenancy.currencies import CURRENCIES

TAKEN = frozenset(code for code, _name in CURRENCIES)
_PARTS = re.compile(r"^(?P<before>[^\d+-]*)(?P<number>[+-]?[\d.,' \u00a0\u202f]*\d)\s*(?P<after>\D*)$")


def read_amount(text: str, currency: str) -> Decimal | None:
    """Return the amount, None for an empty text. Raises ValidationError.

    A code of another currency is refused. A sign such as £ says nothing: many currencies share one.
    """
    text = text.strip()
    if not text:
        return None
    found = _PARTS.match(text)
    if found is None:
        raise ValidationError(
            _("“%(text)s” is no amount. Write it like this: 12.50."), params={"text": text[:40]}
        )
    for word in (found["before"].strip().upper(), found["after"].strip().upper()):
        refuse_currency(word if re.fullmatch("[A-Z]{3}", word) else "", currency)
    return Decimal(_with_point(found["number"]))


def refuse_currency(code: str, currency: str) -> None:
    """Raise ValidationError for a currency that is not the store's."""
    if code in ("", currency):
        return
    words = (
        _("This price is in %(code)s, and your store sells in %(currency)s. Enter it in %(currency)s.")
        if code in TAKEN
        else _("Meta does not take prices in %(code)s. Enter it in %(currency)s, in which your store sells.")
    )
    raise ValidationError(words, params={"code": code[:10], "currency": currency})


def _with_point(number: str) -> str:
    """Return a number with a point and without signs between thousands. Raises ValidationError."""
    number = re.sub("[' \u00a0\u202f]", "", number)
    commas, points = number.count(","), number.count(".")
    if commas and points:
        last = max(number.rfind(","), number.rfind("."))
        return re.sub("[.,]", "", number[:last]) + "." + number[last + 1 :]
    if commas + points > 1:
        return re.sub("[.,]", "", number)
    if commas and len(number.partition(",")[2]) == 3:
        words = _("“%(text)s” can be read in two ways. Write it without a comma.")
        raise ValidationError(words, params={"text": number})
    return number.replace(",", ".")
