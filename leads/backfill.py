"""Reading the leads of a Page's forms: finds those whose announcement never came."""

from __future__ import annotations

from datetime import timedelta

from integrations.graph.client import GraphClient
from integrations.graph.leads import walk_forms, walk_leads
from integrations.models import ConnectedPage, SyncRun
from integrations.runs import record_run
from leads.fetching import describe_form, keep_lead, open_client, record_form
from leads.models import LeadForm, MetaLead

JOB = "leads.sync"
OVERLAP = timedelta(days=1)
"""Each check reads this much again: Meta shows some leads minutes to hours after they were left."""


def sync_leads(page: ConnectedPage) -> int:
    """Read all forms of a Page and the leads since the last check; return how many leads were new.

    Safe twice and beside itself. A form's place moves on only after all its leads are kept, because Meta
    lists the newest first. Raises GraphError; the run has recorded it then.
    """
    with record_run(job=JOB, asset_id=page.page_id) as run:
        client = open_client(page)
        for remote in walk_forms(client, page.page_id):
            form = record_form(remote.form_id, page=page)
            if form is not None:
                describe_form(form, remote)
                _sync_form(client, form, page=page, run=run)
        return run.rows_done


def _sync_form(client: GraphClient, form: LeadForm, *, page: ConnectedPage, run: SyncRun) -> None:
    since = form.newest_lead_at and form.newest_lead_at - OVERLAP
    kept = _kept_leadgen_ids(form)
    newest = form.newest_lead_at
    for remote in walk_leads(client, form.form_id, since=since):
        if remote.created_at and (newest is None or remote.created_at > newest):
            newest = remote.created_at
        if remote.leadgen_id and remote.leadgen_id not in kept:
            run.rows_done += keep_lead(remote, page=page, leadgen_id=remote.leadgen_id) is not None
    form.newest_lead_at = newest
    form.save(update_fields=["newest_lead_at"])


def _kept_leadgen_ids(form: LeadForm) -> set[str]:
    """Return the leads of the form that need no second look, so that the overlap costs no query each."""
    rows = MetaLead.objects.filter(form=form, state=MetaLead.State.FETCHED)
    if form.newest_lead_at:
        rows = rows.filter(created_at_meta__gt=form.newest_lead_at - OVERLAP)
    return set(rows.values_list("leadgen_id", flat=True))
