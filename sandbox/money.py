"""Amounts in the currencies of the world."""

from decimal import Decimal

NO_MINOR_UNIT = {"CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND"}
SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}


def decimals(currency: str) -> int:
    return 0 if currency in NO_MINOR_UNIT else 2


def amount(value: Decimal, currency: str) -> dict[str, str]:
    return {"amount": f"{value:.{decimals(currency)}f}", "currency": currency}


def read(text: str) -> tuple[Decimal, str]:
    """Read "12.50 GBP"."""
    number, _, currency = text.partition(" ")
    return Decimal(number), currency


def shown(text: str) -> str:
    """Write "12.50 GBP" as people read it: "£12.50"."""
    value, currency = read(text)
    sign = SIGNS.get(currency, currency + " ")
    return f"{sign}{value:,.{decimals(currency)}f}"


def from_minor(minor: int, currency: str) -> str:
    value = Decimal(minor).scaleb(-decimals(currency))
    return f"{value:.{decimals(currency)}f} {currency}"
