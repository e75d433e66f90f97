"""The store's log of Meta's events, with replay."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from integrations.models import WebhookEvent
from integrations.webhooks.replay import replay_events
from integrations.webhooks.selectors import page_of_events, store_events
from integrations.webhooks.tasks import nudge_inbox
from tenancy.access import StoreRequest, store_view
from tenancy.audit import record_audit
from tenancy.roles import Role


@store_view(Role.VIEWER)
def events(request: StoreRequest) -> HttpResponse:
    state, before = request.GET.get("state", ""), request.GET.get("before", "")
    state = state if state in WebhookEvent.State.values else ""
    rows, cursor = page_of_events(request.store.pk, state=state, before=_read_cursor(before))
    query = {"state": state, "before": cursor} if state else {"before": cursor}
    context = {
        "events": rows,
        "next_url": f"?{urlencode(query)}" if cursor else "",
        "tabs": _tabs(state),
        "can_replay": request.membership.allows(Role.MANAGER),
    }
    return render(request, "integrations/events.html", context)


def _tabs(current: str) -> list[dict[str, Any]]:
    choices = [("", _("All")), *WebhookEvent.State.choices]
    return [
        {"url": f"?state={value}", "label": label, "current": value == current} for value, label in choices
    ]


def _read_cursor(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


@require_POST
@store_view(Role.MANAGER)
def replay(request: StoreRequest, event: int) -> HttpResponse:
    found = get_object_or_404(store_events(request.store.pk), pk=event)
    replay_events(WebhookEvent.objects.filter(pk=found.pk))
    record_audit("event.replayed", actor=request.user, target=found, kind=found.kind)
    nudge_inbox()
    messages.success(request, _("It is being worked on again."))
    return redirect("integrations:events", store=request.store.slug)
