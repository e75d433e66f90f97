"""Forgetting a person: an ordered list of steps, each in one transaction with the note that it was done.

Killed anywhere, the next run goes on with the step that is not noted. A step that fails is tried again later;
one that fails again and again waits for the platform's staff.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from operations.models import DeletionRequest, fingerprint
from tenancy.models import Store, User

State = DeletionRequest.State
LADDER = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
)


@dataclass
class Outcome:
    """What one step did: how much of what it erased, and which reasons to keep something applied.

    The keys have their words in `erasure_words`.
    """

    erased: Counter[str] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step, safe twice. `erase` runs in a transaction; `prepare` before it, and may call Meta."""

    name: str
    erase: Callable[[DeletionRequest], Outcome]
    prepare: Callable[[DeletionRequest], None] | None = None


def record_request(
    kind: DeletionRequest.Kind,
    person: str,
    *,
    subject: Mapping[str, Any],
    requested_at: datetime,
    store: Store | None = None,
    requested_by: User | None = None,
) -> DeletionRequest:
    """Keep a person's wish and return its row. The same wish again is the same row, with the same code.

    Asked again later, the row goes through all steps once more: there may be something new.
    """
    mark = fingerprint(kind, person)
    wish = {"subject": dict(subject), "requested_at": requested_at, "requested_by": requested_by}
    with transaction.atomic():
        request, created = DeletionRequest.objects.select_for_update().get_or_create(
            kind=kind, fingerprint=mark, defaults={**wish, "store": store}
        )
        if not created and requested_at > request.requested_at:
            for name, value in wish.items():
                setattr(request, name, value)
            request.state, request.finished_at, request.done_steps = State.WAITING, None, []
            request.attempts, request.not_before = 0, timezone.now()
            request.save()
    return request


def work_on(request_pk: int, steps: Mapping[str, tuple[Step, ...]]) -> None:
    """Take the steps of a request that are not done yet. Safe twice, and beside another worker."""
    request = DeletionRequest.objects.get(pk=request_pk)
    if request.state != State.WAITING:
        return
    try:
        for step in steps[request.kind]:
            _take(step, request)
    except Exception as error:
        _put_off(request_pk, error)
        raise
    _finish(request_pk)


def run_again(request_pk: int) -> bool:
    """Have a stuck request tried again from the step that failed; False when it is not stuck."""
    stuck = DeletionRequest.objects.filter(pk=request_pk, state=State.STUCK)
    return bool(stuck.update(state=State.WAITING, attempts=0, not_before=timezone.now()))


def find_due() -> list[int]:
    """Return the requests that somebody should work on now, the oldest first."""
    due = DeletionRequest.objects.filter(state=State.WAITING, not_before__lte=timezone.now())
    return list(due.order_by("pk").values_list("pk", flat=True))


def _take(step: Step, request: DeletionRequest) -> None:
    if step.name in request.done_steps:
        return
    if step.prepare:
        step.prepare(request)
    with transaction.atomic():
        locked = DeletionRequest.objects.select_for_update().get(pk=request.pk)
        if locked.state != State.WAITING or step.name in locked.done_steps:
            return
        outcome = step.erase(locked)
        locked.erased = dict(Counter(locked.erased) + outcome.erased)
        locked.kept = list(dict.fromkeys([*locked.kept, *outcome.kept]))
        locked.done_steps = [*locked.done_steps, step.name]
        locked.save()


def _finish(request_pk: int) -> None:
    """Note the end, and forget whom we looked for."""
    open_ones = DeletionRequest.objects.filter(pk=request_pk, state=State.WAITING)
    open_ones.update(state=State.DONE, finished_at=timezone.now(), subject={}, attempts=0, last_error="")


def _put_off(request_pk: int, error: Exception) -> None:
    """Note a failure by its kind alone: its words might hold what is to be forgotten."""
    with transaction.atomic():
        request = DeletionRequest.objects.select_for_update().get(pk=request_pk)
        if request.attempts < len(LADDER):
            request.not_before = timezone.now() + LADDER[request.attempts]
        else:
            request.state = State.STUCK
        request.attempts += 1
        request.last_error = type(error).__name__
        request.save()
