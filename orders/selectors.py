"""Reads for the order pages, the rail and home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from orders.models import BY_CHANNEL, ExternalOrderMapping, Order, OrderEvent, OrderLine
from orders.status import Status
from tenancy.models import Store
from ui.paging import CursorPage, cursor_page


@dataclass(frozen=True, kw_only=True)
class OrderCounts:
    """How many orders there are by status, and how many somebody has to look at."""

    by_status: dict[str, int]
    attention: int

    @property
    def new(self) -> int:
        return self.by_status.get(Status.NEW, 0)

    @property
    def total(self) -> int:
        return sum(self.by_status.values())


@dataclass(frozen=True, kw_only=True)
class Day:
    """Orders and revenue of one day, without what was cancelled and what is in another currency."""

    day: date
    orders: int
    revenue_minor: int


def order_counts() -> OrderCounts:
    """Count the open store's orders; 2 queries."""
    rows = Order.objects.order_by().values_list("status").annotate(count=Count("pk"))
    return OrderCounts(by_status=dict(rows), attention=Order.objects.exclude(needs_attention="").count())


def orders_by_day(store: Store, *, days: int = 7) -> list[Day]:
    """Return the last days, today last, by the store's calendar and in its currency; 1 query."""
    zone = ZoneInfo(store.timezone)
    today = timezone.now().astimezone(zone).date()
    first = today - timedelta(days=days - 1)
    rows = (
        Order.objects.exclude(status=Status.CANCELLED)
        .order_by()
        .filter(placed_at__gte=datetime.combine(first, time(), zone), currency=store.currency)
    )
    counted = rows.values_list(TruncDate("placed_at", tzinfo=zone)).annotate(Count("pk"), Sum("total_minor"))
    found = {day: (count, total) for day, count, total in counted}
    return [
        Day(day=day, orders=found.get(day, (0, 0))[0], revenue_minor=found.get(day, (0, 0))[1])
        for day in (first + timedelta(days=n) for n in range(days))
    ]


def list_orders(*, status: str, source: str, query: str, params: Mapping[str, str]) -> CursorPage[Order]:
    """Return one page of orders, the newest first; 1 query. `attention` is a status here, too."""
    rows = Order.objects.all()
    if status == "attention":
        rows = rows.exclude(needs_attention="")
    elif status:
        rows = rows.filter(status=status)
    if source:
        rows = rows.filter(source=source)
    if query:
        rows = rows.filter(_matches(query))
    return cursor_page(rows, by="number", params=params)


def _matches(query: str) -> Q:
    found = Q(buyer_name__icontains=query) | Q(buyer_email__icontains=query)
    number = query.removeprefix("#")
    if number.isascii() and number.isdecimal():
        known = ExternalOrderMapping.objects.filter(external_id=number).values("order_id")
        found |= Q(pk__in=known)
        if len(number) < 10:
            found |= Q(number=int(number))
    return found


def get_order(number: int) -> Order:
    """Return an order; 1 query. Raises Order.DoesNotExist."""
    return Order.objects.select_related("store").get(number=number)


def list_lines(order: Order) -> list[OrderLine]:
    """Return the lines with their products; 1 query."""
    return list(OrderLine.objects.filter(order=order).select_related("variant__product"))


def list_events(order: Order) -> list[OrderEvent]:
    """Return the timeline, the newest first; 1 query."""
    return list(OrderEvent.objects.filter(order=order).select_related("actor"))


def find_external_id(order: Order) -> str:
    """Return the number the order has at its sales channel, '' when it came by no event; 1 query."""
    rows = ExternalOrderMapping.objects.filter(order=order, source_system=BY_CHANNEL)
    return rows.values_list("external_id", flat=True).first() or ""
