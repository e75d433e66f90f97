"""The life of a batch in three beats: claim in a transaction, call outside of any, settle in a transaction.

A worker that dies in between leaves a batch whose lease ends; the sweep then takes it up. Sending an item
twice changes nothing at Meta, so what is unknown is sent again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from catalog import items as rows_of
from catalog.models import Catalog, CatalogItem, PushBatch
from catalog.preflight import CAUSES, find_blocking
from catalog.settling import note_failure, release, settle_finished, settle_receipt
from catalog.writing import number_of, text_of
from integrations.graph import catalogs
from integrations.graph.errors import FixData, Gone, GraphError, RetryLater
from integrations.logins import LoginClient
from integrations.models import AssetState
from integrations.runs import record_run

LEASE = timedelta(minutes=2)
"""How long a call may take before its worker counts as dead; well above the client's own timeouts."""
POLL_SECONDS = (1, 2, 3, 5, 10, 20, 40, 60)
"""When to ask for a result, again and again; the last one repeats. Meta's own message is mostly faster."""
GIVE_UP_AFTER = timedelta(hours=24)
"""A handle's lifetime is nowhere published. After this the rows are sent again."""
NOT_SENT = ("variant__product__search", "variant__product__variant_words")
"""What the list finds products by: as long as the rest, and no part of a row."""

ItemState, BatchState = CatalogItem.State, PushBatch.State


@dataclass(frozen=True)
class Claimed:
    """A batch to send; `batch.catalog.account` is loaded."""

    batch: PushBatch
    requests: list[dict[str, Any]]


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


def may_send(catalog: Catalog) -> bool:
    """Say whether a catalog may be called now: it sends, and was not told to wait.

    After a dead login it waits, too, but a person who connects again need not.
    """
    if not catalog.is_sending:
        return False
    if catalog.not_before <= timezone.now():
        return True
    failed_at = catalog.last_error_at
    revived = failed_at is not None and catalog.account.connected_at > failed_at
    return catalog.state == AssetState.NEEDS_RECONNECT and revived


def push_next(catalog_pk: int, *, stock_only: bool) -> Pushed:
    """Send one batch of what waits. Calls Meta."""
    claimed, more = claim_batch(catalog_pk, stock_only=stock_only)
    if claimed is None:
        return Pushed(None, more)
    batch = claimed.batch
    try:
        with record_run(job="catalog.push", asset_id=batch.catalog.catalog_id) as run:
            client = LoginClient(batch.catalog.account)
            receipt = catalogs.send_batch(client, batch.catalog.catalog_id, requests=claimed.requests)
            run.rows_failed = len(receipt.refused)
            run.rows_done = len(claimed.requests) - run.rows_failed
    except GraphError as error:
        release(batch, error)
        return Pushed(None, more=False)
    settle_receipt(batch, receipt, poll_at=timezone.now() + timedelta(seconds=POLL_SECONDS[0]))
    return Pushed(batch.pk, more)


def claim_batch(catalog_pk: int, *, stock_only: bool) -> tuple[Claimed | None, bool]:
    """Claim what waits longest, stock first, built as it is now; return it and whether more may wait.

    Items that Meta already has just so are settled here, without a call.
    """
    with transaction.atomic():
        # One claim at a time for a catalog: two workers never split what belongs into one call.
        locked = Catalog.objects.select_for_update(no_key=True, of=("self",)).select_related("account")
        catalog = locked.get(pk=catalog_pk)
        waiting = _waiting_items(catalog, stock_only=stock_only) if may_send(catalog) else []
        chosen, unchanged, was_cut = _choose(_hold_back(waiting))
        _settle_unchanged(unchanged)
        more = was_cut or len(waiting) == catalogs.ROWS_PER_BATCH
        if not chosen:
            return None, more
        return Claimed(_make_batch(catalog, chosen), [row.request for _, row in chosen]), more


def _waiting_items(catalog: Catalog, *, stock_only: bool) -> list[CatalogItem]:
    now = timezone.now()
    waiting = CatalogItem.objects.filter(
        catalog=catalog, waiting_since__isnull=False, batch=None, not_before__lte=now
    )
    if stock_only:
        waiting = waiting.filter(stock_changed=True)
    ordered = waiting.order_by(
        "-stock_changed", "-delete_wanted", "waiting_since", "pk"
    )  # as the index stands
    locked = ordered.select_for_update(skip_locked=True, no_key=True, of=("self",))
    with_product = locked.select_related("variant__product", "variant__store").defer(*NOT_SENT)
    return list(with_product[: catalogs.ROWS_PER_BATCH])


def _hold_back(waiting: list[CatalogItem]) -> list[CatalogItem]:
    """Return what may be sent. What Meta would refuse anyway is refused here, until its product changes."""
    causes: dict[str, list[int]] = {}
    for item in waiting:
        if not _goes(item) and (cause := find_blocking(item.variant.product.causes)):
            causes.setdefault(cause, []).append(item.pk)
    held = {pk for pks in causes.values() for pk in pks}
    for cause, pks in causes.items():
        CatalogItem.objects.filter(pk__in=pks).update(
            state=ItemState.FAILED,
            waiting_since=None,
            stock_changed=False,
            error=str(CAUSES[cause].sentence),
            meta_message="",
        )
    return [item for item in waiting if item.pk not in held]


def _goes(item: CatalogItem) -> bool:
    """Say whether an item has to leave the catalog."""
    return item.delete_wanted or not item.variant.is_for_sale


Chosen = list[tuple[CatalogItem, rows_of.Row]]


def _choose(waiting: list[CatalogItem]) -> tuple[Chosen, Chosen, bool]:
    """Part the items into those to send and those Meta already has; and say whether the call got too big."""
    chosen: Chosen = []
    unchanged: Chosen = []
    size = 0
    now = timezone.now()
    for item in waiting:
        row = rows_of.build_row(item.variant, base_url=settings.APP_BASE_URL, now=now, delete=_goes(item))
        if _is_known(item, row):
            unchanged.append((item, row))
            continue
        if chosen and size + row.size > catalogs.BYTES_PER_BATCH:
            return chosen, unchanged, True
        chosen.append((item, row))
        size += row.size
    return chosen, unchanged, False


def _is_known(item: CatalogItem, row: rows_of.Row) -> bool:
    """Say whether Meta has just this already; what was never sent need not be removed."""
    never_sent = not item.sent_fingerprint
    return row.fingerprint == item.confirmed_fingerprint or (
        row.fingerprint == rows_of.DELETED and never_sent
    )


def _settle_unchanged(unchanged: Chosen) -> None:
    for state, is_removed in ((ItemState.REMOVED, True), (ItemState.LIVE, False)):
        pks = [item.pk for item, row in unchanged if (row.fingerprint == rows_of.DELETED) is is_removed]
        CatalogItem.objects.filter(pk__in=pks).update(
            state=state, waiting_since=None, stock_changed=False, error="", meta_message=""
        )


def _make_batch(catalog: Catalog, chosen: Chosen) -> PushBatch:
    now = timezone.now()
    batch: PushBatch = PushBatch.objects.create(
        catalog=catalog, row_count=len(chosen), claimed_at=now, not_before=now + LEASE
    )
    # A change that comes from now on sets waiting_since anew and is sent after this batch.
    fingerprints = {item.pk: row.fingerprint for item, row in chosen}
    quantities = {
        item.pk: None if row.fingerprint == rows_of.DELETED else item.variant.available
        for item, row in chosen
    }
    CatalogItem.objects.filter(pk__in=fingerprints).update(
        batch=batch,
        waiting_since=None,
        sent_fingerprint=text_of("pk", fingerprints),
        sent_quantity=number_of("pk", quantities),
    )
    return batch


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
        note_failure(batch.catalog, error, rests=False)
        return _ask_again(batch, seconds=error.seconds or POLL_SECONDS[-1])
    if result.is_finished:
        settle_finished(batch, result)
        return Polled(batch.catalog_id, None)
    if batch.sent_at is not None and batch.sent_at < timezone.now() - GIVE_UP_AFTER:
        release(batch, RetryLater("Meta did not finish this batch within a day."))
        return Polled(batch.catalog_id, None)
    return _ask_again(batch, seconds=POLL_SECONDS[min(batch.poll_count, len(POLL_SECONDS) - 1)])


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


def find_waiting(catalog_pk: int) -> bool | None:
    """Say whether stock waits in a catalog (True), only other changes (False), or nothing (None)."""
    waiting = CatalogItem.objects.filter(catalog=catalog_pk, waiting_since__isnull=False, batch=None)
    due = waiting.filter(not_before__lte=timezone.now())
    first: bool | None = due.order_by("-stock_changed").values_list("stock_changed", flat=True).first()
    return first
