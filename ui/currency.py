"""Decimals and symbols of currencies.

Source: ISO 4217. Meta's own offsets (`price` in the Marketing API) differ for some currencies: those live
with the code that speaks to Meta.
"""

from __future__ import annotations

from decimal import Decimal

ZERO_DECIMAL = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
THREE_DECIMAL = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])

SYMBOLS = {
    "AUD": "A$",
    "BRL": "R$",
    "CAD": "CA$",
    "CNY": "CN¥",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "ILS": "₪",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "MXN": "MX$",
    "NGN": "₦",
    "NZD": "NZ$",
    "PHP": "₱",
    "TRY": "₺",
    "TWD": "NT$",
    "UAH": "₴",
    "USD": "$",
    "VND": "₫",
}
"""Signs that name one currency only; every other currency is shown by its code."""


def decimals(currency: str) -> int:
    """How many digits of a currency follow the decimal point."""
    code = currency.upper()
    if code in ZERO_DECIMAL:
        return 0
    return 3 if code in THREE_DECIMAL else 2


def sample_amount(currency: str) -> str:
    """Return an amount as an example of what may be entered: 12.50 pounds, 1250 yen, 12.500 dinars."""
    places = decimals(currency)
    return f"{12.5:.{places}f}" if places else "1250"


def to_major(amount_minor: int, currency: str) -> Decimal:
    """The amount in whole units: 1250 pence are 12.50, 1250 yen are 1250."""
    return Decimal(amount_minor).scaleb(-decimals(currency))
