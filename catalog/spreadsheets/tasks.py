"""Doors to the job that reads files of products. Safe twice, late and beside itself."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from catalog.models import ProductImport
from catalog.spreadsheets import importing
from tenancy.scope import get_open_store_id
from tenancy.tasks import store_task

KEPT_FOR = timedelta(days=7)
"""How long a file waits for somebody to accept what it would do."""


@store_task
def work_on_import(import_pk: int) -> None:
    """Go on with an import for a while; then the other stores have their turn."""
    if importing.take_steps(import_pk):
        work_on_import.delay(get_open_store_id(), import_pk)


@store_task
def forget_import(import_pk: int) -> None:
    """Forget a file that nobody accepted."""
    importing.stop_import(ProductImport.objects.get(pk=import_pk))


@shared_task
def sweep_imports() -> None:
    """Start again what was lost with a worker or the broker, and forget files that nobody accepted."""
    stuck = ProductImport.unscoped.filter(state__in=ProductImport.WORKING, not_before__lte=timezone.now())
    for store_id, pk in stuck.values_list("store_id", "pk").iterator():
        work_on_import.delay(store_id, pk)
    old = ProductImport.unscoped.filter(
        state=ProductImport.State.CHECKED, started_at__lt=timezone.now() - KEPT_FOR
    )
    for store_id, pk in old.values_list("store_id", "pk").iterator():
        forget_import.delay(store_id, pk)
