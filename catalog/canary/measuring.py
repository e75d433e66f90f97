"""Measuring how long a change of stock takes until Meta shows it, with the hidden item of each catalog.

A change is made on a timetable and nudged as stock is; `claiming` has the next call of the stock lane carry
it; then we read the item at Meta until it shows the change. That time is what is promised to merchants.
"""

from __future__ import annotations

import random
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Q
from django.utils import timezone

from catalog.canary.item import IN_STOCK, availability_of
from catalog.models import Canary, Catalog, PushBatch, StockLag
from catalog.push.marking import nudge
from integrations.graph.catalog_items import RemoteStock, fetch_stock
from integrations.graph.catalogs import delete_request, send_batch
from integrations.graph.errors import Gone, GraphError, RetryLater
from integrations.logins import LoginClient
from integrations.models import AssetState

PROMISE = timedelta(seconds=30)
"""From a change of stock until Meta shows it."""
LOST_AFTER = timedelta(minutes=10)
"""After that long nobody waits for a change any more."""
KEPT = timedelta(days=30)
PURGED_AT_ONCE = 500
LOOK_SECONDS = (1, 1, 1, 1, 2, 2, 2, 3, 5, 5, 10, 10, 30)
"""When to look at Meta, again and again; the last one repeats. A look is one small read."""
LEASE = timedelta(minutes=1)
NUDGE_AGAIN = timedelta(seconds=30)
"""As often as the sweep looks for stock whose task was lost."""
REMOVAL_PAUSE = timedelta(hours=1)
MOST_PIECES = 9

MEASURED = Catalog.SENDING & Q(state=AssetState.ACTIVE, store__measures_stock=True, leaving_since=None)
"""Catalogs that promise anything now. In Python: `is_measured`."""

CLOSED = (PushBatch.State.FINISHED, PushBatch.State.FAILED)
Outcome = StockLag.Outcome


def is_measured(catalog: Catalog) -> bool:
    """Say whether a change has to reach Meta now: it sends, needs no login, and was not told to wait."""
    wants = bool(settings.CANARY_MINUTES) and catalog.store.measures_stock
    may = catalog.is_sending and catalog.state == AssetState.ACTIVE and catalog.leaving_since is None
    return wants and may and catalog.not_before <= timezone.now()


def change(catalog_pk: int) -> StockLag | None:
    """Change the stock of a catalog's hidden item, which is made when there is none; None when not due.

    Calls Meta, to change it to what it does not show already.
    """
    catalog = Catalog.objects.select_related("account", "store").get(pk=catalog_pk)
    if not is_measured(catalog):
        return None
    canary, _created = Canary.objects.get_or_create(catalog=catalog)
    if not _claim_change(canary):
        return None
    remote = None
    if canary.is_at_meta:
        try:
            remote = fetch_stock(LoginClient(catalog.account), catalog.catalog_id, canary.retailer_id)
        except GraphError:
            return None
    is_in_stock = remote is not None and remote.availability == IN_STOCK
    pieces = 0 if is_in_stock else random.randint(1, MOST_PIECES)  # noqa: S311  (no secret)
    with transaction.atomic():
        lag: StockLag = StockLag.objects.create(
            canary=canary,
            quantity=pieces,
            not_before=timezone.now() + timedelta(seconds=LOOK_SECONDS[0]),
        )
        nudge(catalog.pk, stock_changed=True)
    return lag


def _claim_change(canary: Canary) -> bool:
    """Win or lose the right to change an item: once in its time, and never while a change is on its way."""
    now = timezone.now()
    seconds = settings.CANARY_MINUTES * 60 * random.uniform(0.9, 1.1)  # noqa: S311  (not all at once)
    on_its_way = StockLag.objects.filter(canary=canary.pk, ended_at=None)
    due = Canary.objects.filter(~Exists(on_its_way), pk=canary.pk, due_at__lte=now)
    return bool(due.update(due_at=now + timedelta(seconds=seconds)))


def look(lag_pk: int) -> int | None:
    """Look whether Meta shows a change; return after how many seconds to look again, None when it is over.

    Calls Meta. Safe twice, and beside other workers.
    """
    lag = _claim_look(lag_pk)
    if lag is None:
        return None
    outcome = _find_outcome(lag)
    if outcome:
        _end(lag, outcome)
        return None
    seconds = LOOK_SECONDS[min(lag.looks, len(LOOK_SECONDS) - 1)]
    StockLag.objects.filter(pk=lag.pk).update(not_before=timezone.now() + timedelta(seconds=seconds))
    return seconds


def _find_outcome(lag: StockLag) -> str:
    """Return how a measurement ended, '' while it has not.

    The time that a catalog takes which is held, has no login or was told to wait says nothing of us.
    """
    catalog = lag.canary.catalog
    if not is_measured(catalog) or catalog.not_before > lag.changed_at:
        return Outcome.VOID
    _follow_batch(lag)
    try:
        remote = fetch_stock(LoginClient(catalog.account), catalog.catalog_id, lag.canary.retailer_id)
    except RetryLater:
        remote = None
    except GraphError:
        return Outcome.VOID
    if remote is not None and lag.sent_at is not None and _shows(remote, lag):
        return Outcome.SHOWN
    return Outcome.LOST if timezone.now() - lag.changed_at > LOST_AFTER else Outcome.OPEN


def _claim_look(lag_pk: int) -> StockLag | None:
    now = timezone.now()
    due = StockLag.objects.filter(pk=lag_pk, ended_at=None, not_before__lte=now)
    if not due.update(not_before=now + LEASE):
        return None
    rows = StockLag.objects.select_related("canary__catalog__account", "canary__catalog__store", "batch")
    lag: StockLag = rows.get(pk=lag_pk)
    lag.looks += 1
    StockLag.objects.filter(pk=lag_pk).update(looks=lag.looks)
    return lag


def _follow_batch(lag: StockLag) -> None:
    """Note when its call was taken. A call that failed, or a lost task, is made up for as for any stock."""
    batch = lag.batch
    if batch is not None and batch.state == PushBatch.State.FAILED:
        StockLag.objects.filter(pk=lag.pk).update(batch=None)
        nudge(lag.canary.catalog_id, stock_changed=True)
    elif batch is None and timezone.now() - lag.changed_at > NUDGE_AGAIN:
        nudge(lag.canary.catalog_id, stock_changed=True)
    elif batch is not None and batch.sent_at is not None and lag.sent_at is None:
        lag.sent_at = batch.sent_at
        StockLag.objects.filter(pk=lag.pk).update(sent_at=batch.sent_at)


def _shows(remote: RemoteStock, lag: StockLag) -> bool:
    """Say whether Meta has what was sent; without checkout at Meta it may keep no number."""
    has_number = lag.quantity and remote.quantity is not None
    return remote.availability == availability_of(lag) and (not has_number or remote.quantity == lag.quantity)


def _end(lag: StockLag, outcome: str) -> None:
    """End a measurement and forget what is old. A batch that carried nothing else goes once it is over."""
    now = timezone.now()
    is_shown = outcome == Outcome.SHOWN
    with transaction.atomic():
        mine = StockLag.objects.filter(pk=lag.pk, ended_at=None)
        if not mine.update(ended_at=now, outcome=outcome, shown_at=now if is_shown else None):
            return
        is_late = outcome == Outcome.LOST or (is_shown and now - lag.changed_at > PROMISE)
        Canary.objects.filter(pk=lag.canary_id).update(is_late=is_late)
        lags = StockLag.objects.filter(canary=lag.canary_id)
        lags.filter(batch__row_count__gt=0, ended_at__isnull=False).update(batch=None)
        carriers = lags.filter(ended_at__isnull=False, batch__isnull=False).values_list("batch", flat=True)
        PushBatch.objects.filter(pk__in=list(carriers), state__in=CLOSED, row_count=0).delete()
        old = lags.filter(changed_at__lt=now - KEPT).order_by("pk")
        StockLag.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:PURGED_AT_ONCE])).delete()


def remove(canary_pk: int) -> None:
    """Take a hidden item out of a catalog at Meta and forget it. Calls Meta; safe twice."""
    now = timezone.now()
    due = Canary.objects.filter(pk=canary_pk, removal_not_before__lte=now)
    if not due.update(removal_not_before=now + REMOVAL_PAUSE):
        return
    canary = Canary.objects.select_related("catalog__account").get(pk=canary_pk)
    if canary.is_at_meta:
        client, catalog_id = LoginClient(canary.catalog.account), canary.catalog.catalog_id
        try:
            receipt = send_batch(client, catalog_id, requests=[delete_request(canary.retailer_id)])
        except Gone:  # and with the catalog its items
            receipt = None
        except GraphError:
            return
        if receipt is not None and not receipt.handle:
            return
    Canary.objects.filter(pk=canary_pk).delete()
