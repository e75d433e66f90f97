"""Platform staff look at the requests to be forgotten, and have a stuck one tried again."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import ngettext

from integrations.webhooks.admin import LookOnlyAdmin
from operations.erasure import run_again
from operations.models import DeletionRequest
from operations.tasks import erase


@admin.register(DeletionRequest)
class DeletionRequestAdmin(LookOnlyAdmin):
    """`subject` is for the machine: staff need not know who asked."""

    list_display = ["code", "kind", "store", "state", "requested_at", "finished_at", "attempts", "last_error"]
    list_filter = ["state", "kind"]
    list_select_related = ["store"]
    search_fields = ["code"]
    exclude = ["subject", "fingerprint"]
    actions = ["run_again"]

    @admin.action(description="Run again", permissions=["view"])
    def run_again(self, request: HttpRequest, rows: QuerySet[DeletionRequest]) -> None:
        started = [row.pk for row in rows if run_again(row.pk)]
        for pk in started:
            erase.delay_on_commit(pk)
        words = ngettext("%(n)d request is tried again.", "%(n)d requests are tried again.", len(started))
        messages.success(request, words % {"n": len(started)})
        if resting := rows.count() - len(started):
            rest = ngettext(
                "%(n)d needs nothing: it is done, or under way by itself.",
                "%(n)d need nothing: they are done, or under way by themselves.",
                resting,
            )
            messages.info(request, rest % {"n": resting})
