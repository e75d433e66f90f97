"""Doors to the jobs of stock and sales that the timetable starts. All are safe twice, late and together."""

from __future__ import annotations

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from catalog import sales
from catalog.models import Reservation, Variant
from catalog.stock import holds, low_stock, low_stock_mail, sold_out
from tenancy.scope import get_open_store_id
from tenancy.tasks import store_task


@store_task
def release_holds() -> None:
    """End a slice of a store's holds whose time is over, and go on while there are more."""
    if holds.release_expired():
        release_holds.delay(get_open_store_id())


@shared_task
def sweep_holds() -> None:
    """Start with each store in which a hold's time is over."""
    over = Reservation.unscoped.filter(expires_at__lte=timezone.now())
    for store_id in over.values_list("store_id", flat=True).distinct().order_by():
        release_holds.delay(store_id)


@store_task
def send_sold_out_again(after: int = 0) -> None:
    """Have what is sold out looked at again, slice by slice. Lost, it is made up for by the hourly look."""
    last = sold_out.send_slice_again(after=after)
    if last is not None:
        send_sold_out_again.delay(get_open_store_id(), last)


@store_task
def follow_low_stock(after: int = 0) -> None:
    """Judge what follows the store by its new threshold, slice by slice. Lost, saving it again helps."""
    last = low_stock.follow_slice(after=after)
    if last is not None:
        follow_low_stock.delay(get_open_store_id(), last)


@store_task
def tell_of_low_stock() -> None:
    """Tell a store's owners what has run low."""
    low_stock_mail.tell_of_low_stock()


@shared_task
def sweep_low_stock() -> None:
    """Start with each store in which something has run low a while ago and nobody was told of late."""
    now = timezone.now()
    due = Variant.unscoped.filter(low_stock.TO_TELL, low_since__lte=now - low_stock.GATHER)
    quiet = Q(store__low_stock_told_at__gt=now - low_stock.QUIET)
    for store_id in due.exclude(quiet).values_list("store_id", flat=True).distinct().order_by():
        tell_of_low_stock.delay(store_id)


@store_task
def follow_sales() -> None:
    """Send what begins or ends a sale now, a slice of it, and go on while there is more."""
    if sales.follow():
        follow_sales.delay(get_open_store_id())


@shared_task
def sweep_sales() -> None:
    """Start with each store in which a sale begins or ends."""
    due = Variant.unscoped.filter(sale_edge_at__lte=timezone.now())
    for store_id in due.values_list("store_id", flat=True).distinct().order_by():
        follow_sales.delay(store_id)
