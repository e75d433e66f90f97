"""What a person does with leads."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from integrations.models import AssetState, ConnectedPage
from leads.models import Lead, MetaLead
from leads.tasks import fetch_lead, sync_leads
from tenancy.audit import record_audit
from tenancy.live import tell_pages
from tenancy.models import User


@transaction.atomic
def change_status(lead_id: int, status: Lead.Status, *, actor: User) -> Lead:
    """Move a lead to a status. Safe twice. Raises Lead.DoesNotExist."""
    lead = Lead.objects.select_for_update().get(pk=lead_id)
    if lead.status == status:
        return lead
    before, lead.status = lead.status, status
    lead.save(update_fields=["status", "updated_at"])
    record_audit("lead.status_changed", actor=actor, target=lead, before=before, after=status.value)
    tell_pages()
    return lead


@transaction.atomic
def fetch_failed_again(*, actor: User) -> int:
    """Have all leads fetched again that could not be; return how many."""
    failed = MetaLead.objects.select_for_update().filter(state=MetaLead.State.FAILED)
    rows = list(failed.values_list("store_id", "pk"))
    if not rows:
        return 0
    waiting = {"state": MetaLead.State.WAITING, "attempts": 0, "not_before": timezone.now()}
    MetaLead.objects.filter(pk__in=[pk for _store_id, pk in rows]).update(**waiting)
    record_audit("leads.fetched_again", actor=actor, count=len(rows))
    for store_id, meta_lead_id in rows:
        fetch_lead.delay_on_commit(store_id, meta_lead_id)
    return len(rows)


@transaction.atomic
def check_all_pages(*, actor: User) -> int:
    """Look for leads that were never announced, on each connected Page; return how many Pages."""
    rows = list(ConnectedPage.objects.filter(state__in=CHECKED).values_list("store_id", "pk"))
    for store_id, page_id in rows:
        sync_leads.delay_on_commit(store_id, page_id)
    if rows:
        record_audit("leads.checked", actor=actor, pages=len(rows))
    return len(rows)


CHECKED = (AssetState.ACTIVE, AssetState.NEEDS_RECONNECT)
"""A Page that needs reconnecting is tried, too: a person who asks gets Meta's own answer."""
