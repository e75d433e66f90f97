from __future__ import annotations

import pytest
from django.template import Context, Template
from django.utils import translation

from ui.currency import decimals, to_major

MINUS = "\N{MINUS SIGN}"
SPACE = "\N{NO-BREAK SPACE}"


def money(amount_minor: int | None, currency: str) -> str:
    template = Template("{% load ui %}{{ amount|money:currency }}")
    return template.render(Context({"amount": amount_minor, "currency": currency}))


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text"),
    [
        (1250, "GBP", "£12.50"),
        (5, "EUR", "€0.05"),
        (0, "USD", "$0.00"),
        (123456789, "GBP", "£1,234,567.89"),
        (1999, "JPY", "¥1,999"),
        (150000, "KRW", "₩150,000"),
        (25000, "VND", "₫25,000"),
        (990, "CLP", f"CLP{SPACE}990"),
        (4200, "ISK", f"ISK{SPACE}4,200"),
        (70000, "PYG", f"PYG{SPACE}70,000"),
        (1250, "KWD", f"KWD{SPACE}1.250"),
        (5, "BHD", f"BHD{SPACE}0.005"),
        (12345, "OMR", f"OMR{SPACE}12.345"),
        (1000, "TND", f"TND{SPACE}1.000"),
        (-390, "GBP", f"{MINUS}£3.90"),
        (-300, "JPY", f"{MINUS}¥300"),
        (1250, "gbp", "£12.50"),
    ],
)
def test_money_has_its_own_decimals_sign_and_groups(amount_minor: int, currency: str, text: str) -> None:
    assert money(amount_minor, currency) == text


def test_no_amount_is_no_text() -> None:
    assert money(None, "GBP") == ""


def test_decimals_follow_the_language() -> None:
    with translation.override("de"):
        assert money(123456, "EUR") == "€1.234,56"


def test_a_hostile_currency_is_escaped() -> None:
    assert money(100, "<b>") == f"&lt;B&gt;{SPACE}1.00"


def test_whole_units_keep_every_digit() -> None:
    assert str(to_major(10**17 + 1, "GBP")) == "1000000000000000.01"
    assert [decimals(code) for code in ("GBP", "JPY", "KWD", "ZZZ")] == [2, 0, 3, 2]
