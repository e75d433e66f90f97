"""Reads for the pages that show what Meta says of a catalog and of a product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from catalog.comparing.advice import last_asked
from catalog.comparing.review_groups import ReviewGroup, group_reviews
from catalog.models import (
    Catalog,
    CatalogDiagnostic,
    Comparison,
    InstagramTagging,
    Product,
    RemoteItem,
    Severity,
)
from integrations.models import AssetState
from ui.counting import count_up_to_most, count_words
from ui.paging import cursor_page

ROWS = 30


@dataclass(frozen=True)
class ProductAdvice:
    """What Meta says of one product's items."""

    product: Product
    group: ReviewGroup


@dataclass(frozen=True)
class AdvicePage:
    rows: list[ProductAdvice]
    previous_url: str
    next_url: str


@dataclass(frozen=True)
class CatalogReview:
    """What Meta says of a product in one catalog."""

    catalog: Catalog
    group: ReviewGroup


@dataclass(frozen=True)
class TaggingRow:
    """Whether an Instagram account may tag products of a catalog, in words."""

    account: str
    badge: str
    words: str
    tone: str
    icon: str
    error: str


@dataclass(frozen=True)
class AdviceFacts:
    """What Meta says of a catalog; `counts` are our items by the worst of their problems, as words.

    `is_reading` says that Meta's items are being read, so that the counts may be behind.
    """

    diagnostics: list[CatalogDiagnostic]
    tagging: list[TaggingRow]
    counts: Mapping[str, str]
    asked_at: datetime | None
    is_reading: bool


def read_advice(catalog: Catalog) -> AdviceFacts:
    """Return what Meta says of a catalog; 6 queries whatever its size."""
    taggings = InstagramTagging.objects.exclude(instagram__state=AssetState.DISCONNECTED)
    return AdviceFacts(
        diagnostics=list(
            CatalogDiagnostic.objects.filter(catalog=catalog).order_by("severity", "-item_count")
        ),
        tagging=[_tagging(row, catalog) for row in taggings.select_related("instagram")],
        counts={one: count_words(count_up_to_most(_items(catalog, one))) for one in Severity.values},
        asked_at=last_asked(catalog),
        is_reading=Comparison.objects.filter(catalog=catalog, state=Comparison.State.RUNNING).exists(),
    )


def _tagging(row: InstagramTagging, catalog: Catalog) -> TaggingRow:
    name = f"@{row.instagram.username}" if row.instagram.username else row.instagram.instagram_id
    if row.error:
        words = _("Meta did not tell whether it may tag products.")
        return TaggingRow(name, _("Not known"), words, "warning", "exclamation-triangle", row.error)
    if row.may_tag is False:
        words = _("It may not tag products. Ask for that in Meta's Commerce Manager, under Settings.")
        return TaggingRow(name, _("No"), words, "danger", "exclamation-circle", "")
    if catalog.catalog_id in row.catalog_ids:
        words = _("It may tag the products of this catalog.")
        return TaggingRow(name, _("Yes"), words, "success", "check-circle", "")
    if row.may_tag is None:
        words = _("Meta does not say yet whether it may tag products.")
        return TaggingRow(name, _("Not known"), words, "neutral", "clock", "")
    words = _("It may tag products, but its shop uses another catalog. Choose this one in Commerce Manager.")
    return TaggingRow(name, _("Not these"), words, "warning", "exclamation-triangle", "")


def _items(catalog: Catalog, severity: str) -> QuerySet[RemoteItem]:
    rows = RemoteItem.objects.filter(catalog=catalog, severity=severity, variant__isnull=False)
    return rows.exclude(severity="")  # said again, as the index says it


def list_advice(catalog: Catalog, *, severity: str, params: Mapping[str, str]) -> AdvicePage:
    """Return one page of products with items whose worst problem is of a severity; 2 queries."""
    items = _items(catalog, severity)
    products = Product.objects.filter(Exists(items.filter(variant__product=OuterRef("pk"))))
    page = cursor_page(products, by="id", params=params, size=ROWS)
    by_product: dict[int, list[RemoteItem]] = defaultdict(list)
    mine = items.filter(variant__product__in=[product.pk for product in page.rows])
    for item in mine.select_related("variant").order_by("variant_id"):
        if item.variant is not None:
            by_product[item.variant.product_id].append(item)
    return AdvicePage(
        rows=[
            ProductAdvice(product, group_reviews(found))
            for product in page.rows
            if (found := by_product[product.pk])  # they may have been mended between the two questions
        ],
        previous_url=page.previous_url,
        next_url=page.next_url,
    )


def list_reviews(product: Product) -> list[CatalogReview]:
    """Return how a product's variants stand in Meta's review, catalog by catalog; 1 query."""
    rows = RemoteItem.objects.filter(variant__product=product).exclude(catalog__state=AssetState.DISCONNECTED)
    ordered = rows.select_related("catalog", "variant").order_by("catalog__name", "catalog_id", "variant_id")
    return [
        CatalogReview(catalog, group_reviews(items))
        for catalog, items in groupby(ordered, key=lambda item: item.catalog)
    ]
