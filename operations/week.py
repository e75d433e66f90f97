"""The last seven days as the home page draws them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import date_format

from orders.selectors import Day, orders_by_day
from tenancy.models import Store
from ui.currency import to_major


@dataclass(frozen=True, kw_only=True)
class Week:
    """Rows of the charts, oldest day first and today last, and what they add up to."""

    orders_by_day: list[tuple[str, int]]
    revenue_by_day: list[tuple[str, int]]
    orders: int
    revenue_minor: int
    today: Day


def last_week(store: Store) -> Week:
    """Return the last seven days by the store's calendar; revenue by day in whole units; 1 query."""
    days = orders_by_day(store)
    return Week(
        orders_by_day=[(_label(day), day.orders) for day in days],
        revenue_by_day=[(_label(day), round(to_major(day.revenue_minor, store.currency))) for day in days],
        orders=sum(day.orders for day in days),
        revenue_minor=sum(day.revenue_minor for day in days),
        today=days[-1],
    )


def _label(day: Day) -> str:
    return date_format(day.day, "D")
