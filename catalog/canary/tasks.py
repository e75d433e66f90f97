"""Doors to the jobs that measure how fast stock reaches Meta. All are safe twice, late and together."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.canary import measuring
from catalog.models import Canary, Catalog, StockLag
from integrations.models import AssetState
from tenancy.scope import get_open_store_id
from tenancy.tasks import store_task


@store_task
def change_canary(catalog_pk: int) -> None:
    """Change a catalog's hidden item, and begin to look for the change at Meta."""
    lag = measuring.change(catalog_pk)
    if lag is not None:
        _look_in(measuring.LOOK_SECONDS[0], lag.pk)


@store_task
def look_at_canary(lag_pk: int) -> None:
    """Look whether Meta shows a change, and go on looking until it does."""
    seconds = measuring.look(lag_pk)
    if seconds is not None:
        _look_in(seconds, lag_pk)


@store_task
def remove_canary(canary_pk: int) -> None:
    """Take a hidden item out of its catalog."""
    measuring.remove(canary_pk)


@shared_task
def sweep_canaries() -> None:
    """Start what is due: changes, looks whose task was lost, and removals."""
    now = timezone.now()
    if settings.CANARY_MINUTES:
        resting = Canary.unscoped.filter(catalog=OuterRef("pk"), due_at__gt=now)
        due = Catalog.unscoped.filter(measuring.MEASURED, ~Exists(resting), not_before__lte=now)
        for store_id, pk in due.values_list("store_id", "pk").iterator():
            change_canary.delay(store_id, pk)
    waiting = StockLag.unscoped.filter(ended_at=None, not_before__lte=now)
    for store_id, pk in waiting.values_list("store_id", "pk").iterator():
        look_at_canary.delay(store_id, pk)
    for store_id, pk in _unwanted().values_list("store_id", "pk").iterator():
        remove_canary.delay(store_id, pk)


def _unwanted() -> QuerySet[Canary]:
    """Return those whose catalog is not the store's any more, or that nobody wants; held ones stay as is."""
    gone = Q(catalog__state=AssetState.DISCONNECTED) | Q(catalog__leaving_since__isnull=False)
    sending = Catalog.unscoped.filter(Catalog.SENDING, pk=OuterRef("catalog"))
    is_off = Q(store__measures_stock=False) if settings.CANARY_MINUTES else Q()
    rows = Canary.unscoped.filter(removal_not_before__lte=timezone.now())
    return rows.filter(gone | (Exists(sending) & is_off))


def _look_in(seconds: int, lag_pk: int) -> None:
    look_at_canary.apply_async((get_open_store_id(), lag_pk), countdown=seconds)
