"""Working on settled events again. Handlers are safe twice, so a replay changes only what went wrong.

A few events go back at once. Many go back slice by slice (`EventReplay`): one slice is one short transaction,
and the next one waits until the slice before has been tried, so that what Meta sends meanwhile stands behind
one slice at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from integrations.models import EventReplay, WebhookDelivery, WebhookEvent
from integrations.webhooks.inbox import make_due
from integrations.webhooks.outcomes import PAUSED
from tenancy.audit import record_audit
from tenancy.models import User
from tenancy.scope import open_store

EVENTS_PER_SLICE = 500

Pick, State = EventReplay.Pick, WebhookEvent.State
_FAILED_ONCE = Q(state=State.WAITING, attempts__gt=0)
PICKS: dict[str, Q] = {
    Pick.FAILED: Q(state=State.PARKED) | _FAILED_ONCE,
    Pick.PARKED: Q(state=State.PARKED),
    Pick.IGNORED: Q(state=State.IGNORED),
    Pick.PAUSED: Q(state=State.IGNORED, reason=PAUSED),
    Pick.DONE: Q(state=State.DONE),
    Pick.ALL: ~Q(state=State.WAITING) | _FAILED_ONCE,
}
"""What failed is what gave up, and what would be tried again later: a replay tries it now."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which events to replay: those that arrived in this time, of one store (None: of all)."""

    since: datetime
    until: datetime | None = None
    store_id: int | None = None
    kind: str = ""
    pick: str = Pick.FAILED


@dataclass(frozen=True)
class Line:
    """How many events of one kind and asset a replay is about."""

    kind: str
    asset_id: str
    store_id: int | None
    count: int


def replay_events(events: QuerySet[WebhookEvent]) -> int:
    """Put events back into their mailboxes, due now, with a fresh ladder; return how many.

    For a slice at most. The caller nudges the inbox afterwards.
    """
    with transaction.atomic():
        # Of the events alone: the admin joins a store that may be missing, and such a join cannot be locked.
        rows = list(events.select_for_update(of=("self",)).order_by("id"))
        _put_back(rows)
    return len(rows)


def _put_back(rows: list[WebhookEvent]) -> None:
    WebhookEvent.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=State.WAITING,
        reason="",
        traceback="",
        attempts=0,
        not_before=Now(),
        settled_at=None,
        duration_ms=None,
    )
    make_due({row.mailbox for row in rows})


def find_wanted(wanted: Wanted) -> QuerySet[WebhookEvent]:
    events = WebhookEvent.objects.filter(PICKS[wanted.pick], received_at__gte=wanted.since)
    if wanted.until:
        events = events.filter(received_at__lte=wanted.until)
    if wanted.store_id is not None:
        events = events.filter(store_id=wanted.store_id)
    return events.filter(kind=wanted.kind) if wanted.kind else events


def count_wanted(wanted: Wanted) -> list[Line]:
    """Return what a replay would take, by kind, asset and store, the most first; 1 query."""
    groups = find_wanted(wanted).values_list("kind", "asset_id", "store_id").annotate(count=Count("id"))
    return [Line(*group) for group in groups.order_by("-count", "kind", "asset_id", "store_id")]


def start_replay(wanted: Wanted, *, actor: User | None) -> EventReplay | None:
    """Replay what is wanted: the first slice now, the rest by `continue_replays`; None when there is none.

    The caller nudges the inbox afterwards.
    """
    newest = find_wanted(wanted).aggregate(newest=Max("id"))["newest"]
    if newest is None:
        return None
    lines = count_wanted(wanted)
    with transaction.atomic():
        run = EventReplay.objects.create(
            store_id=wanted.store_id,
            actor=actor,
            pick=wanted.pick,
            kind=wanted.kind,
            since=wanted.since,
            until=wanted.until,
            total=sum(line.count for line in lines),
            until_event_id=newest,
        )
        details: dict[str, Any] = {"pick": run.pick, "kind": run.kind, "since": run.since.isoformat()}
        details |= {"until": run.until.isoformat()} if run.until else {}
        note_replay(_by_store(lines), actor=actor, **details)
    continue_replay(run.pk)
    run.refresh_from_db()
    return run


def replay_pauses(store_id: int, *, actor: User | None) -> EventReplay | None:
    """Work on what came for the store's paused Pages and accounts; those still paused turn it away again.

    The caller nudges the inbox afterwards.
    """
    since = timezone.now() - timedelta(days=settings.WEBHOOK_RETENTION_DAYS)
    return start_replay(Wanted(since=since, store_id=store_id, pick=Pick.PAUSED), actor=actor)


def _by_store(lines: list[Line]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for line in lines:
        if line.store_id is not None:
            counts[line.store_id] = counts.get(line.store_id, 0) + line.count
    return counts


def note_replay(counts: Mapping[int, int], *, actor: User | None, **details: Any) -> None:
    """Write into the trail of each store how many of its events are replayed, and which."""
    for store_id, count in counts.items():
        with open_store(store_id):
            record_audit("events.replayed", actor=actor, count=count, **details)


def continue_replay(pk: int) -> int:
    """Put the next slice back unless the one before still waits for its try; return how many events."""
    with transaction.atomic():
        run = EventReplay.objects.select_for_update(skip_locked=True).filter(pk=pk, finished_at=None).first()
        if run is None or _has_untried(run):
            return 0
        # Locked is what is being worked on this very moment.
        rest = _rest(run).select_for_update(of=("self",), skip_locked=True).order_by("id")
        rows = list(rest[:EVENTS_PER_SLICE])
        _put_back(rows)
        run.replayed += len(rows)
        run.mailboxes = sorted({row.mailbox for row in rows})
        if rows:
            run.last_event_id = rows[-1].pk
        if not _rest(run).exists():
            run.finished_at = timezone.now()
        run.save()
    return len(rows)


def _rest(run: EventReplay) -> QuerySet[WebhookEvent]:
    wanted = Wanted(since=run.since, until=run.until, store_id=run.store_id, kind=run.kind, pick=run.pick)
    return find_wanted(wanted).filter(id__gt=run.last_event_id, id__lte=run.until_event_id)


def _has_untried(run: EventReplay) -> bool:
    untried = WebhookEvent.objects.filter(
        mailbox__in=run.mailboxes, state=State.WAITING, attempts=0, not_before__lte=Now()
    )
    return untried.filter(id__lte=run.last_event_id).exists()


def open_replays() -> QuerySet[EventReplay]:
    return EventReplay.objects.filter(finished_at=None).order_by("id")


def unpack_again(deliveries: QuerySet[WebhookDelivery]) -> int:
    """Have deliveries unpacked again, such as parked ones after a mended parser; return how many."""
    return deliveries.update(state=WebhookDelivery.State.RECEIVED, reason="")
