"""The steps of a measurement by hand, as the timetable and the workers take them."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.canary import measuring
from catalog.canary.tasks import change_canary, look_at_canary, remove_canary
from catalog.models import Canary, Catalog, PushBatch, StockLag
from catalog.push import tasks


def note_tasks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Return a list that will hold the tasks that are asked for; none of them is started."""
    found: list[tuple[str, int]] = []
    for task in (change_canary, look_at_canary, remove_canary):

        def note(args: Any, *_more: Any, name: str = task.name.rsplit(".")[-1], **_options: Any) -> None:
            found.append((name, args[1]))

        monkeypatch.setattr(task, "apply_async", note)
    return found


def change(catalog: Catalog) -> StockLag:
    """Change the hidden item as the timetable would when its time has come."""
    Canary.objects.update(due_at=timezone.now())
    lag = measuring.change(catalog.pk)
    assert lag is not None
    return lag


def look(lag: StockLag) -> StockLag:
    StockLag.objects.filter(pk=lag.pk).update(not_before=timezone.now())
    measuring.look(lag.pk)
    return again(lag)


def again(lag: StockLag) -> StockLag:
    return StockLag.objects.select_related("batch", "canary").get(pk=lag.pk)


def push_stock(catalog: Catalog) -> PushBatch:
    tasks.push_stock()
    return PushBatch.objects.latest("pk")


def measure(catalog: Catalog) -> StockLag:
    """Do all the steps of one measurement."""
    lag = change(catalog)
    push_stock(catalog)
    end = time.monotonic() + 10
    while lag.ended_at is None:
        assert time.monotonic() < end
        lag = look(lag)
        time.sleep(0.05)
    return lag


def made_earlier(lag: StockLag, seconds: float) -> StockLag:
    """Have a change be so much older."""
    moment = lag.changed_at - timedelta(seconds=seconds)
    StockLag.objects.filter(pk=lag.pk).update(changed_at=moment)
    Catalog.objects.update(not_before=moment)
    return again(lag)
