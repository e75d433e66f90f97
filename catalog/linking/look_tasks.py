"""Doors to the jobs that look at products and catalogs. All are safe twice, late and beside themselves."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from catalog.linking import discovery, looking
from catalog.linking.refresh import refresh_catalog
from catalog.models import Catalog
from tenancy.scope import get_open_store_id
from tenancy.tasks import store_task

SLICES_AT_ONCE = 10
"""Then the other stores have their turn."""
EARLY = timedelta(minutes=2)
"""A look that would be due before the timetable comes round again is begun now."""


@store_task
def discover_catalogs(account_pk: int) -> None:
    """Ask Meta which catalogs an account may use."""
    discovery.search_catalogs(account_pk)


@store_task
def resync_catalog(catalog_pk: int) -> None:
    """Prove the connection, look at every variant again, and send what is not as Meta has it."""
    catalog = Catalog.objects.select_related("account").get(pk=catalog_pk)
    if catalog.state in Catalog.PUSHED:
        refresh_catalog(catalog)
        looking.start_look(catalog_pk)
        _go_on(catalog_pk)


@store_task
def look_on(catalog_pk: int) -> None:
    """Go on looking through the variants for a catalog."""
    _go_on(catalog_pk)


def _go_on(catalog_pk: int) -> None:
    if all(looking.take_slice(catalog_pk) for _ in range(SLICES_AT_ONCE)):
        look_on.delay(get_open_store_id(), catalog_pk)


@shared_task
def start_due_looks() -> None:
    """Begin the looks that are due, each catalog in its own rhythm."""
    due = Catalog.unscoped.filter(state__in=Catalog.PUSHED, look_due_at__lte=timezone.now() + EARLY)
    for store_id, pk in due.values_list("store_id", "pk").iterator():
        resync_catalog.delay(store_id, pk)


@shared_task
def sweep_looks() -> None:
    """Go on with looks whose task was lost."""
    lost = Catalog.unscoped.filter(
        state__in=Catalog.PUSHED, look_position__isnull=False, look_not_before__lte=timezone.now()
    )
    for store_id, pk in lost.values_list("store_id", "pk").iterator():
        look_on.delay(store_id, pk)
