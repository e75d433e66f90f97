"""The life of a batch in three beats: claim in a transaction, call outside of any, settle in a transaction.

A worker that dies in between leaves a batch whose lease ends; the sweep then takes it up. Sending an item
twice changes nothing at Meta, so what is unknown is sent again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from catalog.models import CatalogItem, PushBatch
from catalog.push.claiming import LEASE, claim_batch
from catalog.push.settling import note_failure, release, settle_finished, settle_receipt
from integrations.graph import catalogs
from integrations.graph.errors import FixData, Gone, GraphError, RetryLater
from integrations.logins import LoginClient

POLL_SECONDS = (1, 2, 3, 5, 10, 20, 40, 60)
"""When to ask for a result, again and again; the last one repeats. Meta's own message is mostly faster."""
GIVE_UP_AFTER = timedelta(hours=24)
"""A handle's lifetime is nowhere published. After this the rows are sent again."""
UNKNOWN_AFTER = timedelta(minutes=10)
"""So long a handle may be unheard of at Meta before its batch counts as lost."""

ItemState, BatchState = CatalogItem.State, PushBatch.State


@dataclass(frozen=True)
class Pushed:
    """What one step of a push came to: the batch to ask about, and whether more may wait."""

    batch_pk: int | None
    more: bool


@dataclass(frozen=True)
class Polled:
    """What one question came to: ask again after so many seconds, or (None) the batch is settled."""

    catalog_pk: int
    again_seconds: int | None


def push_next(catalog_pk: int, *, stock_only: bool) -> Pushed:
    """Send one batch of what waits. Calls Meta."""
    claimed, more = claim_batch(catalog_pk, stock_only=stock_only)
    if claimed is None:
        return Pushed(None, more)
    batch = claimed.batch
    try:
        client = LoginClient(batch.catalog.account)
        receipt = catalogs.send_batch(client, batch.catalog.catalog_id, requests=claimed.requests)
    except GraphError as error:
        release(batch, error)
        return Pushed(None, more=False)
    settle_receipt(batch, receipt, poll_at=timezone.now() + timedelta(seconds=POLL_SECONDS[0]))
    # What was refused with the rest may have stock that has to go alone.
    return Pushed(batch.pk, more or bool(receipt.refused))


def poll(batch_pk: int) -> Polled | None:
    """Ask how a batch went and settle it; None when it is not our turn to ask. Calls Meta."""
    batch = _claim_poll(batch_pk)
    if batch is None:
        return None
    try:
        client = LoginClient(batch.catalog.account)
        result = catalogs.check_batch(client, batch.catalog.catalog_id, handle=batch.handle)
    except (FixData, Gone) as error:  # Meta does not know the handle any more: how it went stays unknown
        release(batch, error)
        return Polled(batch.catalog_id, None)
    except GraphError as error:
        if _is_older(batch, GIVE_UP_AFTER):
            release(batch, error)
            return Polled(batch.catalog_id, None)
        note_failure(batch.catalog, error, rests=False)
        return _ask_again(batch, seconds=error.seconds or POLL_SECONDS[-1])
    if result.is_finished:
        settle_finished(batch, result)
        return Polled(batch.catalog_id, None)
    if _is_older(batch, GIVE_UP_AFTER if result.is_known else UNKNOWN_AFTER):
        release(batch, RetryLater("Meta did not finish this batch in time."))
        return Polled(batch.catalog_id, None)
    return _ask_again(batch, seconds=POLL_SECONDS[min(batch.poll_count, len(POLL_SECONDS) - 1)])


def _is_older(batch: PushBatch, age: timedelta) -> bool:
    return batch.sent_at is not None and batch.sent_at < timezone.now() - age


def _claim_poll(batch_pk: int) -> PushBatch | None:
    """Take the right to ask, for as long as a call may last; None when another has it or it is too early."""
    now = timezone.now()
    due = PushBatch.objects.filter(pk=batch_pk, state=BatchState.SENT, not_before__lte=now)
    if not due.update(not_before=now + LEASE, poll_count=F("poll_count") + 1):
        return None
    batch: PushBatch = PushBatch.objects.select_related("catalog__account").get(pk=batch_pk)
    return batch


def _ask_again(batch: PushBatch, *, seconds: int) -> Polled:
    due = PushBatch.objects.filter(pk=batch.pk, state=BatchState.SENT)
    due.update(not_before=timezone.now() + timedelta(seconds=seconds))
    return Polled(batch.catalog_id, seconds)


def release_lost(batch_pk: int) -> None:
    """Take up a batch whose worker died before it had Meta's answer. Safe twice and beside a slow worker."""
    lost = PushBatch.objects.filter(pk=batch_pk, state=BatchState.CLAIMED, not_before__lte=timezone.now())
    batch = lost.select_related("catalog").first()
    if batch is not None:
        release(batch, None)
