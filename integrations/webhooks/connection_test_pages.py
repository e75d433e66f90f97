"""Sending a test event for a Page, and watching it arrive."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from integrations.models import ConnectedPage, ConnectionTest
from integrations.tasks import send_connection_test
from integrations.webhooks.connection_test import find_steps, is_finished
from tenancy.access import StoreRequest, store_view
from tenancy.audit import record_audit
from tenancy.roles import Role


@require_POST
@store_view(Role.MANAGER)
def start(request: StoreRequest, page: int) -> HttpResponse:
    found = get_object_or_404(ConnectedPage.objects, pk=page)
    test = ConnectionTest.objects.create(page=found)
    record_audit("page.tested", actor=request.user, target=found)
    send_connection_test.delay_on_commit(request.store.pk, test.pk)
    return redirect("integrations:test", store=request.store.slug, test=test.pk)


@require_safe
@store_view(Role.MANAGER)
def watch(request: StoreRequest, test: int) -> HttpResponse:
    found = get_object_or_404(ConnectionTest.objects.select_related("page"), pk=test)
    steps = find_steps(found)
    context = {
        "test": found,
        "steps": steps,
        "finished": is_finished(steps),
        "passed": all(step.state == "done" for step in steps),
    }
    part = request.htmx  # type: ignore[attr-defined]
    return render(request, "integrations/_test_steps.html" if part else "integrations/test.html", context)
