"""What a push of all that waits in a catalog would come to. Calls nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil

from django.db.models import Count, Exists, F, Func, OuterRef, Q, QuerySet

from catalog.linking.leaving import AT_META
from catalog.models import Catalog, CatalogItem, Product, Readiness, Status
from catalog.preflight import CAUSES
from catalog.push.waiting import SLOW_ORDER, WAITS
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
    """What would be sent: products by how ready they are and by cause, and items that wait.

    `hidden` are the items among them that buyers will not see before there is stock, `removals` the items
    that leave the catalog; these are in none of the other counts but the calls.
    """

    ready: int
    warned: int
    blocked: int
    items: int
    removals: int
    hidden: int
    by_cause: dict[str, int] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        return ceil((self.items + self.removals) / ROWS_PER_BATCH)

    @property
    def causes(self) -> list[CauseCount]:
        """The causes, those that stop products first, then by how many they concern."""
        found = [
            CauseCount(str(CAUSES[code].label), str(CAUSES[code].sentence), n, CAUSES[code].blocks)
            for code, n in self.by_cause.items()
            if code in CAUSES
        ]
        return sorted(found, key=lambda cause: (not cause.blocks, -cause.products, cause.label))


def find_waiting(catalog: Catalog) -> QuerySet[CatalogItem]:
    """Return the items of which the next call may take, in the order of their index."""
    return CatalogItem.objects.filter(WAITS, catalog=catalog, batch=None).order_by(*SLOW_ORDER)


def rehearse(catalog: Catalog, waiting: QuerySet[CatalogItem] | None = None) -> Rehearsal:
    """Count what would be sent of all that waits, or of this, and why some of it would not; 4 queries."""
    waiting = find_waiting(catalog).order_by() if waiting is None else waiting
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
        items=items,
        removals=removals,
        hidden=count_hidden(waiting.filter(is_sent), catalog.store),
        by_cause=_count_causes(products),
    )


def _count_causes(products: QuerySet[Product]) -> dict[str, int]:
    codes = products.annotate(code=Func(F("causes"), function="unnest")).values_list("code")
    return dict(codes.annotate(n=Count("pk")).order_by())
