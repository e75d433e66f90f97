from __future__ import annotations

from django.contrib import admin

from orders.models import ExternalOrderMapping, Order, OrderEmail
from tenancy.admin import ReadOnlyAdmin


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ["number", "store", "source", "door", "status", "total_minor", "currency", "placed_at"]
    list_filter = ["source", "door", "status"]
    search_fields = ["number", "mappings__external_id"]


@admin.register(ExternalOrderMapping)
class ExternalOrderMappingAdmin(ReadOnlyAdmin):
    list_display = ["external_id", "source_system", "store", "order", "last_updated", "cancelled_at"]
    list_select_related = ["store", "order"]
    search_fields = ["external_id"]
    exclude = ["waiting"]


@admin.register(OrderEmail)
class OrderEmailAdmin(ReadOnlyAdmin):
    list_display = ["id", "store", "order", "kind", "state", "attempts", "not_before", "sent_at", "reason"]
    list_select_related = ["store", "order"]
    list_filter = ["state"]
