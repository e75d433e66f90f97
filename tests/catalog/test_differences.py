"""What counts as different at Meta: other contents do, another way to write the same does not."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from catalog.comparing.diff import compare
from catalog.items import item_data
from catalog.models import Catalog, Variant
from integrations.graph.catalog_items import read_item
from tenancy.models import Store
from tests.catalog.sample import PICTURE, make_variant
from tests.catalog.test_reconcile import behind, compare_now, findings, make_live
from tests.sandbox_process import Sandbox

MORE = ["https://pictures.hazelhome.example/b.jpg?w=9&h=9", "https://pictures.hazelhome.example/c.jpg"]


@pytest.fixture
def variant(shop: Store) -> Variant:
    pictures = [PICTURE, *MORE]
    return make_variant(title="Salt & pepper", description="Grinds\n\n<b>fine</b>", image_urls=pictures)


def differences(variant: Variant, **said: Any) -> list[tuple[str, str, str]]:
    """Return what differs when Meta says so of an item that is otherwise as we have it."""
    data = item_data(variant, base_url=settings.APP_BASE_URL, now=timezone.now())
    node = {
        "id": "90001",
        "retailer_id": variant.retailer_id,
        "retailer_product_group_id": variant.product.item_group_id,
        "currency": variant.currency,
        "name": data["title"],
        "description": data["description"],
        "price": data["price"],
        "availability": data["availability"],
        "condition": data["condition"],
        "url": data["link"],
        "image_url": PICTURE,
        "additional_image_urls": MORE,
        "brand": data["brand"],
    }
    found = compare(data, read_item(node | said))
    return [(one.field, one.ours, one.theirs) for one in found]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"name": "Salt &amp; pepper"},
        {"name": " Salt &  pepper\n"},
        {"description": "Grinds fine "},
        {"price": "£12.50"},
        {"price": "GBP12.50"},
        {"price": "12,50 £"},
        {"price": "12.5 GBP"},
        {"sale_price": ""},
        {"sale_price": None, "color": None, "gender": ""},
        {"availability": "IN_STOCK", "condition": "NEW", "visibility": "PUBLISHED"},
        {"additional_image_urls": MORE[::-1]},
        {"additional_image_urls": [MORE[0].replace("&", "&amp;"), MORE[1]]},
        {"additional_image_urls": []},
        {"additional_image_urls": None},
        {"inventory": None, "quantity_to_sell_on_facebook": 5},
    ],
    ids=str,
)
def test_another_way_to_write_the_same_is_no_difference(variant: Variant, said: dict[str, Any]) -> None:
    assert differences(variant, **said) == []


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"name": "Salt"}, ("title", "Salt & pepper", "Salt")),
        ({"name": None}, ("title", "Salt & pepper", "")),
        ({"price": "£12.05"}, ("price", "12.50 GBP", "12.05 GBP")),
        ({"price": "£1,250.00"}, ("price", "12.50 GBP", "1250.00 GBP")),
        ({"price": "€12.50", "currency": "EUR"}, ("price", "12.50 GBP", "12.50 EUR")),
        ({"sale_price": "£9.00"}, ("sale_price", "", "9.00 GBP")),
        ({"color": "Blue"}, ("color", "", "Blue")),
        ({"visibility": "staging"}, ("visibility", "published", "staging")),
        ({"inventory": 4}, ("quantity_to_sell_on_facebook", "5", "4")),
        (
            {"additional_image_urls": [MORE[1], "https://old.example/x.jpg"]},
            ("other_pictures", " ".join(MORE), f"https://old.example/x.jpg {MORE[1]}"),
        ),
    ],
    ids=str,
)
def test_other_contents_are_a_difference(
    variant: Variant, said: dict[str, Any], found: tuple[str, str, str]
) -> None:
    assert differences(variant, **said) == [found]


@pytest.mark.parametrize(
    ("currency", "said"), [("JPY", "¥1,980"), ("JPY", "1980 JPY"), ("HUF", "Ft1,980"), ("KWD", "KWD 19.800")]
)
def test_prices_of_currencies_without_hundredths_are_compared_as_they_are(
    shop: Store, currency: str, said: str
) -> None:
    Store.objects.update(currency=currency)
    minor = {"JPY": 1980, "HUF": 198_000, "KWD": 19_800}[currency]
    variant = make_variant(price_minor=minor, image_urls=[PICTURE, *MORE])
    assert differences(variant, price=said) == []


def test_a_picture_that_is_not_ours_any_more_is_found(catalog: Catalog, sandbox: Sandbox) -> None:
    (variant,) = make_live(catalog, "Lamp", image_urls=[PICTURE, *MORE])
    compare_now(catalog)
    assert findings() == {}
    pictures = [{"url": url} for url in (PICTURE, MORE[1], "https://old.example/x.jpg")]
    behind(sandbox, variant.retailer_id, data={"image": pictures})
    compare_now(catalog)
    assert findings() == {variant.retailer_id: ("different", "open")}
