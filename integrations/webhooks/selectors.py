"""Reads of Meta's events for one store. Their tables know no scope: only what is filtered here is shown."""

from __future__ import annotations

from django.db.models import QuerySet

from integrations.models import WebhookEvent

PAGE_SIZE = 50


def store_events(store_id: int) -> QuerySet[WebhookEvent]:
    """Return the store's events, newest first, without the stored bodies."""
    return WebhookEvent.objects.filter(store_id=store_id).defer("item", "traceback").order_by("-id")


def page_of_events(store_id: int, *, state: str, before: int | None) -> tuple[list[WebhookEvent], int | None]:
    """Return one page of events and the cursor of the next one, None at the end; one query."""
    rows = store_events(store_id)
    if state:
        rows = rows.filter(state=state)
    if before:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: PAGE_SIZE + 1])
    more = len(page) > PAGE_SIZE
    return page[:PAGE_SIZE], page[PAGE_SIZE - 1].pk if more else None
