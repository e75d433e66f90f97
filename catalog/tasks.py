"""Doors to the jobs of the catalog. All are safe twice, late and beside themselves: claims decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from celery import Task, shared_task
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from catalog import batches, nudges, push_mail, waiting
from catalog.models import Catalog, CatalogItem, PushBatch
from catalog.product_sets import want_sets
from integrations.models import AssetState
from tenancy.scope import get_open_store_id
from tenancy.tasks import store_task


@store_task
def push_stock(catalog_pk: int) -> None:
    """Send the items of a catalog whose stock changed, ahead of everything else."""
    _push(push_stock, catalog_pk, stock_only=True)


@store_task
def push_catalog(catalog_pk: int) -> None:
    """Send what waits in a catalog: one batch, then the other stores have their turn."""
    _push(push_catalog, catalog_pk, stock_only=False)


@store_task
def poll_batch(batch_pk: int) -> None:
    """Ask Meta how a batch went; again until it is finished, then send what was changed meanwhile."""
    nudges.take_up(poll_batch, batch_pk)
    polled = batches.poll(batch_pk)
    if polled is None:
        return
    if polled.again_seconds is None:
        _start_waiting(polled.catalog_pk)
    elif polled.again_seconds <= 60:  # a longer wait is left to the sweep
        poll_batch.apply_async((get_open_store_id(), batch_pk), countdown=polled.again_seconds)


@store_task
def recover_batch(batch_pk: int) -> None:
    """Take up a batch whose worker died."""
    batches.release_lost(batch_pk)


@store_task
def tell_of_given_up(catalog_pk: int) -> None:
    """Tell the owners which items do not get through."""
    push_mail.tell_of_given_up(catalog_pk)


@store_task
def push_waiting(catalog_pk: int) -> None:
    """Start sending what waits in a catalog, in the lane it belongs to."""
    _start_waiting(catalog_pk)


@shared_task
def sweep_catalog() -> None:
    """Start again what was lost with a worker or the broker, and what has waited long enough."""
    now = timezone.now()
    stuck = PushBatch.unscoped.filter(not_before__lte=now)
    _start_each(recover_batch, stuck.filter(state=PushBatch.State.CLAIMED).values_list("store_id", "pk"))
    _start_each(poll_batch, stuck.filter(state=PushBatch.State.SENT).values_list("store_id", "pk"))
    revived = Q(state=AssetState.NEEDS_RECONNECT, account__connected_at__gt=F("last_error_at"))
    items = CatalogItem.unscoped.filter(catalog=OuterRef("pk"))
    lanes = [Exists(items.filter(waiting.is_due(stock_only=stock_only))) for stock_only in (True, False)]
    _note_all_sent()
    sending = Catalog.unscoped.filter(Catalog.SENDING)
    due = sending.filter(Q(not_before__lte=now) | revived, lanes[0] | lanes[1])
    _start_each(push_waiting, due.values_list("store_id", "pk"))
    for store_id, catalog_pk in find_untold():
        tell_of_given_up.delay(store_id, catalog_pk)


def _note_all_sent() -> None:
    """End what somebody asked to be sent, where nothing waits any more and no answer is open."""
    items = CatalogItem.unscoped.filter(catalog=OuterRef("pk"))
    left = items.filter(Q(waiting_since__isnull=False) | Q(batch__isnull=False))
    asked = Catalog.unscoped.filter(send_asked_at__isnull=False, look_position=None)
    asked.filter(~Exists(left)).update(send_asked_at=None)


def find_untold() -> Iterator[tuple[int, int]]:
    """Yield store and catalog of those whose owners have to be told what does not get through."""
    untold = Q(catalog__told_at=None) | Q(catalog__told_at__lt=timezone.now() - push_mail.QUIET)
    rows = CatalogItem.unscoped.filter(push_mail.GIVEN_UP, untold, catalog__state__in=Catalog.PUSHED)
    yield from rows.values_list("store_id", "catalog_id").distinct().order_by()


def _start_waiting(catalog_pk: int) -> None:
    stock_waits = waiting.find_lane(catalog_pk)
    if stock_waits is not None:
        nudges.ask(push_stock if stock_waits else push_catalog, get_open_store_id(), catalog_pk)


def _push(task: Task[..., Any], catalog_pk: int, *, stock_only: bool) -> None:
    nudges.take_up(task, catalog_pk)
    pushed = batches.push_next(catalog_pk, stock_only=stock_only)
    store_id = get_open_store_id()
    if pushed.batch_pk is not None:
        poll_batch.apply_async((store_id, pushed.batch_pk), countdown=batches.POLL_SECONDS[0])
    if pushed.more:
        nudges.ask(task, store_id, catalog_pk)
    elif not stock_only:
        want_sets(catalog_pk)


def _start_each(task: Task[..., Any], rows: Any) -> None:
    for store_id, pk in rows.iterator():
        task.delay(store_id, pk)
