"""Working on events: claim a mailbox, and take its events one by one, each to a visible outcome.

An event's effects and its outcome commit together, so a worker killed anywhere leaves it either done or not
begun. The attempt is counted before, in a transaction of its own, so that an event that kills its workers is
parked in the end.
"""

from __future__ import annotations

import json
import time
import traceback
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from integrations.models import MetaAsset, WebhookEvent
from integrations.webhooks.dashboard_test import is_dashboard_test
from integrations.webhooks.envelope import Envelope
from integrations.webhooks.events import Event
from integrations.webhooks.ladder import next_attempt
from integrations.webhooks.mailboxes import claim_mailbox, release_mailbox
from integrations.webhooks.outcomes import Ignored, Park
from integrations.webhooks.parse import read_event
from tenancy.owned import StoreOwned
from tenancy.scope import open_store

EVENTS_PER_CLAIM = 50
"""Then the mailbox goes back to the end of the line: a flood in one does not keep the others waiting."""

State = WebhookEvent.State
log = structlog.get_logger()


class Handler(Protocol):
    def __call__(self, event: Any, asset: Any, /) -> Ignored | None: ...


@dataclass(frozen=True)
class Outcome:
    state: str
    reason: str = ""
    traceback: str = ""


def work_mailboxes(*, limit: int) -> int:
    """Work on due mailboxes until none is due or `limit` events are settled; return how many were."""
    settled = 0
    while settled < limit:
        name = claim_mailbox()
        if name is None:
            break
        settled += _work_mailbox(name)
    return settled


def _work_mailbox(name: str) -> int:
    worked = 0
    while worked < EVENTS_PER_CLAIM and _work_head(name):
        worked += 1
    with transaction.atomic():
        release_mailbox(name)
    return worked


def _work_head(mailbox: str) -> bool:
    """Work on the first waiting event; False when there is none or its time has not come."""
    head = WebhookEvent.objects.filter(mailbox=mailbox, state=State.WAITING).order_by("id").first()
    if head is None or head.not_before > timezone.now():
        return False
    WebhookEvent.objects.filter(pk=head.pk, state=State.WAITING).update(attempts=head.attempts + 1)
    head.attempts += 1
    started = time.monotonic()
    try:
        _do(head, started)
    except Exception as error:
        # Whatever a handler raises belongs to this event alone: it climbs the ladder, the rest goes on.
        log.warning("event_failed", event_id=head.pk, kind=head.kind, error=repr(error))
        _climb(head, error, started)
    return True


def _do(row: WebhookEvent, started: float) -> None:
    with transaction.atomic():
        locked = WebhookEvent.objects.select_for_update().filter(pk=row.pk, state=State.WAITING)
        if not locked.exists():  # somebody else settled it after a lease ran out
            return
        try:
            with transaction.atomic():
                outcome = _handle(row)
        except Park as park:
            outcome = Outcome(State.PARKED, str(park))
        _settle(row, outcome, started)


def _handle(row: WebhookEvent) -> Outcome:
    envelope = Envelope(row.object, row.asset_id, row.channel, row.entry_time)
    event = read_event(envelope, json.loads(row.item))
    finder = _tables().assets.get(row.object)
    if finder is None:
        return Outcome(State.IGNORED, f"object not handled: {row.object or 'none'}")
    asset: StoreOwned | None = import_string(finder)(row.asset_id)
    if is_dashboard_test(event):
        row.store_id = asset.store_id if asset else None
        return Outcome(State.IGNORED, "a test from Meta's dashboard")
    if asset is None:
        return Outcome(State.PARKED, "not connected here")
    row.store_id = asset.store_id
    with open_store(asset.store_id):
        if isinstance(asset, MetaAsset):
            asset.note_event(row.received_at)
        return _run_handlers(event, asset)


def _run_handlers(event: Event, asset: StoreOwned) -> Outcome:
    paths = _tables().routes.get(event.object, {}).get(event.kind)
    if not paths:
        return Outcome(State.IGNORED, f"kind not handled: {event.kind}")
    if getattr(asset, "receives", True) is False:
        return Outcome(State.IGNORED, "paused or disconnected in this store")
    handlers: list[Handler] = [import_string(path) for path in paths]
    refusals = [answer for handler in handlers if (answer := handler(event, asset)) is not None]
    if len(refusals) == len(handlers):
        return Outcome(State.IGNORED, "; ".join(refusal.reason for refusal in refusals))
    return Outcome(State.DONE)


def _climb(row: WebhookEvent, error: Exception, started: float) -> None:
    """Put a failed event on the next rung of the ladder, or park it after the last one."""
    trace = "".join(traceback.format_exception(error))[-8000:]
    again_at = next_attempt(attempts=row.attempts, now=timezone.now())
    if again_at is None:
        _settle(
            row, Outcome(State.PARKED, f"failed {row.attempts} times: {type(error).__name__}", trace), started
        )
        return
    WebhookEvent.objects.filter(pk=row.pk, state=State.WAITING).update(
        not_before=again_at,
        reason=f"failed, will be tried again: {type(error).__name__}",
        traceback=trace,
        store_id=row.store_id,
    )


def _settle(row: WebhookEvent, outcome: Outcome, started: float) -> None:
    WebhookEvent.objects.filter(pk=row.pk, state=State.WAITING).update(
        state=outcome.state,
        reason=outcome.reason,
        traceback=outcome.traceback,
        store_id=row.store_id,
        settled_at=timezone.now(),
        duration_ms=int((time.monotonic() - started) * 1000),
    )


@dataclass(frozen=True)
class Tables:
    assets: dict[str, str]
    routes: dict[str, dict[str, tuple[str, ...]]]


@cache
def _tables() -> Tables:
    """The two tables at the roof, named by the setting: nothing down here imports them."""
    module = settings.EVENT_ROUTES
    return Tables(import_string(f"{module}.ASSET_FINDERS"), import_string(f"{module}.ROUTES"))
