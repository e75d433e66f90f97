"""Reads for the pages of the catalog, for routing, and for the pages of other apps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.comparing.review_words import Point
from catalog.items import DELETED
from catalog.models import (
    Catalog,
    CatalogCreation,
    CatalogItem,
    CatalogSearch,
    InventorySnapshot,
    Product,
    StockMovement,
    Variant,
)
from catalog.push.refusals import explain_warning, find_anchor
from catalog.standings import UNREADY, Standing, kind_of, stand
from catalog.stock.snapshots import StockLine, describe_stock, list_snapshots
from integrations.graph.catalogs import COMMERCE
from integrations.models import AssetState, MetaAccount


@dataclass(frozen=True)
class ItemRow:
    """How one variant stands in one catalog; `waits` says what becomes of a change, '' for none.

    `stock` is what buyers see of its pieces; `anchor` leads to the field that Meta refused, '' for none.
    """

    catalog: Catalog
    standing: Standing
    error: str
    meta_message: str
    answered_at: datetime | None
    waits: str
    stock: StockLine | None
    anchor: str
    warnings: list[Point]
    is_at_meta: bool


@dataclass(frozen=True)
class VariantRow:
    variant: Variant
    items: list[ItemRow]


@dataclass(frozen=True)
class OfferedCatalog:
    """One line of "Connect a catalog"; `state` is that of this store's connection, '' without one."""

    account_pk: int
    catalog_id: str
    name: str
    business: str
    is_shared: bool
    is_for_products: bool
    state: str


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


def get_catalog(pk: int) -> Catalog:
    """Return a catalog of the store that is connected. Raises Http404."""
    connected = Catalog.objects.exclude(state=AssetState.DISCONNECTED)
    found: Catalog = get_object_or_404(connected, pk=pk)
    return found


def list_catalogs() -> list[Catalog]:
    """Return the store's catalogs with the person behind each; 1 query."""
    return list(Catalog.objects.exclude(state=AssetState.DISCONNECTED).select_related("account"))


def list_creations() -> list[CatalogCreation]:
    """Return the catalogs that are being made, and those that could not be made today; 1 query."""
    recent = Q(state=CatalogCreation.State.FAILED, asked_at__gte=timezone.now() - timedelta(days=1))
    return list(
        CatalogCreation.objects.filter(recent | Q(state=CatalogCreation.State.ASKED)).order_by("-id")[:10]
    )


def list_variants(product: Product) -> list[VariantRow]:
    """Return a product's variants with how each stands in each catalog; 2 queries."""
    variants = list(product.variants.select_related("store", "product"))
    by_pk = {variant.pk: variant for variant in variants}
    places = {variant.pk: place for place, variant in enumerate(variants)}
    by_variant: dict[int, list[ItemRow]] = defaultdict(list)
    for item in list_snapshots(variants):
        row = _item_row(item, by_pk[item.variant_id], place=places[item.variant_id])
        by_variant[item.variant_id].append(row)
    return [VariantRow(variant, by_variant[variant.pk]) for variant in variants]


def _item_row(item: InventorySnapshot, variant: Variant, *, place: int) -> ItemRow:
    item.variant = variant
    return ItemRow(
        catalog=item.catalog,
        standing=stand(item),
        error=item.error,
        meta_message=item.meta_message,
        answered_at=item.answered_at,
        waits=_say_wait(item),
        stock=None if kind_of(item) == UNREADY and item.confirmed_quantity is None else describe_stock(item),
        anchor=find_anchor(item.meta_message, row=place),
        warnings=[
            Point(explain_warning(text), False, find_anchor(text, row=place))
            for text in item.meta_warnings.splitlines()
        ],
        is_at_meta=item.sent_fingerprint not in ("", DELETED) and item.state != CatalogItem.State.REMOVED,
    )


def _say_wait(item: CatalogItem) -> str:
    if item.waiting_since is None:
        is_shown = item.state == CatalogItem.State.FAILED and item.confirmed_quantity is not None
        return _("Buyers still see the version before; only its stock is kept up.") if is_shown else ""
    if item.catalog.state == AssetState.NEEDS_RECONNECT:
        return _("It waits until you connect Facebook again.")
    if not item.catalog.is_sending:
        return _("It waits until you let this catalog be sent.")
    if item.confirmed_fingerprint in ("", DELETED):
        return ""
    return _("A change is on its way; buyers still see the version before.")


def list_movements(product: Product) -> list[StockMovement]:
    """Return the newest stock movements of a product; 1 query."""
    rows = StockMovement.objects.filter(variant__product=product).select_related("variant", "actor")
    return list(rows.order_by("-id")[:20])


def get_offered(account: MetaAccount, catalog_id: str) -> OfferedCatalog:
    """Return a catalog that Meta named for the account. Raises Http404 for any other one."""
    offered, _searches = list_offered([account])
    for facts in offered:
        if facts.catalog_id == catalog_id and facts.is_for_products:
            return facts
    raise Http404


def find_connected(catalog_id: str) -> Catalog | None:
    """Return the store's catalog with this id at Meta, unless it was let go."""
    return Catalog.objects.exclude(state=AssetState.DISCONNECTED).filter(catalog_id=catalog_id).first()


def list_offered(accounts: Iterable[MetaAccount]) -> tuple[list[OfferedCatalog], list[CatalogSearch]]:
    """Return the catalogs that can be connected, and how Meta was last asked for them; 2 queries."""
    searches = list(CatalogSearch.objects.filter(account__in=list(accounts)).select_related("account"))
    connected = dict(
        Catalog.objects.exclude(state=AssetState.DISCONNECTED).values_list("catalog_id", "state")
    )
    offered = [
        OfferedCatalog(
            account_pk=search.account_id,
            catalog_id=facts["catalog_id"],
            name=facts["name"],
            business=facts["business"],
            is_shared=facts.get("is_shared", False),
            is_for_products=facts.get("vertical", COMMERCE) == COMMERCE,
            state=connected.get(facts["catalog_id"], ""),
        )
        for search in searches
        for facts in search.found
    ]
    return offered, searches
