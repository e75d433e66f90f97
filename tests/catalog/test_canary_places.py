"""The hidden item by which we measure: whose catalogs have one, who does not meet it, where it is shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from catalog.canary import measuring
from catalog.canary.tasks import remove_canary, sweep_canaries
from catalog.models import (
    Canary,
    Catalog,
    CatalogFinding,
    CatalogItem,
    Product,
    RemoteItem,
    StockLag,
    Variant,
)
from integrations.models import AssetState, SyncRun
from operations.metrics import render_metrics
from tenancy.models import Store, User
from tests.catalog.canary_sample import change, measure, note_tasks
from tests.catalog.streams import read_stream
from tests.catalog.test_adopting import adopt
from tests.catalog.test_reconcile import behind, compare_now, make_live
from tests.sandbox_process import Sandbox

HOME = "/s/hazel-home/"
HAZEL_PAGE = "100200300400501"


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    return note_tasks(monkeypatch)


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


# --- Whose catalogs, and until when -----------------------------------------------------------------------


def test_the_sweep_starts_what_is_due_only(catalog: Catalog, started: list[tuple[str, int]]) -> None:
    sweep_canaries()
    assert started == [("change_canary", catalog.pk)]
    started.clear()
    lag = change(catalog)
    sweep_canaries()
    assert started == []
    StockLag.objects.update(not_before=timezone.now())
    sweep_canaries()
    assert started == [("look_at_canary", lag.pk)]


@pytest.mark.parametrize(
    ("values", "minutes", "measures"),
    [({"is_held": True}, 10, True), ({"state": "disconnected"}, 10, True), ({}, 0, True), ({}, 10, False)],
)
def test_nothing_is_made_where_nobody_wants_it(
    catalog: Catalog,
    started: list[tuple[str, int]],
    settings: LazySettings,
    values: dict[str, Any],
    minutes: int,
    measures: bool,
) -> None:
    settings.CANARY_MINUTES = minutes
    Catalog.objects.update(**values)
    Store.objects.update(measures_stock=measures)
    sweep_canaries()
    assert started == []
    assert measuring.change(catalog.pk) is None
    assert not Canary.objects.exists()


@pytest.mark.parametrize("why", ["disconnected", "emptied", "store", "setting"])
def test_it_leaves_meta_when_it_is_not_wanted_any_more(
    catalog: Catalog, sandbox: Sandbox, settings: LazySettings, started: list[tuple[str, int]], why: str
) -> None:
    measure(catalog)
    row = Canary.objects.get()
    started.clear()
    sweep_canaries()
    assert started == []
    if why == "disconnected":
        Catalog.objects.update(state=AssetState.DISCONNECTED)
    elif why == "emptied":
        Catalog.objects.update(leaving_since=timezone.now())
    elif why == "store":
        Store.objects.update(measures_stock=False)
    else:
        settings.CANARY_MINUTES = 0
    sweep_canaries()
    assert started == [("remove_canary", row.pk)]
    remove_canary(catalog.store_id, row.pk)
    remove_canary(catalog.store_id, row.pk)
    assert not Canary.objects.exists()
    time.sleep(0.7)
    assert sandbox.get("world")["products"] == []


def test_a_removal_that_fails_is_tried_again_later(
    catalog: Catalog, sandbox: Sandbox, started: list[tuple[str, int]]
) -> None:
    measure(catalog)
    Catalog.objects.update(state=AssetState.DISCONNECTED)
    sandbox.fault("server_error", times=5)
    row = Canary.objects.get()
    measuring.remove(row.pk)
    assert Canary.objects.get().removal_not_before > timezone.now() + timedelta(minutes=50)
    started.clear()
    sweep_canaries()
    assert started == []


def test_a_manager_turns_it_off_in_the_settings(client: Client, catalog: Catalog) -> None:
    body = {"when_sold_out": "show", "low_stock_at": "2"}
    assert client.post(f"{HOME}catalog/stock/", body | {"measures_stock": "on"}).status_code == 302
    assert Store.objects.get(pk=catalog.store_id).measures_stock
    client.post(f"{HOME}catalog/stock/", body)
    assert not Store.objects.get(pk=catalog.store_id).measures_stock


# --- It is no product -------------------------------------------------------------------------------------


def test_nobody_meets_it_anywhere(catalog: Catalog, sandbox: Sandbox, client: Client) -> None:
    make_live(catalog, "Lamp")
    measure(catalog)
    number = Canary.objects.get().retailer_id
    comparison = compare_now(catalog)
    assert (comparison.rows_done, comparison.rows_total) == (1, 1)
    assert not CatalogFinding.objects.exists()
    assert not RemoteItem.objects.filter(retailer_id=number).exists()
    assert (Product.objects.count(), Variant.objects.count(), CatalogItem.objects.count()) == (1, 1, 1)
    assert not SyncRun.objects.filter(job="catalog.push", rows_done=0).exists()
    for path in (
        "catalog/",
        f"catalog/?q={number}",
        "catalog/export.csv",
        "catalog/meta/",
        f"catalog/meta/{catalog.pk}/push/",
        f"catalog/meta/{catalog.pk}/compare/",
        f"catalog/meta/{catalog.pk}/import/",
        f"catalog/meta/{catalog.pk}/import/?show=left",
        f"catalog/meta/{catalog.pk}/sets/",
    ):
        answer: Any = client.get(HOME + path)
        assert answer.status_code == 200, path
        page = read_stream(answer) if answer.streaming else answer.content
        assert number not in page.decode().replace(f'value="{number}"', ""), path
        assert "Stock check by StormCom" not in page.decode(), path
    assert Client().get(f"/shop/hazel-home/{number}").status_code == 404


def test_buyers_at_meta_do_not_see_it(catalog: Catalog, sandbox: Sandbox) -> None:
    measure(catalog)
    shelf = requests.get(f"{sandbox.url}/shop/{HAZEL_PAGE}", timeout=10)
    assert shelf.status_code == 200
    assert "Stock check" not in shelf.text
    form = {"retailer_id": Canary.objects.get().retailer_id, "quantity": "1"}
    bought = requests.post(f"{sandbox.url}/shop/{HAZEL_PAGE}", data=form, timeout=10)
    assert bought.status_code == 404


def test_one_that_was_left_behind_is_ours_to_take_out(catalog: Catalog, sandbox: Sandbox) -> None:
    measure(catalog)
    number = Canary.objects.get().retailer_id
    Canary.objects.all().delete()
    compare_now(catalog)
    finding = CatalogFinding.objects.get()
    assert (finding.retailer_id, finding.kind, finding.is_ours) == (number, "orphaned", True)
    assert RemoteItem.objects.get(retailer_id=number).obstacle == "check"


def test_one_that_was_left_behind_and_published_is_no_product(catalog: Catalog, sandbox: Sandbox) -> None:
    measure(catalog)
    number = Canary.objects.get().retailer_id
    Canary.objects.all().delete()
    behind(sandbox, number, data={"visibility": "published", "title": "Stock"})
    compare_now(catalog)
    assert adopt(catalog) == 0
    assert not Product.objects.exists()


# --- Where it is shown ------------------------------------------------------------------------------------


def test_health_says_what_was_measured(catalog: Catalog, client: Client) -> None:
    assert "How fast stock arrives" not in client.get(f"{HOME}health/").content.decode()
    change(catalog)
    assert "Not measured yet." in client.get(f"{HOME}health/").content.decode()
    StockLag.objects.all().delete()
    lag = measure(catalog)
    StockLag.objects.filter(pk=lag.pk).update(shown_at=lag.changed_at + timedelta(seconds=2.43))
    page = client.get(f"{HOME}health/").content.decode()
    assert "A change of stock reached Facebook and Instagram after 2.4 s. We promise 30 s." in page


def test_a_monitor_reads_the_figures(catalog: Catalog) -> None:
    lag = measure(catalog)
    StockLag.objects.filter(pk=lag.pk).update(shown_at=lag.changed_at + timedelta(seconds=2.5))
    Canary.objects.update(is_late=True)
    lines = render_metrics().decode().splitlines()
    assert 'stormcom_stock_lag_seconds_bucket{le="2"} 0.0' in lines
    assert 'stormcom_stock_lag_seconds_bucket{le="3"} 1.0' in lines
    assert "stormcom_stock_lag_seconds_gsum 2.5" in lines
    assert 'stormcom_recent_stock_lags{outcome="shown"} 1.0' in lines
    assert 'stormcom_recent_stock_lags{outcome="lost"} 0.0' in lines
    assert "stormcom_stock_late_catalogs 1.0" in lines
