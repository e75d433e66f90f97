"""What a person reads of a file first: each change, what is not read, whose stock is right."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Catalog, CatalogItem, Product, ProductImport, Reason, StockMovement, Variant
from catalog.product_data import VariantData
from catalog.spreadsheets import importing
from catalog.stock import ledger
from tenancy.models import AuditEntry, Store, User
from tests.catalog.sample import PICTURE, ledger_sum, make_product
from tests.catalog.test_import import accept, exported, page_of, send

SET = {"sets_stock": "on"}


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


def changes_of(row: ProductImport) -> list[tuple[Any, ...]]:
    names = ("row", "product", "column", "before", "after")
    return [tuple(one[name] for name in names) for one in row.changes]


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_a_known_sku_shows_what_becomes_of_title_price_and_stock(client: Client, shop: Store) -> None:
    make_product(title="Linen cushion", sku="LC-1", price_minor=1250, on_hand=5)
    row = send(client, "sku,title,price,quantity\nLC-1,Wool cushion,20,9\n")
    assert changes_of(row) == [
        (2, "Linen cushion", "title", "Linen cushion", "Wool cushion"),
        (2, "Linen cushion", "price", "12.50", "20.00"),
        (2, "Linen cushion", "quantity", "5", "9"),
    ]
    page = plain(page_of(client, row))
    for words in ("Linen cushion → Wool cushion", "12.50 → 20.00", "5 → 9"):
        assert words in page
    assert Product.objects.get().title == "Linen cushion"


def test_each_kind_of_change_is_said_in_words(client: Client, shop: Store) -> None:
    pair = (
        VariantData(title="S", sku="S", price_minor=100),
        VariantData(title="L", sku="L", price_minor=100),
    )
    make_product(title="Rug", tags=["a"], variants=pair, description="Soft. " * 60)
    names = "item_group_id,sku,title,options,price,sale_price,sale_starts,for_sale,tags,image_link"
    rest = f'"a,b",{PICTURE}?2,Soft.,draft'
    group = Product.objects.get().item_group_id
    rows = ("S,Rug,S,1,0.50,2026-12-01 10:00,no", "L,Rug,L,1,,,yes", "XL,Rug,XL,1,,,yes")
    file = "\n".join([f"{names},description,status", *(f"{group},{one},{rest}" for one in rows)])
    row = send(client, file)
    assert row.problems == []
    said = {(number, column): (before, after) for number, _title, column, before, after in changes_of(row)}
    long = f"{('Soft. ' * 60)[:119]}…"
    assert said == {
        (2, "description"): (long, "Soft."),
        (2, "status"): ("active", "draft"),
        (2, "tags"): ("a", "a, b"),
        (2, "image_link"): (f"1 picture: {PICTURE}", f"1 picture: {PICTURE}?2"),
        (2, "sale_price"): ("", "0.50"),
        (2, "sale_starts"): ("", "2026-12-01 10:00"),
        (2, "for_sale"): ("yes", "no"),
        (4, "options"): ("", "XL (new)"),
    }


@pytest.mark.django_db(transaction=True)
def test_a_file_that_says_nothing_new_offers_nothing_to_import(client: Client, shop: Store) -> None:
    make_product(sku="LC-1", on_hand=5)
    row = send(client, exported(client))
    assert (row.changed_products, row.stock_changes, row.changes, row.unread) == (0, 0, [], [])
    page = page_of(client, row)
    assert "There is nothing to import: your store has all of it just so." in page
    assert "accept/" not in page


def test_columns_that_are_not_read_are_named(client: Client, shop: Store) -> None:
    row = send(client, "Title;Price;Colour Code;Weight (kg);;stock\nRug;3;#fff;2;;1\n")
    assert row.unread == ["Colour Code", "Weight (kg)"]
    assert "Not read: the columns “Colour Code”, “Weight (kg)”" in page_of(client, row)
    assert "Not read: the column “Shelf”<" in page_of(client, send(client, "title,price,Shelf\nMat,3,B\n"))
    assert "Not read" not in page_of(client, send(client, "title,price\nLamp,3\n"))


def test_the_stock_of_the_file_counts_when_a_person_says_so(
    client: Client, catalog: Catalog, manager: User
) -> None:
    variant = make_product(sku="LC-1", on_hand=5).variants.get()
    CatalogItem.objects.update(waiting_since=None, stock_changed=False)
    row = send(client, "sku,quantity\nLC-1,9\n")
    assert (row.changed_products, row.stock_changes) == (0, 1)
    page = page_of(client, row)
    assert "Set the stock of 1 variant to the number in the file" in page
    assert 'name="sets_stock" checked' in page
    accept(client, row, **SET)
    variant.refresh_from_db()
    newest = StockMovement.objects.order_by("-pk")[0]
    assert (variant.on_hand, ledger_sum(variant)) == (9, 9)
    assert (newest.delta, newest.reason, newest.actor) == (4, Reason.COUNTED, manager)
    assert CatalogItem.objects.get().stock_changed


def test_without_that_word_stock_stays_as_it_is(client: Client, shop: Store) -> None:
    make_product(sku="LC-1", on_hand=5)
    row = send(client, "sku,price,quantity\nLC-1,20,9\n")
    assert 'name="sets_stock" checked' not in page_of(client, row)
    row = accept(client, row)
    variant = Variant.objects.get()
    assert (variant.price_minor, variant.on_hand) == (2000, 5)
    assert "5 → 9" not in plain(page_of(client, row))
    assert not AuditEntry.objects.filter(action="stock.adjusted").exists()


@pytest.mark.parametrize(("said", "after"), [("5", 3), ("9", 7), ("1", 0), ("3", 1)])
def test_what_was_sold_since_the_file_was_sent_stays_sold(
    client: Client, shop: Store, said: str, after: int
) -> None:
    variant = make_product(sku="LC-1", on_hand=5).variants.get()
    row = send(client, f"sku,price,quantity\nLC-1,20,{said}\n")
    ledger.take([(variant, 2)], reason=Reason.ORDER, reference="order:1")
    accept(client, row, **SET)
    variant.refresh_from_db()
    assert (variant.on_hand, ledger_sum(variant)) == (after, after)


@pytest.mark.parametrize("bad", ["many", "-1", "2.5", "99999999"])
def test_a_stock_that_cannot_be_is_refused_of_what_is_there_too(
    client: Client, shop: Store, bad: str
) -> None:
    make_product(sku="LC-1", on_hand=5)
    row = send(client, f"sku,quantity\nLC-1,{bad}\n")
    assert [(one["row"], one["column"]) for one in row.problems] == [(2, "quantity")]
    assert (row.good_rows, row.stock_changes) == (0, 0)


def test_a_preview_asks_the_database_as_often_for_many_new_products_as_for_few(shop: Store) -> None:
    def count(products: int) -> int:
        rows = "".join(f"Rug {n},1.50,R-{n}\n" for n in range(products))
        row = importing.begin_import(f"title,price,sku\n{rows}".encode(), file_name="rugs.csv", actor=None)
        with CaptureQueriesContext(connection) as captured:
            assert not importing.take_steps(row.pk)
        row.refresh_from_db()
        assert (row.state, row.new_products) == ("checked", products)
        return len(captured)

    assert count(24) == count(2)


def test_a_task_works_as_long_as_it_passed_over_what_is_done(
    client: Client, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, skip, take = [0], importing._skip, importing._take_slice

    def skip_slowly(*args: Any) -> Any:
        clock[0] += 10
        return skip(*args)

    def take_in_a_second(*args: Any, **kwargs: Any) -> bool:
        clock[0] += 1
        return take(*args, **kwargs)

    monkeypatch.setattr(importing, "SLICE", 1)
    monkeypatch.setattr(importing, "STEPS", 2)
    monkeypatch.setattr(importing, "monotonic", lambda: clock[0])
    monkeypatch.setattr(importing, "_skip", skip_slowly)
    monkeypatch.setattr(importing, "_take_slice", take_in_a_second)
    lines = "".join(f"Rug {number},5\n" for number in range(40))
    row = importing.begin_import(f"title,price\n{lines}".encode(), file_name="goods.csv", actor=None)
    assert importing.take_steps(row.pk)
    row.refresh_from_db()
    assert row.rows_done == 10
