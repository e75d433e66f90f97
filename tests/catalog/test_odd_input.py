"""What nobody types by mistake, and what stands at Meta by mistake: a sentence for each, never an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.linking.discovery import search_catalogs
from catalog.models import Catalog, Product, Variant
from catalog.product_data import VariantData
from tenancy.models import Store, User
from tests.catalog.sample import HAZEL_CATALOG, make_product
from tests.catalog.test_adopting import adopt
from tests.catalog.test_import import send
from tests.catalog.test_pages import HOME, form_body, text
from tests.catalog.test_reconcile import behind, compare_now, foreign
from tests.sandbox_process import Sandbox


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


def edit_body(client: Client, product: Product, **over: Any) -> dict[str, Any]:
    """Return the form of a product as a browser would send it back."""
    page: Any = client.get(f"{HOME}{product.pk}/edit/")
    form, rows = page.context["form"], page.context["rows"]
    fields = [*rows.management_form, *form, *(field for row in rows for field in row)]
    body = {one.html_name: "" if one.value() is None else one.value() for one in fields}
    body |= {name: "on" for name in body if name.endswith("-is_for_sale") and body[name]}
    return body | {"picture": product.image_urls, "is_every_combination_wanted": ""} | over


# --- Text -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"picture": "/pictures/\0.jpg"},
        {"image_urls": "/pictures/\0.jpg"},
        {"title": "a\0b"},
        {"tags": "a\0b"},
        {"variants-0-sku": "a\0b"},
    ],
    ids=str,
)
def test_a_sign_that_no_database_keeps_is_no_error(client: Client, shop: Store, body: dict[str, str]) -> None:
    answer = client.post(f"{HOME}new/", form_body(**body))
    assert answer.status_code in (302, 422)
    assert "\0" not in "".join(url for one in Product.objects.all() for url in one.image_urls)


@pytest.mark.parametrize("options", ["", "Colour: Blue"])
def test_a_title_of_signs_that_nobody_sees_is_no_title(client: Client, shop: Store, options: str) -> None:
    body = {"title": "\u200b\u2060", "options": options, "variants-0-title": options and "Blue"}
    assert client.post(f"{HOME}new/", form_body(**body)).status_code == 302
    product = Product.objects.get()
    assert (product.readiness, product.causes) == ("blocked", ["no_title"])


def test_values_that_differ_by_capitals_are_one_value(client: Client, shop: Store) -> None:
    options = {"options": "Colour: Blue, BLUE, Red, blue", "is_every_combination_wanted": "on"}
    client.post(f"{HOME}new/", form_body(**options, **{"variants-0-title": "Blue"}))
    assert list(Variant.objects.order_by("pk").values_list("title", flat=True)) == ["Blue", "Red"]


# --- Times and amounts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Asia/Dhaka", "America/Los_Angeles"])
@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "1999-12-31T23:59", "9999-12-31T23:59"])
@pytest.mark.parametrize("name", ["starts", "ends"])
def test_a_sale_in_a_year_that_cannot_be_meant_is_refused(
    client: Client, shop: Store, zone: str, moment: str, name: str
) -> None:
    Store.objects.filter(pk=shop.pk).update(timezone=zone)
    body = {"variants-0-sale_price": "1", f"variants-0-sale_{name}_at": moment}
    answer = client.post(f"{HOME}new/", form_body(**body))
    assert answer.status_code == 422
    assert "Enter a year from 2000 to 2099." in text(answer)
    assert not Product.objects.exists()


def test_a_file_with_such_a_year_names_the_row(client: Client, shop: Store) -> None:
    row = send(client, "title,price,sale_price,sale_ends\nRug,12,9,9999-12-31 23:59\n")
    assert (row.good_rows, row.bad_rows) == (0, 1)
    said = [(one["row"], one["column"], one["sentence"]) for one in row.problems]
    assert said == [(2, "sale_ends", "Enter a year from 2000 to 2099.")]


@pytest.mark.parametrize(
    "window",
    ["0001-01-01T00:00+0600/9999-12-31T23:59-0800", "2026-11-01T12:00+0000/9999-12-31T23:59-0800"],
)
def test_a_sale_without_an_end_at_meta_goes_on_without_one(
    catalog: Catalog, sandbox: Sandbox, client: Client, window: str
) -> None:
    sale = {"sale_price": "5.00 GBP", "sale_price_effective_date": window}
    behind(sandbox, "cup-1", data=foreign(**sale))
    compare_now(catalog)
    adopt(catalog)
    variant = Variant.objects.get()
    assert (variant.sale_price_minor, variant.sale_ends_at) == (500, None)
    assert client.get(f"{HOME}{variant.product_id}/").status_code == 200


@pytest.mark.parametrize("moment", ["2027-03-28T01:30", "2027-10-31T01:30"], ids=["never", "twice"])
def test_a_time_that_comes_twice_or_never_is_refused(client: Client, shop: Store, moment: str) -> None:
    body = {"variants-0-sale_price": "1", "variants-0-sale_ends_at": moment}
    answer = client.post(f"{HOME}new/", form_body(**body))
    assert answer.status_code == 422
    assert "so this time comes twice or never. Choose another one." in text(answer)


def test_prices_never_grow_out_of_what_can_be_typed(client: Client, shop: Store) -> None:
    product = make_product(price_minor=50_000_000_000)
    body = {"product": [product.pk], "action": "save", "price_percent": "99"}
    assert client.post(f"{HOME}many/", body).status_code == 302
    answer = client.post(f"{HOME}many/", body)
    assert answer.status_code == 422
    assert "would be above 999,999,999. Choose a smaller change." in text(answer)
    assert Variant.objects.get().price_minor == 99_500_000_000


# --- Many variants ----------------------------------------------------------------------------------------


def test_a_product_with_the_most_variants_can_be_saved(client: Client, shop: Store) -> None:
    variants = tuple(VariantData(title=f"V{n}", price_minor=100, on_hand=1) for n in range(100))
    product = make_product(variants=variants)
    body = edit_body(client, product, title="Lamp")
    body["variants-99-price"] = "2.50"
    assert client.post(f"{HOME}{product.pk}/edit/", body).status_code == 302
    product.refresh_from_db()
    assert product.title == "Lamp"
    assert product.variants.get(title="V99").price_minor == 250
    assert product.variants.count() == 100


def test_a_group_of_more_variants_that_was_taken_over_can_be_saved(
    catalog: Catalog, sandbox: Sandbox, client: Client
) -> None:
    for n in range(130):
        more = {"item_group_id": "cups", "color": f"Shade {n}, dark"}
        behind(sandbox, f"cup-{n}", data=foreign("Cup", **more))
    compare_now(catalog)
    assert adopt(catalog) == 130
    product = Product.objects.get()
    body = edit_body(client, product, brand="Bosk")
    assert client.post(f"{HOME}{product.pk}/edit/", body).status_code == 302
    product.refresh_from_db()
    assert (product.brand, product.variants.count()) == ("Bosk", 130)
    assert product.variants.get(retailer_id="cup-7").option_values == ["Shade 7 / dark"]
    more = {"variants-TOTAL_FORMS": "131", "variants-130-title": "Red", "variants-130-price": "1"}
    assert client.post(f"{HOME}{product.pk}/edit/", body | more).status_code == 422
    assert product.variants.count() == 130


# --- Old pages --------------------------------------------------------------------------------------------


def test_an_old_page_does_not_stop_a_catalog_that_is_connected(
    catalog: Catalog, sandbox: Sandbox, client: Client
) -> None:
    search_catalogs(catalog.account_id)
    body = {"account": catalog.account_id, "catalog_id": HAZEL_CATALOG}
    answer = client.post(f"{HOME}meta/connect/", body, follow=True)
    assert f"{catalog.name} is connected already." in text(answer)
    before = catalog.choice
    catalog.refresh_from_db()
    assert (catalog.is_held, catalog.choice) == (False, before)
