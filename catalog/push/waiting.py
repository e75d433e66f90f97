"""Which items may be sent now, and in which lane.

An item whose batch is unanswered waits for the answer, unless its stock changed: that goes at once, in a
newer batch. One whose newer batch overtook an older one is sent again when the older one is over.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from catalog.models import Catalog, CatalogItem

WAITS = Q(waiting_since__isnull=False)
STOCK_LANE = WAITS & Q(stock_changed=True)
SLOW_LANE = WAITS & Q(batch=None, overtook=None)
"""Stock that waits for no answer may go here, too: whichever worker comes first."""


def is_due(*, stock_only: bool) -> Q:
    """Return the condition for items that a claim may take now."""
    return (STOCK_LANE if stock_only else SLOW_LANE) & Q(not_before__lte=timezone.now())


def find_lane(catalog_pk: int) -> bool | None:
    """Say whether stock waits in a catalog (True), only other changes (False), or nothing (None)."""
    items = CatalogItem.objects.filter(catalog=OuterRef("pk"))
    lanes = [Exists(items.filter(is_due(stock_only=stock_only))) for stock_only in (True, False)]
    stock, others = Catalog.objects.filter(pk=catalog_pk).values_list(*lanes).get()
    return True if stock else False if others else None
