"""What a push of all that waits in a catalog would come to. Calls nobody."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from django.db.models import Count, Exists, F, Func, OuterRef, Q, QuerySet

from catalog.linking.leaving import AT_META
from catalog.models import Catalog, CatalogItem, Product, Readiness, Status
from catalog.preflight import CAUSES
from catalog.stock.sold_out import count_hidden
from integrations.graph.catalogs import ROWS_PER_BATCH

STAYS = Q(delete_wanted=False, variant__status=Status.ACTIVE, variant__product__status=Status.ACTIVE)
"""Items that are to be in the catalog; the others that wait are taken out of it."""


@dataclass(frozen=True)
class CauseCount:
    """A cause that stops or changes so many products."""

    label: str
    sentence: str
    products: int
    blocks: bool


@dataclass(frozen=True)
class Rehearsal:
    """What would be sent: products by how ready they are, items that wait, and the calls they need.

    `hidden` are the items among them that buyers will not see before there is stock, `removals` the items
    that leave the catalog; these are in none of the other counts but the calls.
    """

    ready: int
    warned: int
    blocked: int
    causes: list[CauseCount]
    items: int
    removals: int
    calls: int
    hidden: int


def rehearse(catalog: Catalog) -> Rehearsal:
    """Count what would be sent and why some of it would not; 4 queries."""
    waiting = CatalogItem.objects.filter(catalog=catalog, waiting_since__isnull=False, batch=None)
    products = Product.objects.filter(Exists(waiting.filter(STAYS, variant__product=OuterRef("pk"))))
    counts = dict(products.values_list("readiness").annotate(n=Count("pk")).order_by())
    is_sent = STAYS & ~Q(variant__product__readiness=Readiness.BLOCKED)
    items, removals = waiting.aggregate(
        items=Count("pk", filter=is_sent), removals=Count("pk", filter=~STAYS & AT_META)
    ).values()
    return Rehearsal(
        ready=counts.get(Readiness.READY, 0),
        warned=counts.get(Readiness.WARNING, 0),
        blocked=counts.get(Readiness.BLOCKED, 0),
        causes=_count_causes(products),
        items=items,
        removals=removals,
        calls=ceil((items + removals) / ROWS_PER_BATCH),
        hidden=count_hidden(waiting.filter(is_sent), catalog.store),
    )


def _count_causes(products: QuerySet[Product]) -> list[CauseCount]:
    """Return the causes, those that stop products first, then by how many they concern."""
    codes = products.annotate(code=Func(F("causes"), function="unnest")).values_list("code")
    found = [
        CauseCount(str(CAUSES[code].label), str(CAUSES[code].sentence), n, CAUSES[code].blocks)
        for code, n in codes.annotate(n=Count("pk")).order_by()
        if code in CAUSES
    ]
    return sorted(found, key=lambda cause: (not cause.blocks, -cause.products, cause.label))
