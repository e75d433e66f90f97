"""Files as they go wrong in the world: each with the row, the column and what to do, nothing half done."""

from __future__ import annotations

import csv
import io
import re
import tracemalloc
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Picture, Product, ProductImport, Variant
from catalog.pictures import tasks
from catalog.pictures.keeping import keep_upload
from catalog.product_data import VariantData
from catalog.spreadsheets import exporting, importing
from catalog.spreadsheets.csv_file import MOST_BYTES, harmless, read_rows
from tenancy.models import Store
from tests.catalog import picture_sample as files
from tests.catalog.picture_sample import Host
from tests.catalog.sample import PICTURE, make_product
from tests.catalog.test_import import HEAD, accept, client, exported, page_of, send, work

__all__ = ["client"]


def problems_of(row: ProductImport) -> list[tuple[int, str, str]]:
    return [(one["row"], one["column"], one["sentence"]) for one in row.problems]


@pytest.mark.parametrize(
    "content",
    [
        "title;price\nCafé – Čaj;4,50\n".encode("utf-16-le"),
        "title;price\nCafé – Čaj;4,50\n".encode("utf-16-be"),
        "sep=;\r\ntitle;price\r\nCafé – Čaj;4,50\r\n".encode("utf-8-sig"),
        "sep=\t\ntitle\tprice\nCafé – Čaj\t4.50\n".encode(),
        "\ufefftitle,price\rCafé – Čaj,4.50\r".encode(),
        "title,price\nCafé – Čaj,4.50\n".encode("utf-32"),
        "\n;;\ntitle;price\nCafé – Čaj;4,50\n".encode(),
        "title,price\nCafé – Čaj,4.50\ntitle,price\n".encode(),
    ],
    ids=[
        "utf-16 le",
        "utf-16 be",
        "sep line",
        "sep line and tabs",
        "old line ends",
        "utf-32",
        "empty first lines",
        "headings twice",
    ],
)
def test_unusual_files_are_read(client: Client, shop: Store, content: bytes) -> None:
    row = accept(client, send(client, content))
    assert (row.state, row.problems) == ("done", [])
    assert Product.objects.get().title == "Café – Čaj"
    assert Variant.objects.get().price_minor == 450


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7 prices", files.picture("PNG"), files.picture("JPEG"), b"\x1f\x8b\x08\0\0\0", b"\0" * 500],
    ids=["pdf", "png", "jpeg", "gzip", "zeros"],
)
def test_other_kinds_of_files_are_told_apart(client: Client, shop: Store, content: bytes) -> None:
    row = send(client, content)
    assert (row.state, row.error) == (
        "failed",
        "This is not a text file. Save your table as “CSV UTF-8” and choose that one.",
    )


def test_letters_of_another_country_are_said_to_be_unreadable(client: Client, shop: Store) -> None:
    row = send(client, "title,price\nŤukání,1\n".encode("cp1250"))
    assert row.error == "Some letters cannot be read. Save your table as “CSV UTF-8” and choose that file."


def test_a_nul_is_named_where_it_stands(client: Client, shop: Store) -> None:
    row = send(client, f"{HEAD}Good,1,,G-1,\nR\0ug,2,,N\0-1,\nFine,3,,,\n")
    words = "There is a sign here that no text has (NUL). Take it out."
    assert problems_of(row) == [(3, "title", words), (3, "sku", words)]
    row = accept(client, row, only_good="yes")
    assert sorted(Product.objects.values_list("title", flat=True)) == ["Fine", "Good"]


def test_a_row_with_more_cells_than_headings_is_refused(client: Client, shop: Store) -> None:
    row = send(client, "title,price,brand\nRug, soft,12.50,Hazel\nMat,3,Hazel,,\n")
    [problem, *others] = problems_of(row)
    assert problem[:2] == (2, "")
    assert problem[2].startswith("This row has 4 cells, and there are 3 headings.")
    assert {one[0] for one in others} <= {2}
    assert (row.good_rows, row.bad_rows) == (1, 1)


def test_ten_thousand_columns_are_read_past(client: Client, shop: Store) -> None:
    names = ",".join(f"extra {n}" for n in range(10_000))
    row = accept(client, send(client, f"title,{names},price\nRug,{',' * 9_999},7\n"))
    assert (row.state, row.problems) == ("done", [])
    assert Variant.objects.get().price_minor == 700


def test_a_quotation_that_never_ends_is_named_by_its_column(client: Client, shop: Store) -> None:
    lines = "".join(f"Mat {n},Hazel,1\n" for n in range(50_000))
    row = send(client, f'title,brand,price\nRug,Hazel,1\nVase,"Hazel,2\n{lines}')
    assert (row.state, row.good_rows) == ("failed", 0)
    assert row.error == (
        "Row 3 cannot be read: a quotation mark is not closed in the column brand. Close it there."
    )
    assert "Nothing was imported." in page_of(client, row)


def test_a_quotation_mark_inside_a_text_is_named(client: Client, shop: Store) -> None:
    row = send(client, 'title,price\nRug,1\n"Table 40" wide",2\n')
    assert row.error == (
        "Row 3 cannot be read: there is a quotation mark inside a text. Write it twice there."
    )


def test_the_sku_of_another_variant_is_refused_in_the_preview(client: Client, shop: Store) -> None:
    first, second = make_product(sku="A-1").variants.get(), make_product(sku="B-1").variants.get()
    row = send(client, f"id,sku,price\n{first.retailer_id},B-1,3\n{second.retailer_id},B-1,4\n")
    assert problems_of(row) == [
        (2, "sku", "The SKU “B-1” is that of Linen cushion. Each variant needs its own."),
        (3, "sku", "“B-1” stands in row 2, too. Each variant needs its own."),
    ]
    assert set(Variant.objects.values_list("sku", "price_minor")) == {("A-1", 1250), ("B-1", 1250)}


TEXTS = (
    "=1+1",
    "'=1+1",
    "''=1+1",
    "+49 170",
    "-5 %",
    "@home",
    "'quoted'",
    "＝1+1",
    "'tis",
    "a=1",
    "'",
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_cell_comes_back_as_it_went_out(text: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["title", "price"], [harmless(text), "1"]])
    [row] = read_rows(out.getvalue().encode())
    assert row.cells["title"] == text
    assert not harmless(text).startswith(("=", "+", "-", "@", "＝"))


@pytest.mark.django_db(transaction=True)
def test_pictures_of_ours_come_back_as_they_went_out(client: Client, shop: Store, media: Any) -> None:
    own = keep_upload(files.picture()).address
    product = make_product(image_urls=[own, PICTURE])
    text = exported(client).decode("utf-8-sig")
    assert f"http://127.0.0.1:8000{own}" in text
    row = accept(client, send(client, text))
    product.refresh_from_db()
    assert (row.unchanged_products, product.image_urls) == (1, [own, PICTURE])


@pytest.mark.django_db(transaction=True)
def test_an_export_is_written_slice_by_slice(
    client: Client, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        rows = tuple(VariantData(title=str(n), price_minor=100) for n in range(3))
        make_product(title=f"Rug {number}", variants=rows)
    monkeypatch.setattr(exporting, "SLICE", 2)
    parts: list[bytes] = []

    async def read() -> None:
        parts.extend([part async for part in exporting.stream_products_csv(shop)])

    async_to_sync(read)()
    assert [part.count(b"\r\n") for part in parts] == [1, 6, 6, 3, 0]
    titles = [line["title"] for line in csv.DictReader(io.StringIO(b"".join(parts).decode("utf-8-sig")))]
    assert titles == [f"Rug {number}" for number in range(5) for _ in range(3)]


def test_the_largest_file_is_read_in_little_memory() -> None:
    content = b"title,price,description\n" + b"".join(
        b"Rug %d,1,%s\n" % (n, b"soft " * 800) for n in range(6_000)
    )
    content = content[:MOST_BYTES]
    assert len(content) == MOST_BYTES
    tracemalloc.start()
    count = sum(1 for _row in read_rows(content))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count > 5_000
    assert peak < 12 * 1024 * 1024


def test_a_file_is_not_written_again_with_each_slice(
    client: Client, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SLICE", 2)
    content = HEAD + "".join(f"Rug {n},1,{PICTURE},R-{n},\n" for n in range(10))
    with CaptureQueriesContext(connection) as queries:
        send(client, content)
    as_written = content[:40].encode().hex()
    assert sum(as_written in query["sql"] for query in queries.captured_queries) == 1


def test_the_preview_looks_at_the_pictures_of_a_file(client: Client, shop: Store, host: Host) -> None:
    page, zero = host.serve("/page.jpg", files.PAGE), host.serve("/zero.jpg", b"")
    bomb, good = host.serve("/bomb.jpg", files.bomb()), host.serve("/good.jpg", files.picture())
    head = "title,price,image_link,additional_image_link\n"
    lines = f"Rug,1,{page},\nMat,2,{zero},\nVase,3,{good},{bomb}\nLamp,4,{good},\n"
    row = send(client, head + lines)
    assert (row.state, row.good_rows, host.asked) == ("checked", 4, [])
    shown = page_of(client, row)
    assert "Looked at 0 of 4 pictures." in shown
    assert 'hx-trigger="every 2s"' in shown
    tasks.look_at_pictures(shop.pk)
    shown = page_of(client, row)
    found = re.findall(
        r'<td class="table__number">(\d+)</td><td>(\w+)</td><td class="breaks">(.+?) <a', shown
    )
    assert [(number, column, words.split(".")[0]) for number, column, words in found] == [
        ("2", "image_link", "This is a web page, not a picture"),
        ("3", "image_link", "The file is empty"),
        ("4", "additional_image_link", "10000 × 10000: The picture has more than 64 million pixels"),
    ]
    assert "hx-trigger" not in shown.split('id="import"')[1].split(">")[0]
    accept(client, row)
    readiness = dict(Product.objects.values_list("title", "readiness"))
    assert readiness == {"Rug": "blocked", "Mat": "blocked", "Vase": "warning", "Lamp": "warning"}
    assert Picture.objects.count() == 4


def test_two_rows_about_one_variant_are_not_taken_for_two(client: Client, shop: Store) -> None:
    variant = make_product(sku="R-1", title="Rug").variants.get()
    rows = f"{variant.retailer_id},,Rug,5,{PICTURE}\n,R-1,Mat,6,{PICTURE}\n"
    row = send(client, f"id,sku,title,price,image_link\n{rows}")
    assert (row.good_rows, row.bad_rows) == (1, 1)
    sentence = "Row 2 is about Rug, too. Put the two into one row."
    assert row.problems == [{"row": 3, "column": "sku", "sentence": sentence}]


NAMES_IT = (
    "Row 2 names “R-1”, the SKU of Rug, too. Put the two into one row, or this one above the other if it "
    "gives the SKU up."
)


@pytest.mark.parametrize(
    ("first", "second", "column", "sentence"),
    [
        (",N-1", ",N-1", "sku", "“N-1” stands in row 2, too. Each variant needs its own."),
        (",N-1", "N-1,", "id", "“N-1” stands in row 2, too. Each variant needs its own."),
        ("N-1,", ",N-1", "sku", "“N-1” stands in row 2, too. Each variant needs its own."),
        ("{id},", ",R-1", "sku", "Row 2 is about Rug, too. Put the two into one row."),
        (",R-1", "{id},", "id", NAMES_IT),
        ("R-1,", "{id},", "id", NAMES_IT),
        ("{id},", "{id},R-2", "id", "“{id}” stands in row 2, too. Each variant needs its own."),
    ],
)
def test_a_row_far_below_about_the_same_goods_is_refused_with_the_number_of_the_first(
    client: Client,
    shop: Store,
    monkeypatch: pytest.MonkeyPatch,
    first: str,
    second: str,
    column: str,
    sentence: str,
) -> None:
    monkeypatch.setattr(importing, "SLICE", 2)
    monkeypatch.setattr(importing, "STEPS", 1)
    known = make_product(sku="R-1", title="Rug").variants.get().retailer_id
    between = "".join(f",M-{number},Mat,2\n" for number in range(6))
    lines = f"{first},Rug,5\n{between}{second},Lamp,6\n".replace("{id}", known)
    row = send(client, f"id,sku,title,price\n{lines}")
    while row.state == "checking":
        row = work(row)
    said = sentence.replace("{id}", known)
    assert (row.good_rows, row.problems) == (7, [{"row": 9, "column": column, "sentence": said}])

    row = accept(client, row, only_good="yes")
    while row.state == "importing":
        row = work(row)
    assert (row.state, row.good_rows, row.bad_rows) == ("done", 7, 1)
    assert not Product.objects.filter(title="Lamp").exists()
