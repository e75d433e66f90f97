"""The store's log of Meta's events, and each one of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrations.models import WebhookEvent
from integrations.webhooks.explain import explain, reason_in_words
from integrations.webhooks.forms import FilterForm
from integrations.webhooks.masking import masked_body, masked_text
from integrations.webhooks.selectors import (
    Cursor,
    Filters,
    find_open_replay,
    list_assets,
    page_of_events,
    store_events,
)
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role


@require_safe
@store_view(Role.VIEWER)
def events(request: StoreRequest) -> HttpResponse:
    assets = list_assets()
    form = FilterForm(request.GET, assets=assets)
    filters = form.read()
    page = page_of_events(request.store.pk, filters, after=_read_cursor(request.GET.get("older", "")))
    names = dict(assets)
    context = {
        "rows": [(event, reason_in_words(event), names.get(event.asset_id, "")) for event in page.rows],
        "looked_back_to": page.looked_back_to,
        "next_url": _address(filters, older=_write_cursor(page.older)) if page.older else "",
        "tabs": _tabs(filters),
        "form": form,
        "filtered": filters != Filters(),
        "replay": find_open_replay(request.store.pk),
        "can_replay": request.membership.allows(Role.MANAGER),
    }
    return render(request, "integrations/events.html", context, status=422 if form.errors else 200)


@require_safe
@store_view(Role.VIEWER)
def event(request: StoreRequest, event: int) -> HttpResponse:
    """One event in words; what staff need to mend it is shown to platform staff alone."""
    found = get_object_or_404(store_events(request.store.pk).select_related("delivery"), pk=event)
    context = {
        "event": found,
        "explanation": explain(found),
        "asset_name": dict(list_assets()).get(found.asset_id, ""),
        "details": _technical(found) if request.user.is_staff else None,
        "can_replay": request.membership.allows(Role.MANAGER),
    }
    return render(request, "integrations/event.html", context)


def _technical(event: WebhookEvent) -> dict[str, Any]:
    delivery = event.delivery
    facts = {
        "Event": f"{event.pk}, delivery {delivery.pk}, signed by {delivery.signed_by}",
        "Kind": f"{event.object} / {event.channel} / {event.kind}",
        "Asset": event.asset_id or "none",
        "Mailbox": event.mailbox,
        "Dedupe key": event.dedupe_key,
        "Reason": masked_text(event.reason) or "none",
    }
    return {
        "facts": facts.items(),
        "item": masked_body(event.item.encode()),
        "body": masked_body(bytes(delivery.body)),
        "traceback": masked_text(event.traceback),
    }


def _tabs(filters: Filters) -> list[dict[str, Any]]:
    choices = [("", _("All")), *WebhookEvent.State.choices]
    return [
        {"url": _address(filters, state=value), "label": label, "current": value == filters.state}
        for value, label in choices
    ]


def _address(filters: Filters, **over: str) -> str:
    since = timezone.localtime(filters.since).strftime("%Y-%m-%dT%H:%M") if filters.since else ""
    query = {"state": filters.state, "kind": filters.kind, "asset": filters.asset, "since": since} | over
    return "?" + urlencode({name: value for name, value in query.items() if value})


def _write_cursor(cursor: Cursor) -> str:
    return f"{cursor.received_at.isoformat()}~{cursor.pk}"


def _read_cursor(text: str) -> Cursor | None:
    """Return the cursor of an address; one that nobody made is the first page."""
    moment, _separator, pk = text.rpartition("~")
    try:
        received_at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    known = received_at.tzinfo is not None and pk.isascii() and pk.isdecimal() and len(pk) < 19
    return Cursor(received_at, int(pk)) if known else None
