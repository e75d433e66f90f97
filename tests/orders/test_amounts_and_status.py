"""Pure rules: money as others write it, and the ways of an order."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from orders.amounts import MAX_MINOR, BadAmount, read_currency, to_minor
from orders.models import Order
from orders.selectors import order_counts, orders_by_day
from orders.status import NEXT, Status, may_become, step_forward
from tenancy.models import Store
from tests.orders.sample import make_order


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.50", "GBP", 1250),
        ("12.5", "GBP", 1250),
        (" 12 ", "GBP", 1200),
        (12.5, "GBP", 1250),
        (0, "GBP", 0),
        ("0.10", "EUR", 10),
        (0.1, "EUR", 10),
        ("1500", "JPY", 1500),
        ("1500.00", "JPY", 1500),
        ("1.234", "KWD", 1234),
        ("12.500", "GBP", 1250),
    ],
)
def test_amounts_become_minor_units(amount: object, currency: str, minor: int) -> None:
    assert to_minor(amount, currency) == minor


@pytest.mark.parametrize(
    "amount",
    [
        "-1",
        "",
        "1,5",
        "1,000.00",
        "1e3",
        "NaN",
        "Infinity",
        "1_000",
        "٣",
        "12.505",
        -1,
        -0.5,
        1e30,
        True,
        None,
        [],
        {},
        float("inf"),
        str(MAX_MINOR),
        "9" * 5000,
    ],
)
def test_what_is_no_amount_is_refused(amount: object) -> None:
    with pytest.raises(BadAmount):
        to_minor(amount, "GBP")


def test_yen_have_no_cents() -> None:
    with pytest.raises(BadAmount):
        to_minor("12.50", "JPY")


@pytest.mark.parametrize(
    ("text", "code"),
    [("GBP", "GBP"), (" eur ", "EUR"), ("pounds", ""), ("", ""), ("£", ""), (826, ""), (None, "")],
)
def test_a_currency_has_three_letters(text: object, code: str) -> None:
    assert read_currency(text) == code


def test_every_status_says_where_it_may_go() -> None:
    assert set(NEXT) == set(Status)
    ways = {(str(a), str(b)) for a in Status for b in Status if may_become(a, b)}
    assert ways == {
        ("new", "confirmed"),
        ("new", "cancelled"),
        ("confirmed", "shipped"),
        ("confirmed", "cancelled"),
        ("shipped", "completed"),
    }
    assert [step_forward(status) for status in Status] == ["confirmed", "shipped", "completed", None, None]


def test_the_days_of_home_are_the_stores_days_in_its_money(shop: Store) -> None:
    now = timezone.now()
    today = timezone.localtime(now, ZoneInfo(shop.timezone)).date()
    make_order(placed_at=now)
    make_order(placed_at=now)
    make_order(placed_at=now, currency="EUR")
    make_order(placed_at=now - timedelta(days=30))
    make_order(placed_at=now)
    Order.objects.filter(number=1005).update(status="cancelled")
    days = orders_by_day(shop)
    assert [day.day for day in days] == [today - timedelta(days=n) for n in range(6, -1, -1)]
    assert [(day.orders, day.revenue_minor) for day in days] == [(0, 0)] * 6 + [(2, 500)]
    counts = order_counts()
    assert (counts.new, counts.total, counts.attention) == (4, 5, 5)
    assert isinstance(days[0].day, date)
