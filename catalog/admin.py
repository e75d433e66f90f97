"""Platform staff look at products, stock and what was sent. Nobody edits these from outside of the store."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.models import (
    BulkChange,
    Catalog,
    CatalogItem,
    CatalogSearch,
    InventorySnapshot,
    Product,
    ProductImport,
    PushBatch,
    Reservation,
    StockLag,
    StockMovement,
    Variant,
)
from tenancy.admin import ReadOnlyAdmin


@admin.register(Product)
class ProductAdmin(ReadOnlyAdmin):
    list_display = ["title", "store", "status", "updated_at"]
    list_filter = ["status"]
    search_fields = ["title", "item_group_id"]


@admin.register(Variant)
class VariantAdmin(ReadOnlyAdmin):
    list_display = [
        "retailer_id",
        "store",
        "product",
        "title",
        "sku",
        "price_minor",
        "on_hand",
        "reserved",
        "status",
    ]
    list_select_related = ["store", "product"]
    search_fields = ["retailer_id", "sku"]


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnlyAdmin):
    list_display = ["at", "store", "variant", "delta", "on_hand_after", "reason", "reference", "actor"]
    list_select_related = ["store", "variant__product", "actor"]
    list_filter = ["reason"]
    search_fields = ["reference", "variant__retailer_id"]


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    list_display = ["variant", "store", "quantity", "reference", "actor", "created_at", "expires_at"]
    list_select_related = ["store", "variant__product", "actor"]
    search_fields = ["reference", "variant__retailer_id"]


@admin.register(Catalog)
class CatalogAdmin(ReadOnlyAdmin):
    list_display = ["name", "store", "catalog_id", "state", "not_before", "last_synced_at", "error_count"]
    list_filter = ["state"]
    search_fields = ["name", "catalog_id"]
    exclude = ["sealed_token"]


@admin.register(StockLag)
class StockLagAdmin(ReadOnlyAdmin):
    list_display = ["changed_at", "store", "canary", "quantity", "sent_at", "shown_at", "seconds", "outcome"]
    list_select_related = ["store", "canary"]
    list_filter = ["outcome"]
    search_fields = ["canary__retailer_id"]


@admin.register(CatalogItem)
class CatalogItemAdmin(ReadOnlyAdmin):
    list_display = ["variant", "store", "catalog", "state", "waiting_since", "attempts", "meta_message"]
    list_select_related = ["store", "catalog", "variant__product"]
    list_filter = ["state"]
    search_fields = ["variant__retailer_id"]


class DiffersFilter(admin.SimpleListFilter):
    title = "differs"
    parameter_name = "differs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(differs=self.value() == "yes") if self.value() else queryset


@admin.register(InventorySnapshot)
class InventorySnapshotAdmin(ReadOnlyAdmin):
    list_display = [
        "variant",
        "store",
        "catalog",
        "available",
        "sent_quantity",
        "confirmed_quantity",
        "differs",
        "last_sync_at",
        "last_error",
    ]
    list_select_related = ["store", "catalog", "variant__product"]
    list_filter = [DiffersFilter]
    search_fields = ["variant__retailer_id"]

    @admin.display(ordering="available")
    def available(self, row: InventorySnapshot) -> int:
        return row.available

    @admin.display(boolean=True, ordering="differs")
    def differs(self, row: InventorySnapshot) -> bool:
        return row.differs


@admin.register(BulkChange)
class BulkChangeAdmin(ReadOnlyAdmin):
    list_display = [
        "id",
        "store",
        "actor",
        "action",
        "state",
        "rows_done",
        "rows_total",
        "left_out",
        "started_at",
    ]
    list_select_related = ["store", "actor"]
    list_filter = ["state", "action"]


@admin.register(ProductImport)
class ProductImportAdmin(ReadOnlyAdmin):
    list_display = [
        "file_name",
        "store",
        "actor",
        "state",
        "rows_done",
        "rows_total",
        "bad_rows",
        "started_at",
    ]
    list_select_related = ["store", "actor"]
    list_filter = ["state"]
    exclude = ["content"]


@admin.register(PushBatch)
class PushBatchAdmin(ReadOnlyAdmin):
    list_display = ["id", "store", "catalog", "state", "row_count", "live_count", "failed_count", "sent_at"]
    list_select_related = ["store", "catalog"]
    list_filter = ["state"]
    search_fields = ["handle"]


@admin.register(CatalogSearch)
class CatalogSearchAdmin(ReadOnlyAdmin):
    list_display = ["account", "store", "asked_at", "answered_at", "error"]
    list_select_related = ["store", "account"]
