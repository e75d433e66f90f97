"""Fetching a lead that was announced: claimed, read outside of any transaction, kept once."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.graph.client import GraphClient
from integrations.graph.errors import Gone, GraphError, NotAllowed, Reconnect, RetryLater, SlowDown
from integrations.graph.leads import RemoteForm, RemoteLead, get_form, get_lead
from integrations.logins import LoginClient
from integrations.models import ConnectedPage
from integrations.runs import record_failure, record_success
from integrations.webhooks.ladder import find_wait
from leads.mapping import map_person, phone_digits
from leads.models import Lead, LeadForm, MetaLead
from tenancy.audit import record_audit
from tenancy.live import tell_pages

LEASE_SECONDS = 120
"""How long a dead worker keeps its claim on a lead; two fetching the same one would still keep it once."""

State = MetaLead.State
log = structlog.get_logger()


def fetch(meta_lead_id: int) -> Lead | None:
    """Fetch one announced lead and keep it. Safe twice, late, and beside another worker."""
    meta_lead = claim_fetch(meta_lead_id)
    if meta_lead is None:
        return None
    page = meta_lead.page
    try:
        remote = get_lead(open_client(page), meta_lead.leadgen_id)
    except GraphError as error:
        _note_failure(meta_lead, error)
        return None
    lead = keep_lead(remote, page=page, leadgen_id=meta_lead.leadgen_id)
    record_success(page.page_id)
    return lead


def claim_fetch(meta_lead_id: int) -> MetaLead | None:
    """Count an attempt and take the lead for a while; None when it is not due or not waiting any more."""
    now = timezone.now()
    due = MetaLead.objects.filter(pk=meta_lead_id, state=State.WAITING, not_before__lte=now)
    lease = now + timedelta(seconds=LEASE_SECONDS)
    if not due.update(attempts=F("attempts") + 1, not_before=lease):
        return None
    return MetaLead.objects.select_related("page").get(pk=meta_lead_id)


def keep_lead(remote: RemoteLead, *, page: ConnectedPage, leadgen_id: str) -> Lead | None:
    """Keep the answers and make the lead of them; None when that was done before."""
    form = record_form(remote.form_id, page=page)
    with transaction.atomic():
        MetaLead.objects.get_or_create(leadgen_id=leadgen_id, defaults={"page": page, "form": form})
        meta_lead = MetaLead.objects.select_for_update().get(leadgen_id=leadgen_id)
        if meta_lead.state == State.FETCHED:
            return None
        _fill(meta_lead, remote, form)
        lead = _make_lead(meta_lead)
        record_audit("lead.received", actor=None, target=lead, leadgen_id=leadgen_id)
        tell_pages()
    return lead


def _fill(meta_lead: MetaLead, remote: RemoteLead, form: LeadForm | None) -> None:
    meta_lead.form = form or meta_lead.form
    meta_lead.answers = remote.answers
    meta_lead.ad_id = remote.ad_id[:64] or meta_lead.ad_id
    meta_lead.adset_id, meta_lead.campaign_id = remote.adset_id[:64], remote.campaign_id[:64]
    meta_lead.platform = remote.platform[:20]
    meta_lead.created_at_meta = remote.created_at or meta_lead.created_at_meta
    meta_lead.state, meta_lead.reason, meta_lead.fetched_at = State.FETCHED, "", timezone.now()
    meta_lead.save()


def _make_lead(meta_lead: MetaLead) -> Lead:
    person = map_person(meta_lead.answers)
    return Lead.objects.create(
        name=person.name,
        email=person.email,
        phone=person.phone,
        phone_digits=phone_digits(person.phone),
        source=Lead.Source.LEAD_FORM,
        meta_lead=meta_lead,
        submitted_at=meta_lead.created_at_meta or meta_lead.received_at,
    )


def _note_failure(meta_lead: MetaLead, error: GraphError) -> None:
    """Put a lead that could not be fetched on the ladder, or end it as failed with the reason in words."""
    if not isinstance(error, Gone):  # that is about the lead; all others are about the connection
        record_failure(meta_lead.page.page_id, error)
    again_at = _next_attempt(meta_lead, error)
    rows = MetaLead.objects.filter(pk=meta_lead.pk, state=State.WAITING)
    if again_at:
        rows.update(not_before=again_at, reason=str(error))
    else:
        rows.update(state=State.FAILED, reason=failure_words(error))
    log.warning("lead_not_fetched", meta_lead=meta_lead.pk, error=str(error), again_at=str(again_at or ""))


def _next_attempt(meta_lead: MetaLead, error: GraphError) -> datetime | None:
    now = timezone.now()
    if isinstance(error, SlowDown):
        return now + timedelta(seconds=error.seconds)
    if isinstance(error, RetryLater):
        wait = find_wait(attempts=meta_lead.attempts)
        return now + wait if wait else None
    return None


def failure_words(error: GraphError) -> str:
    """Say why a lead could not be fetched, and what to do."""
    match error:
        case Reconnect():
            return _("The connection to the Page has ended. Connect it again, then fetch the lead again.")
        case NotAllowed():
            return _(
                "Meta does not let us read this lead. Give StormCom access in the Leads Access settings of "
                "the Page, then fetch the lead again."
            )
        case Gone():
            return _("Meta does not have this lead any more. Leads can be read for 90 days.")
        case RetryLater():
            return _("Meta did not answer for a long time. Fetch the lead again later.")
    return _("Meta refused: %(reason)s") % {"reason": error}


def record_form(form_id: str, *, page: ConnectedPage) -> LeadForm | None:
    """Return the form with this id, made if it is new; None for no id."""
    if not form_id:
        return None
    form, _created = LeadForm.objects.get_or_create(form_id=form_id[:64], defaults={"page": page})
    return form


def name_form(form: LeadForm) -> None:
    """Ask Meta for the form's name and questions. Without an answer it stays as it is."""
    try:
        describe_form(form, get_form(open_client(form.page), form.form_id))
    except GraphError as error:
        log.info("form_not_named", form=form.pk, error=str(error))


def describe_form(form: LeadForm, remote: RemoteForm) -> None:
    form.name, form.status = remote.name[:200], remote.status[:20]
    form.questions, form.options = remote.questions, remote.options
    form.save(update_fields=["name", "status", "questions", "options"])


def open_client(page: ConnectedPage) -> GraphClient:
    """Return a client that speaks as the Page. Raises Reconnect when the Page has no token."""
    if not page.token:
        raise Reconnect("The Page is not connected.")
    return LoginClient(page)
