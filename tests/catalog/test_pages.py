from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Catalog, CatalogItem, Product, StockMovement, Variant
from catalog.product_data import VariantData
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tests.catalog.sample import finish, ledger_sum, make_product, push
from tests.sandbox_process import Sandbox

HOME = "/s/hazel-home/catalog/"


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


def form_body(**over: Any) -> dict[str, Any]:
    """A filled product form with one new variant row."""
    return {
        "title": "Linen cushion",
        "description": "Soft.",
        "brand": "",
        "condition": "new",
        "image_urls": "https://pictures.hazelhome.example/1.jpg",
        "variants-TOTAL_FORMS": "1",
        "variants-INITIAL_FORMS": "0",
        "variants-0-pk": "",
        "variants-0-title": "",
        "variants-0-sku": "LC-1",
        "variants-0-price": "12.50",
        "variants-0-on_hand": "4",
    } | over


def text(response: Any) -> str:
    return str(response.content.decode())


def test_an_empty_shop_says_what_to_do_next(client: Client) -> None:
    page = text(client.get(HOME))
    assert "No products yet" in page
    assert "Connect a catalog" in page
    assert f"{HOME}new/" in page


def test_a_product_is_made_in_the_form(client: Client, store: Store, manager: User) -> None:
    response = client.post(f"{HOME}new/", form_body())
    with open_store(store.pk):
        product = Product.objects.get()
        variant = Variant.objects.get()
        assert response.headers["Location"] == f"{HOME}{product.pk}/"
        assert (variant.price_minor, variant.on_hand, variant.sku) == (1250, 4, "LC-1")
        assert ledger_sum(variant) == 4
        assert StockMovement.objects.get().actor == manager
        assert AuditEntry.objects.get(action="product.created").actor == manager


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"title": ""}, "Give it a title: buyers read it first."),
        ({"title": "x" * 201}, "At most 200 characters fit here"),
        ({"title": "a\0b"}, "This holds a character that cannot be read."),
        ({"condition": "broken"}, "Select a valid choice."),
        ({"image_urls": "not an address"}, "“not an address” is no web address."),
        ({"image_urls": "javascript:alert(1)"}, "“javascript:alert(1)” is no web address."),
        ({"variants-0-price": ""}, "Enter a price, such as 12.50."),
        ({"variants-0-price": "0"}, "Enter a price above zero."),
        ({"variants-0-price": "-3"}, "Enter a price above zero."),
        ({"variants-0-price": "1.999"}, "GBP has 2 decimals."),
        ({"variants-0-price": "NaN"}, "Enter a price, such as 12.50."),
        ({"variants-0-price": "1e30"}, "Enter 999,999,999 at most."),
        ({"variants-0-on_hand": "-1"}, "Enter 0 at least."),
        ({"variants-0-on_hand": "many"}, "Enter a whole number, such as 12."),
        (
            {"variants-0-sku": "", "variants-0-price": "", "variants-0-on_hand": "0"},
            "Enter a price: a product needs",
        ),
        ({"variants-0-pk": "999999"}, "belongs to another product"),
        ({"variants-TOTAL_FORMS": "many"}, "The form arrived incomplete"),
        (
            {
                "variants-TOTAL_FORMS": "2",
                "variants-1-price": "2",
                "variants-1-sku": "B",
                "variants-1-on_hand": "0",
            },
            "Two variants have the same options.",
        ),
        (
            {
                "variants-TOTAL_FORMS": "2",
                "variants-1-title": "B",
                "variants-1-price": "2",
                "variants-1-sku": "LC-1",
            },
            "This SKU is used twice: LC-1.",
        ),
    ],
)
def test_a_bad_form_says_what_is_wrong_and_keeps_nothing(
    client: Client, store: Store, over: dict[str, Any], words: str
) -> None:
    response = client.post(f"{HOME}new/", form_body(**over))
    assert response.status_code == 422
    assert words in text(response)
    with open_store(store.pk):
        assert (Product.objects.count(), Variant.objects.count(), StockMovement.objects.count()) == (0, 0, 0)


def test_a_sku_of_another_product_is_refused(client: Client, shop: Store) -> None:
    make_product(sku="LC-1")
    response = client.post(f"{HOME}new/", form_body())
    assert response.status_code == 422
    assert "This SKU is used twice: LC-1." in text(response)
    assert Product.objects.count() == 1


def test_yen_have_no_decimals(client: Client, shop: Store) -> None:
    Store.objects.update(currency="JPY")
    assert client.post(f"{HOME}new/", form_body(**{"variants-0-price": "12.50"})).status_code == 422
    assert client.post(f"{HOME}new/", form_body(**{"variants-0-price": "1250"})).status_code == 302
    assert Variant.objects.get().price_minor == 1250


def test_editing_changes_a_variant_and_adds_one_but_no_stock(client: Client, shop: Store) -> None:
    product = make_product(on_hand=5)
    variant = product.variants.get()
    body = form_body(
        **{
            "variants-TOTAL_FORMS": "2",
            "variants-INITIAL_FORMS": "1",
            "variants-0-pk": variant.pk,
            "variants-0-title": "Blue",
            "variants-0-price": "14",
            "variants-0-on_hand": "99",
            "variants-0-is_for_sale": "on",
            "variants-1-title": "Red",
            "variants-1-price": "15",
            "variants-1-on_hand": "2",
        }
    )
    assert client.post(f"{HOME}{product.pk}/edit/", body).status_code == 302
    blue, red = product.variants.order_by("pk")
    assert (blue.title, blue.price_minor, blue.on_hand, blue.retailer_id) == (
        "Blue",
        1400,
        5,
        variant.retailer_id,
    )
    assert (red.title, red.price_minor, red.on_hand) == ("Red", 1500, 2)


def test_a_variant_can_be_taken_off_sale(client: Client, shop: Store, catalog: Catalog) -> None:
    product = make_product()
    variant = product.variants.get()
    body = form_body(
        **{
            "variants-INITIAL_FORMS": "1",
            "variants-0-pk": variant.pk,
            "variants-0-sku": "",
            "variants-0-on_hand": "",
        }
    )
    assert client.post(f"{HOME}{product.pk}/edit/", body).status_code == 302
    variant.refresh_from_db()
    assert variant.status == "archived"
    assert CatalogItem.objects.get().delete_wanted


def test_stock_is_changed_by_hand(client: Client, shop: Store, manager: User) -> None:
    product = make_product(on_hand=5)
    variant = product.variants.get()
    address = f"{HOME}variants/{variant.pk}/stock/"
    assert client.post(address, {"delta": "7", "reason": "delivered"}).status_code == 302
    variant.refresh_from_db()
    newest = StockMovement.objects.first()
    assert newest is not None
    assert (variant.on_hand, newest.delta, newest.reason, newest.actor) == (12, 7, "delivered", manager)
    assert "12 on hand after it" in text(client.get(f"{HOME}{product.pk}/"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"delta": "-6", "reason": "damaged"}, "There are only 5 on hand"),
        ({"delta": "-3", "reason": "delivered"}, "This adds pieces."),
        ({"delta": "-1", "reason": "returned"}, "This adds pieces."),
        ({"delta": "2", "reason": "damaged"}, "This takes pieces away."),
        ({"delta": "0", "reason": "counted"}, "Enter how many pieces more or fewer there are."),
        ({"delta": "", "reason": "counted"}, "Enter a whole number, such as 12."),
        ({"delta": "99999999999999999999", "reason": "counted"}, "Enter 1,000,000 at most."),
        ({"delta": "1", "reason": "order"}, "Select a valid choice."),
    ],
)
def test_a_bad_stock_change_changes_nothing(
    client: Client, shop: Store, body: dict[str, str], words: str
) -> None:
    variant = make_product(on_hand=5).variants.get()
    response = client.post(f"{HOME}variants/{variant.pk}/stock/", body)
    assert response.status_code == 422
    assert words in text(response)
    variant.refresh_from_db()
    assert variant.on_hand == ledger_sum(variant) == 5


def test_archiving_and_back(client: Client, shop: Store) -> None:
    product = make_product()
    assert client.post(f"{HOME}{product.pk}/archive/", follow=True).status_code == 200
    assert "Linen cushion" not in text(client.get(HOME))
    assert "Linen cushion" in text(client.get(f"{HOME}?show=archived"))
    assert client.post(f"{HOME}{product.pk}/restore/", follow=True).status_code == 200
    assert "Linen cushion" in text(client.get(HOME))


def test_search_finds_title_and_sku(client: Client, shop: Store) -> None:
    make_product(title="Linen cushion", sku="LC-1")
    make_product(title="Oak lamp", sku="OL-2")
    assert "Oak lamp" not in text(client.get(f"{HOME}?q=cushion"))
    assert "Oak lamp" in text(client.get(f"{HOME}?q=ol-2"))
    assert "No product matches" in text(client.get(f"{HOME}?q=%25"))
    assert client.get(f"{HOME}?older=99999999999999999999999~1").status_code == 200


def test_the_pager_walks_through_all_products(client: Client, shop: Store) -> None:
    for number in range(31):
        make_product(title=f"Lamp number {number:02}")
    first = client.get(HOME)
    assert text(first).count("Choose Lamp number") == 30
    rest = text(client.get(HOME + first.context["next_url"]))
    assert "Lamp number 00" in rest
    assert rest.count("Choose Lamp number") == 1


def test_a_refused_product_says_why_and_what_to_do(
    client: Client, catalog: Catalog, sandbox: Sandbox, settings: LazySettings
) -> None:
    settings.APP_BASE_URL = "nowhere"
    product = make_product()
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    assert "Refused" in text(client.get(f"{HOME}?show=refused"))
    page = text(client.get(f"{HOME}{product.pk}/"))
    assert "Meta does not accept the web address. Change it and we will send it again." in page
    assert "link is not a URL: “nowhere/shop/hazel-home/" in page.replace("&quot;", "“")
    assert client.post(f"{HOME}{product.pk}/send/").status_code == 302
    assert CatalogItem.objects.get().state == "waiting"


def test_the_list_costs_the_same_for_three_and_for_thirty(
    client: Client, shop: Store, catalog: Catalog
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(HOME).status_code == 200
        return len(queries)

    def add(count: int) -> None:
        for number in range(count):
            make_product(
                title=f"Lamp {number}",
                variants=(
                    VariantData(title="S", price_minor=100, on_hand=1),
                    VariantData(title="L", price_minor=200),
                ),
            )

    add(3)
    cost()  # the first page of a session costs one query more
    few = cost()
    add(27)
    assert cost() == few


def test_a_product_page_costs_the_same_for_one_variant_and_for_ten(
    client: Client, shop: Store, catalog: Catalog
) -> None:
    def cost(product: Product) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{HOME}{product.pk}/").status_code == 200
        return len(queries)

    client.get(HOME)  # the first page of a session costs one query more
    many = tuple(VariantData(title=str(number), price_minor=100, on_hand=1) for number in range(10))
    assert cost(make_product(variants=many)) == cost(make_product())


def test_a_viewer_reads_but_changes_nothing(
    shop: Store, viewer: User, client_of: Callable[[User], Client]
) -> None:
    product = make_product(on_hand=5)
    variant = product.variants.get()
    client = client_of(viewer)
    page = text(client.get(f"{HOME}{product.pk}/"))
    assert "Change stock" not in page
    assert client.get(HOME).status_code == client.get(f"{HOME}meta/").status_code == 200
    for address in ("new/", f"{product.pk}/edit/"):
        assert client.get(f"{HOME}{address}").status_code == 403
    for address in (
        f"{product.pk}/archive/",
        f"{product.pk}/send/",
        f"variants/{variant.pk}/stock/",
        "meta/look/",
    ):
        assert client.post(f"{HOME}{address}", {"delta": "1", "reason": "counted"}).status_code == 403
    variant.refresh_from_db()
    product.refresh_from_db()
    assert (variant.on_hand, product.status) == (5, "active")


def test_another_stores_product_does_not_exist_here(client: Client, other_store: Store, store: Store) -> None:
    with open_store(other_store.pk):
        theirs = make_product(title="Bolt bike", on_hand=5)
        variant = theirs.variants.get()
    assert client.get(f"{HOME}{theirs.pk}/").status_code == 404
    assert client.post(f"{HOME}{theirs.pk}/archive/").status_code == 404
    body = {"delta": "1", "reason": "counted"}
    assert client.post(f"{HOME}variants/{variant.pk}/stock/", body).status_code == 404
    with open_store(other_store.pk):
        variant.refresh_from_db()
        assert variant.on_hand == 5


def test_the_admin_shows_the_catalog_without_tokens(shop: Store, catalog: Catalog) -> None:
    make_product()
    staff = User.objects.create_superuser("staff@stormcom.example", "hazel-and-maple-42")
    client = Client()
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    for model in (
        "product",
        "variant",
        "stockmovement",
        "catalog",
        "catalogitem",
        "pushbatch",
        "catalogsearch",
    ):
        assert client.get(f"/admin/catalog/{model}/").status_code == 200
    page = text(client.get(f"/admin/catalog/catalog/{catalog.pk}/change/"))
    assert catalog.account.token not in page
    assert "sealed_token" not in page
