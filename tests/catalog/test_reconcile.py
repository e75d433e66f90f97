from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.comparing import mending, reconcile
from catalog.comparing.tasks import (
    compare_catalog,
    compare_catalogs,
    find_due,
    mend_catalog,
    sweep_comparisons,
)
from catalog.models import Catalog, CatalogFinding, CatalogItem, Comparison, RemoteItem, Variant
from catalog.push.marking import mark_waiting
from catalog.services import archive_product
from integrations.models import SyncRun
from tests.catalog.sample import HAZEL_CATALOG, finish, item_of, make_variant, push, remote_items
from tests.sandbox_process import Sandbox

Finding = CatalogFinding


def make_live(catalog: Catalog, *titles: str, **over: Any) -> list[Variant]:
    """Make a product of each title and push them all."""
    variants = [make_variant(title=title, **over) for title in titles]
    batch = push(catalog)
    assert batch is not None
    assert finish(batch).live_count == len(titles)
    return variants


def behind(sandbox: Sandbox, retailer_id: str, **change: Any) -> None:
    sandbox.post("catalog-item", {"catalog_id": HAZEL_CATALOG, "retailer_id": retailer_id} | change)


def foreign(title: str = "Cup", **over: Any) -> dict[str, Any]:
    return {
        "title": title,
        "description": "From elsewhere",
        "availability": "in stock",
        "condition": "new",
        "price": "9.50 GBP",
        "link": "https://elsewhere.example/cup",
        "image_link": "https://elsewhere.example/cup.jpg",
        "brand": "Elsewhere",
    } | over


def compare_now(catalog: Catalog, *, is_scheduled: bool = False) -> Comparison:
    comparison = reconcile.start_comparison(catalog, is_scheduled=is_scheduled)
    assert comparison is not None
    while reconcile.take_step(comparison.pk):
        pass
    comparison.refresh_from_db()
    return comparison


def findings() -> dict[str, tuple[str, str]]:
    return {row.retailer_id: (row.kind, row.state) for row in Finding.objects.all()}


def test_a_catalog_as_it_should_be_has_no_findings(catalog: Catalog, sandbox: Sandbox) -> None:
    make_live(catalog, "Lamp", "Vase")
    comparison = compare_now(catalog)
    assert (comparison.state, comparison.rows_done, comparison.rows_total) == ("done", 2, 2)
    assert findings() == {}
    assert RemoteItem.objects.filter(variant__isnull=False).count() == 2
    run = SyncRun.objects.get(job="catalog.compare")
    assert (run.state, run.rows_done, run.asset_id) == ("done", 2, HAZEL_CATALOG)


def test_each_kind_of_finding_is_found_and_named(catalog: Catalog, sandbox: Sandbox) -> None:
    lost, changed, kept = make_live(catalog, "Lamp", "Vase", "Rug")
    behind(sandbox, lost.retailer_id, gone=True)
    behind(sandbox, changed.retailer_id, data={"price": "1.00 GBP", "title": "Cheap vase"})
    behind(sandbox, "cup-1", data=foreign())
    compare_now(catalog)
    assert findings() == {
        lost.retailer_id: ("missing", "open"),
        changed.retailer_id: ("different", "open"),
        "cup-1": ("orphaned", "open"),
    }
    different = Finding.objects.get(kind="different")
    assert different.differences == [
        {"field": "title", "ours": "Vase", "theirs": "Cheap vase"},
        {"field": "price", "ours": "12.50 GBP", "theirs": "1.00 GBP"},
    ]
    assert Finding.objects.get(kind="orphaned").is_ours is False
    assert not Finding.objects.filter(retailer_id=kept.retailer_id).exists()


def test_what_is_on_its_way_is_not_judged(catalog: Catalog, sandbox: Sandbox) -> None:
    (variant,) = make_live(catalog, "Lamp")
    behind(sandbox, variant.retailer_id, data={"price": "1.00 GBP"})
    CatalogItem.objects.update(waiting_since=timezone.now())
    compare_now(catalog)
    assert findings() == {}


def test_a_mended_item_is_sent_again_and_gone_from_the_list_next_time(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    lost, changed = make_live(catalog, "Lamp", "Vase")
    behind(sandbox, lost.retailer_id, gone=True)
    behind(sandbox, changed.retailer_id, data={"price": "1.00 GBP"})
    compare_now(catalog)
    assert mending.ask_for(Finding.objects.all(), catalog=catalog, actor=None) == 2
    for _twice in range(2):
        mend_catalog(catalog.store_id, catalog.pk)
    assert {state for _, state in findings().values()} == {"sent"}
    batch = push(catalog)
    assert batch is not None
    assert finish(batch).live_count == 2
    assert remote_items(sandbox)[changed.retailer_id]["price"] == "12.50 GBP"
    assert lost.retailer_id in remote_items(sandbox)
    compare_now(catalog)
    assert findings() == {}


def test_a_product_that_stayed_after_it_was_archived_is_taken_out(catalog: Catalog, sandbox: Sandbox) -> None:
    (variant,) = make_live(catalog, "Lamp")
    data = remote_items(sandbox)[variant.retailer_id]
    archive_product(variant.product, actor=None)
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    behind(sandbox, variant.retailer_id, data=data)
    compare_now(catalog)
    assert findings() == {variant.retailer_id: ("orphaned", "open")}
    mending.ask_for(Finding.objects.all(), catalog=catalog, actor=None)
    mend_catalog(catalog.store_id, catalog.pk)
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    assert remote_items(sandbox) == {}
    assert item_of(variant).state == "removed"


def test_items_of_somebody_else_go_only_when_asked(catalog: Catalog, sandbox: Sandbox) -> None:
    make_live(catalog, "Lamp")
    behind(sandbox, "cup-1", data=foreign())
    compare_catalogs()
    comparison = compare_now(catalog, is_scheduled=True)
    compare_catalog(catalog.store_id, comparison.pk)
    assert findings() == {"cup-1": ("orphaned", "open")}
    mending.ask_for(Finding.objects.all(), catalog=catalog, actor=None)
    mend_catalog(catalog.store_id, catalog.pk)
    assert Finding.objects.get().handle != ""
    for _try in range(50):
        time.sleep(0.1)
        Finding.objects.update(not_before=timezone.now())
        if not mending.ask_how_it_went(catalog):
            break
    assert findings() == {}
    assert "cup-1" not in remote_items(sandbox)
    assert not RemoteItem.objects.filter(retailer_id="cup-1").exists()


def test_the_weekly_one_takes_our_own_leftovers_out_below_the_cap_only(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    variants = make_live(catalog, *[f"Lamp {number}" for number in range(100)])
    link = remote_items(sandbox)[variants[0].retailer_id]["link"]
    for number in range(3):
        behind(sandbox, f"old-{number}", data=foreign(link=link))
    compare_now(catalog, is_scheduled=True)
    assert set(findings().values()) == {("orphaned", "open")}  # three of 103 are more than 2 %
    assert len(findings()) == 3
    for number in range(1, 3):
        behind(sandbox, f"old-{number}", gone=True)
    compare_now(catalog, is_scheduled=True)
    assert findings() == {"old-0": ("orphaned", "asked")}


def test_what_was_left_as_it_is_stays_so(catalog: Catalog, sandbox: Sandbox) -> None:
    behind(sandbox, "cup-1", data=foreign())
    compare_now(catalog)
    finding = Finding.objects.get()
    assert mending.keep(finding, is_kept=True)
    compare_now(catalog)
    assert findings() == {"cup-1": ("orphaned", "kept")}
    assert mending.ask_for(Finding.objects.all(), catalog=catalog, actor=None) == 0
    assert mending.keep(finding, is_kept=False)
    behind(sandbox, "cup-1", gone=True)
    compare_now(catalog)
    assert findings() == {}


def test_one_comparison_at_a_time_that_goes_on_where_it_stopped(
    catalog: Catalog, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.graph.catalog_items.ITEMS_PER_PAGE", 2)
    variants = make_live(catalog, *[f"Lamp {number}" for number in range(5)])
    comparison = reconcile.start_comparison(catalog)
    assert comparison is not None
    assert reconcile.start_comparison(catalog) is None
    assert reconcile.take_step(comparison.pk)
    sandbox.fault("server_error", times=1)
    assert not reconcile.take_step(comparison.pk)
    comparison.refresh_from_db()
    assert (comparison.state, comparison.rows_done, comparison.failures) == ("running", 2, 1)
    assert not reconcile.take_step(comparison.pk)  # too early
    Comparison.objects.update(not_before=timezone.now())
    made = len(sandbox.get("calls"))
    while reconcile.take_step(comparison.pk):
        pass
    assert [call["path"].rsplit("/", 1)[-1] for call in sandbox.get("calls")[made:]] == ["products"] * 2
    comparison.refresh_from_db()
    assert (comparison.state, comparison.rows_done, comparison.failures) == ("done", len(variants), 0)


def test_what_is_sent_and_answered_while_meta_is_read_is_no_difference(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    lamp, vase = make_live(catalog, "Lamp", "Vase")
    Variant.objects.filter(pk=lamp.pk).update(price_minor=900)
    mark_waiting([lamp.pk])
    batch = push(catalog)
    assert batch is not None
    before = remote_items(sandbox)[lamp.retailer_id]
    comparison = reconcile.start_comparison(catalog)
    assert comparison is not None
    finish(batch)
    behind(sandbox, lamp.retailer_id, data=before | {"price": "12.50 GBP"})
    behind(sandbox, vase.retailer_id, data={"price": "1.00 GBP"})
    while reconcile.take_step(comparison.pk):
        pass
    assert findings() == {vase.retailer_id: ("different", "open")}


def test_a_place_that_meta_forgot_means_the_beginning(catalog: Catalog, sandbox: Sandbox) -> None:
    make_live(catalog, "Lamp")
    comparison = reconcile.start_comparison(catalog)
    assert comparison is not None
    Comparison.objects.update(place={"after": "bm90aGluZw"}, page_count=1, rows_done=200)
    assert not reconcile.take_step(comparison.pk)
    Comparison.objects.update(not_before=timezone.now())
    while reconcile.take_step(comparison.pk):
        pass
    comparison.refresh_from_db()
    assert (comparison.state, comparison.rows_done) == ("done", 1)


def test_a_dead_login_ends_it_and_says_so(catalog: Catalog, sandbox: Sandbox) -> None:
    make_live(catalog, "Lamp")
    sandbox.fault("expired_token")
    comparison = reconcile.start_comparison(catalog)
    assert comparison is not None
    assert not reconcile.take_step(comparison.pk)
    comparison.refresh_from_db()
    assert comparison.state == "failed"
    assert comparison.error.endswith("(190/463)")
    assert SyncRun.objects.get(job="catalog.compare").state == "failed"


def test_a_stopped_one_stays_stopped(catalog: Catalog, sandbox: Sandbox) -> None:
    comparison = reconcile.start_comparison(catalog)
    assert comparison is not None
    assert reconcile.stop_comparison(comparison)
    assert not reconcile.take_step(comparison.pk)
    assert not reconcile.stop_comparison(comparison)
    assert RemoteItem.objects.count() == 0


def test_each_catalog_is_compared_once_a_week(catalog: Catalog, sandbox: Sandbox) -> None:
    compare_catalogs()
    sweep_comparisons()
    compare_catalogs()
    assert Comparison.objects.filter(is_scheduled=True).count() <= 1
    Comparison.objects.all().delete()
    compare_now(catalog)
    Comparison.objects.update(started_at=timezone.now() - timedelta(days=6))
    assert not _is_due(catalog)
    Comparison.objects.update(started_at=timezone.now() - timedelta(days=8))
    assert _is_due(catalog)


def _is_due(catalog: Catalog) -> bool:
    return (catalog.store_id, catalog.pk) in set(find_due())


def test_the_queries_of_a_page_do_not_grow_with_its_rows(catalog: Catalog, sandbox: Sandbox) -> None:
    make_live(catalog, *[f"Lamp {number}" for number in range(3)])
    few = _queries_of_a_page(catalog)
    make_live(catalog, *[f"Vase {number}" for number in range(30)])
    many = _queries_of_a_page(catalog)
    assert RemoteItem.objects.count() == 33
    assert (few, many) == (8, 8)


def _queries_of_a_page(catalog: Catalog) -> int:
    """Count the queries of a page about the catalog; the rows of calls are written together now and then."""
    comparison = reconcile.start_comparison(catalog)
    assert comparison is not None
    with CaptureQueriesContext(connection) as captured:
        assert reconcile.take_step(comparison.pk)
    while reconcile.take_step(comparison.pk):
        pass
    return sum('"catalog_' in query["sql"] for query in captured)


def test_the_weekly_one_has_what_differs_sent_again_by_itself(catalog: Catalog, sandbox: Sandbox) -> None:
    (variant,) = make_live(catalog, "Lamp")
    behind(sandbox, variant.retailer_id, data={"price": "1.00 GBP"})
    compare_now(catalog, is_scheduled=True)
    assert findings() == {variant.retailer_id: ("different", "asked")}
    sweep_comparisons()
    mend_catalog(catalog.store_id, catalog.pk)
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    assert remote_items(sandbox)[variant.retailer_id]["price"] == "12.50 GBP"
