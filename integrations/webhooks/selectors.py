"""Reads of Meta's events for one store. Their tables know no scope: only what is filtered here is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from integrations.models import (
    AssetState,
    ConnectedPage,
    EventReplay,
    InstagramAccount,
    MetaAsset,
    WebhookEvent,
)

PAGE_SIZE = 50
WINDOW = 20_000
"""How many events of a store one page looks through at most: its cost does not grow with what is stored."""

State = WebhookEvent.State


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the log shows; '' and None are everything."""

    kind: str = ""
    state: str = ""
    asset: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Cursor:
    """The last row that was looked at; the next page begins behind it."""

    received_at: datetime
    pk: int


@dataclass(frozen=True, kw_only=True)
class EventPage:
    """One page, newest first. `looked_back_to` is set when a filter found little in the whole window."""

    rows: list[WebhookEvent]
    older: Cursor | None
    looked_back_to: datetime | None = None


def store_events(store_id: int) -> QuerySet[WebhookEvent]:
    """Return what the open store may see: its events, and what waits untried in its assets' mailboxes."""
    own = Q(store_id=store_id)
    untried = Q(store_id=None, state=State.WAITING, mailbox__in=_own_mailboxes())
    return WebhookEvent.objects.filter(own | untried)


def _own_mailboxes() -> list[str]:
    """Return the mailboxes of what the open store has connected; 1 query."""
    pages = ConnectedPage.objects.exclude(state=AssetState.DISCONNECTED).order_by()
    accounts = InstagramAccount.objects.exclude(state=AssetState.DISCONNECTED).order_by()
    return list(
        pages.values_list("page_id", flat=True).union(accounts.values_list("instagram_id", flat=True))
    )


def list_assets() -> list[tuple[str, str]]:
    """Return (Meta's id, name) of the open store's Pages, accounts and catalogs; 3 queries."""
    kinds: list[Any] = [model for model in apps.get_models() if issubclass(model, MetaAsset)]
    return [(asset.meta_id, _name(asset)) for kind in kinds for asset in kind.objects.all()]


def _name(asset: Any) -> str:
    return f"@{asset.username}" if isinstance(asset, InstagramAccount) else asset.name or asset.meta_id


def waiting_events(store_id: int) -> QuerySet[WebhookEvent]:
    """Return what waits of the open store, tried or not."""
    return store_events(store_id).filter(state=State.WAITING)


def page_of_events(store_id: int, filters: Filters, *, after: Cursor | None) -> EventPage:
    """Return one page of the log; 2 queries, 3 with a filter. Flat: it reads WINDOW index entries at most."""
    if filters.state == State.WAITING:
        events = waiting_events(store_id)
    else:
        events = WebhookEvent.objects.filter(store_id=store_id)
    events = _behind(events, after).order_by("-received_at", "-id")
    if filters.since:
        events = events.filter(received_at__gte=filters.since)
    end = None
    if filters.state in WebhookEvent.OPEN:  # few, and with an index of their own
        events = events.filter(state=filters.state)
    elif filters.state or filters.kind or filters.asset:
        end = _end_of_window(events)
        events = _up_to(events, end)
    return _cut(_filtered(events, filters), end)


def _filtered(events: QuerySet[WebhookEvent], filters: Filters) -> QuerySet[WebhookEvent]:
    wanted = {"kind": filters.kind, "state": filters.state, "asset_id": filters.asset}
    return events.filter(**{name: value for name, value in wanted.items() if value})


def _end_of_window(events: QuerySet[WebhookEvent]) -> Cursor | None:
    """Return the last row of the window; None when everything lies in it."""
    row = events.values_list("received_at", "id")[WINDOW - 1 : WINDOW].first()
    return Cursor(*row) if row else None


def _behind(events: QuerySet[WebhookEvent], cursor: Cursor | None) -> QuerySet[WebhookEvent]:
    if cursor is None:
        return events
    # The first condition is the one that an index can use.
    return events.filter(received_at__lte=cursor.received_at).exclude(
        received_at=cursor.received_at, pk__gte=cursor.pk
    )


def _up_to(events: QuerySet[WebhookEvent], end: Cursor | None) -> QuerySet[WebhookEvent]:
    if end is None:
        return events
    return events.filter(received_at__gte=end.received_at).exclude(received_at=end.received_at, pk__lt=end.pk)


def _cut(events: QuerySet[WebhookEvent], end: Cursor | None) -> EventPage:
    rows = list(events.defer("item", "traceback")[: PAGE_SIZE + 1])
    if len(rows) > PAGE_SIZE:
        last = rows[PAGE_SIZE - 1]
        return EventPage(rows=rows[:PAGE_SIZE], older=Cursor(last.received_at, last.pk))
    return EventPage(rows=rows, older=end, looked_back_to=end.received_at if end else None)


def find_open_replay(store_id: int) -> EventReplay | None:
    """Return a replay of the store that is still going on; 1 query."""
    return EventReplay.objects.filter(store_id=store_id, finished_at=None).order_by("id").first()
