"""The page that Meta's "view on website" leads to: what a buyer, a search engine and Meta read there."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import services
from catalog.models import Product
from catalog.product_data import VariantData
from integrations.models import ConnectedPage, InstagramAccount
from tenancy.models import Store
from tenancy.scope import open_store
from tests.catalog.sample import PICTURE, make_product


def page_of(product: Product, query: str = "") -> str:
    answer = Client().get(f"/shop/hazel-home/{product.item_group_id}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json" nonce="[^"]+">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_a_buyer_sees_a_product_without_signing_in(shop: Store) -> None:
    page = page_of(make_product(title="Linen <cushion>", on_hand=0))
    assert "Linen &lt;cushion&gt;" in page
    assert "£12.50" in page
    assert "Sold out" in page


def test_a_buyer_can_write_to_the_shop_where_it_reads(
    shop: Store, connected_page: ConnectedPage, instagram_account: InstagramAccount
) -> None:
    ConnectedPage.objects.update(page_id="1002", state="active")
    InstagramAccount.objects.update(username="hazel.home", state="active")
    product = make_product(title="Linen <cushion> & co")
    page = page_of(product)
    assert '<a class="button button--primary" href="https://m.me/1002?ref=linen-cushion-co"' in page
    assert '<a class="button" href="https://ig.me/m/hazel.home?ref=linen-cushion-co"' in page
    ConnectedPage.objects.update(state="needs_reconnect")
    InstagramAccount.objects.update(state="disconnected")
    page = page_of(product)
    assert "m.me" not in page
    assert "ig.me" not in page


def test_what_is_not_for_sale_has_no_page(shop: Store) -> None:
    product = make_product()
    address = f"/shop/hazel-home/{product.item_group_id}"
    services.archive_product(product, actor=None)
    assert Client().get(address).status_code == 404
    assert Client().post(address).status_code == 405


def test_a_buyer_finds_no_product_under_another_shop(store: Store, other_store: Store) -> None:
    with open_store(store.pk):
        product = make_product()
    assert Client().get(f"/shop/bolt-bikes/{product.item_group_id}").status_code == 404


def test_a_machine_reads_the_offer_as_it_stands_in_the_catalog(shop: Store) -> None:
    product = make_product(description="Soft.", sku="LC-7", on_hand=2)
    variant = product.variants.get()
    data = data_of(page_of(product))
    offer = data.pop("offers")
    assert data == {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": "Linen cushion",
        "description": "Soft.",
        "image": [PICTURE],
        "sku": "LC-7",
        "brand": {"@type": "Brand", "name": "Hazel Home"},
    }
    assert (offer["price"], offer["priceCurrency"]) == ("12.50", "GBP")
    assert offer["availability"] == "https://schema.org/InStock"
    assert offer["url"].endswith(f"/shop/hazel-home/{product.item_group_id}?variant={variant.retailer_id}")
    assert f'property="product:retailer_item_id" content="{variant.retailer_id}"' in page_of(product)


def test_nothing_in_a_title_ends_the_script(shop: Store) -> None:
    page = page_of(make_product(title="Lamp</script><script>alert(1)</script> & more"))
    assert "<script>alert" not in page
    assert data_of(page)["name"] == "Lampalert(1) & more"


def test_several_variants_are_one_group_and_the_named_one_is_marked(shop: Store) -> None:
    rows = (
        VariantData(title="Blue", option_values=["Blue"], price_minor=1000, on_hand=1),
        VariantData(title="Red", option_values=["Red"], price_minor=1200),
    )
    product = make_product(option_names=["Colour"], variants=rows)
    red = product.variants.get(title="Red")
    page = page_of(product, f"?variant={red.retailer_id}")
    data = data_of(page)
    assert (data["@type"], data["variesBy"]) == ("ProductGroup", ["Colour"])
    assert [one["offers"]["price"] for one in data["hasVariant"]] == ["10.00", "12.00"]
    marked = re.findall(r'<tr aria-current="true">\s*<th scope="row">(\w+)', page)
    assert marked == ["Red"]
    assert f'content="{red.retailer_id}"' in page
    assert 'property="product:retailer_item_id"' not in page_of(product)


@pytest.mark.parametrize(("hours", "shown"), [(-1, "12.50"), (0, "10.00"), (23, "10.00"), (24, "12.50")])
def test_a_sale_counts_from_its_beginning_to_its_end(shop: Store, hours: int, shown: str) -> None:
    starts = datetime(2026, 12, 1, tzinfo=UTC)
    ends = starts + timedelta(days=1)
    sold = VariantData(price_minor=1250, sale_price_minor=1000, sale_starts_at=starts, sale_ends_at=ends)
    product = make_product(variants=(sold,))
    with time_machine.travel(starts + timedelta(hours=hours), tick=False):
        page = page_of(product)
    assert data_of(page)["offers"]["price"] == shown
    assert ("<del" in page) is (shown == "10.00")


def test_a_page_costs_six_queries_and_may_be_kept_for_a_minute(shop: Store) -> None:
    rows = tuple(VariantData(title=str(n), price_minor=100, on_hand=n) for n in range(30))
    product = make_product(variants=rows)
    with CaptureQueriesContext(connection) as queries:
        answer = Client().get(f"/shop/hazel-home/{product.item_group_id}")
    assert len(queries) == 6
    assert answer["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in answer.headers
