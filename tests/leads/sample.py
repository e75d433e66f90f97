"""Leads of the sandbox's form, and leads made without Meta."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from leads.models import Lead, MetaLead
from leads.tasks import fetch_lead
from tenancy.models import Store
from tests.sandbox_process import Sandbox

PAGE = "100200300400501"
FORM = "300100"
ANSWERS = {
    "full_name": "Ann Lee",
    "email": "ann@example.com",
    "phone_number": "+44 7700 900123",
    "what_are_you_looking_for?": "Linen",
}


def leave_lead(sandbox: Sandbox, **over: Any) -> dict[str, Any]:
    """Fill in Hazel Home's form; return the event that Meta sends about it."""
    left = sandbox.post("lead", {"form_id": FORM, "answers": ANSWERS | over})
    return announce(left["leadgen_id"])


def announce(leadgen_id: object, **over: Any) -> dict[str, Any]:
    value = {"leadgen_id": leadgen_id, "page_id": PAGE, "form_id": FORM, "created_time": 1763700001} | over
    entry = {"id": PAGE, "time": 1763700002, "changes": [{"field": "leadgen", "value": value}]}
    return {"object": "page", "entry": [entry]}


def fetch_waiting(store: Store) -> None:
    """Do what the worker does for each lead that waits to be fetched."""
    waiting = MetaLead.unscoped.filter(store=store, state=MetaLead.State.WAITING)
    for meta_lead_id in waiting.values_list("pk", flat=True):
        fetch_lead(store.pk, meta_lead_id)


def make_lead(**over: Any) -> Lead:
    facts: dict[str, Any] = {"name": "Ann Lee", "email": "ann@example.com", "submitted_at": timezone.now()}
    lead: Lead = Lead.objects.create(**(facts | over))
    return lead


def the_lead() -> Lead:
    lead: Lead = Lead.objects.select_related("meta_lead__form").get()
    return lead


def the_meta_lead() -> MetaLead:
    meta_lead: MetaLead = MetaLead.objects.get()
    return meta_lead
