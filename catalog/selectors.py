"""Reads for the pages of the catalog, for routing, and for the pages of other apps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import (
    Catalog,
    CatalogItem,
    CatalogSearch,
    Product,
    PushBatch,
    Readiness,
    Status,
    StockMovement,
    Variant,
)
from integrations.models import AssetState, MetaAccount
from ui.paging import cursor_page

PAGE_ROWS = 30
MOST_WORDS = 6
COUNTED = 1000
"""The list counts no further than this: a shop with more sees "1000+"."""
OFF_SALE = (Status.DRAFT, Status.ARCHIVED)
UNREADY = (Readiness.BLOCKED, Readiness.WARNING)

State = CatalogItem.State


@dataclass(frozen=True)
class Standing:
    """How something stands at Meta: a word, its tone and icon."""

    words: str
    tone: str
    icon: str


@dataclass(frozen=True)
class ProductRow:
    """One line of the product list. `price_minor` is the lowest of its variants, None without any."""

    pk: int
    title: str
    sku: str
    variant_count: int
    price_minor: int | None
    on_hand: int
    is_archived: bool
    is_draft: bool
    standing: Standing | None


@dataclass(frozen=True)
class ProductPage:
    rows: list[ProductRow]
    previous_url: str
    next_url: str


@dataclass(frozen=True)
class ProductCounts:
    """How many there are, for the home and health pages. Items are variants × catalogs."""

    products: int
    out_of_stock: int
    live: int
    waiting: int
    refused: int
    refused_products: int


@dataclass(frozen=True)
class ItemRow:
    """How one variant stands in one catalog; `change_waits` when Meta has an older version."""

    catalog: Catalog
    standing: Standing
    error: str
    meta_message: str
    answered_at: datetime | None
    change_waits: bool


@dataclass(frozen=True)
class VariantRow:
    variant: Variant
    items: list[ItemRow]


@dataclass(frozen=True)
class OfferedCatalog:
    """One line of "Connect a catalog"; `is_connected` when this store has it."""

    account_pk: int
    catalog_id: str
    name: str
    business: str
    is_connected: bool


def find_catalog_owner(catalog_id: str) -> Catalog | None:
    """Return the catalog with this id, of whatever store: the router's question.

    Two stores may have had it one after the other; the one that has it now comes first.
    """
    rows = Catalog.unscoped.filter(catalog_id=catalog_id).annotate(_gone=Q(state=AssetState.DISCONNECTED))
    owner: Catalog | None = rows.order_by("_gone", "-id").first()
    return owner


def find_variants(retailer_ids: Iterable[str]) -> dict[str, Variant]:
    """Return the open store's variants by retailer_id, archived ones too, with product and store; 1 query."""
    rows = Variant.objects.filter(retailer_id__in=list(retailer_ids)).select_related("product", "store")
    return {variant.retailer_id: variant for variant in rows}


def product_counts() -> ProductCounts:
    """Count what the home and health pages show; 3 queries."""
    for_sale = Variant.objects.filter(status=Status.ACTIVE, product__status=Status.ACTIVE)
    waits = Q(waiting_since__isnull=False) | Q(batch__isnull=False)
    items = CatalogItem.objects.aggregate(
        live=Count("pk", filter=Q(state=State.LIVE)),
        waiting=Count("pk", filter=waits),
        refused=Count("pk", filter=Q(state=State.FAILED)),
        refused_products=Count(
            "variant__product",
            filter=Q(state=State.FAILED, variant__product__status=Status.ACTIVE),
            distinct=True,
        ),
    )
    return ProductCounts(
        products=Product.objects.filter(status=Status.ACTIVE).count(),
        out_of_stock=for_sale.filter(on_hand__lte=F("reserved") + F("safety_stock")).count(),
        **items,
    )


def list_catalogs() -> list[Catalog]:
    """Return the store's catalogs with the person behind each; 1 query."""
    return list(Catalog.objects.exclude(state=AssetState.DISCONNECTED).select_related("account"))


def list_batches(catalogs: Iterable[Catalog]) -> list[PushBatch]:
    """Return the newest batches of the catalogs; 1 query."""
    batches = PushBatch.objects.filter(catalog__in=list(catalogs)).select_related("catalog")
    return list(batches.order_by("-id")[:10])


def list_products(*, search: str, show: str, params: Mapping[str, str]) -> ProductPage:
    """Return one page of products, newest first; 3 queries whatever the rows.

    `show` is "" (on sale), "refused", a status or a readiness.
    """
    page = cursor_page(_matching(search, show), by="id", params=params, size=PAGE_ROWS)
    pks = [product.pk for product in page.rows]
    facts, standings = _variant_facts(pks), _standings(pks)
    return ProductPage(
        rows=[_product_row(one, facts.get(one.pk), standings.get(one.pk)) for one in page.rows],
        previous_url=page.previous_url,
        next_url=page.next_url,
    )


def _matching(search: str, show: str) -> QuerySet[Product]:
    products: QuerySet[Product] = Product.objects.filter(status=show if show in OFF_SALE else Status.ACTIVE)
    if show == "refused":
        refused = CatalogItem.objects.filter(variant__product=OuterRef("pk"), state=State.FAILED)
        products = products.filter(Exists(refused))
    elif show in UNREADY:
        products = products.filter(readiness=show)
    for word in search.split()[:MOST_WORDS]:
        products = products.filter(pk__in=_with_word(word))
    return products


def _with_word(word: str) -> QuerySet[Any]:
    """Return the ids of products that have a word with this beginning, or a variant that has."""
    quoted = word.replace("\\", "\\\\").replace("'", "''")
    query = SearchQuery(f"'{quoted}':*", search_type="raw", config="simple")
    by_variant = Variant.objects.filter(search=query).order_by().values("product_id")
    by_product: QuerySet[Any] = Product.objects.filter(search=query).order_by().values("pk")
    return by_product.union(by_variant)


def count_matching(show: str) -> str:
    """Count the products of a tab in words, no further than is cheap; 1 query."""
    count = _matching("", show).order_by()[: COUNTED + 1].count()
    return f"{COUNTED}+" if count > COUNTED else str(count)


@dataclass(frozen=True)
class _Facts:
    count: int
    price_minor: int | None
    on_hand: int
    sku: str


def _variant_facts(product_pks: list[int]) -> dict[int, _Facts]:
    rows = (
        Variant.objects.filter(product__in=product_pks, status=Status.ACTIVE)
        .values("product")
        .order_by("product")
    )
    facts = rows.annotate(
        n=Count("pk"), lowest=Min("price_minor"), pieces=Coalesce(Sum("on_hand"), 0), first_sku=Min("sku")
    )
    return {
        row["product"]: _Facts(
            row["n"], row["lowest"], row["pieces"], row["first_sku"] if row["n"] == 1 else ""
        )
        for row in facts
    }


def _standings(product_pks: list[int]) -> dict[int, Standing]:
    rows = CatalogItem.objects.filter(variant__product__in=product_pks).exclude(state=State.REMOVED)
    counted = rows.values_list("variant__product", "state").annotate(n=Count("pk")).order_by()
    by_product: dict[int, dict[str, int]] = defaultdict(dict)
    for product_pk, state, n in counted:
        by_product[product_pk][state] = n
    return {pk: summarise(counts) for pk, counts in by_product.items()}


def summarise(counts: dict[str, int]) -> Standing:
    """Say in one badge how a product's items stand: what needs a person comes first."""
    total = sum(counts.values())
    if refused := counts.get(State.FAILED, 0):
        if total == 1:
            return Standing(_("Refused"), "danger", "exclamation-circle")
        words = ngettext("%(n)s of %(total)s refused", "%(n)s of %(total)s refused", refused)
        return Standing(words % {"n": refused, "total": total}, "danger", "exclamation-circle")
    for state in (State.WAITING, State.SENT):
        if counts.get(state):
            return standing_of(state)
    return standing_of(State.LIVE)


def standing_of(state: str) -> Standing:
    """Say in one badge how an item stands."""
    match state:
        case State.LIVE:
            return Standing(_("Live"), "success", "check-circle")
        case State.SENT:
            return Standing(_("Meta is checking"), "info", "clock")
        case State.FAILED:
            return Standing(_("Refused"), "danger", "exclamation-circle")
        case State.REMOVED:
            return Standing(_("Not shown"), "neutral", "archive-box")
        case _:
            return Standing(_("Waiting"), "info", "clock")


def _product_row(product: Product, facts: _Facts | None, standing: Standing | None) -> ProductRow:
    return ProductRow(
        pk=product.pk,
        title=product.title,
        sku=facts.sku if facts else "",
        variant_count=facts.count if facts else 0,
        price_minor=facts.price_minor if facts else None,
        on_hand=facts.on_hand if facts else 0,
        is_archived=product.status == Status.ARCHIVED,
        is_draft=product.status == Status.DRAFT,
        standing=standing,
    )


def list_variants(product: Product) -> list[VariantRow]:
    """Return a product's variants with how each stands in each catalog; 2 queries."""
    variants = list(product.variants.select_related("store", "product"))
    items = (
        CatalogItem.objects.filter(variant__in=variants).select_related("catalog").order_by("catalog__name")
    )
    by_variant: dict[int, list[ItemRow]] = defaultdict(list)
    for item in items.exclude(catalog__state=AssetState.DISCONNECTED):
        by_variant[item.variant_id].append(_item_row(item))
    return [VariantRow(variant, by_variant[variant.pk]) for variant in variants]


def _item_row(item: CatalogItem) -> ItemRow:
    return ItemRow(
        catalog=item.catalog,
        standing=standing_of(item.state),
        error=item.error,
        meta_message=item.meta_message,
        answered_at=item.answered_at,
        change_waits=item.waiting_since is not None and item.confirmed_fingerprint != "",
    )


def list_movements(product: Product) -> list[StockMovement]:
    """Return the newest stock movements of a product; 1 query."""
    rows = StockMovement.objects.filter(variant__product=product).select_related("variant", "actor")
    return list(rows.order_by("-id")[:20])


def get_offered(account: MetaAccount, catalog_id: str) -> OfferedCatalog:
    """Return a catalog that Meta named for the account. Raises Http404 for any other one."""
    offered, _searches = list_offered([account])
    for facts in offered:
        if facts.catalog_id == catalog_id:
            return facts
    raise Http404


def list_offered(accounts: Iterable[MetaAccount]) -> tuple[list[OfferedCatalog], list[CatalogSearch]]:
    """Return the catalogs that can be connected, and how Meta was last asked for them; 2 queries."""
    searches = list(CatalogSearch.objects.filter(account__in=list(accounts)).select_related("account"))
    connected = set(
        Catalog.objects.exclude(state=AssetState.DISCONNECTED).values_list("catalog_id", flat=True)
    )
    offered = [
        OfferedCatalog(
            account_pk=search.account_id,
            catalog_id=facts["catalog_id"],
            name=facts["name"],
            business=facts["business"],
            is_connected=facts["catalog_id"] in connected,
        )
        for search in searches
        for facts in search.found
    ]
    return offered, searches
