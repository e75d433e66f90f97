"""The same change to all that a list shows, on all its pages: by a worker, some products at a time.

A step is one transaction with the note how far it came: killed anywhere, it is done or not begun, and two
workers at the same change see each other at its lock. A product that cannot be changed is left out and named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.bulk.changes import CannotChange, Change, change_product, place_changed
from catalog.locking import lock_products
from catalog.models import BulkChange, Catalog, Product
from catalog.product_selectors import Wanted, matching
from catalog.services import archive_product, restore_product
from tenancy.audit import record_audit
from tenancy.models import User

SLICE = 25
"""Products of a step's transaction: short, because it locks what it changes."""
TURN = 500
"""Products of one task, some seconds: then other stores have their turn."""
LEASE = timedelta(minutes=2)
PROBLEMS_KEPT = 200
Action, State = BulkChange.Action, BulkChange.State


def begin(wanted: Wanted, action: str, change: Change | None, *, actor: User | None) -> BulkChange | None:
    """Note what to do with all that a list shows now; the caller starts the task. None while one runs."""
    newest = Product.objects.order_by("-pk").values_list("pk", flat=True).first()
    try:
        with transaction.atomic():
            row: BulkChange = BulkChange.objects.create(
                actor=actor,
                action=action,
                listed=asdict(wanted),
                change=_write(change) if change else {},
                newest_product=newest or 0,
                not_before=timezone.now() + LEASE,
            )
            record_audit("products.changed_together", actor=actor, target=row, deed=action, **row.listed)
    except IntegrityError:
        return None
    return row


def find_running() -> BulkChange | None:
    """Return the one that is under way; 1 query."""
    row: BulkChange | None = BulkChange.objects.filter(state=State.RUNNING).first()
    return row


def stop(row: BulkChange) -> bool:
    """End one that is not over; what is changed already stays. Safe twice."""
    running = BulkChange.objects.filter(pk=row.pk, state=State.RUNNING)
    return bool(running.update(state=State.STOPPED, finished_at=timezone.now()))


def take_steps(pk: int) -> bool:
    """Go on for a while; say whether it is to be gone on with."""
    row = BulkChange.objects.select_related("actor").get(pk=pk)
    rest = matching(Wanted(**row.listed)).filter(pk__gt=row.last_product, pk__lte=row.newest_product)
    if row.state == State.RUNNING and row.rows_total is None:
        BulkChange.objects.filter(pk=pk).update(rows_total=rest.count())
    pks = list(rest.order_by("pk").values_list("pk", flat=True)[:TURN])
    change = _read(row.change)
    for start in range(0, len(pks), SLICE):
        if not _take_slice(row, pks[start : start + SLICE], change):
            return False
    if len(pks) == TURN:
        return True
    running = BulkChange.objects.filter(pk=pk, state=State.RUNNING, last_product=row.last_product)
    running.update(state=State.DONE, finished_at=timezone.now())
    return False


def _take_slice(row: BulkChange, pks: Sequence[int], change: Change) -> bool:
    """Do a slice; say whether to go on. Nothing is done when it was stopped or somebody else was faster."""
    with transaction.atomic():
        locked: BulkChange = BulkChange.objects.select_for_update().get(pk=row.pk)
        if (locked.state, locked.last_product) != (State.RUNNING, row.last_product):
            return False
        lock_products(pks)
        still_listed = matching(Wanted(**row.listed)).filter(pk__in=pks).order_by("pk")
        changed = [product for product in still_listed if _is_done(product, locked, change, actor=row.actor)]
        if row.action == Action.EDIT:
            place_changed(changed, change)
        locked.changed_products += len(changed)
        locked.rows_done += len(pks)
        locked.last_product = pks[-1]
        locked.not_before = timezone.now() + LEASE
        locked.save()
    row.last_product = locked.last_product
    return True


def _is_done(product: Product, row: BulkChange, change: Change, *, actor: User | None) -> bool:
    """Change one product; where that cannot be, leave it as it is and note why."""
    try:
        with transaction.atomic():
            if row.action == Action.EDIT:
                change_product(product, change, actor=actor)
            elif row.action == Action.ARCHIVE:
                archive_product(product, actor=actor)
            else:
                restore_product(product, actor=actor)
    except CannotChange as error:
        row.left_out += 1
        if len(row.problems) < PROBLEMS_KEPT:
            row.problems.append({"product": product.pk, "title": product.title, "sentence": str(error)})
        return False
    return True


def _write(change: Change) -> dict[str, Any]:
    percent = None if change.price_percent is None else str(change.price_percent)
    return vars(change) | {"price_percent": percent, "catalog": change.catalog and change.catalog.pk}


def _read(written: dict[str, Any]) -> Change:
    """Return a change as it was written; without the switch for a catalog that is gone since."""
    values = dict(written)
    percent, catalog = values.pop("price_percent", None), values.pop("catalog", None)
    return Change(
        **values,
        price_percent=Decimal(percent) if percent else None,
        catalog=Catalog.objects.filter(pk=catalog, state__in=Catalog.PUSHED).first() if catalog else None,
    )
