"""Claiming what one call carries: chosen, built as it is now, marked as on its way, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from catalog import items as rows_of
from catalog.canary.item import carry, lock_waiting
from catalog.models import Catalog, CatalogItem, PushBatch
from catalog.preflight import CAUSES, find_blocking
from catalog.push.refusals import explain
from catalog.push.runs import note_rows, take_up_run
from catalog.push.waiting import is_due
from catalog.push.writing import number_of, text_of
from integrations.graph import catalogs
from integrations.models import AssetState

LEASE = timedelta(minutes=2)
"""How long a call may take before its worker counts as dead; well above the client's own timeouts."""
NOT_SENT = ("variant__product__search", "variant__product__variant_words")
"""What the list finds products by: as long as the rest, and no part of a row."""

ItemState = CatalogItem.State


@dataclass(frozen=True)
class Claimed:
    """A batch to send; `batch.catalog.account` is loaded."""

    batch: PushBatch
    requests: list[dict[str, Any]]


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


def claim_batch(catalog_pk: int, *, stock_only: bool) -> tuple[Claimed | None, bool]:
    """Claim what waits longest, stock first, built as it is now; return it and whether more may wait.

    Items that Meta already has just so are settled here, without a call.
    """
    with transaction.atomic():
        catalog = _get_catalog(catalog_pk, stock_only=stock_only)
        if not stock_only:
            take_up_run(catalog)
        waiting = _waiting_items(catalog, stock_only=stock_only) if may_send(catalog) else []
        kept = _hold_back(waiting)
        chosen, unchanged, was_cut = _choose(kept)
        _repeat_refusals([*chosen, *unchanged])
        done, refused = _settle_unchanged(unchanged)
        note_rows(catalog, done=done, refused=refused + len(waiting) - len(kept))
        more = was_cut or len(waiting) == catalogs.ROWS_PER_BATCH
        # Behind all that waits: what is measured is the time of the last in line.
        canary = lock_waiting(catalog) if stock_only and not more and may_send(catalog) else None
        if not chosen and canary is None:
            return None, more
        claimed = Claimed(_make_batch(catalog, chosen), [row.request for _, row in chosen])
        if canary is not None:
            claimed.requests.append(carry(canary, claimed.batch))
        return claimed, more


def _get_catalog(catalog_pk: int, *, stock_only: bool) -> Catalog:
    """Return the catalog, in the slow lane behind a lock, so that two workers never split one call's items.

    Stock does not stand in line behind three thousand rows that are just being built.
    """
    catalogs_here = Catalog.objects.select_related("account", "store")
    if not stock_only:
        catalogs_here = catalogs_here.select_for_update(no_key=True, of=("self",))
    found: Catalog = catalogs_here.get(pk=catalog_pk)
    return found


def _waiting_items(catalog: Catalog, *, stock_only: bool) -> list[CatalogItem]:
    waiting = CatalogItem.objects.filter(is_due(stock_only=stock_only), catalog=catalog)
    # The slow lane's order is that of its index.
    ordered = waiting.order_by("-stock_changed", "-delete_wanted", "waiting_since", "pk")
    locked = ordered.select_for_update(skip_locked=True, no_key=True)
    pks = list(locked.values_list("pk", flat=True)[: catalogs.ROWS_PER_BATCH])
    # Read by a statement that begins behind the locks: the one that takes them sees the items as they are by
    # then, but the variants as before, and a sale in between would count as sent without being sent.
    mine = CatalogItem.objects.filter(pk__in=pks).select_related("variant__product").defer(*NOT_SENT)
    items = {item.pk: item for item in mine}
    for item in items.values():
        item.variant.store = catalog.store
    return [items[pk] for pk in pks]


def _hold_back(waiting: list[CatalogItem]) -> list[CatalogItem]:
    """Return what may be sent. What Meta would refuse anyway is refused here, until its product changes.

    Of an item that Meta shows already its stock still goes: the rest stays there as it was.
    """
    causes: dict[str, list[int]] = {}
    for item in waiting:
        if cause := _find_blocking(item):
            causes.setdefault(cause, []).append(item.pk)
    held = {item.pk for item in waiting if _find_blocking(item) and not _is_shown(item)}
    for cause, pks in causes.items():
        blocked = CatalogItem.objects.filter(pk__in=pks)
        blocked.update(error=str(CAUSES[cause].sentence), meta_message="", refused_content="")
        items = CatalogItem.objects.filter(pk__in=held.intersection(pks))
        # What an unanswered batch makes of it is not looked at any more, and so not known.
        in_batch = items.filter(batch__isnull=False)
        in_batch.update(overtook=F("batch"), batch=None, confirmed_fingerprint="")
        items.update(
            state=ItemState.FAILED,
            waiting_since=None,
            stock_changed=False,
        )
    return [item for item in waiting if item.pk not in held]


def _find_blocking(item: CatalogItem) -> str | None:
    """Return for what an item is not sent, None for one that is, or that leaves."""
    return None if _goes(item) else find_blocking(item.variant.product.causes)


def _is_shown(item: CatalogItem) -> bool:
    """Say whether Meta has confirmed that it has the item."""
    return item.confirmed_quantity is not None


def _goes(item: CatalogItem) -> bool:
    """Say whether an item has to leave the catalog."""
    return item.delete_wanted or not item.variant.is_for_sale


Chosen = list[tuple[CatalogItem, rows_of.Row]]


def _choose(waiting: list[CatalogItem]) -> tuple[Chosen, Chosen, bool]:
    """Part the items into those to send and those Meta already has; and say whether the call got too big.

    An item of which Meta may have refused the row goes with no more than so many beside it.
    """
    chosen: Chosen = []
    unchanged: Chosen = []
    size, most = 0, catalogs.ROWS_PER_BATCH
    now = timezone.now()
    for item in waiting:
        row = _build_row(item, now)
        if _is_known(item, row):
            unchanged.append((item, row))
            continue
        most = min(most, item.most_beside or most)
        if chosen and (size + row.size > catalogs.BYTES_PER_BATCH or len(chosen) >= most):
            return chosen, unchanged, True
        chosen.append((item, row))
        size += row.size
    return chosen, unchanged, False


def _build_row(item: CatalogItem, now: datetime) -> rows_of.Row:
    if _find_blocking(item):
        return rows_of.build_stock_row(item.variant)
    row = rows_of.build_row(item.variant, base_url=settings.APP_BASE_URL, now=now, delete=_goes(item))
    return rows_of.build_stock_row(item.variant) if _is_refused(item, row) else row


def _is_refused(item: CatalogItem, row: rows_of.Row) -> bool:
    """Say whether Meta has refused just this, whatever is left of it: only a change of the product helps.

    Of what it never had, an open batch may tell more.
    """
    is_same = rows_of.content_of(row.fingerprint) == item.refused_content
    return is_same and (_is_shown(item) or (item.batch_id is None and item.overtook_id is None))


def _repeat_refusals(rows: Chosen) -> None:
    """Have items that Meta has refused say so again, whatever they said of failed calls since."""
    words = {
        item.pk: explain(item.meta_message)
        for item, row in rows
        if rows_of.tells_stock_only(row.fingerprint) and not _find_blocking(item)
    }
    if words:
        CatalogItem.objects.filter(pk__in=words).update(error=text_of("pk", words))


def _is_known(item: CatalogItem, row: rows_of.Row) -> bool:
    """Say whether Meta has just this, or is being told; what it never had needs no removal and no stock."""
    if rows_of.tells_stock_only(row.fingerprint) and not _is_shown(item):
        return True
    if item.batch_id is not None:
        return row.fingerprint == item.sent_fingerprint
    if item.overtook_id is not None:
        return False
    if rows_of.tells_stock_only(row.fingerprint):
        return rows_of.stock_of(row.fingerprint) == rows_of.stock_of(item.confirmed_fingerprint)
    never_sent = not item.sent_fingerprint
    return row.fingerprint == item.confirmed_fingerprint or (
        row.fingerprint == rows_of.DELETED and never_sent
    )


def _settle_unchanged(unchanged: Chosen) -> tuple[int, int]:
    """End what need not be sent; return how many are as they should be, and how many are refused."""
    counts = {ItemState.REMOVED: 0, ItemState.FAILED: 0, ItemState.LIVE: 0}
    for state in counts:
        pks = [item.pk for item, row in unchanged if _state_of(row) == state]
        items = CatalogItem.objects.filter(pk__in=pks)
        # One in a batch goes on waiting for the answer about just this.
        settled = items.filter(batch=None)
        counts[state] = settled.update(state=state)
        if state != ItemState.FAILED:  # of these it has been said why
            settled.update(error="", meta_message="", refused_content="")
        items.update(waiting_since=None, stock_changed=False)
    return counts[ItemState.REMOVED] + counts[ItemState.LIVE], counts[ItemState.FAILED]


def _state_of(row: rows_of.Row) -> str:
    """Return how an item stands of which Meta has just this."""
    if row.fingerprint == rows_of.DELETED:
        return ItemState.REMOVED
    return ItemState.FAILED if rows_of.tells_stock_only(row.fingerprint) else ItemState.LIVE


def _make_batch(catalog: Catalog, chosen: Chosen) -> PushBatch:
    now = timezone.now()
    taken_over: dict[int, list[int]] = {}
    for item, _row in chosen:
        # One that was kept back has left its batch, and is sent before that one's answer all the same.
        if older := item.batch_id or item.overtook_id:
            taken_over.setdefault(older, []).append(item.pk)
    batch: PushBatch = PushBatch.objects.create(
        catalog=catalog,
        row_count=len(chosen),
        taken_over=taken_over,
        claimed_at=now,
        not_before=now + LEASE,
    )
    values: dict[str, Any] = {
        "sent_fingerprint": text_of("pk", {item.pk: row.fingerprint for item, row in chosen}),
        "sent_quantity": number_of("pk", {item.pk: _quantity(item, row) for item, row in chosen}),
    }
    overtaken = {item.pk: item.batch_id or item.overtook_id for item, _row in chosen}
    if any(overtaken.values()):
        values["overtook"] = number_of("pk", overtaken)
    # A change that comes from now on sets waiting_since anew and is sent after this batch.
    items = CatalogItem.objects.filter(pk__in=overtaken)
    items.update(
        batch=batch, state=ItemState.SENT, sent_at=now, waiting_since=None, stock_changed=False, **values
    )
    return batch


def _quantity(item: CatalogItem, row: rows_of.Row) -> int | None:
    return None if row.fingerprint == rows_of.DELETED else item.variant.available
