"""Doors to the jobs that look at what Meta has. All are safe twice, late and beside themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from celery import shared_task
from django.db.models import Exists, OuterRef
from django.utils import timezone

from catalog.comparing import adopting, advice, mending, reconcile
from catalog.models import Catalog, CatalogFinding, Comparison, RemoteItem
from catalog.push import nudges
from catalog.sets import product_sets
from integrations.graph.errors import GraphError
from integrations.models import AssetState
from tenancy.scope import get_open_store_id
from tenancy.tasks import store_task

WEEK = timedelta(days=7)


@store_task
def compare_catalog(comparison_pk: int) -> None:
    """Do one step of a comparison; then the other stores have their turn."""
    if reconcile.take_step(comparison_pk):
        compare_catalog.delay(get_open_store_id(), comparison_pk)
        return
    done = Comparison.objects.filter(pk=comparison_pk, state=Comparison.State.DONE)
    for comparison in done.select_related("catalog__account"):
        with suppress(GraphError):  # the next comparison looks again
            product_sets.notice_changed(comparison.catalog)
        if comparison.is_scheduled:
            mend_catalog.delay(get_open_store_id(), comparison.catalog_id)


@store_task
def start_weekly(catalog_pk: int) -> None:
    """Begin the weekly comparison of a catalog, unless it was asked for twice and has begun already."""
    catalog = Catalog.objects.get(pk=catalog_pk)
    if Comparison.objects.filter(catalog=catalog, started_at__gt=timezone.now() - WEEK).exists():
        return
    _begin(catalog, is_scheduled=True)


def _begin(catalog: Catalog, *, is_scheduled: bool) -> None:
    comparison = reconcile.start_comparison(catalog, is_scheduled=is_scheduled)
    if comparison is not None:
        compare_catalog.delay(get_open_store_id(), comparison.pk)


@store_task
def mend_catalog(catalog_pk: int) -> None:
    """Mend a slice of what was asked for, and ask how earlier removals went."""
    catalog = Catalog.objects.select_related("account").get(pk=catalog_pk)
    if not catalog.is_sending:  # what was asked for stays asked for
        return
    if mending.mend_slice(catalog):
        mend_catalog.delay(get_open_store_id(), catalog_pk)
    elif mending.ask_how_it_went(catalog):
        mend_catalog.apply_async((get_open_store_id(), catalog_pk), countdown=mending.POLL_SECONDS)


@store_task
def adopt_items(catalog_pk: int) -> None:
    """Make products of a slice of what was asked for; then the other stores have their turn."""
    nudges.take_up(adopt_items, get_open_store_id(), catalog_pk)
    catalog = Catalog.objects.select_related("store").get(pk=catalog_pk)
    if adopting.adopt_slice(catalog):
        nudges.ask(adopt_items, get_open_store_id(), catalog_pk)


@store_task
def look_at_reviews(catalog_pk: int) -> None:
    """Ask Meta how its review of new and changed items went."""
    with suppress(GraphError):  # it stands in the run and on the catalog; the next look comes by itself
        advice.look_at_reviews(Catalog.objects.select_related("account").get(pk=catalog_pk))


@store_task
def ask_for_advice(catalog_pk: int) -> None:
    """Ask Meta what it finds wrong with a catalog, and whether Instagram may tag from it.

    Where more must be mended than we know of, all items are read: Meta may reject what it had approved.
    """
    catalog = Catalog.objects.select_related("account").get(pk=catalog_pk)
    if catalog.state in Catalog.PUSHED:
        advice.ask_about_tagging(catalog)
        with suppress(GraphError):
            if advice.ask_for_advice(catalog):
                _begin(catalog, is_scheduled=False)


@store_task
def mirror_sets(catalog_pk: int) -> None:
    """Bring the product sets of a catalog up to date."""
    product_sets.mirror_sets(catalog_pk)


@shared_task
def mirror_wanted_sets() -> None:
    """Start with each catalog whose products have changed."""
    now = timezone.now()
    active = Catalog.unscoped.filter(Catalog.SENDING, state=AssetState.ACTIVE)
    due = active.filter(sets_wanted_at__isnull=False, sets_not_before__lte=now)
    for store_id, pk in due.values_list("store_id", "pk").iterator():
        mirror_sets.delay(store_id, pk)


@shared_task
def look_at_all_reviews() -> None:
    """Start a look at the reviews of every catalog; one without open reviews costs no call."""
    for store_id, pk in _working():
        look_at_reviews.delay(store_id, pk)


@shared_task
def ask_all_for_advice() -> None:
    """Start asking for advice about every catalog."""
    for store_id, pk in _working():
        ask_for_advice.delay(store_id, pk)


def _working() -> Iterator[tuple[int, int]]:
    active = Catalog.unscoped.filter(state=AssetState.ACTIVE)
    yield from active.values_list("store_id", "pk").iterator()


@shared_task
def compare_catalogs() -> None:
    """Begin the comparisons whose week is over."""
    for store_id, pk in find_due():
        start_weekly.delay(store_id, pk)


def find_due() -> Iterator[tuple[int, int]]:
    """Yield store and catalog of those that were not compared within a week."""
    recent = Comparison.unscoped.filter(catalog=OuterRef("pk"), started_at__gt=timezone.now() - WEEK)
    due = Catalog.unscoped.filter(~Exists(recent), state=AssetState.ACTIVE)
    yield from due.values_list("store_id", "pk").iterator()


@shared_task
def sweep_comparisons() -> None:
    """Start again what was lost with a worker or the broker, and what has waited long enough."""
    now = timezone.now()
    due = Comparison.unscoped.filter(state=Comparison.State.RUNNING, not_before__lte=now)
    for store_id, pk in due.values_list("store_id", "pk").iterator():
        compare_catalog.delay(store_id, pk)
    sending = Catalog.unscoped.filter(Catalog.SENDING, pk=OuterRef("catalog"))
    asked = CatalogFinding.unscoped.filter(
        Exists(sending), state=CatalogFinding.State.ASKED, not_before__lte=now
    )
    for store_id, catalog_pk in asked.values_list("store_id", "catalog_id").distinct().order_by():
        mend_catalog.delay(store_id, catalog_pk)
    wanted = RemoteItem.unscoped.filter(variant=None, adopt_pieces__isnull=False)
    for store_id, catalog_pk in wanted.values_list("store_id", "catalog_id").distinct().order_by():
        nudges.ask(adopt_items, store_id, catalog_pk)
