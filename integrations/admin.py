"""Platform staff look at what is connected and at what Meta sent, and replay it. No token anywhere."""

from __future__ import annotations

from django.contrib import admin

from integrations.graph import admin as graph_admin
from integrations.models import ConnectedPage, InstagramAccount, MetaAccount, SyncRun
from integrations.webhooks import admin as webhooks_admin
from tenancy.admin import ReadOnlyAdmin

__all__ = ["graph_admin", "webhooks_admin"]


@admin.register(MetaAccount)
class MetaAccountAdmin(ReadOnlyAdmin):
    list_display = ["name", "store", "meta_user_id", "expires_at", "connected_at"]
    exclude = ["sealed_token"]


@admin.register(ConnectedPage)
class ConnectedPageAdmin(ReadOnlyAdmin):
    list_display = ["name", "store", "page_id", "state", "last_event_at", "last_synced_at", "error_count"]
    list_filter = ["state"]
    search_fields = ["name", "page_id"]
    exclude = ["sealed_token"]


@admin.register(InstagramAccount)
class InstagramAccountAdmin(ReadOnlyAdmin):
    list_display = ["username", "store", "instagram_id", "state", "last_event_at", "error_count"]
    list_filter = ["state"]
    search_fields = ["username", "instagram_id"]
    exclude = ["sealed_token"]


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "store", "job", "asset_id", "state", "rows_done", "rows_failed", "error"]
    list_filter = ["job", "state"]
