"""One record for every run of a job against Meta: the run itself, and how its asset stands."""

from __future__ import annotations

from collections.abc import Iterator
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
    run = SyncRun.objects.create(job=job, asset_id=asset_id)
    try:
        yield run
    except Exception as error:
        words = str(error) if isinstance(error, GraphError) else f"A fault of ours: {type(error).__name__}."
        _finish(run, SyncRun.State.FAILED, words)
        record_failure(asset_id, error)
        raise
    _finish(run, SyncRun.State.DONE, "")
    record_success(asset_id)


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
