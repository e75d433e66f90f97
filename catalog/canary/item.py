"""The hidden item as a row of a call: it rides with the stock that waits, behind it, never instead of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone

from catalog.items import HIDDEN
from catalog.models import Canary, Catalog, PushBatch, StockLag
from integrations.graph.catalogs import price_text, update_request

NOWHERE = ["shops", "da", "marketplace", "whatsapp", "ig_product_tagging"]
"""What Meta shall use it for: beside being hidden, for nothing at all."""
PICTURE = "stock-check.png"
IN_STOCK, OUT_OF_STOCK = "in stock", "out of stock"


def lock_waiting(catalog: Catalog) -> StockLag | None:
    """Return the change that waits to be sent, locked; None without one, or when another worker has it."""
    waiting = StockLag.objects.filter(canary__catalog=catalog, ended_at=None, batch=None)
    free = waiting.select_for_update(skip_locked=True, no_key=True, of=("self",))
    found: StockLag | None = free.select_related("canary").first()
    return found


def find_canary_id(catalog: Catalog) -> str:
    """Return the number of a catalog's hidden item at Meta, '' when it has none."""
    known = Canary.objects.filter(catalog=catalog, is_at_meta=True)
    return known.values_list("retailer_id", flat=True).first() or ""


def carry(lag: StockLag, batch: PushBatch) -> dict[str, Any]:
    """Note that a batch carries a locked change; return its row."""
    StockLag.objects.filter(pk=lag.pk).update(batch=batch)
    Canary.objects.filter(pk=lag.canary_id).update(is_at_meta=True)
    return build_row(lag, batch.catalog)


def note_refused(batch: PushBatch, refused: Collection[str]) -> None:
    """End the measurement of a batch whose hidden item Meta refused: that says nothing of our speed."""
    mine = StockLag.objects.filter(batch=batch, ended_at=None, canary__retailer_id__in=refused)
    for lag in mine if refused else ():
        StockLag.objects.filter(pk=lag.pk).update(ended_at=timezone.now(), outcome=StockLag.Outcome.REFUSED)
        Canary.objects.filter(pk=lag.canary_id).update(is_late=False)


def build_row(lag: StockLag, catalog: Catalog) -> dict[str, Any]:
    """Return the hidden item with its stock. Every other time there is none: Meta always shows that."""
    data: dict[str, Any] = {
        "id": lag.canary.retailer_id,
        "title": "Stock check by StormCom",
        "description": "Hidden, not for sale. StormCom changes it to measure how fast stock arrives here.",
        "availability": availability_of(lag),
        "visibility": HIDDEN,
        "disabled_capabilities": NOWHERE,
        "condition": "new",
        "price": price_text(100_00, catalog.store.currency),
        "brand": "StormCom",
        "link": f"{settings.APP_BASE_URL}/",
        "image_link": f"{settings.APP_BASE_URL}{static(PICTURE)}",
    }
    if lag.quantity:
        data["quantity_to_sell_on_facebook"] = lag.quantity
    return update_request(data)


def availability_of(lag: StockLag) -> str:
    return IN_STOCK if lag.quantity else OUT_OF_STOCK
