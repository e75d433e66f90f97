"""Doors to the job that changes all products of a list. Safe twice, late and beside itself."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from catalog.bulk import whole_lists
from catalog.models import BulkChange
from tenancy.scope import get_open_store_id
from tenancy.tasks import store_task


@store_task
def work_on_bulk_change(bulk_change_pk: int) -> None:
    """Go on with a change for a while; then the other stores have their turn."""
    if whole_lists.take_steps(bulk_change_pk):
        work_on_bulk_change.delay(get_open_store_id(), bulk_change_pk)


@shared_task
def sweep_bulk_changes() -> None:
    """Start again what was lost with a worker or the broker."""
    stuck = BulkChange.unscoped.filter(state=BulkChange.State.RUNNING, not_before__lte=timezone.now())
    for store_id, pk in stuck.values_list("store_id", "pk").iterator():
        work_on_bulk_change.delay(store_id, pk)
