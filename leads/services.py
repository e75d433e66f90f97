"""What a person does with leads."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from integrations.models import AssetState, ConnectedPage, SyncRun
from integrations.runs import request_runs
from leads.backfill import JOB
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
def check_pages(*, actor: User, page_id: str = "") -> list[SyncRun]:
    """Look for leads that were never announced, on each connected Page or the one with this id at Meta.

    Return the runs that will tell how it went; none when there is no such Page.
    """
    pages = ConnectedPage.objects.filter(state__in=CHECKED)
    rows = list(pages.filter(page_id=page_id) if page_id else pages)
    for page in rows:
        sync_leads.delay_on_commit(page.store_id, page.pk)
    if not rows:
        return []
    record_audit("leads.checked", actor=actor, pages=len(rows))
    return request_runs(job=JOB, asset_ids=[page.page_id for page in rows])


CHECKED = (AssetState.ACTIVE, AssetState.NEEDS_RECONNECT)
"""A Page that needs reconnecting is tried, too: a person who asks gets Meta's own answer."""
