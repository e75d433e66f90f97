"""What a push of all that waits in a catalog would come to. Calls nobody."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from django.db.models import Count, Exists, F, Func, OuterRef, QuerySet

from catalog.models import Catalog, CatalogItem, Product, Readiness, Status
from catalog.preflight import CAUSES
from catalog.sold_out import count_hidden
from integrations.graph.catalogs import ROWS_PER_BATCH
from ui.counting import count_up_to_most, count_words


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

    `hidden` are the items among them that buyers will not see before there is stock.
    """

    ready: int
    warned: int
    blocked: int
    causes: list[CauseCount]
    items: int
    calls: int
    hidden: int


def rehearse(catalog: Catalog) -> Rehearsal:
    """Count what would be sent and why some of it would not; 4 queries."""
    waiting = CatalogItem.objects.filter(catalog=catalog, waiting_since__isnull=False, batch=None)
    products = Product.objects.filter(
        Exists(waiting.filter(variant__product=OuterRef("pk"))), status=Status.ACTIVE
    )
    counts = dict(products.values_list("readiness").annotate(n=Count("pk")).order_by())
    goes = waiting.filter(variant__product__status=Status.ACTIVE, variant__status=Status.ACTIVE)
    sent = goes.exclude(variant__product__readiness=Readiness.BLOCKED)
    items = sent.count()
    return Rehearsal(
        ready=counts.get(Readiness.READY, 0),
        warned=counts.get(Readiness.WARNING, 0),
        blocked=counts.get(Readiness.BLOCKED, 0),
        causes=_count_causes(products),
        items=items,
        calls=ceil(items / ROWS_PER_BATCH),
        hidden=count_hidden(sent, catalog.store),
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


def count_waiting(catalog: Catalog) -> str:
    """Say how many items wait to be sent, as words; 1 query."""
    waiting = CatalogItem.objects.filter(catalog=catalog, waiting_since__isnull=False, batch=None)
    return count_words(count_up_to_most(waiting))
