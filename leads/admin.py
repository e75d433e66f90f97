from __future__ import annotations

from django.contrib import admin

from leads.models import Lead, LeadForm, MetaLead
from tenancy.admin import ReadOnlyAdmin


@admin.register(LeadForm)
class LeadFormAdmin(ReadOnlyAdmin):
    list_display = ["form_id", "name", "status", "store", "page", "newest_lead_at"]
    list_select_related = ["store", "page"]
    search_fields = ["form_id", "name"]


@admin.register(MetaLead)
class MetaLeadAdmin(ReadOnlyAdmin):
    """Without the answers: staff of the platform need none of them to see why a lead is missing."""

    list_display = ["leadgen_id", "store", "state", "attempts", "not_before", "reason", "received_at"]
    list_filter = ["state"]
    search_fields = ["leadgen_id"]
    exclude = ["answers"]


@admin.register(Lead)
class LeadAdmin(ReadOnlyAdmin):
    list_display = ["id", "store", "status", "source", "submitted_at", "created_at"]
    list_filter = ["status", "source"]
