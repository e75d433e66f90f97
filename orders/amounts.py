"""Money as other systems write it, into our smallest units. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from ui.currency import decimals

MAX_MINOR = 10**12
"""Beyond any single price. Times the largest quantity and the most lines it still fits 64 bits."""

_PLAIN = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?")
_CURRENCY = re.compile(r"[A-Z]{3}")


class BadAmount(ValueError):
    """This is no amount of that currency."""


def to_minor(amount: object, currency: str) -> int:
    """Turn "12.50", 12.5 or 12 into 1250 (GBP), 12 into 12 (JPY).

    Raises BadAmount for all else: negative, with separators or exponent, finer than the currency, too much.
    """
    if isinstance(amount, bool) or not isinstance(amount, str | int | float | Decimal):
        raise BadAmount(repr(amount))
    text = str(amount).strip()
    if not _PLAIN.fullmatch(text):
        raise BadAmount(text)
    minor = Decimal(text).scaleb(decimals(currency))
    if minor != minor.to_integral_value() or minor > MAX_MINOR:
        raise BadAmount(text)
    return int(minor)


def read_currency(value: object) -> str:
    """Return the three letters of a currency, '' when it is none."""
    code = value.strip().upper() if isinstance(value, str) else ""
    return code if _CURRENCY.fullmatch(code) else ""
