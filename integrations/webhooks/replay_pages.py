"""Working on Meta's messages again: one, those that were ticked, or all that failed since a time."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from integrations.webhooks.forms import RecoverForm
from integrations.webhooks.replay import Wanted, count_wanted, note_replay, replay_events, start_replay
from integrations.webhooks.selectors import PAGE_SIZE, store_events
from integrations.webhooks.tasks import nudge_inbox
from integrations.webhooks.wording import KINDS
from tenancy.access import StoreRequest, store_view
from tenancy.audit import record_audit
from tenancy.roles import Role


@dataclass(frozen=True)
class KindCount:
    words: str | Promise
    count: int


@require_POST
@store_view(Role.MANAGER)
def replay(request: StoreRequest, event: int) -> HttpResponse:
    found = get_object_or_404(store_events(request.store.pk), pk=event)
    replay_events(store_events(request.store.pk).filter(pk=found.pk))
    record_audit("event.replayed", actor=request.user, target=found, kind=found.kind)
    nudge_inbox()
    messages.success(request, _("It is being worked on again."))
    return redirect("integrations:event", store=request.store.slug, event=found.pk)


@require_POST
@store_view(Role.MANAGER)
def replay_chosen(request: StoreRequest) -> HttpResponse:
    """Ask first, with what it will do and for how many; then do it."""
    ids = [int(text) for text in request.POST.getlist("event") if text.isdecimal() and len(text) < 19]
    chosen = store_events(request.store.pk).filter(pk__in=ids[:PAGE_SIZE])
    kinds = list(chosen.values_list("kind", flat=True).order_by("kind"))
    if not kinds:
        messages.info(request, _("Tick the messages that should be worked on again."))
        return redirect("integrations:events", store=request.store.slug)
    if request.POST.get("sure") != "yes":
        counts = _by_kind([(kind, 1) for kind in kinds])
        context = {"ids": ids, "total": len(kinds), "counts": counts}
        return render(request, "integrations/replay_chosen.html", context)
    count = replay_events(chosen)
    note_replay({request.store.pk: count}, actor=request.user, pick="chosen")
    nudge_inbox()
    messages.success(request, _say_started(count))
    return redirect("integrations:events", store=request.store.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(Role.MANAGER)
def recover(request: StoreRequest) -> HttpResponse:
    """Choose a time, see how many failed since, and have all of them tried again."""
    given = request.POST if request.method == "POST" else request.GET
    form = RecoverForm(given if "since" in given or request.method == "POST" else None)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "integrations/recover.html", {"form": form}, status=status)
    wanted = Wanted(since=form.cleaned_data["since"], store_id=request.store.pk)
    if request.method == "POST":
        return _recover(request, wanted)
    lines = [(line.kind, line.count) for line in count_wanted(wanted)]
    context = {
        "form": form,
        "since": timezone.localtime(wanted.since),
        "counts": _by_kind(lines),
        "total": sum(count for _kind, count in lines),
        "asked": True,
    }
    return render(request, "integrations/recover.html", context)


def _recover(request: StoreRequest, wanted: Wanted) -> HttpResponse:
    run = start_replay(wanted, actor=request.user)
    if run is None:
        messages.info(request, _("Nothing has failed since then."))
    else:
        nudge_inbox()
        messages.success(request, _say_started(run.total))
    return redirect("integrations:events", store=request.store.slug)


def _say_started(count: int) -> str:
    words = ngettext(
        "%(count)s message is being worked on again.", "%(count)s messages are being worked on again.", count
    )
    return words % {"count": count}


def _by_kind(lines: list[tuple[str, int]]) -> list[KindCount]:
    counts: dict[str, int] = {}
    for kind, count in lines:
        counts[kind] = counts.get(kind, 0) + count
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    return [KindCount(KINDS.get(kind, kind), count) for kind, count in ordered]
