"""What buyers see of what is sold out: the store says, a product may say otherwise, Meta follows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import Catalog, CatalogFinding, CatalogItem, Product, ProductImport, PushBatch, Reason
from catalog.product_data import VariantData
from catalog.push import tasks
from catalog.spreadsheets import tasks as import_tasks
from catalog.stock import ledger, sold_out
from catalog.stock.tasks import send_sold_out_again
from tenancy.models import AuditEntry, Store, User
from tests.catalog.sample import finish, item_of, make_product, make_variant, push, remote_items
from tests.catalog.streams import read_stream
from tests.catalog.test_pages import form_body
from tests.catalog.test_reconcile import behind, compare_now, foreign, make_live
from tests.sandbox_process import Sandbox

HOME = "/s/hazel-home/catalog/"
SETTINGS = f"{HOME}stock/"
BODY = {"when_sold_out": "show", "low_stock_at": "2", "measures_stock": "on"}
"""What the settings of a new store say."""


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


def send_all(catalog: Catalog) -> int:
    batch = push(catalog)
    return finish(batch).live_count if batch else 0


def visibility(sandbox: Sandbox) -> dict[str, str]:
    """Return what Meta says of each item, by its title."""
    return {row["title"]: row["visibility"] for row in remote_items(sandbox).values()}


def sell(variant: Any, pieces: int) -> None:
    ledger.take([(variant, pieces)], reason=Reason.ORDER, reference=f"order:{variant.pk}")


def push_stock(catalog: Catalog) -> PushBatch:
    tasks.push_stock()
    return finish(PushBatch.objects.latest("pk"))


def test_the_last_piece_hides_an_item_and_new_stock_brings_the_same_one_back(
    catalog: Catalog, sandbox: Sandbox, shop: Store
) -> None:
    variant = make_variant(on_hand=1, when_sold_out="hide")
    send_all(catalog)
    before = sandbox.get("world")["products"]
    assert visibility(sandbox) == {"Linen cushion": "published"}

    sell(variant, 1)
    assert push_stock(catalog).live_count == 1
    assert visibility(sandbox) == {"Linen cushion": "staging"}
    assert item_of(variant).state == "live"

    ledger.give_back([(variant, 3)], reason=Reason.DELIVERED, reference="")
    assert push_stock(catalog).live_count == 1
    assert visibility(sandbox) == {"Linen cushion": "published"}
    after = sandbox.get("world")["products"]
    assert [row["id"] for row in after] == [row["id"] for row in before]


@pytest.mark.parametrize(
    ("of_the_store", "of_the_product", "seen"),
    [
        ("show", "inherit", "published"),
        ("hide", "inherit", "staging"),
        ("hide", "show", "published"),
        ("show", "hide", "staging"),
    ],
)
def test_a_product_may_say_otherwise_than_its_store(
    catalog: Catalog, sandbox: Sandbox, of_the_store: str, of_the_product: str, seen: str
) -> None:
    Store.objects.filter(pk=catalog.store_id).update(when_sold_out=of_the_store)
    make_product(title="Lamp", on_hand=0, when_sold_out=of_the_product)
    make_product(title="Vase", on_hand=2, when_sold_out=of_the_product)
    send_all(catalog)
    assert visibility(sandbox) == {"Lamp": seen, "Vase": "published"}


def test_what_is_held_or_kept_back_is_hidden_as_what_is_sold(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant(on_hand=2, when_sold_out="hide")
    variant.safety_stock = 2
    variant.save(update_fields=["safety_stock"])
    send_all(catalog)
    assert visibility(sandbox) == {"Linen cushion": "staging"}


def test_the_setting_of_a_store_is_saved_told_and_followed_by_what_is_sold_out(
    client: Client, catalog: Catalog, sandbox: Sandbox, manager: User
) -> None:
    sold, left, own = (
        make_variant(title="Lamp", on_hand=0),
        make_variant(title="Vase", on_hand=2),
        make_variant(title="Rug", on_hand=0, when_sold_out="show"),
    )
    assert send_all(catalog) == 3
    assert re.search(r'value="show"[^>]* checked', client.get(SETTINGS).content.decode())

    assert (
        client.post(
            SETTINGS, {"when_sold_out": "hide", "low_stock_at": "2", "measures_stock": "on"}
        ).status_code
        == 302
    )
    assert Store.objects.get(pk=catalog.store_id).when_sold_out == "hide"
    entry = AuditEntry.objects.get(action="store.changed")
    assert (entry.actor, entry.details["after"]) == (manager, {"when_sold_out": "hide"})

    send_sold_out_again(catalog.store_id)
    waiting = CatalogItem.objects.filter(waiting_since__isnull=False).values_list("variant_id", flat=True)
    assert set(waiting) == {sold.pk}
    assert send_all(catalog) == 1
    assert visibility(sandbox) == {"Lamp": "staging", "Vase": "published", "Rug": "published"}
    assert (left.pk, own.pk) != (sold.pk, sold.pk)


def test_saving_the_same_again_sends_nothing(client: Client, catalog: Catalog) -> None:
    make_variant(on_hand=0)
    send_all(catalog)
    client.post(SETTINGS, BODY)
    assert not AuditEntry.objects.filter(action="store.changed").exists()
    assert not CatalogItem.objects.filter(waiting_since__isnull=False).exists()


def test_a_choice_that_there_is_not_is_refused(client: Client, shop: Store) -> None:
    answer = client.post(SETTINGS, {"when_sold_out": "burn"})
    assert answer.status_code == 422
    assert "Select a valid choice" in answer.content.decode()
    assert Store.objects.get(pk=shop.pk).when_sold_out == "show"


def test_an_agent_does_not_say_what_buyers_see(
    agent: User, client_of: Callable[[User], Client], shop: Store
) -> None:
    assert client_of(agent).post(SETTINGS, {"when_sold_out": "hide"}).status_code == 403
    assert Store.objects.get(pk=shop.pk).when_sold_out == "show"


def test_a_large_store_is_looked_at_slice_by_slice(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sold_out, "SLICE", 2)
    variants = [make_variant(title=f"Lamp {number}", on_hand=0) for number in range(3)]
    send_all(catalog)
    after = sold_out.send_slice_again(after=0)
    assert after == variants[1].pk
    assert sold_out.send_slice_again(after=after) is None
    assert CatalogItem.objects.filter(waiting_since__isnull=False).count() == 3


# --- The page for buyers ----------------------------------------------------------------------------------


def test_a_buyer_does_not_see_a_hidden_variant(shop: Store) -> None:
    variants = (
        VariantData(title="Blue", price_minor=100, on_hand=2),
        VariantData(title="Ochre", price_minor=200, on_hand=0),
    )
    product = make_product(variants=variants, when_sold_out="hide")
    page = Client().get(f"/shop/hazel-home/{product.item_group_id}").content.decode()
    assert "Blue" in page
    assert "Ochre" not in page
    assert "noindex" not in page


def test_the_page_of_a_hidden_product_says_so_and_is_found_by_no_search(shop: Store) -> None:
    product = make_product(on_hand=0, when_sold_out="hide")
    answer = Client().get(f"/shop/hazel-home/{product.item_group_id}")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "It is sold out at the moment." in page
    assert '<meta name="robots" content="noindex">' in page
    assert "application/ld+json" not in page
    assert "12.50" not in page


def test_a_rehearsal_counts_what_is_sent_hidden(client: Client, catalog: Catalog) -> None:
    Catalog.objects.update(is_held=True)
    make_product(title="Lamp", on_hand=0, when_sold_out="hide")
    make_product(title="Vase", on_hand=0)
    make_product(title="Rug", on_hand=3, when_sold_out="hide")
    address = f"{HOME}meta/{catalog.pk}/push/"
    assert "1 of them is sold out: it is sent hidden" in client.get(address).content.decode()
    Store.objects.filter(pk=catalog.store_id).update(when_sold_out="hide")
    assert "2 of them are sold out: they are sent hidden" in client.get(address).content.decode()


# --- Where it is said -------------------------------------------------------------------------------------


def test_the_form_of_a_product_says_it_and_keeps_it_when_it_is_not_asked(client: Client, shop: Store) -> None:
    product = make_product()
    address = f"{HOME}{product.pk}/edit/"
    pk = str(product.variants.get().pk)
    body = form_body(**{"variants-INITIAL_FORMS": "1", "variants-0-pk": pk, "variants-0-is_for_sale": "on"})
    assert client.post(address, body | {"when_sold_out": "hide"}).status_code == 302
    assert Product.objects.get().when_sold_out == "hide"
    assert client.post(address, body).status_code == 302
    assert Product.objects.get().when_sold_out == "hide"


def test_many_products_are_changed_at_once(client: Client, shop: Store) -> None:
    one, two = make_product(title="Lamp"), make_product(title="Vase", when_sold_out="show")
    body = {"action": "save", "product": [one.pk, two.pk], "when_sold_out": "hide"}
    assert client.post(f"{HOME}many/", body).status_code == 302
    assert set(Product.objects.values_list("when_sold_out", flat=True)) == {"hide"}
    client.post(f"{HOME}many/", body | {"when_sold_out": "inherit"})
    assert set(Product.objects.values_list("when_sold_out", flat=True)) == {"inherit"}


@pytest.mark.django_db(transaction=True)
def test_a_file_says_it_and_an_export_does(client: Client, shop: Store) -> None:
    content = (
        "title,price,image_link,sku,when_sold_out\n"
        "Lamp,5,https://p.example/a.jpg,L1,Hide\n"
        "Vase,5,https://p.example/a.jpg,V1,\n"
        "Rug,5,https://p.example/a.jpg,R1,never\n"
    )
    client.post(f"{HOME}import/", {"file": SimpleUploadedFile("goods.csv", content.encode())})
    row = ProductImport.objects.get()
    import_tasks.work_on_import(row.store_id, row.pk)
    row.refresh_from_db()
    assert [(one["row"], one["column"]) for one in row.problems] == [(4, "when_sold_out")]
    client.post(f"{HOME}import/{row.pk}/accept/", {"only_good": "yes"})
    import_tasks.work_on_import(row.store_id, row.pk)
    assert dict(Product.objects.values_list("title", "when_sold_out")) == {"Lamp": "hide", "Vase": "inherit"}

    written = read_stream(client.get(f"{HOME}export.csv"))
    rows = csv.DictReader(io.StringIO(written.decode("utf-8-sig")))
    assert {line["title"]: line["when_sold_out"] for line in rows} == {"Lamp": "hide", "Vase": "inherit"}


def test_the_page_of_a_product_says_what_holds_and_what_is_hidden(client: Client, shop: Store) -> None:
    shown, hidden = make_product(title="Lamp", on_hand=0), make_product(on_hand=0, when_sold_out="hide")
    page = client.get(f"{HOME}{shown.pk}/").content.decode()
    assert "Show it as sold out" in page
    assert "as the store says" in page
    assert "None left, hidden" not in page
    page = client.get(f"{HOME}{hidden.pk}/").content.decode()
    assert "Hide it until there is stock" in page
    assert "as the store says" not in page
    assert "None left, hidden" in page


# --- A comparison knows it --------------------------------------------------------------------------------


def test_a_hidden_item_is_as_it_should_be_and_one_that_is_shown_is_not(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    Store.objects.filter(pk=catalog.store_id).update(when_sold_out="hide")
    sold, left = make_live(catalog, "Lamp", "Vase")
    sell(sold, 5)
    assert push_stock(catalog).live_count == 1
    compare_now(catalog)
    assert not CatalogFinding.objects.exists()

    behind(sandbox, sold.retailer_id, data={"visibility": "published"})
    behind(sandbox, left.retailer_id, data={"visibility": "staging"})
    compare_now(catalog)
    found = {row.variant_id: row.differences for row in CatalogFinding.objects.all()}
    assert found == {
        sold.pk: [{"field": "visibility", "ours": "staging", "theirs": "published"}],
        left.pk: [{"field": "visibility", "ours": "published", "theirs": "staging"}],
    }


def test_what_somebody_hid_at_meta_does_not_become_a_product_that_is_seen(
    catalog: Catalog, sandbox: Sandbox, client: Client
) -> None:
    behind(sandbox, "cup-1", data=foreign(visibility="staging"))
    compare_now(catalog)
    page = client.get(f"{HOME}meta/{catalog.pk}/import/?show=left").content.decode()
    assert "It is hidden at Meta" in page
    assert "Make products of them" not in page
