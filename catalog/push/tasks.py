"""Doors to the jobs of the catalog. All are safe twice, late and beside themselves: claims decide."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from celery import Task, shared_task
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from catalog.models import Catalog, CatalogItem, PushBatch, StockLag
from catalog.push import batches, mail, nudges, runs, waiting
from catalog.sets.product_sets import want_sets
from integrations.models import AssetState
from tenancy.scope import get_open_store_id, open_store
from tenancy.tasks import store_task

log = structlog.get_logger()


MOST_CATALOGS = 50
"""So many are served by one task; a change that comes meanwhile has asked for another."""
MOST_BATCHES = 50
FAULT_RESTS = timedelta(minutes=1)
LONGEST_NAP_SECONDS = 2
"""While an answer is outstanding somebody looks as often as this which question is due."""


@shared_task
def push_stock() -> None:
    """Send the items whose stock changed, of all stores, ahead of everything else."""
    nudges.take_up(push_stock)
    due = _find_stock()
    for store_id, catalog_pk in due:
        with open_store(store_id), _on_its_own(catalog_pk):
            _push_or_rest(catalog_pk)
    if len(due) >= MOST_CATALOGS:
        nudges.ask(push_stock)


@store_task
def push_catalog(catalog_pk: int) -> None:
    """Send what waits in a catalog: one batch, then the other stores have their turn."""
    nudges.take_up(push_catalog, get_open_store_id(), catalog_pk)
    _push(catalog_pk, stock_only=False)


@store_task
def poll_batch(batch_pk: int) -> None:
    """Ask Meta how a batch went that it says is finished."""
    nudges.take_up(poll_batch, get_open_store_id(), batch_pk)
    _poll(batch_pk)


@shared_task
def poll_batches() -> None:
    """Ask Meta how the batches went whose question is due, of all stores; again until all are finished."""
    nudges.take_up(poll_batches)
    sent = PushBatch.unscoped.filter(state=PushBatch.State.SENT).order_by("not_before")
    due = sent.filter(not_before__lte=timezone.now()).values_list("store_id", "pk")
    for store_id, batch_pk in list(due[:MOST_BATCHES]):
        with open_store(store_id), _on_its_own(batch_pk):
            _poll(batch_pk)
    next_at = sent.values_list("not_before", flat=True).first()
    if next_at is not None:
        seconds = (next_at - timezone.now()).total_seconds()
        nudges.ask(poll_batches, seconds=min(max(seconds, 0), LONGEST_NAP_SECONDS))


@store_task
def recover_batch(batch_pk: int) -> None:
    """Take up a batch whose worker died."""
    batches.release_lost(batch_pk)


@store_task
def tell_of_given_up(catalog_pk: int) -> None:
    """Tell the owners which items do not get through."""
    mail.tell_of_given_up(catalog_pk)


@shared_task
def sweep_catalog() -> None:
    """Start again what was lost with a worker or the broker, and what has waited long enough."""
    now = timezone.now()
    stuck = PushBatch.unscoped.filter(not_before__lte=now)
    _start_each(recover_batch, stuck.filter(state=PushBatch.State.CLAIMED).values_list("store_id", "pk"))
    _note_all_sent()
    for store_id, catalog_pk in Catalog.unscoped.filter(push_run__isnull=False).values_list("store_id", "pk"):
        with open_store(store_id):
            runs.end_if_over(catalog_pk)
    if stuck.filter(state=PushBatch.State.SENT).exists():
        nudges.ask(poll_batches)
    if _find_stock():
        nudges.ask(push_stock)
    for store_id, catalog_pk in _ready_with(stock_only=False).values_list("store_id", "pk").iterator():
        nudges.ask(push_catalog, store_id, catalog_pk)
    for store_id, catalog_pk in find_untold():
        tell_of_given_up.delay(store_id, catalog_pk)


def _note_all_sent() -> None:
    """End what somebody asked to be sent, where nothing waits any more and no answer is open."""
    asked = Catalog.unscoped.filter(send_asked_at__isnull=False, look_position=None)
    left = waiting.first_left(CatalogItem.unscoped.all())
    asked.annotate(_left=left).filter(_left=None).update(send_asked_at=None)


def find_untold() -> Iterator[tuple[int, int]]:
    """Yield store and catalog of those whose owners have to be told what does not get through."""
    untold = Q(told_at=None) | Q(told_at__lt=timezone.now() - mail.QUIET)
    given_up = CatalogItem.unscoped.filter(mail.GIVEN_UP, catalog=OuterRef("pk")).order_by("attempts")
    rows = Catalog.unscoped.filter(untold, state__in=Catalog.PUSHED)
    found = rows.annotate(_given_up=Subquery(given_up.values("pk")[:1]))
    found = found.filter(mail.is_shut_out(CatalogItem.unscoped.all()) | Q(_given_up__isnull=False))
    yield from found.values_list("store_id", "pk")


def _find_stock() -> list[tuple[int, int]]:
    """Return store and catalog of those in which stock waits that may be sent now, the longest first.

    Then those of which only the hidden item waits. 2 queries.
    """
    stock = _ready_with(stock_only=True).order_by(F("_since"))
    found = stock.values_list("store_id", "pk")[:MOST_CATALOGS]
    hidden = StockLag.unscoped.filter(ended_at=None, batch=None, canary__catalog__in=_ready())
    also = hidden.values_list("store_id", "canary__catalog_id").order_by("changed_at")[:MOST_CATALOGS]
    return list(dict.fromkeys([*found, *also]))


def _ready() -> QuerySet[Catalog]:
    """Return the catalogs that may be called now, as `claiming.may_send` says of one."""
    revived = Q(state=AssetState.NEEDS_RECONNECT, account__connected_at__gt=F("last_error_at"))
    return Catalog.unscoped.filter(Catalog.SENDING).filter(Q(not_before__lte=timezone.now()) | revived)


def _ready_with(*, stock_only: bool) -> QuerySet[Catalog]:
    """Return the catalogs that may be called and in which something may be sent: one row of each is read."""
    first = waiting.first_due(CatalogItem.unscoped.all(), stock_only=stock_only)
    since = Subquery(first.values("waiting_since"))
    return _ready().annotate(_since=since).filter(_since__isnull=False)


@contextmanager
def _on_its_own(pk: int) -> Iterator[None]:
    """Keep a fault of ours in one store from those after it; the sweep comes back to it."""
    try:
        yield
    except Exception:
        log.exception("catalog_step_failed", pk=pk)


def _push_or_rest(catalog_pk: int) -> None:
    """Push stock; a catalog in which that is a fault of ours does not stand first in line again at once."""
    try:
        _push(catalog_pk, stock_only=True)
    except Exception:
        rest = timezone.now() + FAULT_RESTS
        Catalog.objects.filter(pk=catalog_pk).update(not_before=rest)
        raise


def _poll(batch_pk: int) -> None:
    polled = batches.poll(batch_pk)
    if polled is not None and polled.again_seconds is None:
        _start_waiting(polled.catalog_pk)


def _start_waiting(catalog_pk: int) -> None:
    stock_waits = waiting.find_lane(catalog_pk)
    if stock_waits:
        nudges.ask(push_stock)
    elif stock_waits is not None:
        nudges.ask(push_catalog, get_open_store_id(), catalog_pk)
    else:
        runs.end_if_over(catalog_pk)


def _push(catalog_pk: int, *, stock_only: bool) -> None:
    pushed = batches.push_next(catalog_pk, stock_only=stock_only)
    if pushed.batch_pk is not None:
        nudges.ask(poll_batches, seconds=batches.POLL_SECONDS[0])
    if pushed.more:
        _start_waiting(catalog_pk)
    elif not stock_only:
        want_sets(catalog_pk)
        runs.end_if_over(catalog_pk)


def _start_each(task: Task[..., Any], rows: Any) -> None:
    for store_id, pk in rows.iterator():
        task.delay(store_id, pk)
