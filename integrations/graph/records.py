"""Every call to Meta leaves a row, with no store open too: so does a login, and so does the app itself.

A row holds an asset's id, no token, no query and nothing of a person. Rows of one task or request wait in
this process and are written in one INSERT when it ends, a failed call's at once; none waits behind twenty
others, or for long beside further calls. A crash may lose some, so nobody waits for the disk.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, connection, models
from django.utils import timezone

from integrations.graph.budgets import keep_readings, purge_readings
from integrations.graph.encoding import node_of, template_of
from integrations.graph.errors import Blocked, GraphError, UnknownAnswer
from integrations.graph.usage import Reading, bucket_of, read_usage, refused_reading
from tenancy.scope import find_open_store_id

log = structlog.get_logger(__name__)

TRACE_HEADER = "x-fb-trace-id"
KEPT = timedelta(days=7)
PURGE_SLICE = 5_000
MOST_WAITING = 20
LONGEST_WAIT = timedelta(seconds=1)
TOLD_SECONDS = 7 * 24 * 3600
"""Staff hear of the same unknown answer once in this time."""
NEWS = (UnknownAnswer, Blocked)
"""Refusals that a person of the platform should look at."""

_waiting: list[list[Any]] = []
_lock = threading.Lock()


class GraphCallManager(models.Manager["GraphCall"]):
    """Whoever reads sees the calls of its own process, too."""

    def get_queryset(self) -> models.QuerySet[GraphCall]:
        write_waiting()
        return super().get_queryset()


class GraphCall(models.Model):
    """One call to Meta, as far as it may be kept: what was asked of what, and how it went."""

    created_at = models.DateTimeField()
    store = models.ForeignKey(
        "tenancy.Store",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_constraint=False,  # a store that went while a row waited must not take the other rows with it
    )
    asset_id = models.CharField(max_length=64, blank=True, help_text="The id that the path begins with.")
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=120, help_text="With ids replaced by what they are.")
    http_status = models.PositiveSmallIntegerField(null=True, help_text="Null when no answer came.")
    kind = models.CharField(
        max_length=20, blank=True, help_text="The error's class; empty when all went well."
    )
    code = models.PositiveIntegerField(default=0)
    subcode = models.PositiveIntegerField(default=0)
    trace = models.CharField(max_length=64, blank=True)
    duration_ms = models.PositiveIntegerField()
    usage_percent = models.PositiveSmallIntegerField(null=True)

    objects = GraphCallManager()

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], name="integrations_call_age"),
            models.Index(fields=["store", "-id"], name="integrations_call_store"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Note:
    """What becomes the row of a call."""

    method: str
    path: str
    line: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    error: GraphError | None = None
    duration_ms: int = 0


@contextmanager
def noted(method: str, path: str, *, line: str) -> Iterator[Note]:
    """Time a call and write its row, however it ends; the block sets `status` and `headers`."""
    note = Note(method, path, line)
    started = time.perf_counter()
    try:
        yield note
    except GraphError as error:
        note.error = error
        raise
    finally:
        note.duration_ms = int((time.perf_counter() - started) * 1000)
        write_note(note)


def write_note(note: Note) -> None:
    """Keep the row and the readings of a call. Never fails the call that it tells about."""
    readings = _readings(note)
    with _lock:
        _waiting.append(_values(note, readings))
        is_due = len(_waiting) >= MOST_WAITING or timezone.now() - _waiting[0][0] > LONGEST_WAIT
    try:
        keep_readings(note.line, readings)
    except (DatabaseError, InterfaceError) as error:
        log.warning("graph_usage_not_kept", error=type(error).__name__)
    if is_due or note.error is not None:
        write_waiting()
    if isinstance(note.error, NEWS):
        _tell_staff(note, note.error)


def write_waiting(**_signal: Any) -> None:
    """Write the rows that wait in this process; called by the signals of a task's and a request's end."""
    with _lock:
        rows = _waiting[:]
        _waiting.clear()
    if not rows:
        return
    places = ", ".join([_ROW] * len(rows))
    try:
        with connection.cursor() as cursor:
            cursor.execute(_WRITE % places, [value for row in rows for value in row])
    except (DatabaseError, InterfaceError) as error:
        log.warning("graph_calls_not_kept", rows=len(rows), error=type(error).__name__)


def forget_waiting() -> None:
    """Drop what waits: a forked child has not made its parent's calls."""
    _waiting.clear()


def purge_graph_calls(*, now: datetime) -> int:
    """Delete one slice of what is older than KEPT; return how many rows went, 0 when nothing is left."""
    old = (
        GraphCall.objects.filter(created_at__lt=now - KEPT).order_by("created_at").values("pk")[:PURGE_SLICE]
    )
    count, _ = GraphCall.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    if not count:
        purge_readings(before=now - KEPT)
    return count


def _readings(note: Note) -> list[Reading]:
    """Return what the call tells of its limits: the headers, and a refusal without a header."""
    bucket = bucket_of(note.path)
    readings = read_usage(note.headers, bucket=bucket)
    if note.error is not None and note.error.seconds:
        readings.append(refused_reading(note.error, bucket=bucket))
    return readings


def _values(note: Note, readings: list[Reading]) -> list[Any]:
    error = note.error
    return [
        timezone.now(),
        find_open_store_id(),
        node_of(note.path),
        note.method,
        template_of(note.path)[:120],
        note.status,
        type(error).__name__ if error else "",
        error.code if error else 0,
        error.subcode if error else 0,
        (error.trace if error else note.headers.get(TRACE_HEADER, ""))[:64],
        note.duration_ms,
        max((reading.percent for reading in readings), default=None),
    ]


def _tell_staff(note: Note, error: GraphError) -> None:
    place = f"{note.method} {template_of(note.path)}"
    news = f"{place} {note.status} {error.code} {error.subcode}"
    try:
        is_new = cache.add(f"graph-news:{hashlib.sha256(news.encode()).hexdigest()}", 1, TOLD_SECONDS)
    except Exception:  # whatever the cache is, staff rather hear twice than never
        is_new = True
    if is_new:
        log.error(
            "graph_answer_needs_a_look",
            call=place,
            http_status=note.status,
            kind=type(error).__name__,
            error=str(error),
            trace=error.trace,
        )


_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_WRITE = """
INSERT INTO integrations_graphcall (created_at, store_id, asset_id, method, path, http_status, kind, code,
    subcode, trace, duration_ms, usage_percent)
VALUES %s
RETURNING set_config('synchronous_commit', 'off', true)
"""

os.register_at_fork(after_in_child=forget_waiting)
atexit.register(write_waiting)
