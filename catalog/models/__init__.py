"""What a store sells, how many pieces of it, and what Meta has been told about each."""

from __future__ import annotations

from catalog.models.advising import CatalogDiagnostic, InstagramTagging, Severity
from catalog.models.bulk import BulkChange
from catalog.models.canaries import CANARY_PREFIX, Canary, StockLag
from catalog.models.catalogs import Catalog, CatalogCreation, CatalogSearch, Choice, Pace
from catalog.models.choosing import CatalogSwitch
from catalog.models.collecting import Collection
from catalog.models.counting import CatalogCount
from catalog.models.holding import Reservation
from catalog.models.importing import ProductImport
from catalog.models.pictures import Picture, ProductImage
from catalog.models.product_sets import ProductSet
from catalog.models.products import (
    AVAILABLE,
    OPAQUE_LETTERS,
    Product,
    Readiness,
    Status,
    Variant,
    make_group_id,
    make_retailer_id,
)
from catalog.models.pushing import MOST_TRIES, CatalogItem, PushBatch
from catalog.models.reconciling import CatalogFinding, Comparison, RemoteItem
from catalog.models.snapshots import InventorySnapshot
from catalog.models.stock import HAND_REASONS, MOST_PIECES, Reason, StockMovement

__all__ = [
    "AVAILABLE",
    "CANARY_PREFIX",
    "HAND_REASONS",
    "MOST_PIECES",
    "MOST_TRIES",
    "OPAQUE_LETTERS",
    "BulkChange",
    "Canary",
    "Catalog",
    "CatalogCount",
    "CatalogCreation",
    "CatalogDiagnostic",
    "CatalogFinding",
    "CatalogItem",
    "CatalogSearch",
    "CatalogSwitch",
    "Choice",
    "Collection",
    "Comparison",
    "InstagramTagging",
    "InventorySnapshot",
    "Pace",
    "Picture",
    "Product",
    "ProductImage",
    "ProductImport",
    "ProductSet",
    "PushBatch",
    "Readiness",
    "Reason",
    "RemoteItem",
    "Reservation",
    "Severity",
    "Status",
    "StockLag",
    "StockMovement",
    "Variant",
    "make_group_id",
    "make_retailer_id",
]
