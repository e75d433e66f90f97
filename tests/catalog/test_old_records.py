"""What says how our own work went is kept for ninety days, whatever it costs to look for older rows."""

from __future__ import annotations

from contextvars import Context
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Catalog, CatalogItem, PushBatch
from integrations.models import SyncRun
from operations import retention
from operations.retention import purge_old_rows
from tests.catalog.sample import make_product, push

AGES = (89, 91)


def ago(days: int) -> dict[str, object]:
    return {"finished_at": timezone.now() - timedelta(days=days)}


def purge() -> int:
    """Remove old rows as a worker does: no store is open."""
    return Context().run(purge_old_rows)


def ages(model: type[PushBatch] | type[SyncRun]) -> list[int]:
    ended = model.unscoped.values_list("finished_at", flat=True)
    return sorted((timezone.now() - at).days for at in ended if at)


def test_batches_and_runs_go_after_ninety_days_and_what_is_under_way_never(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "RECORDS_PER_SLICE", 1)
    PushBatch.objects.all().delete()
    SyncRun.objects.all().delete()
    for days in AGES:
        PushBatch.objects.create(catalog=catalog, not_before=timezone.now(), state="finished", **ago(days))
        PushBatch.objects.create(catalog=catalog, not_before=timezone.now(), state="failed", **ago(days))
        SyncRun.objects.create(job="catalog.review", asset_id="1", state="done", **ago(days))
        SyncRun.objects.create(job="page.refresh", asset_id="2", state="failed", **ago(days))
    old = timezone.now() - timedelta(days=400)
    PushBatch.objects.create(catalog=catalog, not_before=old, claimed_at=old)
    SyncRun.objects.create(job="catalog.push", asset_id="1", started_at=old)
    assert purge() == 4
    assert ages(PushBatch) == [89, 89]
    assert ages(SyncRun) == [89, 89]
    assert PushBatch.objects.filter(finished_at=None).count() == 1
    assert SyncRun.objects.filter(finished_at=None).count() == 1
    assert purge() == 0


def test_an_item_stays_when_its_last_batch_goes(catalog: Catalog) -> None:
    make_product(title="Lamp")
    batch = push(catalog)
    assert batch is not None
    PushBatch.objects.filter(pk=batch.pk).update(state="failed", **ago(91))
    assert purge() == 1
    assert CatalogItem.objects.get().batch_id is None
