"""Reads for the lead pages, the rail and home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from integrations.models import ConnectedPage, SyncRun
from leads.backfill import JOB
from leads.mapping import other_answers, phone_digits
from leads.models import Lead, MetaLead
from leads.services import CHECKED
from tenancy.models import AuditEntry, Store
from ui.paging import CursorPage, cursor_page

FAILED_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class LeadCounts:
    """How many leads there are by status, and how many could not be fetched."""

    by_status: dict[str, int]
    failed: int

    @property
    def new(self) -> int:
        return self.by_status.get(Lead.Status.NEW, 0)

    @property
    def total(self) -> int:
        return sum(self.by_status.values())


def lead_counts() -> LeadCounts:
    """Count the open store's leads; 2 queries."""
    rows = Lead.objects.order_by().values_list("status").annotate(count=Count("pk"))
    failed = MetaLead.objects.filter(state=MetaLead.State.FAILED).count()
    return LeadCounts(by_status=dict(rows), failed=failed)


def leads_by_day(store: Store, *, days: int = 7) -> list[tuple[date, int]]:
    """Count the leads of the last days, today last, by the store's calendar; 1 query."""
    zone = ZoneInfo(store.timezone)
    today = timezone.now().astimezone(zone).date()
    first = today - timedelta(days=days - 1)
    rows = Lead.objects.filter(submitted_at__gte=datetime.combine(first, time(), zone)).order_by()
    counted = rows.values_list(TruncDate("submitted_at", tzinfo=zone)).annotate(count=Count("pk"))
    found: dict[date, int] = dict(counted)
    return [(day, found.get(day, 0)) for day in (first + timedelta(days=n) for n in range(days))]


def list_leads(*, status: str, query: str, params: Mapping[str, str]) -> CursorPage[Lead]:
    """Return one page of leads, the newest first; 1 query."""
    rows = Lead.objects.all()
    if status:
        rows = rows.filter(status=status)
    if query:
        rows = rows.filter(_matches(query))
    return cursor_page(rows, by="submitted_at", params=params)


def _matches(query: str) -> Q:
    found = Q(name__icontains=query) | Q(email__icontains=query)
    digits = phone_digits(query).lstrip("+")
    return found | Q(phone_digits__contains=digits) if len(digits) >= 3 else found


def list_failed() -> QuerySet[MetaLead]:
    """Return the newest leads that could not be fetched, with form and Page; 1 query."""
    failed = MetaLead.objects.filter(state=MetaLead.State.FAILED)
    return failed.select_related("form", "page").order_by("-pk")[:FAILED_SHOWN]


def find_last_check() -> SyncRun | None:
    return SyncRun.objects.filter(job=JOB).order_by("-pk").first()


def has_pages_to_check() -> bool:
    return ConnectedPage.objects.filter(state__in=CHECKED).exists()


def get_lead(lead_id: int) -> Lead:
    """Return a lead with form and Page; 1 query. Raises Lead.DoesNotExist."""
    return Lead.objects.select_related("meta_lead__form", "meta_lead__page").get(pk=lead_id)


def list_answers(lead: Lead) -> list[tuple[str, str]]:
    """Return question and answer of what the form asked besides name, e-mail and phone."""
    if lead.meta_lead is None:
        return []
    form = lead.meta_lead.form
    labels, options = (form.questions, form.options) if form else ({}, {})
    return other_answers(lead.meta_lead.answers, labels, options)


def list_history(lead: Lead) -> list[AuditEntry]:
    """Return what happened to a lead, the newest first; 1 query."""
    rows = AuditEntry.objects.filter(target_type=Lead._meta.label, target_id=str(lead.pk))
    return list(rows.select_related("actor").order_by("-pk"))
