"""A sale begins and ends at Meta within the minute, without anybody editing anything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog import sales, services
from catalog.models import Catalog, Variant
from catalog.product_data import ProductData, VariantData
from catalog.stock.tasks import follow_sales, sweep_sales
from stormcom.celery import app
from tenancy.models import Store
from tests.catalog.sample import PICTURE, finish, item_of, make_variant, push
from tests.sandbox_process import Sandbox

HOUR = timedelta(hours=1)


def make_sale(**window: Any) -> Variant:
    return make_variant(variants=(VariantData(price_minor=1250, sale_price_minor=1000, on_hand=5, **window),))


def let_pass(variant: Variant, time: timedelta) -> None:
    """Have the variant's sale be so much nearer."""
    for name in ("sale_starts_at", "sale_ends_at", "sale_edge_at"):
        if moment := getattr(variant, name):
            setattr(variant, name, moment - time)
    variant.save()


def at_meta(sandbox: Sandbox, variant: Variant) -> dict[str, Any]:
    rows = [row["data"] for row in sandbox.get("world")["products"]]
    found: dict[str, Any] = next(row for row in rows if row["id"] == variant.retailer_id)
    return found


def push_all(catalog: Catalog) -> int:
    """Send what waits; return how many items went live."""
    batch = push(catalog)
    return finish(batch).live_count if batch else 0


def test_a_sale_is_sent_again_when_it_begins_and_when_it_ends(catalog: Catalog, sandbox: Sandbox) -> None:
    now = timezone.now()
    variant = make_sale(sale_starts_at=now + HOUR, sale_ends_at=now + 3 * HOUR)
    assert push_all(catalog) == 1
    follow_sales(catalog.store_id)
    assert push_all(catalog) == 0

    let_pass(variant, 2 * HOUR)
    follow_sales(catalog.store_id)
    assert push_all(catalog) == 1
    assert at_meta(sandbox, variant)["sale_price"] == "10.00 GBP"
    variant.refresh_from_db()
    assert variant.sale_edge_at == variant.sale_ends_at

    let_pass(variant, 2 * HOUR)
    follow_sales(catalog.store_id)
    assert push_all(catalog) == 1
    assert at_meta(sandbox, variant).get("sale_price", "") == ""
    variant.refresh_from_db()
    assert variant.sale_edge_at is None


def test_following_twice_sends_once(catalog: Catalog) -> None:
    variant = make_sale(sale_starts_at=timezone.now() + HOUR)
    push_all(catalog)
    let_pass(variant, 2 * HOUR)
    assert sales.follow() == 1
    assert sales.follow() == 0
    assert item_of(variant).waiting_since is not None


@pytest.mark.parametrize(
    ("window", "edge"),
    [
        ({}, None),
        ({"sale_starts_at": HOUR}, "sale_starts_at"),
        ({"sale_starts_at": -HOUR, "sale_ends_at": HOUR}, "sale_ends_at"),
        ({"sale_starts_at": HOUR, "sale_ends_at": 2 * HOUR}, "sale_starts_at"),
        ({"sale_starts_at": -2 * HOUR, "sale_ends_at": -HOUR}, None),
    ],
)
def test_the_next_edge_is_known_from_saving(
    shop: Store, window: dict[str, timedelta], edge: str | None
) -> None:
    now = timezone.now()
    variant = make_sale(**{name: now + away for name, away in window.items()})
    assert variant.sale_edge_at == (edge and getattr(variant, edge))


def test_a_sale_that_is_taken_out_has_no_edge(shop: Store) -> None:
    variant = make_sale(sale_starts_at=timezone.now() + HOUR)
    rows = (VariantData(pk=variant.pk, price_minor=1250),)
    data = ProductData(title="Linen cushion", image_urls=[PICTURE], variants=rows)
    services.update_product(variant.product, data, actor=None)
    variant.refresh_from_db()
    assert (variant.sale_price_minor, variant.sale_edge_at) == (None, None)


def test_the_sweep_starts_in_each_store_with_an_edge(shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    monkeypatch.setattr(follow_sales, "delay", started.append)
    variant = make_sale(sale_starts_at=timezone.now() + HOUR)
    sweep_sales()
    assert started == []
    let_pass(variant, 2 * HOUR)
    sweep_sales()
    assert started == [shop.pk]
    assert "catalog.stock.tasks.sweep_sales" in app.tasks
