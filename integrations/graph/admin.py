"""Staff look at our calls to Meta and at how full its limits are. No token, no query."""

from __future__ import annotations

from django.contrib import admin

from integrations.models import GraphCall, GraphUsage
from integrations.webhooks.admin import LookOnlyAdmin


@admin.register(GraphCall)
class GraphCallAdmin(LookOnlyAdmin):
    list_display = [
        "created_at",
        "store",
        "method",
        "path",
        "asset_id",
        "http_status",
        "kind",
        "code",
        "subcode",
        "trace",
        "duration_ms",
        "usage_percent",
    ]
    list_filter = ["kind", "code", "method"]
    list_select_related = ["store"]
    search_fields = ["asset_id", "trace"]
    ordering = ["-id"]
    show_full_result_count = False


@admin.register(GraphUsage)
class GraphUsageAdmin(LookOnlyAdmin):
    list_display = ["bucket", "object_id", "store", "percent", "blocked_until", "read_at"]
    list_filter = ["bucket"]
    list_select_related = ["store"]
    search_fields = ["object_id"]
    ordering = ["-percent"]
    exclude = ["line"]
