"""Products out of a file and into one: the preview with each bad row, then what is taken over."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import CatalogItem, Product, ProductImport, StockMovement, Variant
from catalog.product_data import VariantData
from catalog.spreadsheets import importing, tasks
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tests.catalog.sample import PICTURE, ledger_sum, make_product
from tests.catalog.streams import read_stream

HOME = "/s/hazel-home/catalog/"
IMPORT = f"{HOME}import/"
HEAD = "title,price,image_link,sku,quantity\n"


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


def send(client: Client, content: str | bytes, *, name: str = "goods.csv") -> ProductImport:
    """Send a file, and do what the worker does with it."""
    data = content.encode() if isinstance(content, str) else content
    response: Any = client.post(IMPORT, {"file": SimpleUploadedFile(name, data)})
    assert response.status_code == 302, response.content.decode()
    return work(ProductImport.objects.order_by("-pk")[0])


def work(row: ProductImport) -> ProductImport:
    tasks.work_on_import(row.store_id, row.pk)
    return ProductImport.objects.get(pk=row.pk)


def accept(client: Client, row: ProductImport, **body: str) -> ProductImport:
    assert client.post(f"{IMPORT}{row.pk}/accept/", body).status_code == 302
    return work(row)


def page_of(client: Client, row: ProductImport) -> str:
    response: Any = client.get(f"{IMPORT}{row.pk}/")
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_file_is_shown_first_and_imported_when_told(client: Client, shop: Store, manager: User) -> None:
    row = send(client, f"{HEAD}Rug,12.50,{PICTURE},R-1,3\nMat,9,{PICTURE},,\n")
    assert (row.state, row.good_rows, row.bad_rows, row.new_products) == ("checked", 2, 0, 2)
    assert "Import 2 rows" in page_of(client, row)
    assert Product.objects.count() == 0
    row = accept(client, row)
    assert (row.state, bytes(row.content)) == ("done", b"")
    rug, mat = Variant.objects.order_by("pk")
    assert (rug.product.title, rug.sku, rug.price_minor, rug.on_hand, ledger_sum(rug)) == (
        "Rug",
        "R-1",
        1250,
        3,
        3,
    )
    assert (mat.product.title, mat.price_minor, mat.product.readiness) == ("Mat", 900, "warning")
    assert AuditEntry.objects.get(action="products.imported").actor == manager
    work(row)
    assert Product.objects.count() == 2


def test_an_import_whose_task_was_lost_goes_on(
    client: Client, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[int, int]] = []
    monkeypatch.setattr(tasks.work_on_import, "delay", lambda *args: started.append(args))
    row = send(client, f"{HEAD}Rug,12.50,,,\n")
    tasks.sweep_imports()
    assert started == []
    ProductImport.objects.update(state="importing", not_before=row.started_at)
    tasks.sweep_imports()
    assert started == [(row.store_id, row.pk)]


def test_a_file_that_nobody_accepts_is_forgotten_after_a_week(
    client: Client, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.forget_import, "delay", tasks.forget_import)
    row = send(client, f"{HEAD}Rug,12.50,,,\n")
    ProductImport.objects.update(started_at=row.started_at - timedelta(days=6))
    tasks.sweep_imports()
    assert ProductImport.objects.get().state == "checked"
    ProductImport.objects.update(started_at=row.started_at - timedelta(days=8))
    tasks.sweep_imports()
    row = ProductImport.objects.get()
    assert (row.state, bytes(row.content), Product.objects.count()) == ("stopped", b"", 0)


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        (",1,,,", "title", "Give it a title: buyers read it first."),
        ("x" * 10_000 + ",1,,,", "title", "At most 200 characters fit here, and this has 10000."),
        ("Rug,,,,", "price", "Enter a price, such as 12.50."),
        ("Rug,-3,,,", "price", "Enter a price above zero."),
        ("Rug,cheap,,,", "price", "“cheap” is no amount. Write it like this: 12.50."),
        ("Rug,1.9999,,,", "price", "GBP has 2 decimals."),
        ('Rug,"1,250",,,', "price", "can be read in two ways"),
        ("Rug,12 USD,,,", "price", "This price is in USD, and your store sells in GBP."),
        ("Rug,12 XAU,,,", "price", "Meta does not take prices in XAU."),
        ("Rug,1,not an address,,", "image_link", "“not” is no web address."),
        ("Rug,1,,R-1,", "sku", "“R-1” stands in row 2, too."),
        ("Rug,1,,,-4", "quantity", "Enter 0 at least."),
        ("Rug,1,,,many", "quantity", "Enter a whole number, such as 12."),
    ],
)
def test_each_bad_row_is_named_with_its_column_and_a_sentence(
    client: Client, shop: Store, line: str, column: str, words: str
) -> None:
    row = send(client, f"{HEAD}Good,1,,R-1,\n{line}\nGood too,1,,R-3,\n")
    assert (row.state, row.good_rows, row.bad_rows) == ("checked", 2, 1)
    [problem] = row.problems
    assert (problem["row"], problem["column"]) == (3, column)
    assert words in problem["sentence"]
    page = page_of(client, row)
    assert "Import only the 2 good rows" in page


def test_a_half_good_file_imports_nothing_unless_asked(client: Client, shop: Store) -> None:
    row = send(client, f"{HEAD}Rug,1,,,\nMat,0,,,\n")
    row = accept(client, row)
    assert (row.state, Product.objects.count()) == ("checked", 0)
    row = accept(client, row, only_good="yes")
    assert (row.state, row.good_rows, row.bad_rows) == ("done", 1, 1)
    assert [product.title for product in Product.objects.all()] == ["Rug"]
    assert "Enter a price above zero." in page_of(client, row)


def test_a_sale_has_to_be_cheaper_and_to_end_after_it_begins(client: Client, shop: Store) -> None:
    head = "title,price,sale_price,sale_starts,sale_ends\n"
    row = send(
        client,
        f"{head}Rug,10,12,,\nMat,10,8,2026-12-24 10:00,2026-12-01 10:00\nVase,10,8,2026-12-01 10:00,\n",
    )
    assert [(one["row"], one["column"], one["sentence"]) for one in row.problems] == [
        (2, "sale_price", "The sale price has to be below the price."),
        (3, "sale_ends", "The sale ends before it begins. Choose a later time."),
    ]
    accept(client, row, only_good="yes")
    variant = Variant.objects.get()
    assert (variant.sale_price_minor, variant.sale_starts_at is not None) == (800, True)


@pytest.mark.parametrize(
    "content",
    [
        "title;price;brand\nVáza;12,50;Čapek\n".encode("utf-8-sig"),
        "title\tprice\tbrand\r\nVáza\t12.50\tČapek\r\n".encode("utf-16"),
        "Title,Variant Price,Vendor\nVáza,£12.50,Čapek\n".encode(),
        "title|price|brand\nVáza|12.50 GBP|Čapek\n".encode(),
    ],
    ids=["semicolons and a mark", "utf-16 and tabs", "another shop's headings", "bars"],
)
def test_files_are_read_as_spreadsheets_write_them(client: Client, shop: Store, content: bytes) -> None:
    row = accept(client, send(client, content))
    assert (row.state, row.problems) == ("done", [])
    product = Product.objects.get()
    assert (product.title, product.brand) == ("Váza", "Čapek")
    assert product.variants.get().price_minor == 1250


def test_a_file_as_windows_writes_it_is_read(client: Client, shop: Store) -> None:
    accept(client, send(client, "title;price\nCafé “Noir” – 20 €;4,50\n".encode("cp1252")))
    assert Product.objects.get().title == "Café “Noir” – 20 €"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"PK\x03\x04rest", "This is a workbook, not a CSV file."),
        (b"title,price\n\x00\x01,2\n", "This is not a text file."),
        (b"title,price\n", "There is no row under the headings"),
        (b"one,two\n1,2\n", "The first row does not name the columns."),
        (b"<html><body>Sign in</body></html>", "The first row does not name the columns."),
        (b"title,title,price\na,b,1\n", "The column title stands there twice."),
        (
            b'title,price\n"Rug,1\nMat,2\n',
            "Row 2 cannot be read: a quotation mark is not closed in the column title.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_why(client: Client, shop: Store, content: bytes, words: str) -> None:
    row = send(client, content)
    assert (row.state, bytes(row.content)) == ("failed", b"")
    assert words in page_of(client, row)
    assert Product.objects.count() == 0


def test_a_file_that_is_too_large_is_refused_at_once(client: Client, shop: Store) -> None:
    large = SimpleUploadedFile("goods.csv", b"x" * (21 * 1024 * 1024))
    response: Any = client.post(IMPORT, {"file": large})
    assert response.status_code == 422
    assert "The file has 21 MB; 20 MB is the most." in response.content.decode()
    assert ProductImport.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_formulas_stay_text_and_are_asleep_in_an_export(client: Client, shop: Store) -> None:
    formula = '=HYPERLINK("https://evil.example";"Rug")'
    accept(client, send(client, 'title,price\n"{}",1\n'.format(formula.replace('"', '""'))))
    assert Product.objects.get().title == formula
    rows = export(client)
    assert rows[0]["title"] == f"'{formula}"
    accept(client, send(client, exported(client)))
    assert Product.objects.get().title == formula


def exported(client: Client) -> bytes:
    response: Any = client.get(f"{HOME}export.csv")
    assert response.status_code == 200
    return read_stream(response)


def export(client: Client) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported(client).decode("utf-8-sig"))))


def facts() -> list[dict[str, Any]]:
    products = [dict(row) for row in Product.objects.order_by("pk").values()]
    return products + [dict(row) for row in Variant.objects.order_by("pk").values()]


@pytest.mark.django_db(transaction=True)
def test_an_export_can_be_imported_again_and_changes_nothing(client: Client, shop: Store) -> None:
    variants = (
        VariantData(title="Blue, L", option_values=["Blue", "L"], sku="B", price_minor=1999, on_hand=4),
        VariantData(
            title="Red, S",
            option_values=["Red", "S"],
            price_minor=1000,
            sale_price_minor=900,
            is_for_sale=False,
        ),
    )
    make_product(
        option_names=["Colour", "Size"],
        variants=variants,
        description='Soft;\n"very", really',
        tags=["a", "b c"],
        image_urls=[PICTURE, f"{PICTURE}?2"],
        category="Bed",
        gender="female",
        age_group="all ages",
    )
    make_product(title="Draft", status="draft", price_minor=5)
    make_product(title="With words", variants=(VariantData(title="large", price_minor=7),))
    before = facts()
    row = accept(client, send(client, exported(client)))
    assert (row.state, row.problems, row.changed_products, row.new_products) == ("done", [], 0, 0)
    assert row.unchanged_products == 3
    assert "Products that stay as they are" in page_of(client, row)
    assert facts() == before
    assert not AuditEntry.objects.filter(action="product.changed").exists()
    assert StockMovement.objects.count() == 2


def test_only_the_columns_of_the_file_change(client: Client, shop: Store) -> None:
    variant = make_product(sku="LC-1", brand="Hazel", tags=["soft"], on_hand=5).variants.get()
    accept(client, send(client, "sku,price,quantity\nLC-1,20,99\n"))
    after = Variant.objects.get()
    assert (after.price_minor, after.on_hand, after.retailer_id) == (2000, 5, variant.retailer_id)
    assert (after.product.brand, after.product.tags) == ("Hazel", ["soft"])


def test_the_same_file_twice_makes_nothing_twice(client: Client, shop: Store) -> None:
    for _time in range(2):
        accept(client, send(client, "id,title,price\nOLD-7,Rug,3\n"))
    assert (Product.objects.count(), Variant.objects.get().sku) == (1, "OLD-7")


def test_rows_of_one_group_become_the_variants_of_one_product(client: Client, shop: Store) -> None:
    file = (
        "item_group_id,title,price,color,size,material\n"
        "rugs,Rug,10,Blue,L,Wool\nrugs,Rug,11,Red,L,Wool\nmat,Mat,5,Blue,,\n"
    )
    row = accept(client, send(client, file))
    assert (row.problems, row.new_products) == ([], 2)
    rug = Product.objects.get(title="Rug")
    assert (rug.option_names, rug.colour, rug.size, rug.material) == (["Colour"], "", "L", "Wool")
    assert list(rug.variants.values_list("title", "option_values", "price_minor")) == [
        ("Blue", ["Blue"], 1000),
        ("Red", ["Red"], 1100),
    ]


def test_a_row_adds_a_variant_to_a_product_that_is_there(client: Client, shop: Store) -> None:
    blue = (VariantData(title="Blue", option_values=["Blue"], price_minor=1000),)
    product = make_product(option_names=["Colour"], variants=blue, brand="Hazel", tags=["soft"])
    head = "item_group_id,price,options\n"
    row = send(client, f"{head}{product.item_group_id},12,Colour: blue\n")
    assert row.problems[0]["sentence"] == "Two variants have the same options. Say how they differ."
    row = send(client, f"{head}{product.item_group_id},12,Size: L\n")
    assert row.problems[0]["sentence"].startswith("Its other variants have these options: Colour.")
    row = accept(client, send(client, f"{head}{product.item_group_id},12,Colour: Red\n"))
    assert (row.problems, row.changed_products, row.new_products) == ([], 1, 0)
    product.refresh_from_db()
    assert (product.title, product.brand, product.tags) == ("Linen cushion", "Hazel", ["soft"])
    assert list(product.variants.values_list("title", "price_minor")) == [("Blue", 1000), ("Red", 1200)]


def test_a_product_with_a_bad_row_is_left_out_whole(client: Client, shop: Store) -> None:
    file = "item_group_id,title,price,options\nrugs,Rug,10,Colour: Blue\nrugs,Rug,0,Colour: Red\nmat,Mat,5,\n"
    row = send(client, file)
    assert [(one["row"], one["column"], one["sentence"]) for one in row.problems] == [
        (2, "", "Left out, because row 3 of the same product is."),
        (3, "price", "Enter a price above zero."),
    ]
    accept(client, row, only_good="yes")
    assert [product.title for product in Product.objects.all()] == ["Mat"]


def test_two_rows_of_a_product_have_to_differ_and_to_stand_together(client: Client, shop: Store) -> None:
    file = "item_group_id,title,price\nrugs,Rug,10\nrugs,Rug,11\nmat,Mat,5\nrugs,Rug,12\n"
    problems = send(client, file).problems
    assert ("options", "Two variants have the same options. Say how they differ.") in [
        (one["column"], one["sentence"]) for one in problems if one["row"] == 3
    ]
    assert [one["sentence"] for one in problems if one["row"] == 5] == [
        "The rows of one product stand together. Move this one up to the others of “rugs”."
    ]


def test_an_import_goes_on_where_it_stopped(
    client: Client, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SLICE", 2)
    monkeypatch.setattr(importing, "STEPS", 1)
    lines = [f"Rug {number},1,,R-{number},1" for number in range(4)] + ["Twice,1,,R-0,1"]
    row = send(client, HEAD + "\n".join(lines))
    assert (row.state, row.rows_done) == ("checking", 2)
    assert "2 of 5" in page_of(client, row)
    row = work(work(row))
    assert (row.state, row.good_rows, row.problems[0]["column"]) == ("checked", 4, "sku")
    row = accept(client, row, only_good="yes")
    assert Product.objects.count() == 2
    row = work(work(row))
    assert (row.state, Product.objects.count(), row.new_products) == ("done", 4, 4)


def test_an_import_is_stopped_and_what_came_before_stays(
    client: Client, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SLICE", 1)
    row = send(client, f"{HEAD}Rug,1,,,\nMat,1,,,\n")
    monkeypatch.setattr(importing, "STEPS", 1)
    row = accept(client, row)
    assert client.post(f"{IMPORT}{row.pk}/stop/").status_code == 302
    row = work(row)
    assert (row.state, bytes(row.content), Product.objects.count()) == ("stopped", b"", 1)
    assert "This import was stopped." in page_of(client, row)


def test_a_connected_catalog_shows_what_is_imported(client: Client, catalog: Any) -> None:
    accept(client, send(client, f"{HEAD}Rug,12.50,{PICTURE},,3\n"))
    assert CatalogItem.objects.get().state == "waiting"


def test_another_stores_ids_mean_nothing_here(client: Client, store: Store, other_store: Store) -> None:
    with open_store(other_store.pk):
        theirs = make_product(title="Bolt bike", price_minor=100).variants.get()
    with open_store(store.pk):
        accept(client, send(client, f"id,title,price\n{theirs.retailer_id},Mine,5\n"))
        assert Variant.objects.get().sku == theirs.retailer_id
    with open_store(other_store.pk):
        assert Variant.objects.get().price_minor == 100


@pytest.mark.django_db(transaction=True)
def test_a_viewer_exports_and_imports_nothing(
    shop: Store, viewer: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(viewer)
    assert exported(client).decode("utf-8-sig").startswith("id,item_group_id,title")
    assert client.get(IMPORT).status_code == 403
    assert (
        client.post(IMPORT, {"file": SimpleUploadedFile("a.csv", b"title,price\nA,1\n")}).status_code == 403
    )
