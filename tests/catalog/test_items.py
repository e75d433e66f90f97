from __future__ import annotations

import pytest

from catalog.items import DELETED, build_row, item_data
from catalog.models import Product, Variant
from catalog.refusals import explain, says_it_is_gone
from integrations.graph.catalogs import price_text
from tenancy.models import Store

BASE = "https://shop.example"


def variant(**over: object) -> Variant:
    store = Store(name="Hazel Home", slug="hazel-home", currency="GBP")
    product = Product(
        store=store, title="Linen cushion", item_group_id="g1", image_url="https://p.example/1.jpg"
    )
    values = {"retailer_id": "v1", "title": "Blue", "price_minor": 1250, "on_hand": 3} | over
    return Variant(store=store, product=product, **values)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1250, "GBP", "12.50 GBP"),
        (5, "USD", "0.05 USD"),
        (1250, "JPY", "1250 JPY"),
        (1250, "KRW", "1250 KRW"),
        (123450, "HUF", "1235 HUF"),  # two decimals in ISO 4217, none at Meta
        (1250, "KWD", "1.250 KWD"),
        (100_000_000, "EUR", "1000000.00 EUR"),
        (1250, "gbp", "12.50 GBP"),
    ],
)
def test_a_price_is_written_as_meta_wants_it(minor: int, currency: str, text: str) -> None:
    assert price_text(minor, currency) == text


def test_an_item_says_everything_meta_requires() -> None:
    assert item_data(variant(), base_url=BASE) == {
        "id": "v1",
        "item_group_id": "g1",
        "title": "Linen cushion, Blue",
        "description": "Linen cushion",
        "availability": "in stock",
        "condition": "new",
        "price": "12.50 GBP",
        "link": "https://shop.example/shop/hazel-home/g1?variant=v1",
        "brand": "Hazel Home",
        "quantity_to_sell_on_facebook": 3,
        "image": [{"url": "https://p.example/1.jpg"}],
    }


def test_what_is_sold_out_says_so_and_names_no_quantity() -> None:
    data = item_data(variant(on_hand=0), base_url=BASE)
    assert data["availability"] == "out of stock"
    assert "quantity_to_sell_on_facebook" not in data


def test_a_long_text_is_cut_at_a_word() -> None:
    long = variant(title="")
    long.product.title = "soft " * 100
    title = item_data(long, base_url=BASE)["title"]
    assert len(title) <= 200
    assert title.endswith("soft…")


def test_the_fingerprint_follows_the_content_and_nothing_else() -> None:
    first = build_row(variant(), base_url=BASE, delete=False)
    assert build_row(variant(), base_url=BASE, delete=False).fingerprint == first.fingerprint
    assert build_row(variant(on_hand=2), base_url=BASE, delete=False).fingerprint != first.fingerprint


def test_a_removal_names_the_id_only() -> None:
    row = build_row(variant(), base_url=BASE, delete=True)
    assert row.request == {"method": "DELETE", "data": {"id": "v1"}}
    assert row.fingerprint == DELETED


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            "A required field is missing: image_link.",
            "Meta needs a picture. Add one and we will send it again.",
        ),
        ("A required field is missing: gtin.", "Meta needs a gtin. Add one and we will send it again."),
        ("title is longer than 200 characters.", "The title is too long for Meta: at most 200 characters."),
        ('price is invalid: "x".', "Meta does not accept the price. Change it and we will send it again."),
        ("Nobody knows.", "Meta refused this item: “Nobody knows.”"),
        ("", "Meta refused this item and gave no reason. Check its picture, price and description."),
    ],
)
def test_a_refusal_is_explained(message: str, words: str) -> None:
    assert explain(message) == words


def test_only_a_missing_item_counts_as_removed() -> None:
    assert says_it_is_gone("The item does not exist.")
    assert not says_it_is_gone("The item could not be processed. Send it again.")
