"""The handler of Meta's announcement that somebody has filled in a lead form."""

from __future__ import annotations

from django.utils.translation import gettext as _

from integrations.models import ConnectedPage
from integrations.webhooks.events import LeadgenEvent
from integrations.webhooks.outcomes import Ignored, Park
from leads.fetching import record_form
from leads.models import MetaLead
from leads.tasks import fetch_lead


def record_leadgen(event: LeadgenEvent, asset: ConnectedPage) -> Ignored | None:
    """Keep the id that Meta announced and have the answers fetched. Safe twice."""
    if not event.leadgen_id:
        raise Park(_("Meta announced a lead without its id, so it cannot be fetched."))
    if not _is_id(event.leadgen_id):
        raise Park(_("Meta announced a lead by an id that cannot be one, so it cannot be fetched."))
    meta_lead, created = MetaLead.objects.get_or_create(
        leadgen_id=event.leadgen_id,
        defaults={
            "page": asset,
            "form": record_form(event.form_id if _is_id(event.form_id) else "", page=asset),
            "ad_id": event.ad_id[:64],
            "created_at_meta": event.happened_at,
        },
    )
    if not created:
        return Ignored(_("This lead is already here."))
    fetch_lead.delay_on_commit(asset.store_id, meta_lead.pk)
    return None


def _is_id(text: str) -> bool:
    """Ids become part of an address at Meta: a word such as "me", or a path, would ask for something else."""
    return text.isascii() and text.isdecimal() and len(text) <= 64
