"""Messaging in the platform's admin: to look at, not to edit."""

from __future__ import annotations

from django.contrib import admin

from messaging.models import Contact, Conversation, Message
from tenancy.admin import ReadOnlyAdmin


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    list_display = [
        "__str__",
        "store",
        "platform",
        "asset_id",
        "person_id",
        "profile_attempts",
        "profile_due_at",
    ]
    list_filter = ["platform"]
    search_fields = ["person_id", "name", "username"]


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = [
        "uuid",
        "store",
        "platform",
        "asset_id",
        "last_message_at",
        "waiting_since",
        "unread_count",
    ]
    list_filter = ["platform"]
    search_fields = ["uuid", "contact__person_id"]


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Shows what became of messages. What was said stays with the store: staff see no text."""

    list_display = ["id", "store", "direction", "state", "mid", "happened_at", "attempts", "error_code"]
    list_filter = ["direction", "state"]
    search_fields = ["mid", "reference"]
    exclude = ["text", "payload"]
