"""Working on events: claim a mailbox, and take its events one by one, each to a visible outcome.

An event's effects and its outcome commit together, so a worker killed anywhere leaves it either done or not
begun. The attempt is counted before, in a transaction of its own, so that an event that kills its workers is
parked in the end.
"""

from __future__ import annotations

import json
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import structlog
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string

from integrations.models import AssetState, MetaAsset, TalkingAsset, WebhookEvent
from integrations.webhooks.dashboard_test import is_dashboard_test
from integrations.webhooks.envelope import Envelope
from integrations.webhooks.events import Event, MessagingEvent
from integrations.webhooks.ladder import MOST_ATTEMPTS, find_wait
from integrations.webhooks.lanes import HeldLanes
from integrations.webhooks.mailboxes import claim_mailbox, release_mailbox
from integrations.webhooks.outcomes import DISCONNECTED, PAUSED, Ignored, Park
from integrations.webhooks.parse import read_event
from integrations.webhooks.read_changes import CONNECTION_TEST
from integrations.webhooks.routes import tables
from integrations.webhooks.shapes import clean
from tenancy.owned import StoreOwned
from tenancy.scope import open_store

EVENTS_PER_CLAIM = 50
SECONDS_PER_CLAIM = 10
"""Then the mailbox goes back to the end of the line: a flood in one does not keep the others waiting."""

State = WebhookEvent.State
log = structlog.get_logger()


class Handler(Protocol):
    def __call__(self, event: Any, asset: Any, /) -> Ignored | None: ...


class SettledElsewhereError(Exception):
    """Another worker was faster with this event."""


@dataclass(frozen=True)
class Outcome:
    state: str
    reason: str = ""
    traceback: str = ""


def work_mailboxes(*, limit: int) -> int:
    """Work on due mailboxes until none is due or `limit` events were tried; return how many were."""
    worked = 0
    while worked < limit and (claim := claim_mailbox()):
        worked += _work_mailbox(claim.mailbox)
        release_mailbox(claim)
    return worked


def _work_mailbox(mailbox: str) -> int:
    """Work on what is due in a mailbox, one batch at most; return how many events were tried."""
    due = WebhookEvent.objects.filter(mailbox=mailbox, state=State.WAITING, not_before__lte=Now())
    batch = list(due.order_by("not_before", "id")[:EVENTS_PER_CLAIM])
    lanes = HeldLanes(mailbox, (row.lane for row in batch))
    worked, end = 0, time.monotonic() + SECONDS_PER_CLAIM
    for row in batch:
        if lanes.holds(row.lane):
            continue
        if again_at := _work(row):
            lanes.hold(row.lane, again_at)
        worked += 1
        if time.monotonic() > end:
            break
    lanes.move_back()
    return worked


def _work(row: WebhookEvent) -> datetime | None:
    """Try one event; return when it is tried again, None when it is settled."""
    started = time.monotonic()
    if row.attempts >= MOST_ATTEMPTS:
        words = f"a worker ended in the middle of it, {row.attempts} tries in all"
        _settle(row, Outcome(State.PARKED, words), started)
        return None
    WebhookEvent.objects.filter(pk=row.pk, state=State.WAITING).update(attempts=F("attempts") + 1)
    row.attempts += 1
    try:
        _do(row, started)
    except Park as park:
        _settle(row, Outcome(State.PARKED, str(park)), started)
    except Exception as error:
        # Whatever a handler raises belongs to this event alone: it climbs the ladder, the rest goes on.
        log.warning("event_failed", event_id=row.pk, kind=row.kind, error=repr(error))
        return _climb(row, error, started)
    return None


def _do(row: WebhookEvent, started: float) -> None:
    """Handle and settle in one transaction; whoever settles second takes back all that it did."""
    with suppress(SettledElsewhereError), transaction.atomic():
        if not _settle(row, _handle(row), started):
            raise SettledElsewhereError


def _handle(row: WebhookEvent) -> Outcome:
    envelope = Envelope(row.object, row.asset_id, row.channel, row.entry_time)
    event = read_event(envelope, json.loads(row.item))
    if event.object not in tables().assets:
        return Outcome(State.IGNORED, f"object not handled: {row.object or 'none'}")
    asset = _find_asset(event)
    if is_dashboard_test(event):
        row.store_id = row.store_id or (asset.store_id if asset else None)
        return Outcome(State.IGNORED, "a test from Meta's dashboard")
    if asset is None:
        known = event.object not in tables().may_be_unknown
        return Outcome(State.PARKED if known else State.IGNORED, "not connected here")
    if row.store_id not in (None, asset.store_id):
        return Outcome(State.IGNORED, DISCONNECTED)  # what one store was told never moves to the next one
    row.store_id = asset.store_id
    with open_store(asset.store_id):
        if isinstance(asset, MetaAsset) and event.kind != CONNECTION_TEST:  # else it is no news from Meta
            asset.note_event(row.received_at)
        return _run_handlers(event, asset)


def _find_asset(event: Event) -> StoreOwned | None:
    """Return whose event it is: the entry's, or the account that a conversation is with.

    An Instagram message may come under object `page`, in an entry of the Page or of the account itself.
    """
    found = _find(tables().assets[event.object], event.asset_id)
    if isinstance(event, MessagingEvent) and (found is None or event.account_id != event.asset_id):
        account = _find(tables().conversations, event.account_id)
        if account and (found is None or account.store_id == found.store_id):
            return account
    return found


def _find(finder: str, asset_id: str) -> StoreOwned | None:
    found: StoreOwned | None = import_string(finder)(asset_id)
    return found


def _run_handlers(event: Event, asset: StoreOwned) -> Outcome:
    paths = tables().routes.get(event.object, {}).get(event.kind)
    if not paths:
        return Outcome(State.IGNORED, f"kind not handled: {event.kind}")
    if isinstance(asset, MetaAsset) and not asset.receives:
        return _turn_away(asset)
    handlers: list[Handler] = [import_string(path) for path in paths]
    refusals = [answer for handler in handlers if (answer := handler(event, asset)) is not None]
    if len(refusals) == len(handlers):
        return Outcome(State.IGNORED, "; ".join(refusal.reason for refusal in refusals))
    return Outcome(State.DONE)


def _turn_away(asset: MetaAsset) -> Outcome:
    if asset.state == AssetState.DISABLED:
        return Outcome(State.IGNORED, PAUSED)
    if isinstance(asset, TalkingAsset):
        asset.note_stray()
    return Outcome(State.IGNORED, DISCONNECTED)


def _climb(row: WebhookEvent, error: Exception, started: float) -> datetime | None:
    """Put a failed event on the next rung of the ladder, or park it after the last one."""
    trace = clean("".join(traceback.format_exception(error))[-8000:])
    wait = find_wait(attempts=row.attempts)
    if wait is None:
        words = f"failed {row.attempts} times: {type(error).__name__}"
        _settle(row, Outcome(State.PARKED, words, trace), started)
        return None
    rows = WebhookEvent.objects.filter(pk=row.pk, state=State.WAITING)
    rows.update(
        not_before=Now() + wait,  # by the database's clock, as everything that decides what is due
        reason=f"failed, will be tried again: {type(error).__name__}",
        traceback=trace,
        store_id=row.store_id,
    )
    return rows.values_list("not_before", flat=True).first()


def _settle(row: WebhookEvent, outcome: Outcome, started: float) -> bool:
    """Write the outcome; False when another worker did, after a lease ran out."""
    return (
        WebhookEvent.objects.filter(pk=row.pk, state=State.WAITING).update(
            state=outcome.state,
            reason=clean(outcome.reason),
            traceback=outcome.traceback,
            store_id=row.store_id,
            settled_at=timezone.now(),
            duration_ms=int((time.monotonic() - started) * 1000),
        )
        == 1
    )
