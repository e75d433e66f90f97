"""What has to go to Meta: marking it, asking a worker to send it, and hearing that a batch is done.

How it goes there is in `batches.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.models import Catalog, CatalogItem, PushBatch
from catalog.push import nudges, tasks
from integrations.webhooks.events import ItemsBatchEvent
from integrations.webhooks.outcomes import Ignored
from tenancy.scope import get_open_store_id

WAITING = CatalogItem.State.WAITING


def mark_waiting(
    variant_ids: Collection[int],
    *,
    stock_changed: bool = False,
    delete: bool | None = None,
    anew: bool = False,
) -> int:
    """Have the variants looked at in each catalog that shows them; return in how many rows they stand.

    Call it in the transaction that changes them. `delete` True takes them out of the catalogs, False puts
    them back, None leaves that as it is. `anew` sends also what Meta has refused just so.
    """
    with transaction.atomic():
        mine = CatalogItem.objects.filter(variant_id__in=variant_ids, catalog__state__in=Catalog.PUSHED)
        # In the order of their ids, as everywhere: so two jobs never wait for each other in a ring.
        items = list(
            mine.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk", "catalog_id")
        )
        if not items:
            return 0
        rows = CatalogItem.objects.filter(pk__in=[pk for pk, _ in items])
        mark(rows, stock_changed=stock_changed, delete=delete, anew=anew)
        for catalog_pk in sorted({catalog_pk for _, catalog_pk in items}):
            nudge(catalog_pk, stock_changed=stock_changed)
        return len(items)


def mark(
    items: QuerySet[CatalogItem],
    *,
    stock_changed: bool = False,
    delete: bool | None = None,
    anew: bool = False,
) -> int:
    """Have items that the caller has locked looked at and sent; return how many."""
    now = timezone.now()
    values: dict[str, Any] = {
        "waiting_since": Coalesce("waiting_since", Value(now)),
        "not_before": now,
        "attempts": 0,
    }
    if stock_changed:
        values["stock_changed"] = True
    if delete is not None:
        values["delete_wanted"] = delete
    if anew:
        values["refused_content"] = ""
    return items.update(state=Case(When(batch=None, then=Value(WAITING)), default=F("state")), **values)


def nudge(catalog_pk: int, *, stock_changed: bool = False) -> None:
    """Ask a worker, once the transaction holds, to send what waits. Lost nudges are found by the sweep."""
    job = partial(nudges.ask, tasks.push_stock)
    if not stock_changed:
        job = partial(nudges.ask, tasks.push_catalog, get_open_store_id(), catalog_pk)
    transaction.on_commit(job, robust=True)


def note_finished_batch(event: ItemsBatchEvent, catalog: Catalog) -> Ignored | None:
    """Ask Meta at once how a batch went that it says is finished. The event itself says nothing about rows.

    An event that overtakes the answer to our own call finds no batch: our own question comes soon anyway.
    """
    Catalog.objects.filter(pk=catalog.pk).update(last_event_at=timezone.now())
    ours = PushBatch.objects.filter(catalog=catalog, handle=event.handle, state=PushBatch.State.SENT)
    batch_pk = ours.values_list("pk", flat=True).first() if event.handle else None
    if batch_pk is None:
        return Ignored("no batch of ours waits for this")
    PushBatch.objects.filter(pk=batch_pk).update(not_before=timezone.now())
    transaction.on_commit(partial(nudges.ask, tasks.poll_batch, catalog.store_id, batch_pk), robust=True)
    return None
