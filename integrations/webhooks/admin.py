"""Staff look at what Meta sent and what became of it, secrets masked, and replay it."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import ngettext

from integrations.models import EventReplay, Mailbox, WebhookDelivery, WebhookEvent
from integrations.webhooks.forms import ReplayForm
from integrations.webhooks.masking import masked_body, masked_text
from integrations.webhooks.replay import (
    EVENTS_PER_SLICE,
    Wanted,
    count_wanted,
    note_replay,
    replay_events,
    start_replay,
    unpack_again,
)
from integrations.webhooks.tasks import nudge_inbox
from integrations.webhooks.wording import KINDS
from tenancy.models import User


class LookOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """For records of no store that nobody edits."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(LookOnlyAdmin):
    """Also what held nothing or could not be read, which no store ever sees."""

    list_display = ["id", "received_at", "signed_by", "state", "reason", "event_count", "duplicate_count"]
    list_filter = ["state", "signed_by"]
    ordering = ["-id"]
    exclude = ["body"]
    readonly_fields = ["body_text"]
    actions = ["unpack_again"]

    @admin.display(description="body (secrets masked)")
    def body_text(self, delivery: WebhookDelivery) -> str:
        return masked_body(bytes(delivery.body))

    @admin.action(description="Unpack again", permissions=["view"])
    def unpack_again(self, request: HttpRequest, deliveries: QuerySet[WebhookDelivery]) -> None:
        count = unpack_again(deliveries)
        nudge_inbox()
        words = ngettext("%(n)d delivery is unpacked again.", "%(n)d deliveries are unpacked again.", count)
        messages.success(request, words % {"n": count})


class KindFilter(admin.SimpleListFilter):
    """The kinds that have words; to find them in the table itself would read all of it."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, kind) for kind in sorted(KINDS)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(WebhookEvent)
class WebhookEventAdmin(LookOnlyAdmin):
    list_display = [
        "id",
        "received_at",
        "kind",
        "asset_id",
        "store",
        "state",
        "reason",
        "attempts",
        "duration_ms",
    ]
    list_filter = ["state", KindFilter]
    list_select_related = ["store"]
    search_fields = ["asset_id"]
    ordering = ["-id"]
    exclude = ["item", "traceback"]
    readonly_fields = ["item_text", "traceback_text"]
    raw_id_fields = ["delivery"]
    actions = ["replay"]

    @admin.display(description="event (secrets masked)")
    def item_text(self, event: WebhookEvent) -> str:
        return masked_body(event.item.encode())

    @admin.display(description="traceback (secrets masked)")
    def traceback_text(self, event: WebhookEvent) -> str:
        return masked_text(event.traceback)

    @admin.action(description="Replay", permissions=["view"])
    def replay(self, request: HttpRequest, events: QuerySet[WebhookEvent]) -> None:
        chosen = list(events.order_by().values_list("pk", "store_id")[: EVENTS_PER_SLICE + 1])
        if len(chosen) > EVENTS_PER_SLICE:
            words = f"More than {EVENTS_PER_SLICE} are chosen. “Replay everything since …” takes any number."
            messages.error(request, words)
            return
        count = replay_events(WebhookEvent.objects.filter(pk__in=[pk for pk, _store in chosen]))
        stores = Counter(store for _pk, store in chosen if store is not None)
        note_replay(stores, actor=cast(User, request.user), pick="chosen")
        nudge_inbox()
        words = ngettext("%(n)d event is replayed.", "%(n)d events are replayed.", count)
        messages.success(request, words % {"n": count})

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.recover)
        return [path("recover/", view, name="integrations_webhookevent_recover"), *super().get_urls()]

    def recover(self, request: HttpRequest) -> HttpResponse:
        """Replay everything of a time: first how many, then all of it."""
        form = ReplayForm(request.POST or None)
        context = self.admin_site.each_context(request) | {"title": "Replay everything since …", "form": form}
        if not self.has_view_permission(request):
            return redirect("admin:index")
        if form.is_valid():
            wanted = _wanted(form)
            if "sure" in request.POST:
                return self._start(request, wanted)
            lines = count_wanted(wanted)
            context |= {"lines": lines, "total": sum(line.count for line in lines)}
        status = 422 if form.errors else 200
        return TemplateResponse(
            request, "admin/integrations/webhookevent/recover.html", context, status=status
        )

    def _start(self, request: HttpRequest, wanted: Wanted) -> HttpResponse:
        run = start_replay(wanted, actor=cast(User, request.user))
        nudge_inbox()
        count = run.total if run else 0
        words = ngettext("%(n)d event is replayed.", "%(n)d events are replayed.", count)
        messages.success(request, words % {"n": count})
        return redirect("admin:integrations_webhookevent_changelist")


def _wanted(form: ReplayForm) -> Wanted:
    found, store = form.cleaned_data, form.cleaned_data["store"]
    return Wanted(
        since=found["since"],
        until=found["until"],
        store_id=store.pk if store else None,
        kind=found["kind"],
        pick=found["pick"],
    )


@admin.register(EventReplay)
class EventReplayAdmin(LookOnlyAdmin):
    list_display = [
        "started_at",
        "store",
        "actor",
        "pick",
        "kind",
        "since",
        "until",
        "total",
        "replayed",
        "finished_at",
    ]
    list_select_related = ["store", "actor"]
    ordering = ["-id"]


@admin.register(Mailbox)
class MailboxAdmin(LookOnlyAdmin):
    list_display = ["name", "due_at", "claimed_until"]
    ordering = ["due_at"]
