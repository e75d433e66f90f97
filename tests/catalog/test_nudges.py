"""A worker is asked once for what many changes want, and no lost question loses a change."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache, caches
from kombu.exceptions import OperationalError

from catalog.models import Catalog, CatalogItem
from catalog.push import nudges, tasks
from tests.catalog.sample import finish, item_of, make_variant, push
from tests.catalog.test_overtaking import sell_one
from tests.sandbox_process import Sandbox


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """The countdowns of the push_stock tasks that reach the broker."""
    cache.clear()
    found: list[float | None] = []

    def apply_async(args: Any, *, countdown: float | None, retry: bool) -> None:
        found.append(countdown)

    monkeypatch.setattr(tasks.push_stock, "apply_async", apply_async)
    return found


def test_many_changes_ask_for_a_worker_once_until_one_comes(queued: list[float | None]) -> None:
    for _ in range(5):
        nudges.ask(tasks.push_stock)
    assert queued == [None]
    nudges.take_up(tasks.push_stock)
    nudges.ask(tasks.push_stock)
    assert queued == [None, None]


def test_each_catalog_is_asked_for_on_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    found: list[Any] = []
    monkeypatch.setattr(tasks.push_catalog, "apply_async", lambda args, **_options: found.append(args))
    for pk in (1, 2, 1):
        nudges.ask(tasks.push_catalog, 7, pk)
    assert found == [(7, 1), (7, 2)]


def test_a_broker_that_is_away_is_asked_again_by_the_next_change(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    tries: list[int] = []

    def fail(*_args: Any, **_options: Any) -> None:
        tries.append(1)
        raise OperationalError("away")

    monkeypatch.setattr(tasks.push_stock, "apply_async", fail)
    nudges.ask(tasks.push_stock)
    nudges.ask(tasks.push_stock)
    assert len(tries) == 2


def test_a_cache_that_is_away_costs_no_change(settings: LazySettings, queued: list[float | None]) -> None:
    location = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}
    settings.CACHES = {"default": location}
    assert caches["default"]
    nudges.ask(tasks.push_stock)
    nudges.ask(tasks.push_stock)
    nudges.take_up(tasks.push_stock)
    assert queued == [None, None]


def test_a_fault_of_ours_in_one_catalog_lets_it_rest(
    catalog: Catalog, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = make_variant(on_hand=3)
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    sell_one(variant)
    with monkeypatch.context() as broken:
        broken.setattr("catalog.push.claiming.rows_of.build_row", lambda *_args, **_options: 1 / 0)
        tasks.push_stock()
    assert item_of(variant).waiting_since is not None
    assert not tasks._find_stock()
    Catalog.objects.update(not_before=CatalogItem.objects.get().waiting_since)
    tasks.push_stock()
    assert item_of(variant).state == "sent"
