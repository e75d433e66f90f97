"""One record for every run of a job against Meta: the run itself, and how its asset stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db.models import F
from django.utils import timezone

from integrations.connections import find_asset
from integrations.graph.errors import GraphError
from integrations.models import SyncRun


@contextmanager
def record_run(*, job: str, asset_id: str) -> Iterator[SyncRun]:
    """Record one run in the open store; the block may set `rows_done` and `rows_failed`.

    A GraphError ends the run as failed, stands on the asset in its own words, and goes on to the caller.
    """
    run = _take_up(job, asset_id) or SyncRun.objects.create(job=job, asset_id=asset_id)
    try:
        yield run
    except Exception as error:
        words = str(error) if isinstance(error, GraphError) else f"A fault of ours: {type(error).__name__}."
        _finish(run, SyncRun.State.FAILED, words)
        record_failure(asset_id, error)
        raise
    _finish(run, SyncRun.State.DONE, "")
    record_success(asset_id)


def request_runs(*, job: str, asset_ids: Iterable[str]) -> list[SyncRun]:
    """Return for each asset the run that will be taken up next, for somebody who waits to hear how it went.

    Safe twice: an asset has one waiting run of a job. The caller starts the tasks; should they be lost, the
    job's own timetable takes the run up. 2 queries, and 2 more when a worker took one up between them.
    """
    wanted = set(asset_ids)
    waiting = {"job": job, "state": SyncRun.State.WAITING}
    found: list[SyncRun] = []
    while wanted:
        SyncRun.objects.bulk_create(
            [SyncRun(asset_id=one, **waiting) for one in sorted(wanted)],  # two callers never wait crosswise
            ignore_conflicts=True,
        )
        found += SyncRun.objects.filter(asset_id__in=wanted, **waiting)
        wanted -= {run.asset_id for run in found}
    return sorted(found, key=lambda run: run.pk)


def end_waiting(asset_ids: Iterable[str], *, words: str) -> None:
    """End the runs that wait for assets that are worked with no more; `words` say why."""
    waiting = SyncRun.objects.filter(asset_id__in=list(asset_ids), state=SyncRun.State.WAITING)
    waiting.update(state=SyncRun.State.FAILED, error=words, finished_at=timezone.now())


def _take_up(job: str, asset_id: str) -> SyncRun | None:
    """Claim the run that waits, if there is one."""
    run = SyncRun.objects.filter(job=job, asset_id=asset_id, state=SyncRun.State.WAITING).first()
    if run is None:
        return None
    run.state, run.started_at = SyncRun.State.RUNNING, timezone.now()
    fresh = SyncRun.objects.filter(pk=run.pk, state=SyncRun.State.WAITING)
    return run if fresh.update(state=run.state, started_at=run.started_at) else None


def record_failure(asset_id: str, error: Exception) -> None:
    """Count an error on the asset. Whether it needs reconnecting, `integrations.logins` counts."""
    asset = find_asset(asset_id)
    if asset is None:
        return
    words = str(error) if isinstance(error, GraphError) else f"A fault of ours: {type(error).__name__}."
    rows = type(asset).objects.filter(pk=asset.pk)
    rows.update(last_error=words, last_error_at=timezone.now(), error_count=F("error_count") + 1)


def record_success(asset_id: str) -> None:
    """Clear the asset's errors: any good answer does."""
    asset = find_asset(asset_id)
    if asset is None:
        return
    rows = type(asset).objects.filter(pk=asset.pk)
    rows.update(last_synced_at=timezone.now(), last_error="", error_count=0)


def _finish(run: SyncRun, state: str, error: str) -> None:
    run.state, run.error, run.finished_at = state, error, timezone.now()
    run.save(update_fields=["state", "error", "finished_at", "rows_done", "rows_failed"])
