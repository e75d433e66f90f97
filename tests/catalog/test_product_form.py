from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from catalog.models import Product, Variant
from catalog.product_data import VariantData
from tenancy.models import Store, User
from tenancy.scope import open_store
from tests.catalog.sample import make_product
from tests.catalog.test_pages import HOME, form_body, text


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


FULL = {
    "status": "draft",
    "category": "Cushions",
    "google_category": "Home & Garden > Decor > Cushions",
    "tags": "summer, linen ,summer",
    "image_urls": "https://p.example/1.jpg\nhttps://p.example/2.jpg",
    "options": "Colour: Blue, Red\nSize: S",
    "material": "Linen",
    "gender": "unisex",
    "age_group": "adult",
    "variants-0-title": "Blue, S",
    "variants-0-gtin": "4006381333931",
    "variants-0-mpn": "LC",
    "variants-0-sale_price": "10",
    "variants-0-sale_starts_at": "2026-07-01T09:00",
    "variants-0-sale_ends_at": "2026-12-24T18:00",
}


def test_every_field_of_the_form_arrives(client: Client, store: Store) -> None:
    response = client.post(f"{HOME}new/", form_body(**FULL))
    assert response.status_code == 302
    with open_store(store.pk):
        product, variant = Product.objects.get(), Variant.objects.get()
    assert (product.status, product.category, product.tags) == ("draft", "Cushions", ["summer", "linen"])
    assert product.image_urls == ["https://p.example/1.jpg", "https://p.example/2.jpg"]
    assert (product.material, product.gender, product.age_group) == ("Linen", "unisex", "adult")
    assert (product.option_names, variant.option_values) == (["Colour", "Size"], ["Blue", "S"])
    assert (variant.gtin, variant.mpn, variant.sale_price_minor) == ("4006381333931", "LC", 1000)
    # The form speaks the store's time: London, an hour ahead in summer.
    assert variant.sale_starts_at == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert variant.sale_ends_at == datetime(2026, 12, 24, 18, tzinfo=UTC)
    assert (product.readiness, product.causes) == ("ready", [])


def test_what_was_saved_stands_in_the_form_and_can_be_saved_again(client: Client, store: Store) -> None:
    client.post(f"{HOME}new/", form_body(**FULL))
    with open_store(store.pk):
        before = Variant.objects.values(*LASTING).get()
        product = Product.objects.get()
    page: Any = client.get(f"{HOME}{product.pk}/edit/")
    form, rows = page.context["form"], page.context["rows"]
    fields = [*form, *(field for row in rows for field in row)]
    body = {field.html_name: "" if field.value() is None else field.value() for field in fields}
    body |= {"variants-TOTAL_FORMS": "2", "variants-INITIAL_FORMS": "1", "variants-0-is_for_sale": "on"}
    shown = page.content.decode()
    body |= {name: shown.split(f'name="{name}" value="')[1].split('"')[0] for name in TIMES}
    body["tags"], body["image_urls"] = "summer, linen", "\n".join(product.image_urls)
    body["is_every_combination_wanted"] = ""

    assert client.post(f"{HOME}{product.pk}/edit/", body).status_code == 302
    with open_store(store.pk):
        after = Variant.objects.values(*LASTING).get()
    assert after == before


TIMES = ("variants-0-sale_starts_at", "variants-0-sale_ends_at")
LASTING = [field.attname for field in Variant._meta.local_fields if field.name != "updated_at"]


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"title": "x" * 10_000}, "At most 200 characters fit here"),
        ({"image_urls": "https://p.example/1.jpg\nftp//x"}, "“ftp//x” is no web address."),
        ({"image_urls": "\n".join(f"https://p.example/{n}.jpg" for n in range(22))}, "at most 21"),
        ({"tags": "x" * 41}, "At most 40 characters fit here"),
        ({"options": "Colour"}, "“Colour” is no option."),
        ({"options": "Colour: Red\ncolour: Blue"}, "The option colour stands there twice."),
        ({"options": "A: 1\nB: 1\nC: 1\nD: 1"}, "at most three options"),
        (
            {"options": "Colour: Red\nSize: S", "variants-0-title": "Red"},
            "“Red” is not complete.",
        ),
        (
            {"options": "Colour: Red\nSize: S", "variants-0-title": ""},
            "One variant says nothing of Colour, Size. Write in its row, such as: Red, S.",
        ),
        (
            {
                "options": f"A: {','.join(map(str, range(11)))}\nB: {','.join(map(str, range(10)))}",
                "is_every_combination_wanted": "on",
            },
            "These are 110 variants",
        ),
        ({"variants-0-gtin": "4006381333932"}, "This is no GTIN"),
        ({"variants-0-sale_price": "12.50"}, "The sale price has to be below the price."),
        ({"variants-0-sale_price": "-1"}, "Enter a price above zero."),
        ({"variants-0-sale_ends_at": "2026-12-24T18:00"}, "Enter the price during the sale"),
        (
            {
                "variants-0-sale_price": "1",
                "variants-0-sale_starts_at": "2026-12-24T18:00",
                "variants-0-sale_ends_at": "2026-12-24T18:00",
            },
            "The sale ends before it begins.",
        ),
        ({"status": "archived"}, "Select a valid choice."),
    ],
)
def test_a_bad_field_says_what_to_do_and_nothing_is_saved(
    client: Client, store: Store, over: dict[str, Any], words: str
) -> None:
    response = client.post(f"{HOME}new/", form_body(**over))
    assert response.status_code == 422
    assert words in text(response)
    with open_store(store.pk):
        assert not Product.objects.exists()


def test_options_make_the_variants_that_are_missing(client: Client, shop: Store) -> None:
    body = form_body(options="Colour: Blue, Red\nSize: S, L", is_every_combination_wanted="on")
    assert client.post(f"{HOME}new/", body).status_code == 302
    variants = list(Variant.objects.order_by("pk"))
    assert [one.title for one in variants] == ["Blue, S", "Blue, L", "Red, S", "Red, L"]
    assert {one.price_minor for one in variants} == {1250}
    assert [one.on_hand for one in variants] == [4, 0, 0, 0]
    assert len({one.retailer_id for one in variants}) == 4


def test_a_draft_is_in_no_catalog_and_without_a_page(client: Client, shop: Store) -> None:
    product = make_product(status="draft")
    assert client.get(f"/shop/hazel-home/{product.item_group_id}").status_code == 404
    assert "Draft" in text(client.get(f"{HOME}{product.pk}/"))


def test_a_product_says_what_meta_would_refuse_and_links_the_field(client: Client, shop: Store) -> None:
    product = make_product(image_urls=[], description="Soft.")
    page = text(client.get(f"{HOME}{product.pk}/"))
    assert "Meta would refuse it" in page
    assert f'href="{HOME}{product.pk}/edit/#id_image_urls_field"' in page
    assert 'id="id_image_urls_field"' in text(client.get(f"{HOME}{product.pk}/edit/"))


def test_the_list_shows_what_is_blocked_and_what_can_be_better(client: Client, shop: Store) -> None:
    make_product(title="Blocked lamp", image_urls=[])
    make_product(title="Plain lamp", description="")
    make_product(title="Ready lamp", description="Soft.", variants=(VariantData(price_minor=100),))
    make_product(title="Draft lamp", status="draft")
    blocked, better = text(client.get(f"{HOME}?show=blocked")), text(client.get(f"{HOME}?show=warning"))
    assert "Blocked lamp" in blocked
    assert "Plain lamp" not in blocked
    assert "Plain lamp" in better
    assert "Ready lamp" not in better
    assert "Draft lamp" in text(client.get(f"{HOME}?show=draft"))
    assert "Draft lamp" not in text(client.get(HOME))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("lin", True),
        ("LIN cush", True),
        ("hazel", True),
        ("LC-7", True),
        ("4006381333931", True),
        ("ushion", False),
    ]
    + [(odd, False) for odd in ("'", "\\", "a:*", "!", "' | x", "& &")],
)
def test_a_search_finds_words_by_their_beginning(
    client: Client, shop: Store, words: str, found: bool
) -> None:
    make_product(brand="Hazel", variants=(VariantData(price_minor=1, sku="LC-7", gtin="4006381333931"),))
    page = text(client.get(HOME, {"q": words}))
    assert ("Linen cushion" in page) is found
