"""Rows of a call that went another way than its answer: sent again in a newer one, or kept back since."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.models import CatalogItem, PushBatch


def find_replaced(batch: PushBatch) -> set[int]:
    """Return the items of a call that a newer one carried before Meta answered; 1 query."""
    newer = PushBatch.objects.filter(catalog=batch.catalog_id, pk__gt=batch.pk)
    return replaced_by(newer.filter(taken_over__has_key=str(batch.pk)).only("taken_over"), batch)


def replaced_by(newer: Iterable[PushBatch], batch: PushBatch) -> set[int]:
    """Return the items of a call that one of the newer calls carried, too."""
    return {pk for one in newer for pk in one.taken_over.get(str(batch.pk), ())}


def find_held_back(batch: PushBatch) -> list[int]:
    """Return the items of an open call that are not ready any more, and so left it; 2 queries, mostly 1."""
    overtook = CatalogItem.objects.filter(catalog=batch.catalog_id, overtook=batch.pk)
    pks = list(overtook.order_by("pk").values_list("pk", flat=True))
    if not pks:
        return []
    replaced = find_replaced(batch)
    return [pk for pk in pks if pk not in replaced]
