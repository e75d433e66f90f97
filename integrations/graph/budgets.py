"""How full Meta's buckets are, kept for all workers, and until when a call has to wait.

A reading is of no store: a bucket may be shared by stores, and the app has one itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models
from django.utils import timezone

from integrations.graph.usage import Reading
from tenancy.scope import find_open_store_id

TRUSTED_SECONDS = 1.0
"""For so long a process believes that it may call, and that what it wrote is still what is kept."""
MOST_KNOWN = 10_000


class GraphUsage(models.Model):
    """How full a bucket of a business object was when Meta last said so on one line.

    A line is one token, and for catalogs one catalog of it. `object_id` is Meta's: a business, a Page, a
    catalog, or "app"; empty when Meta refused without naming one.
    """

    line = models.CharField(max_length=90)
    bucket = models.CharField(max_length=32)
    object_id = models.CharField(max_length=64, blank=True)
    store = models.ForeignKey(
        "tenancy.Store", on_delete=models.CASCADE, null=True, related_name="+", db_constraint=False
    )
    percent = models.PositiveSmallIntegerField()
    blocked_until = models.DateTimeField(null=True)
    read_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "graph usage"
        constraints = [
            models.UniqueConstraint(fields=["line", "bucket", "object_id"], name="integrations_usage_once")
        ]
        indexes = [models.Index(fields=["object_id", "bucket"], name="integrations_usage_object")]

    def __str__(self) -> str:
        return f"{self.bucket} {self.object_id}"


_free: dict[tuple[str, str], float] = {}
"""(line, bucket) → until when (monotonic) this process need not ask again whether it may call."""
_kept: dict[tuple[str, str, str], tuple[int, float]] = {}
"""(line, bucket, object) → the percentage that this process kept last, and until when it need not again."""


def find_pause(line: str, bucket: str) -> datetime | None:
    """Return until when calls of a bucket have to wait, on this line or for an object that it counts on.

    What another process learns, this one sees within TRUSTED_SECONDS.
    """
    now = time.monotonic()
    if _free.get((line, bucket), 0) > now:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_PAUSE, [bucket, timezone.now(), line, line, bucket])
        (until,) = cursor.fetchone()
    if until is None:
        _remember(_free, (line, bucket), now + TRUSTED_SECONDS)
    return until  # type: ignore[no-any-return]


def keep_readings(line: str, readings: Iterable[Reading]) -> None:
    """Keep what an answer said; what was kept a moment ago and has not changed is left alone."""
    now, store_id = time.monotonic(), find_open_store_id()
    # In one order, so that two writers never wait for each other.
    for reading in sorted(readings, key=lambda r: (r.bucket, r.object_id)):
        key = (line, reading.bucket, reading.object_id)
        percent, until = _kept.get(key, (-1, 0.0))
        if percent == reading.percent and until > now and not reading.pause_seconds:
            continue
        _write(line, store_id, reading)
        _remember(_kept, key, (reading.percent, now + TRUSTED_SECONDS))
        if reading.pause_seconds:
            _free.clear()


def forget() -> None:
    """Drop what this process believes; what is kept for all is asked again."""
    _free.clear()
    _kept.clear()


def purge_readings(*, before: datetime) -> None:
    """Delete what nobody has read again since."""
    GraphUsage.objects.filter(read_at__lt=before).delete()


def _write(line: str, store_id: int | None, reading: Reading) -> None:
    now = timezone.now()
    until = now + timedelta(seconds=reading.pause_seconds) if reading.pause_seconds else None
    values = [line, reading.bucket, reading.object_id, store_id, reading.percent, until, now]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, values)


def _remember(memory: dict[Any, Any], key: Any, value: Any) -> None:
    if len(memory) >= MOST_KNOWN:
        memory.clear()
    memory[key] = value


_KEEP = """
INSERT INTO integrations_graphusage (line, bucket, object_id, store_id, percent, blocked_until, read_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (line, bucket, object_id) DO UPDATE SET store_id = excluded.store_id,
    percent = excluded.percent, blocked_until = excluded.blocked_until, read_at = excluded.read_at
RETURNING set_config('synchronous_commit', 'off', true)
"""

_PAUSE = """
SELECT max(blocked_until) FROM integrations_graphusage
WHERE bucket = %s AND blocked_until > %s AND (line = %s OR object_id = ANY (ARRAY(
    SELECT object_id FROM integrations_graphusage WHERE line = %s AND bucket = %s AND object_id <> '')))
"""
