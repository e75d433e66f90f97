"""Two workers at one full push, each with its own connection, and what people or Meta do in its middle."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from catalog import items as rows_of
from catalog import services
from catalog.linking import leaving
from catalog.models import Catalog, CatalogItem, PushBatch, Variant
from catalog.push import batches, claiming
from catalog.push.runs import JOB, end_if_over
from integrations.graph import catalogs
from integrations.models import GraphUsage, SyncRun
from tenancy.models import User
from tests.catalog.sample import make_product, race, remote_items, sent_batches
from tests.sandbox_process import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
PRODUCTS, ROWS = 20, 3
SECONDS = 60

Items = CatalogItem.objects


@pytest.fixture
def held(catalog: Catalog, manager: User, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """A catalog that waits for a yes, with products for several calls."""
    monkeypatch.setattr(catalogs, "ROWS_PER_BATCH", ROWS)
    services.hold_back(catalog, actor=manager)
    for number in range(PRODUCTS):
        make_product(title=f"Lamp {number}")
    return Catalog.objects.get()


def worker(catalog: Catalog, until: Callable[[], bool]) -> Callable[[], None]:
    """Return what a worker does: send, ask, send, until something holds."""

    def work() -> None:
        end = time.monotonic() + SECONDS
        while not until():
            assert time.monotonic() < end, "The push does not come to its end."
            batches.push_next(catalog.pk, stock_only=False)
            PushBatch.objects.filter(state="sent").update(not_before=timezone.now())
            for pk in list(PushBatch.objects.filter(state="sent").values_list("pk", flat=True)):
                batches.poll(pk)
            end_if_over(catalog.pk)
            time.sleep(0.05)  # so that there is a middle

    return work


def wait_for_the_first_call() -> None:
    while not is_under_way():
        time.sleep(0.01)


def is_under_way() -> bool:
    return PushBatch.objects.filter(state="sent").exists()


def runs() -> list[tuple[str, int | None, int, int]]:
    rows = SyncRun.objects.filter(job=JOB).order_by("pk")
    return list(rows.values_list("state", "rows_total", "rows_done", "rows_failed"))


def all_is_live() -> bool:
    return not Items.exclude(state="live", waiting_since=None, batch=None).exists()


def run_is_over() -> bool:
    return not SyncRun.objects.filter(job=JOB, state__in=["waiting", "running"]).exists()


def test_each_row_is_sent_once_and_counted_once(held: Catalog, sandbox: Sandbox, manager: User) -> None:
    for _press in range(2):
        services.let_go(held, actor=manager)
    assert race(held.store, [worker(held, run_is_over)] * 2) == [None, None]

    assert runs() == [("done", PRODUCTS, PRODUCTS, 0)]
    sizes = list(PushBatch.objects.values_list("row_count", "live_count"))
    assert sum(rows for rows, _live in sizes) == PRODUCTS
    assert all(rows == live for rows, live in sizes)
    assert sent_batches(sandbox) == len(sizes)
    assert len(remote_items(sandbox)) == PRODUCTS


def test_what_stock_settles_in_the_moment_in_which_a_run_begins_is_no_row_too_many(
    held: Catalog, sandbox: Sandbox, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.let_go(held, actor=manager)
    as_it_is = Items.order_by("pk")[0]
    variant = Variant.objects.select_related("product", "store").get(pk=as_it_is.variant_id)
    known = rows_of.build_row(variant, base_url=settings.APP_BASE_URL, now=timezone.now(), delete=False)
    Items.filter(pk=as_it_is.pk).update(confirmed_fingerprint=known.fingerprint, stock_changed=True)
    settle, is_settled, has_begun = claiming._settle_unchanged, Event(), Event()

    def settle_slowly(unchanged: Any) -> Any:
        counts = settle(unchanged)
        if unchanged:
            is_settled.set()
            assert has_begun.wait(SECONDS)
        return counts

    def begin() -> None:
        assert is_settled.wait(SECONDS)
        batches.push_next(held.pk, stock_only=False)
        has_begun.set()

    monkeypatch.setattr(claiming, "_settle_unchanged", settle_slowly)
    jobs = [lambda: (batches.push_next(held.pk, stock_only=True), None)[1], begin]
    assert race(held.store, jobs) == [None, None]
    assert (Items.get(pk=as_it_is.pk).state, is_settled.is_set()) == ("live", True)
    assert race(held.store, [worker(held, run_is_over)]) == [None]
    assert runs() == [("done", PRODUCTS - 1, PRODUCTS - 1, 0)]


def test_a_push_that_is_stopped_and_let_go_in_its_middle_sends_each_row_once(
    held: Catalog, sandbox: Sandbox, manager: User
) -> None:
    services.let_go(held, actor=manager)
    rests = Event()

    def hesitate() -> None:
        wait_for_the_first_call()
        for _time in range(3):
            services.hold_back(Catalog.objects.get(), actor=manager)
            services.let_go(Catalog.objects.get(), actor=manager)
        services.hold_back(Catalog.objects.get(), actor=manager)
        rests.set()

    def is_quiet() -> bool:
        return rests.is_set() and not Items.filter(batch__isnull=False).exists()

    assert race(held.store, [*[worker(held, is_quiet)] * 2, hesitate]) == [None] * 3
    assert {state for state, *_counts in runs()} <= {"cancelled", "done"}
    assert Catalog.objects.get().push_run is None
    live = Items.filter(state="live").count()
    assert sum(done for _state, _total, done, _failed in runs()) <= live
    sent = sum(PushBatch.objects.values_list("row_count", flat=True))
    assert 0 < sent == live < PRODUCTS
    assert len(remote_items(sandbox)) == live

    services.let_go(Catalog.objects.get(), actor=manager)
    assert race(held.store, [worker(held, run_is_over)] * 2) == [None, None]
    assert runs()[-1] == ("done", PRODUCTS - live, PRODUCTS - live, 0)
    assert sum(PushBatch.objects.values_list("row_count", flat=True)) == PRODUCTS
    assert all_is_live()


def test_a_catalog_that_is_disconnected_in_the_middle_gets_nothing_more(
    held: Catalog, sandbox: Sandbox, manager: User
) -> None:
    services.let_go(held, actor=manager)
    gone = Event()

    def let_it_go() -> None:
        wait_for_the_first_call()
        leaving.unlink_catalog(Catalog.objects.get(), actor=manager)
        gone.set()

    def is_quiet() -> bool:
        return gone.is_set() and not Items.filter(batch__isnull=False).exists()

    assert race(held.store, [*[worker(held, is_quiet)] * 2, let_it_go]) == [None] * 3
    ((state, total, _done, failed),) = runs()
    assert (state, total, failed) == ("cancelled", PRODUCTS, 0)
    assert Catalog.objects.get().state == "disconnected"
    there = len(remote_items(sandbox))
    assert there == Items.filter(state="live").count() < PRODUCTS
    before = sent_batches(sandbox)
    batches.push_next(held.pk, stock_only=False)
    assert sent_batches(sandbox) == before


@pytest.mark.parametrize(
    "fault",
    [
        {"name": "rate_limit", "bucket": "catalog_batch", "minutes": 5, "times": 1},
        {"name": "server_error", "edge": "items_batch", "times": 1},
        {"name": "odd_answer", "form": "half", "status": 500, "edge": "items_batch", "times": 1},
        {"name": "odd_answer", "form": "empty", "status": 200, "edge": "items_batch", "times": 1},
        {"name": "server_error", "edge": "check_batch_request_status", "times": 3},
        {"name": "refusal", "code": 190, "subcode": 463, "edge": "items_batch", "times": 1},
    ],
    ids=["limit", "500", "500 after it was taken", "no answer after it was taken", "500 to questions", "190"],
)
def test_a_bad_moment_of_metas_in_the_middle_costs_no_row_and_no_count(
    held: Catalog, sandbox: Sandbox, manager: User, fault: dict[str, Any]
) -> None:
    services.let_go(held, actor=manager)

    def waits_are_over() -> bool:
        past = timezone.now()
        Catalog.objects.filter(not_before__gt=past).update(not_before=past)
        Items.filter(not_before__gt=past).update(not_before=past)
        GraphUsage.objects.update(blocked_until=past)
        return run_is_over()

    assert race(held.store, [worker(held, is_under_way)] * 2) == [None, None]
    sandbox.fault(**fault)
    assert race(held.store, [worker(held, waits_are_over)] * 2) == [None, None]
    assert runs() == [("done", PRODUCTS, PRODUCTS, 0)]
    assert all_is_live()
    assert len(remote_items(sandbox)) == PRODUCTS
    assert set(PushBatch.objects.values_list("state", flat=True)) <= {"finished", "failed"}
