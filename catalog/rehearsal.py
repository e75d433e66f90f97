"""What a push of all that waits in a catalog would come to, and how far one has come. Calls nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from django.db.models import Count, Exists, F, Func, OuterRef, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Catalog, CatalogItem, Product, PushBatch, Readiness, Status
from catalog.preflight import CAUSES
from catalog.sold_out import count_hidden
from integrations.graph.catalogs import ROWS_PER_BATCH
from ui.counting import count_up_to_most, count_words

RECENT = timedelta(minutes=5)
"""Of the batches since then the pace is taken."""

State = CatalogItem.State


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


@dataclass(frozen=True)
class PushProgress:
    """How far a catalog is; `rate` and `left` are words, '' while nothing can be said."""

    done: int
    total: int
    refused: int
    rate: str
    left: str


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


def measure_push(catalog: Catalog) -> PushProgress | None:
    """Say how far a push has come; None when nothing is on its way. 2 queries."""
    counts = dict(
        CatalogItem.objects.filter(catalog=catalog).values_list("state").annotate(n=Count("pk")).order_by()
    )
    left = counts.get(State.WAITING, 0) + counts.get(State.SENT, 0)
    if not left:
        return None
    total = sum(counts.values())
    rate, words = _pace(catalog, left)
    return PushProgress(total - left, total, counts.get(State.FAILED, 0), rate, words)


def count_waiting(catalog: Catalog) -> str:
    """Say how many items wait to be sent, as words; 1 query."""
    waiting = CatalogItem.objects.filter(catalog=catalog, waiting_since__isnull=False, batch=None)
    return count_words(count_up_to_most(waiting))


def _pace(catalog: Catalog, left: int) -> tuple[str, str]:
    now = timezone.now()
    batches = PushBatch.objects.filter(catalog=catalog, finished_at__gte=now - RECENT).order_by("claimed_at")
    first = batches.values_list("claimed_at", flat=True).first()
    rows: int = batches.aggregate(n=Sum(F("live_count") + F("failed_count")))["n"] or 0
    if first is None or not rows:
        return "", ""
    a_minute = max(1, round(rows / max(1.0, (now - first).total_seconds()) * 60))
    minutes = ceil(left / a_minute)
    rate = ngettext("%(n)s a minute", "%(n)s a minute", a_minute) % {"n": a_minute}
    if minutes <= 1:
        return rate, _("less than a minute left")
    return rate, ngettext("about %(n)s minute left", "about %(n)s minutes left", minutes) % {"n": minutes}
