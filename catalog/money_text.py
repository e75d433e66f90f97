"""Amounts as people write them into a file: 12.50, 12,50, 12.50 GBP, £12.50. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenancy.currencies import CURRENCIES
from ui.currency import decimals, sample_amount

TAKEN = frozenset(code for code, _name in CURRENCIES)
SIGNS = {
    "€": "EUR",
    "₹": "INR",
    "৳": "BDT",
    "₩": "KRW",
    "₫": "VND",
    "₱": "PHP",
    "₺": "TRY",
    "₴": "UAH",
    "₪": "ILS",
}
"""Signs of one currency alone. Others, such as £ and $, say nothing: many currencies share them."""
LONGEST = 40
_WORDS = r"(?:[^\W\d_]\.?|[$¢-¥৳฿\u20a0-\u20cf]|\s)*"
_PARTS = re.compile(
    rf"(?P<before>{_WORDS})(?P<number>[+-]?[\d.,'’ \u00a0\u2009\u202f]*\d)[.,]?[-–—]?(?P<after>{_WORDS})"
)
_MINUS = re.compile(r"[−–－](?=\s*[\d.,])")
_WHOLE = re.compile(r"\d*|\d{1,3}(?P<sign>[., ])\d{3}(?:(?P=sign)\d{3})*|\d{1,2}(?:,\d\d)*,\d{3}")
"""Thousands as most write them, and as in India: 12,34,567."""


def read_amount(text: str, currency: str) -> Decimal | None:
    """Return the amount, None for an empty text. Raises ValidationError.

    A code or sign of another currency is refused.
    """
    text = text.strip()
    if not text:
        return None
    found = _PARTS.fullmatch(_MINUS.sub("-", text)) if len(text) <= LONGEST else None
    if found is None:
        raise _no_amount(text, currency)
    for words in (found["before"], found["after"]):
        for word in re.findall(r"[^\W\d_]+|\S", words.upper()):
            code = word if re.fullmatch("[A-Z]{3}", word) else SIGNS.get(word, "")
            refuse_currency(code, currency)
    return _read_number(found["number"], currency)


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


def _read_number(text: str, currency: str) -> Decimal:
    """Return a number with or without signs between thousands. Raises ValidationError."""
    sign, number = text[: text[0] in "+-"], re.sub(r"['’\s]", " ", text.lstrip("+-").strip("'’ "))
    commas, points, places = number.count(","), number.count("."), decimals(currency)
    if commas and points:
        whole, _point, rest = number.rpartition(max(",.", key=number.rfind))
    elif commas + points == 1:
        whole, mark, rest = re.split("([,.])", number)
        if re.fullmatch("[1-9]\\d{0,2}", whole) and len(rest) == 3 and (mark == "," or places != 3):
            words = _("“%(text)s” can be read in two ways. Write thousands without a sign: %(sample)s.")
            raise ValidationError(words, params={"text": text, "sample": f"{1250:.{places}f}"})
    else:
        whole, rest = number, ""
    if not _WHOLE.fullmatch(whole) or (rest and not rest.isdecimal()):
        raise _no_amount(text, currency)
    return Decimal(f"{sign}{re.sub('[., ]', '', whole) or 0}.{rest or 0}")


def _no_amount(text: str, currency: str) -> ValidationError:
    words = _("“%(text)s” is no amount. Write it like this: %(sample)s.")
    return ValidationError(words, params={"text": text[:LONGEST], "sample": sample_amount(currency)})
