"""Doors to the jobs that make catalogs and let them go. All are safe twice, late and beside themselves."""

from __future__ import annotations

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from catalog.linking import creating, discovery, leaving
from catalog.linking.look_tasks import discover_catalogs
from catalog.models import Catalog, CatalogCreation
from integrations.models import AssetState, MetaAccount
from tenancy.scope import get_open_store_id
from tenancy.tasks import store_task


@store_task
def make_catalog(creation_pk: int) -> None:
    """Make a catalog at Meta and connect it."""
    if creating.make_catalog(creation_pk):
        account_pk = CatalogCreation.objects.values_list("account", flat=True).get(pk=creation_pk)
        discover_catalogs.delay(get_open_store_id(), account_pk)


@store_task
def finish_leaving(catalog_pk: int) -> None:
    """Let a catalog go when all of the store's items are out of it."""
    if leaving.finish_leaving(catalog_pk):
        leaving.stop_listening(catalog_pk)


@store_task
def stop_listening(catalog_pk: int) -> None:
    """Have Meta stop telling us of a catalog."""
    leaving.stop_listening(catalog_pk)


@shared_task
def sweep_links() -> None:
    """Go on with what was lost with a worker or the broker, or waits for its next try."""
    now = timezone.now()
    asked = CatalogCreation.unscoped.filter(state=CatalogCreation.State.ASKED, not_before__lte=now)
    for store_id, pk in asked.values_list("store_id", "pk").iterator():
        make_catalog.delay(store_id, pk)
    left = Catalog.unscoped.filter(leaving_since__isnull=False, look_position=None)
    for store_id, pk in left.values_list("store_id", "pk").iterator():
        finish_leaving.delay(store_id, pk)
    gone = Catalog.unscoped.filter(state=AssetState.DISCONNECTED, is_listening=True, not_before__lte=now)
    for store_id, pk in gone.values_list("store_id", "pk").iterator():
        stop_listening.delay(store_id, pk)
    long_ago = now - discovery.ASKED_TOO_LONG
    unanswered = Q(catalog_searches__answered_at=None, catalog_searches__asked_at__lt=long_ago)
    unasked = MetaAccount.unscoped.filter(Q(catalog_searches=None) | unanswered)
    for store_id, pk in unasked.values_list("store_id", "pk").iterator():
        discover_catalogs.delay(store_id, pk)
