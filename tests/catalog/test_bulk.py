"""The list's filters, and the same change to many products at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.models import Catalog, CatalogItem, Product, Variant
from catalog.product_data import VariantData
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tests.catalog.sample import make_product

HOME = "/s/hazel-home/catalog/"
MANY = f"{HOME}many/"


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


def read(client: Client, query: str) -> str:
    response: Any = client.get(f"{HOME}?{query}")
    assert response.status_code == 200
    return str(response.content.decode())


def send(client: Client, action: str, *products: Product, **values: str) -> Any:
    return client.post(MANY, {"action": action, "product": [one.pk for one in products], **values})


def test_a_product_is_found_by_any_of_its_variants_words(client: Client, shop: Store) -> None:
    variants = (
        VariantData(title="Blue", sku="LC-BLUE", mpn="M77", price_minor=100),
        VariantData(title="Ochre", gtin="4006381333931", price_minor=100),
    )
    found = make_product(title="Linen cushion", variants=variants)
    make_product(title="Oak lamp")
    retailer_id = Variant.objects.filter(product=found)[0].retailer_id
    for words in ("lc-blue", "m77", "ochre", "4006381", retailer_id, "linen+och", "cush+m77"):
        page = read(client, f"q={words}")
        assert ("Linen cushion" in page, "Oak lamp" in page) == (True, False), words


def test_a_product_is_found_by_what_it_is_called_now(client: Client, shop: Store) -> None:
    product = make_product(sku="OLD-1")
    send(client, "save", product, category="Textiles")
    assert "Linen cushion" in read(client, "q=textil")
    assert "Linen cushion" in read(client, "q=old-1")


def test_a_category_and_a_tag_narrow_the_list_and_can_be_taken_out(client: Client, shop: Store) -> None:
    make_product(title="Rug", category="Floor", tags=["wool", "autumn, new"])
    make_product(title="Mat", category="Floor")
    make_product(title="Scarf", tags=["wool"])
    page = read(client, "category=Floor&tag=wool&q=ru")
    assert [word in page for word in (">Rug<", ">Mat<", ">Scarf<")] == [True, False, False]
    assert 'href="?tag=wool&amp;q=ru"' in page
    assert 'href="?category=Floor&amp;q=ru"' in page
    assert ">Rug<" in read(client, "tag=autumn%2C+new")
    assert "Take a filter out above" in read(client, "tag=wo")


def test_the_list_is_narrowed_by_the_words_its_products_have(client: Client, shop: Store) -> None:
    make_product(title="Rug", category="Floor", tags=["Wool"])
    make_product(title="Mat", category="Bath", tags=["cotton"], status="draft")
    page = read(client, "show=draft&q=ma")
    assert re.findall(r'<option value="([^"]*)"', page) == ["Bath", "Floor", "cotton", "Wool"]
    assert '<input type="hidden" name="show" value="draft"><input type="hidden" name="q" value="ma">' in page
    found = read(client, "tag=wool&category=FLOOR")
    assert (">Rug<" in found, "Tag: Wool" in found, "Category: Floor" in found) == (True, True, True)


def test_a_shop_without_words_is_offered_no_filter(client: Client, shop: Store) -> None:
    make_product()
    assert ">Filter</button>" not in read(client, "")


def test_the_list_says_how_many_variants_run_low(client: Client, shop: Store) -> None:
    Store.objects.update(low_stock_at=3)
    pair = (
        VariantData(title="S", price_minor=100, on_hand=2),
        VariantData(title="L", price_minor=100, on_hand=18),
    )
    make_product(title="Throw", variants=pair)
    make_product(title="Lamp", on_hand=2)
    page = re.sub(r"\s+", " ", read(client, ""))
    assert re.findall(r">([^<]*ow)</span> </span>(\d+)</td>", page) == [
        ("Low", "2"),
        ("1 of 2 low", "20"),
    ]


def test_the_product_page_leads_to_others_of_its_category_and_tag(client: Client, shop: Store) -> None:
    product = make_product(category="Bed & bath", tags=["50/50"])
    page: Any = client.get(f"{HOME}{product.pk}/")
    text = page.content.decode()
    assert f'href="{HOME}?category=Bed%20%26%20bath"' in text
    assert f'href="{HOME}?tag=50%2F50"' in text


def test_archiving_many_says_first_what_leaves_meta(client: Client, catalog: Catalog) -> None:
    pair = (VariantData(title="S", price_minor=100), VariantData(title="L", price_minor=100))
    rug, mat = make_product(title="Rug", variants=pair), make_product(title="Mat")
    make_product(title="Lamp")
    assert "Nothing: Meta has none of them." in send(client, "archive", rug).content.decode()
    CatalogItem.objects.update(state="live", sent_fingerprint="f", waiting_since=None)
    question = send(client, "archive", rug, mat)
    page = question.content.decode()
    assert (question.status_code, Product.objects.filter(status="archived").count()) == (200, 0)
    assert "<strong>3 items leave the catalog Hazel Home.</strong>" in page
    assert "Within minutes nobody sees them on Facebook and Instagram any more" in page
    assert 'button--danger">Archive 2 products</button>' in page
    Catalog.objects.update(is_held=True)
    assert "until you let it be sent again" in send(client, "archive", rug, mat).content.decode()


def test_many_are_archived_and_put_on_sale_again(client: Client, catalog: Catalog) -> None:
    first, second, third = (make_product(title=title) for title in ("Rug", "Mat", "Lamp"))
    assert send(client, "archive", first, second, sure="yes").status_code == 302
    assert set(Product.objects.filter(status="archived")) == {first, second}
    assert CatalogItem.objects.filter(delete_wanted=True).count() == 2
    send(client, "restore", first, second)
    assert Product.objects.filter(status="active").count() == 3
    assert CatalogItem.objects.filter(delete_wanted=True).count() == 0
    third.refresh_from_db()
    assert AuditEntry.objects.filter(action="product.archived").count() == 2


def test_archiving_is_taken_back_and_a_draft_stays_one(client: Client, catalog: Catalog) -> None:
    rug, draft = make_product(title="Rug"), make_product(title="Sketch", status="draft")
    send(client, "archive", rug, draft, sure="yes", list="show=draft")
    page = read(client, "show=draft")
    assert "2 products are archived and leave your catalogs." in page
    assert "are archived and leave" not in read(client, "")  # said once
    undo = client.post(f"{MANY}undo/", {"list": "show=draft"})
    assert undo.headers["Location"] == f"{HOME}?show=draft"
    assert dict(Product.objects.values_list("title", "status")) == {"Rug": "active", "Sketch": "draft"}
    assert CatalogItem.objects.filter(delete_wanted=False).count() == 1
    client.post(f"{MANY}undo/")
    assert AuditEntry.objects.filter(action="product.restored").count() == 2


def test_what_was_changed_since_is_not_taken_back(client: Client, shop: Store) -> None:
    rug, draft = make_product(title="Rug"), make_product(title="Sketch", status="draft")
    send(client, "archive", rug, draft, sure="yes")
    send(client, "restore", draft)
    client.post(f"{MANY}undo/")
    assert set(Product.objects.values_list("status", flat=True)) == {"active"}
    assert AuditEntry.objects.filter(action="product.restored").count() == 2


@pytest.mark.parametrize("action", ["edit", "archive"])
def test_one_comes_back_to_the_list_as_it_was(client: Client, shop: Store, action: str) -> None:
    rug = make_product(title="Rug")
    page = send(client, action, rug, list="show=blocked&tag=50%2F50").content.decode()
    assert 'name="list" value="show=blocked&amp;tag=50%2F50"' in page
    assert f'href="{HOME}?show=blocked&amp;tag=50%2F50"' in page
    saved = send(client, "save", rug, list="tag=x//evil", brand="Hazel")
    assert saved.headers["Location"] == f"{HOME}?tag=x%2F%2Fevil"


def test_many_are_changed_and_sent_again(client: Client, catalog: Catalog, manager: User) -> None:
    sale = (VariantData(price_minor=1999, sale_price_minor=1501),)
    rug = make_product(title="Rug", brand="Old", tags=["wool", "autumn"], variants=sale)
    mat = make_product(title="Mat", category="Floor", price_minor=1000)
    lamp = make_product(title="Lamp", price_minor=1000)
    CatalogItem.objects.update(waiting_since=None, state="live")
    body = {"brand": "Hazel", "add_tags": "sale, wool", "remove_tags": "autumn", "price_percent": "-10"}
    assert send(client, "save", rug, mat, **body).status_code == 302
    rug, mat = Product.objects.get(pk=rug.pk), Product.objects.get(pk=mat.pk)
    assert (rug.brand, rug.tags) == ("Hazel", ["wool", "sale"])
    assert (mat.brand, mat.tags, mat.category) == ("Hazel", ["sale", "wool"], "Floor")
    prices = Variant.objects.order_by("pk").values_list("price_minor", "sale_price_minor")
    assert list(prices) == [(1799, 1351), (900, None), (1000, None)]
    waiting = CatalogItem.objects.filter(state="waiting").values_list("variant__product", flat=True)
    assert set(waiting) == {rug.pk, mat.pk}
    changed = AuditEntry.objects.filter(action="product.changed", actor=manager)
    assert changed.count() == 2
    assert lamp.brand == ""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "Nothing to change yet"),
        ({"price_percent": "-95"}, "Enter −90 at least: prices stay above zero."),
        ({"price_percent": "cheap"}, "Enter a number, such as 5 or −10."),
        ({"condition": "broken"}, "Select a valid choice."),
        ({"price_percent": "-80"}, "The price of Bead would be zero."),
        ({"brand": "x" * 101}, "At most 100 characters fit here"),
        ({"add_tags": ",".join(f"t{n}" for n in range(30))}, "Rug would have more than 30 tags."),
    ],
)
def test_a_bad_change_says_why_and_changes_none(
    client: Client, shop: Store, body: dict[str, str], words: str
) -> None:
    rug, bead = make_product(title="Rug", tags=["wool"]), make_product(title="Bead", price_minor=2)
    response = send(client, "save", rug, bead, **body)
    assert response.status_code == 422
    assert words in response.content.decode()
    prices = set(Variant.objects.values_list("price_minor", flat=True))
    assert (prices, Product.objects.exclude(brand="").count()) == ({1250, 2}, 0)


def test_the_form_for_many_names_them(client: Client, shop: Store) -> None:
    response = send(client, "edit", make_product(title="Rug"), make_product(title="Mat"))
    page = response.content.decode()
    assert response.status_code == 200
    assert "Change 2 products" in page
    assert ">Rug<" in page


def test_choosing_nothing_or_what_belongs_to_another_store_changes_nothing(
    client: Client, store: Store, other_store: Store
) -> None:
    with open_store(other_store.pk):
        theirs = make_product(title="Bolt bike")
    for body in ({"action": "archive"}, {"action": "archive", "product": [theirs.pk, "x", "9" * 30]}):
        response: Any = client.post(MANY, body, follow=True)
        assert "Choose at least one product first." in response.content.decode()
    with open_store(other_store.pk):
        assert Product.objects.get().status == "active"


def test_a_viewer_has_no_boxes_and_changes_nothing(
    shop: Store, viewer: User, client_of: Callable[[User], Client]
) -> None:
    product = make_product()
    client = client_of(viewer)
    assert "data-bulk" not in read(client, "")
    assert send(client, "archive", product).status_code == 403
    assert Product.objects.get().status == "active"
