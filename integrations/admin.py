"""Platform staff look at what is connected and at what Meta sent, and replay it. No token anywhere."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import ngettext

from integrations.models import (
    ConnectedPage,
    InstagramAccount,
    Mailbox,
    MetaAccount,
    SyncRun,
    WebhookDelivery,
    WebhookEvent,
)
from integrations.webhooks.masking import masked_body, masked_text
from integrations.webhooks.replay import replay_events, unpack_again
from integrations.webhooks.tasks import nudge_inbox
from tenancy.admin import ReadOnlyAdmin


class LookOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """For records of no store that nobody edits."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(LookOnlyAdmin):
    list_display = ["id", "received_at", "signed_by", "state", "reason", "event_count", "duplicate_count"]
    list_filter = ["state", "signed_by"]
    ordering = ["-id"]
    exclude = ["body"]
    readonly_fields = ["body_text"]
    actions = ["unpack_again"]
    show_full_result_count = False

    @admin.display(description="body (secrets masked)")
    def body_text(self, delivery: WebhookDelivery) -> str:
        return masked_body(bytes(delivery.body))

    @admin.action(description="Unpack again", permissions=["view"])
    def unpack_again(self, request: HttpRequest, deliveries: QuerySet[WebhookDelivery]) -> None:
        count = unpack_again(deliveries)
        nudge_inbox()
        words = ngettext("%(n)d delivery is unpacked again.", "%(n)d deliveries are unpacked again.", count)
        messages.success(request, words % {"n": count})


@admin.register(WebhookEvent)
class WebhookEventAdmin(LookOnlyAdmin):
    list_display = [
        "id",
        "received_at",
        "kind",
        "asset_id",
        "store",
        "state",
        "reason",
        "attempts",
        "duration_ms",
    ]
    list_filter = ["state", "kind", "object"]
    list_select_related = ["store"]
    search_fields = ["asset_id"]
    ordering = ["-id"]
    exclude = ["item", "traceback"]
    readonly_fields = ["item_text", "traceback_text"]
    raw_id_fields = ["delivery"]
    actions = ["replay"]
    show_full_result_count = False

    @admin.display(description="event (secrets masked)")
    def item_text(self, event: WebhookEvent) -> str:
        return masked_body(event.item.encode())

    @admin.display(description="traceback (secrets masked)")
    def traceback_text(self, event: WebhookEvent) -> str:
        return masked_text(event.traceback)

    @admin.action(description="Replay", permissions=["view"])
    def replay(self, request: HttpRequest, events: QuerySet[WebhookEvent]) -> None:
        count = replay_events(events)
        nudge_inbox()
        words = ngettext("%(n)d event is replayed.", "%(n)d events are replayed.", count)
        messages.success(request, words % {"n": count})


@admin.register(Mailbox)
class MailboxAdmin(LookOnlyAdmin):
    list_display = ["name", "due_at", "claimed_until"]
    ordering = ["due_at"]


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "store", "job", "asset_id", "state", "rows_done", "rows_failed", "error"]
    list_filter = ["job", "state"]
