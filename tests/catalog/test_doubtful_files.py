"""Files whose rows are good and may not be meant so: letters of another alphabet, SKUs in other capitals."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import Product, ProductImport, Variant
from catalog.spreadsheets import importing
from tenancy.models import Store
from tests.catalog.sample import make_product
from tests.catalog.test_import import IMPORT, accept, client, page_of, send

__all__ = ["client"]

UNREADABLE = "Some letters cannot be read. Save your table as “CSV UTF-8” and choose that file."
TEXTS = {
    "Cyrillic": "Ковёр ручной работы",
    "Arabic": "سجادة يدوية من الصوف",
    "Greek": "Χαλί χειροποίητο",
    "Chinese": "手工地毯",
}


def notes_of(row: ProductImport) -> list[tuple[int, str, str]]:
    return [(one["row"], one["column"], one["sentence"]) for one in row.notes]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_other_alphabets_without_a_mark_are_read(
    client: Client, shop: Store, text: str, encoding: str
) -> None:
    row = accept(client, send(client, f"title;price\n{text};4,50\n{text * 9};5\n".encode(encoding)))
    assert (row.state, row.error, row.notes) == ("done", "", [])
    assert Product.objects.order_by("pk")[0].title == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (TEXTS["Cyrillic"], "cp1251"),
        (TEXTS["Arabic"], "cp1256"),
        (TEXTS["Greek"], "cp1253"),
        ("שטיח עבודת יד", "cp1255"),
        (TEXTS["Chinese"], "gbk"),
    ],
)
def test_words_of_another_alphabet_are_not_taken_for_western_ones(
    client: Client, shop: Store, text: str, encoding: str
) -> None:
    row = send(client, f"title;price\n{text};4,50\n".encode(encoding))
    assert (row.state, row.error) == ("failed", UNREADABLE)


def test_one_broken_letter_does_not_spoil_all_others(client: Client, shop: Store) -> None:
    """Taken for a file of Windows, each “ü” of it would become “Ã¼”."""
    content = "title,price\nKüchenläufer,1\nTürmatte,2\nRug".encode() + b"\xfc,3\n"
    assert send(client, content).error == UNREADABLE


@pytest.mark.parametrize(
    "title", ["Küchenläufer groß", "Jäääär ———— käsi", "Créée à l’été – 20 €", "MAÇÃ – “Ñandú”"]
)
def test_western_letters_are_shown_before_they_are_imported(client: Client, shop: Store, title: str) -> None:
    row = send(client, f"title;price\nRug;1\n{title};4,50\n".encode("cp1252"))
    [(number, column, sentence)] = notes_of(row)
    assert (number, column) == (3, "title")
    assert f"We read “{title}”. If that looks wrong, save your table as “CSV UTF-8”" in sentence
    assert "Look at these first" in page_of(client, row)
    accept(client, row)
    assert Product.objects.filter(title=title).exists()


def test_a_file_that_says_how_it_is_written_is_not_doubted(client: Client, shop: Store) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert send(client, "title;price\nKüchenläufer;1\n".encode(encoding)).notes == []
    assert send(client, "title;price\nRug – 20 €;1\n".encode("cp1252")).notes == []


def test_skus_that_differ_by_capitals_are_two_and_are_pointed_out(
    client: Client, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SLICE", 2)
    make_product(title="Lamp", sku="L-1")
    lines = "Rug,1,ab-1\nMat,2,M-1\nVase,3,V-1\nBowl,4,AB-1\nLamp,5,l-1\nLamp,6,L-1\n"
    row = send(client, f"title,price,sku\n{lines}")
    assert (row.state, row.good_rows, row.problems) == ("checked", 6, [])
    in_file, in_store = notes_of(row)
    assert in_file == (
        5,
        "sku",
        "Row 2 has “AB-1” in other capitals. They are two variants. If you mean one, write both alike.",
    )
    assert in_store == (
        6,
        "sku",
        "Your store has “L-1”, the SKU of Lamp. “l-1” is another one to us. If you mean the same, write it "
        "just so.",
    )
    assert "Look at these first" in page_of(client, row)
    while row.state != "done":
        row = accept(client, row)
    assert set(Variant.objects.values_list("sku", flat=True)) == {"ab-1", "M-1", "V-1", "AB-1", "l-1", "L-1"}


def test_a_variant_that_is_named_just_so_is_not_pointed_out(client: Client, shop: Store) -> None:
    first = make_product(title="Rug", sku="r-1").variants.get()
    make_product(title="Mat", sku="R-1")
    assert send(client, "title,price,sku\nRug,1,r-1\nMat,2,R-1\n").notes == []
    renamed = f"id,title,price,sku\n{first.retailer_id},Rug,1,r-2\n,Vase,3,ß-1\n,Bowl,4,ß-2\n"
    assert send(client, renamed).notes == []
    done = accept(client, send(client, "title,price,sku\nVase,3,ß-1\n"))
    assert done.new_products == 1
    assert send(client, "title,price,sku\nVase,3,ß-1\n").unchanged_products == 1


def test_a_file_just_over_the_most_is_not_said_to_have_the_most(client: Client, shop: Store) -> None:
    large = SimpleUploadedFile("goods.csv", b"x" * (20 * 1024 * 1024 + 1))
    page = client.post(IMPORT, {"file": large}).content.decode()
    assert "The file has 21 MB; 20 MB is the most." in page
