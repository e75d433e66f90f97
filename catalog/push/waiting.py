"""Which items may be sent now, and in which lane.

An item whose batch is unanswered waits for the answer, unless its stock changed: that goes at once, in a
newer batch. One whose newer batch overtook an older one is sent again when the older one is over.
"""

from __future__ import annotations

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.models import Catalog, CatalogItem
from ui.counting import MOST, count_words

WAITS = Q(waiting_since__isnull=False)
STOCK_LANE = WAITS & Q(stock_changed=True)
SLOW_LANE = WAITS & Q(batch=None, overtook=None)
"""Stock that waits for no answer may go here, too: whichever worker comes first."""
STOCK_ORDER = ("waiting_since",)
SLOW_ORDER = ("-stock_changed", "-delete_wanted", "waiting_since", "pk")
"""The orders of the indexes. Asked for some row that waits, in any order, PostgreSQL expects to meet one soon
where many wait in other catalogs, and reads all items of one in which none does."""


def is_due(*, stock_only: bool) -> Q:
    """Return the condition for items that a claim may take now."""
    return (STOCK_LANE if stock_only else SLOW_LANE) & Q(not_before__lte=timezone.now())


def first_due(items: QuerySet[CatalogItem], *, stock_only: bool) -> QuerySet[CatalogItem]:
    """Return what waits longest and may be sent, or nothing; for a column of its catalog."""
    due = items.filter(is_due(stock_only=stock_only), catalog=OuterRef("pk"))
    return due.order_by(*(STOCK_ORDER if stock_only else SLOW_ORDER))[:1]


def find_lane(catalog_pk: int) -> bool | None:
    """Say whether stock waits in a catalog (True), only other changes (False), or nothing (None)."""
    firsts = (first_due(CatalogItem.objects.all(), stock_only=stock_only) for stock_only in (True, False))
    lanes = [Subquery(first.values("pk")) for first in firsts]
    stock, others = Catalog.objects.filter(pk=catalog_pk).values_list(*lanes).get()
    return True if stock is not None else False if others is not None else None


def first_left(items: QuerySet[CatalogItem]) -> Coalesce:
    """Return some item that waits or is unanswered, in a column of its catalog; none when there is none."""
    here = items.filter(catalog=OuterRef("pk"))
    return Coalesce(*(Subquery(rows.values("pk")[:1]) for rows in _left(here)))


def say_how_many_wait(catalog: Catalog) -> str:
    """Say how many items wait to be sent, as words; 1 query, whatever the items."""
    waiting, _unanswered = _left(CatalogItem.objects.filter(catalog=catalog))
    return count_words(_count(waiting))


def say_how_many_are_left(catalog: Catalog) -> str:
    """Say how many items wait or are unanswered, as words, '' for none; 2 queries, whatever the items."""
    count = sum(_count(rows) for rows in _left(CatalogItem.objects.filter(catalog=catalog)))
    return count_words(count) if count else ""


def _left(items: QuerySet[CatalogItem]) -> tuple[QuerySet[CatalogItem], QuerySet[CatalogItem]]:
    """Return what waits without an open answer, and what is unanswered, each in the order of its index."""
    waiting = items.filter(WAITS, batch=None).order_by(*SLOW_ORDER)
    return waiting, items.filter(batch__isnull=False).order_by("batch")


def _count(rows: QuerySet[CatalogItem]) -> int:
    return len(rows.values_list("pk", flat=True)[: MOST + 1])
