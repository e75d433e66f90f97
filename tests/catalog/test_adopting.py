from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from catalog.comparing import adopting
from catalog.comparing.tasks import adopt_items
from catalog.items import item_data
from catalog.models import Catalog, CatalogFinding, CatalogItem, Product, RemoteItem, Variant
from integrations.graph.catalog_items import read_price
from integrations.models import SyncRun
from tenancy.models import User
from tests.catalog.sample import finish, ledger_sum, make_product, push, remote_items
from tests.catalog.test_reconcile import behind, compare_now, foreign
from tests.sandbox_process import Sandbox

ClientOf = Callable[[User], Client]


def adopt(catalog: Catalog, *, pieces: int = 3) -> int:
    count = adopting.ask_to_adopt(catalog, pieces=pieces, actor=None)
    adopt_items(catalog.store_id, catalog.pk)
    return count


def address(catalog: Catalog, end: str = "") -> str:
    return f"/s/hazel-home/catalog/meta/{catalog.pk}/import/{end}"


def test_an_item_at_meta_becomes_a_product_under_the_same_number(catalog: Catalog, sandbox: Sandbox) -> None:
    more = {
        "description": "First line.\nSecond line.",
        "price": "1,250.50 GBP".replace(",", ""),
        "sale_price": "999.00 GBP",
        "sale_price_effective_date": "2026-11-01T12:00+0000/2099-12-01T00:00+0000",
        "quantity_to_sell_on_facebook": 7,
        "brand": "Bosk",
        "gtin": "4006381333931",
        "mpn": "CUP-7",
        "color": "Blue",
        "gender": "unisex",
        "product_type": "Kitchen > Cups",
        "google_product_category": "Home",
        "condition": "used_good",
        "additional_image_link": ["https://elsewhere.example/cup-2.jpg"],
    }
    behind(sandbox, "CUP-7", data=foreign("Blue cup", **more))
    compare_now(catalog)
    assert adopt(catalog) == 1
    variant = Variant.objects.select_related("product").get()
    product = variant.product
    assert (variant.retailer_id, variant.sku, variant.on_hand) == ("CUP-7", "CUP-7", 7)
    assert (variant.price_minor, variant.sale_price_minor) == (125050, 99900)
    assert variant.sale_starts_at == datetime.fromisoformat("2026-11-01T12:00+00:00")
    assert (variant.gtin, variant.mpn) == ("4006381333931", "CUP-7")
    assert (product.title, product.brand, product.condition) == ("Blue cup", "Bosk", "used")
    assert product.description == "First line.\nSecond line."
    assert (product.colour, product.gender, product.category) == ("Blue", "unisex", "Kitchen > Cups")
    assert product.image_urls == [
        "https://elsewhere.example/cup.jpg",
        "https://elsewhere.example/cup-2.jpg",
    ]
    assert ledger_sum(variant) == 7
    run = SyncRun.objects.get(job="catalog.import")
    assert (run.state, run.rows_done) == ("done", 1)


def test_what_was_taken_over_is_equal_at_meta_after_the_next_push(catalog: Catalog, sandbox: Sandbox) -> None:
    behind(sandbox, "cup-1", data=foreign("Blue cup"))
    compare_now(catalog)
    adopt(catalog)
    assert not CatalogFinding.objects.exists()
    batch = push(catalog)
    assert batch is not None
    assert finish(batch).live_count == 1
    data = remote_items(sandbox)["cup-1"]
    assert (data["title"], data["price"]) == ("Blue cup", "9.50 GBP")
    assert data["link"].endswith("?variant=cup-1")
    assert list(remote_items(sandbox)) == ["cup-1"]


def test_variants_of_a_group_become_one_product(catalog: Catalog, sandbox: Sandbox) -> None:
    for number, (colour, size) in enumerate([("Red", "S"), ("Red", "M"), ("Blue", "S")]):
        data = foreign(
            f"Linen shirt {colour} {size}", item_group_id="SHIRT", color=colour, size=size, material="Linen"
        )
        behind(sandbox, f"shirt-{number}", data=data)
    compare_now(catalog)
    adopt(catalog)
    product = Product.objects.get()
    assert (product.item_group_id, product.title, product.material) == ("SHIRT", "Linen shirt", "Linen")
    assert (product.option_names, product.colour) == (["Colour", "Size"], "")
    found = {one.retailer_id: (one.title, one.option_values) for one in product.variants.all()}
    assert found == {
        "shirt-0": ("Red, S", ["Red", "S"]),
        "shirt-1": ("Red, M", ["Red", "M"]),
        "shirt-2": ("Blue, S", ["Blue", "S"]),
    }


def test_a_group_that_is_cut_by_a_slice_is_still_one_product(
    catalog: Catalog, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adopting, "SLICE", 2)
    for number in range(3):
        behind(sandbox, f"shirt-{number}", data=foreign(f"Shirt {number}", item_group_id="SHIRT"))
    compare_now(catalog)
    assert adopting.ask_to_adopt(catalog, pieces=1, actor=None) == 3
    assert adopting.adopt_slice(catalog)
    assert adopting.count_wanted(catalog) == 1
    assert not adopting.adopt_slice(catalog)
    assert Product.objects.get().variants.count() == 3
    assert SyncRun.objects.get(job="catalog.import").rows_done == 3


def test_asking_twice_makes_nothing_twice(catalog: Catalog, sandbox: Sandbox) -> None:
    behind(sandbox, "cup-1", data=foreign())
    compare_now(catalog)
    assert adopt(catalog) == 1
    assert adopt(catalog) == 0
    compare_now(catalog)
    assert adopt(catalog) == 0
    assert (Product.objects.count(), Variant.objects.count()) == (1, 1)
    assert Variant.objects.get().on_hand == 3


def test_a_variant_that_was_made_meanwhile_is_matched(catalog: Catalog, sandbox: Sandbox) -> None:
    behind(sandbox, "cup-1", data=foreign())
    compare_now(catalog)
    adopting.ask_to_adopt(catalog, pieces=1, actor=None)
    product = Product.objects.create(title="Cup")
    variant = Variant.objects.create(product=product, retailer_id="cup-1", price_minor=950)
    adopt_items(catalog.store_id, catalog.pk)
    assert Variant.objects.count() == 1
    assert RemoteItem.objects.get().variant_id == variant.pk


def test_what_a_variant_has_as_its_sku_is_not_made_a_second_time(catalog: Catalog, sandbox: Sandbox) -> None:
    behind(sandbox, "CUP-1", data=foreign())
    compare_now(catalog)
    assert adopting.ask_to_adopt(catalog, pieces=1, actor=None) == 1
    make_product(title="Cup", sku="CUP-1")
    adopt_items(catalog.store_id, catalog.pk)
    assert (Variant.objects.count(), RemoteItem.objects.get().obstacle) == (1, "sku")
    RemoteItem.objects.all().delete()
    compare_now(catalog)
    assert adopting.count_foreign(catalog) == {"sku": 1}
    assert adopt(catalog) == 0


def test_an_imported_product_is_found_by_its_number(
    catalog: Catalog, sandbox: Sandbox, manager: User, client_of: ClientOf
) -> None:
    behind(sandbox, "CUP-77", data=foreign("Blue cup"))
    compare_now(catalog)
    adopt(catalog)
    response: Any = client_of(manager).get("/s/hazel-home/catalog/?q=CUP-77")
    assert "Blue cup" in response.content.decode()


def test_a_taken_over_item_that_is_archived_at_once_leaves_the_catalog(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    behind(sandbox, "cup-1", data=foreign())
    compare_now(catalog)
    adopt(catalog)
    CatalogItem.objects.update(delete_wanted=True)
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    assert remote_items(sandbox) == {}


@pytest.mark.parametrize(
    ("retailer_id", "over", "code"),
    [
        ("a,b", {}, "id"),
        ("a:b", {}, "id"),
        ("x" * 101, {}, "id"),
        ("euro", {"price": "5.00 EUR"}, "currency"),
        ("free", {"price": "0 GBP"}, "price"),
    ],
)
def test_what_cannot_be_taken_over_says_why(
    catalog: Catalog,
    sandbox: Sandbox,
    manager: User,
    client_of: ClientOf,
    retailer_id: str,
    over: Any,
    code: str,
) -> None:
    behind(sandbox, retailer_id, data=foreign(**over))
    behind(sandbox, "good", data=foreign("Good cup"))
    compare_now(catalog)
    assert adopting.count_foreign(catalog) == {code: 1, "": 1}
    response: Any = client_of(manager).get(address(catalog, "?show=left"))
    assert retailer_id in response.content.decode()
    assert adopt(catalog) == 1
    assert [one.retailer_id for one in Variant.objects.all()] == ["good"]
    assert RemoteItem.objects.get(variant=None).obstacle == code


def test_the_page_counts_first_and_asks_for_pieces_only_where_meta_knows_none(
    catalog: Catalog, sandbox: Sandbox, manager: User, client_of: ClientOf
) -> None:
    behind(sandbox, "cup-1", data=foreign("Blue cup"))
    behind(sandbox, "cup-2", data=foreign("Red cup", quantity_to_sell_on_facebook=4))
    behind(sandbox, "cup-3", data=foreign("Old cup", availability="out of stock"))
    compare_now(catalog)
    client = client_of(manager)
    text = client.get(address(catalog)).content.decode()
    assert "3 items can become products" in text
    assert "1 item is in stock at Meta, which does not know how many pieces you have." in text
    assert client.post(address(catalog), {"pieces": "-1"}).status_code == 422
    assert Variant.objects.count() == 0
    response: Any = client.post(address(catalog), {"pieces": "2"}, follow=True)
    assert "3 items become products." in response.content.decode()
    adopt_items(catalog.store_id, catalog.pk)
    stock = dict(Variant.objects.values_list("retailer_id", "on_hand"))
    assert stock == {"cup-1": 2, "cup-2": 4, "cup-3": 0}
    assert "Nothing to import" in client.get(address(catalog)).content.decode()


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("£1,234.50", "GBP", "1234.50"),
        ("1.234,50 €", "EUR", "1234.50"),
        ("€1.234", "EUR", "1234"),
        ("1 234,5 €", "EUR", "1234.5"),
        ("¥1,980", "JPY", "1980"),
        ("Ft 12.990", "HUF", "12990"),
        ("KWD 1.250", "KWD", "1.250"),
        ("KWD 1,250", "KWD", "1250"),
        ("₹1,00,000.00", "INR", "100000.00"),
        ("CHF 1'200.00", "CHF", "1200.00"),
        ("free", "GBP", None),
    ],
)
def test_a_price_for_people_is_read(text: str, currency: str, amount: str | None) -> None:
    assert read_price(text, currency) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("group", "number"),
    [("SUMMER 24/blue?", "CUP-7"), ("Größe", 'a b&variant=z#"x"'), ("100%", "50%off/ü")],
)
def test_what_was_called_anything_at_meta_has_its_pages(
    catalog: Catalog, sandbox: Sandbox, viewer: User, client_of: ClientOf, group: str, number: str
) -> None:
    behind(sandbox, number, data=foreign("Blue cup", item_group_id=group))
    compare_now(catalog)
    assert adopt(catalog) == 1
    variant = Variant.objects.select_related("product", "store").get()
    assert (variant.retailer_id, variant.product.item_group_id) == (number, group)
    client = client_of(viewer)
    assert client.get(f"/s/hazel-home/catalog/{variant.product_id}/").status_code == 200
    ledger: Any = client.get(f"/s/hazel-home/catalog/variants/{variant.pk}/ledger.csv")
    assert ledger.headers["Content-Disposition"].startswith("attachment; filename")
    link = item_data(variant, base_url="", now=timezone.now())["link"]
    assert re.fullmatch(r"/shop/hazel-home/[\w%.-]+\?variant=[\w%.-]+", link)
    page: Any = Client().get(link)
    assert page.status_code == 200
    assert (
        f'<link rel="canonical" href="{settings.APP_BASE_URL}{link.partition("?")[0]}">'
        in page.content.decode()
    )
    assert escape(number) in page.content.decode()


def test_a_number_or_a_group_with_signs_that_nobody_sees_is_not_kept(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    behind(sandbox, "CUP\n7", data=foreign("Blue cup"))
    behind(sandbox, "CUP-8", data=foreign("Red cup", item_group_id="CUPS\x07"))
    compare_now(catalog)
    assert adopt(catalog) == 1
    variant = Variant.objects.select_related("product").get()
    assert variant.retailer_id == "CUP-8"
    assert variant.product.item_group_id != "CUPS\x07"
    assert RemoteItem.objects.get(retailer_id="CUP\n7").obstacle == "id"
