"""A full push is one run: what was to be done, how far it is, how it ended; one at a time for a catalog."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog import services
from catalog.linking import services as linking
from catalog.linking.looking import look_through, take_slice
from catalog.models import Catalog, CatalogItem
from catalog.push import tasks
from catalog.push.progress import measure_push
from catalog.push.runs import JOB
from integrations.graph import catalogs
from integrations.models import SyncRun
from tenancy.models import User
from tests.catalog.sample import finish, make_product, push, sent_batches
from tests.sandbox_process import Sandbox


def page(catalog: Catalog, path: str = "") -> str:
    return f"/s/hazel-home/catalog/meta/{catalog.pk}/push/{path}"


def get_run() -> SyncRun:
    return SyncRun.objects.get(job=JOB)


def start(catalog: Catalog, actor: User, *, products: int) -> None:
    """Let a held catalog go, in which so many products wait."""
    services.hold_back(catalog, actor=actor)
    for number in range(products):
        make_product(title=f"Lamp {number}")
    services.let_go(catalog, actor=actor)
    catalog.refresh_from_db()


def test_a_run_knows_its_total_and_counts_along_until_all_is_answered(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogs, "ROWS_PER_BATCH", 2)
    start(catalog, manager, products=3)
    make_product(title="Wool rug", image_urls=[])
    assert get_run().state == "waiting"
    first = push(catalog)
    assert first is not None
    run = get_run()
    assert (run.state, run.rows_total, run.rows_done, run.rows_failed) == ("running", 4, 0, 0)
    finish(first)
    SyncRun.objects.update(started_at=timezone.now() - timedelta(seconds=30))
    catalog.refresh_from_db()
    progress = measure_push(catalog)
    assert progress is not None
    assert (progress.done, progress.total, progress.refused) == (2, 4, 0)
    assert (progress.rate, progress.left) == ("4 a minute", "less than a minute left")
    client.force_login(manager)
    words = client.get(page(catalog)).content.decode()
    assert "Sending your products" in words
    assert "2 of 4" in words
    second = push(catalog)
    assert second is not None
    finish(second)
    run = get_run()
    assert (run.state, run.rows_done, run.rows_failed) == ("done", 3, 1)
    assert run.finished_at is not None
    catalog.refresh_from_db()
    assert (catalog.push_run, measure_push(catalog)) == (None, None)
    words = client.get(page(catalog)).content.decode()
    assert "3 taken by Meta" in words
    assert "1 refused" in words
    health = client.get("/s/hazel-home/health/").content.decode()
    assert "3 of 4 done" in health


def test_to_stop_ends_the_run_and_to_go_on_begins_another(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogs, "ROWS_PER_BATCH", 2)
    start(catalog, manager, products=3)
    first = push(catalog)
    assert first is not None
    client.force_login(manager)
    assert client.post(page(catalog, "stop/")).status_code == 302
    run = get_run()
    assert (run.state, run.rows_total) == ("cancelled", 3)
    finish(first)
    assert push(catalog) is None
    client.post(page(catalog, "go/"))
    second = push(catalog)
    assert second is not None
    finish(second)
    states = SyncRun.objects.filter(job=JOB).order_by("pk").values_list("state", "rows_total", "rows_done")
    assert list(states) == [("cancelled", 3, 0), ("done", 1, 1)]


def test_a_run_that_a_worker_begins_while_somebody_stops_it_is_stopped_too(
    catalog: Catalog, sandbox: Sandbox, manager: User
) -> None:
    start(catalog, manager, products=3)
    as_the_page_read_it = Catalog.objects.get()
    assert push(catalog) is not None
    services.hold_back(as_the_page_read_it, actor=manager)
    assert get_run().state == "cancelled"
    assert Catalog.objects.get().push_run is None


def test_everything_is_sent_again_when_somebody_asks_for_it(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    start(catalog, manager, products=2)
    first = push(catalog)
    assert first is not None
    finish(first)
    look_through(catalog.pk)
    assert push(catalog) is None
    client.force_login(manager)
    assert "Send everything again" in client.get(page(catalog)).content.decode()
    assert client.post(page(catalog, "again/")).status_code == 302
    look_on(catalog)
    again = push(catalog)
    assert again is not None
    assert again.row_count == 2
    finish(again)
    run = SyncRun.objects.filter(job=JOB).latest("pk")
    assert (run.state, run.rows_total, run.rows_done) == ("done", 2, 2)
    assert sent_batches(sandbox) == 2
    look_through(catalog.pk)
    assert push(catalog) is None


def look_on(catalog: Catalog) -> None:
    while take_slice(catalog.pk):
        pass


def test_a_second_wish_joins_the_run_and_its_total_grows(
    catalog: Catalog, sandbox: Sandbox, manager: User
) -> None:
    start(catalog, manager, products=2)
    first = push(catalog)
    assert first is not None
    make_product(title="Wool rug")
    catalog.refresh_from_db()
    linking.send_all_again(catalog, actor=manager)
    run = get_run()
    assert (run.state, run.rows_total) == ("running", 3)


def test_what_is_added_in_the_middle_of_a_run_is_part_of_it(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    start(catalog, manager, products=1)
    first = push(catalog)
    assert first is not None
    make_product(title="Wool rug")
    finish(first)
    second = push(catalog)
    assert second is not None
    finish(second)
    run = get_run()
    assert (run.state, run.rows_total, run.rows_done) == ("done", 2, 2)


def test_a_viewer_may_not_send_everything_again(
    catalog: Catalog, sandbox: Sandbox, agent: User, client: Client
) -> None:
    client.force_login(agent)
    assert client.post(page(catalog, "again/")).status_code == 403
    assert not SyncRun.objects.filter(job=JOB).exists()


def test_a_run_that_nobody_ended_is_ended_by_the_sweep(
    catalog: Catalog, sandbox: Sandbox, manager: User
) -> None:
    start(catalog, manager, products=1)
    push(catalog)
    CatalogItem.objects.update(batch=None, waiting_since=None, state="live")
    tasks.sweep_catalog()
    assert get_run().state == "done"


def test_the_page_asks_as_much_of_a_large_catalog_as_of_a_small_one(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    start(catalog, manager, products=2)
    push(catalog)
    client.force_login(manager)
    client.get(page(catalog))
    with CaptureQueriesContext(connection) as asked:
        client.get(page(catalog), headers={"HX-Request": "true"})
    counting = [query["sql"] for query in asked if "COUNT(" in query["sql"] and "catalogitem" in query["sql"]]
    assert all("LIMIT 1001" in sql for sql in counting)


def test_changes_without_a_run_are_counted_to_a_thousand(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    make_product()
    client.force_login(manager)
    words = client.get(page(catalog)).content.decode()
    assert "Changes are on their way" in words
    assert "Items that Meta has yet to confirm: 1." in words
