"""The store's log of Meta's events, with replay."""

from __future__ import annotations

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
    rows, cursor = page_of_events(
        request.store.pk,
        state=state if state in WebhookEvent.State.values else "",
        before=int(before) if before.isdecimal() and len(before) < 19 else None,
    )
    context = {"events": rows, "cursor": cursor, "state": state, "states": WebhookEvent.State.choices}
    return render(request, "integrations/events.html", context)


@require_POST
@store_view(Role.MANAGER)
def replay(request: StoreRequest, event: int) -> HttpResponse:
    found = get_object_or_404(store_events(request.store.pk), pk=event)
    replay_events(WebhookEvent.objects.filter(pk=found.pk))
    record_audit("event.replayed", actor=request.user, target=found, kind=found.kind)
    nudge_inbox()
    messages.success(request, _("It is being worked on again."))
    return redirect("integrations:events", store=request.store.slug)
