"""The doors through which leads are fetched. Each is safe twice, late and beside itself: claims decide."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import timezone

from integrations.graph.errors import GraphError
from integrations.models import AssetState, ConnectedPage
from leads import backfill, fetching
from leads.models import MetaLead
from tenancy.tasks import store_task

SWEEP_LIMIT = 500

log = structlog.get_logger()


@store_task
def fetch_lead(meta_lead_id: int) -> None:
    lead = fetching.fetch(meta_lead_id)
    form = lead.meta_lead.form if lead and lead.meta_lead else None
    if form and not form.name:
        fetching.name_form(form)


@store_task
def sync_leads(page_id: int) -> None:
    """Check one Page (by our id) for leads that were never announced."""
    page = ConnectedPage.objects.filter(pk=page_id).first()
    if page is None or not page.receives:
        return
    try:
        backfill.sync_leads(page)
    except GraphError as error:
        log.warning("leads_not_synced", page=page.page_id, error=str(error))


@shared_task
def sweep_leads() -> None:
    """Have those leads fetched whose task was lost or whose time on the ladder has come."""
    due = MetaLead.unscoped.filter(state=MetaLead.State.WAITING, not_before__lte=timezone.now())
    for store_id, meta_lead_id in due.order_by("not_before").values_list("store_id", "pk")[:SWEEP_LIMIT]:
        fetch_lead.delay(store_id, meta_lead_id)


@shared_task
def sync_all_leads() -> None:
    """Check every connected Page of every store."""
    pages = ConnectedPage.unscoped.filter(state=AssetState.ACTIVE)
    for store_id, page_id in pages.order_by("pk").values_list("store_id", "pk").iterator():
        sync_leads.delay(store_id, page_id)
