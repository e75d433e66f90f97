"""Prices, counts, days and codes as people and programs write them in files: read or refused, not guessed."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.models import Variant
from tenancy.models import Store
from tests.catalog.sample import make_product
from tests.catalog.test_import import accept, client, send

__all__ = ["client"]

TWO_WAYS = "“%s” can be read in two ways. Write thousands without a sign: %s."
SHORTENED = (
    "A spreadsheet has shortened this number, and the rest of it is lost. Make the column one of text and "
    "enter the number again."
)


@pytest.mark.parametrize(
    ("said", "minor"),
    [
        ("1.234,56", 123456),
        ("1,234.56", 123456),
        ("12 500", 1250000),
        ("1’234.50", 123450),
        ("12,34,567.50", 123456750),
        ("Rs.500", 50000),
        ("£12.50", 1250),
        ("5,-", 500),
        (".5", 50),
    ],
)
def test_a_price_is_read_as_people_write_it(client: Client, shop: Store, said: str, minor: int) -> None:
    accept(client, send(client, f'title,price\nRug,"{said}"\n'))
    assert Variant.objects.get().price_minor == minor


@pytest.mark.parametrize(
    ("column", "said", "words"),
    [
        ("price", "1,250", TWO_WAYS % ("1,250", "1250.00")),
        ("price", "1.250", TWO_WAYS % ("1.250", "1250.00")),
        ("price", "−3", "Enter a price above zero."),
        ("price", "(3)", "“(3)” is no amount. Write it like this: 12.50."),
        ("price", "=3", "“=3” is no amount. Write it like this: 12.50."),
        ("price", "5%", "“5%” is no amount. Write it like this: 12.50."),
        ("price", "12 50", "“12 50” is no amount. Write it like this: 12.50."),
        ("price", "12.50.00", "“12.50.00” is no amount. Write it like this: 12.50."),
        ("price", "€12", "This price is in EUR, and your store sells in GBP. Enter it in GBP."),
        ("quantity", "1.250", TWO_WAYS % ("1.250", "1250")),
        ("sku", "1.23457E+12", SHORTENED),
        ("gtin", "4,00638E+12", SHORTENED),
        (
            "sale_starts",
            "01/02/2027",
            "“01/02/2027” can be read in two ways. Write it like this: 2027-02-28 18:00.",
        ),
        ("sale_starts", "soon", "Enter a date and time like this: 2027-02-28 18:00."),
    ],
)
def test_what_cannot_be_read_for_certain_is_refused(
    client: Client, shop: Store, column: str, said: str, words: str
) -> None:
    columns = {"price": "5", "quantity": "", "sku": "", "gtin": "", "sale_starts": "13/02/2027"}
    rows = [f"Good,4,{','.join(columns.values())}"]
    rows += ["Rug,4," + ",".join(f'"{value}"' for value in (columns | {column: said}).values())]
    row = send(client, f"title,sale_price,{','.join(columns)}\n" + "\n".join(rows))
    assert (row.good_rows, row.bad_rows) == (1, 1)
    assert row.problems == [{"row": 3, "column": column, "sentence": words}]


@pytest.mark.parametrize(
    ("column", "choices"),
    [
        ("status", "active, draft, archived"),
        ("condition", "new, refurbished, used"),
        ("gender", "female, male, unisex"),
        ("when_sold_out", "inherit, show, hide"),
    ],
)
def test_a_word_that_a_column_does_not_take_is_told_those_that_it_takes(
    client: Client, shop: Store, column: str, choices: str
) -> None:
    row = send(client, f"title,price,{column}\nRug,5,{'mint' * 50_000}\n")
    sentence = f"“{'mint' * 10}” is none of these: {choices}."
    assert row.problems == [{"row": 2, "column": column, "sentence": sentence}]


@pytest.mark.parametrize(
    ("currency", "said", "sentence"),
    [
        ("JPY", "12,50", "JPY has no decimals. Enter a whole number."),
        ("CLP", "12.5", "CLP has no decimals. Enter a whole number."),
        ("KRW", "cheap", "“cheap” is no amount. Write it like this: 1250."),
        ("JPY", "1,250", TWO_WAYS % ("1,250", "1250")),
        ("CLP", "", "Enter a price, such as 1250."),
        ("KWD", "", "Enter a price, such as 12.500."),
        ("GBP", "", "Enter a price, such as 12.50."),
        ("KWD", "1.2345", "KWD has 3 decimals. Enter a price with no more than that."),
    ],
)
def test_an_example_is_one_that_the_currency_takes(
    client: Client, shop: Store, currency: str, said: str, sentence: str
) -> None:
    Store.objects.filter(pk=shop.pk).update(currency=currency)
    row = send(client, f'title,price\nRug,"{said}"\n')
    assert row.problems == [{"row": 2, "column": "price", "sentence": sentence}]


@pytest.mark.parametrize("currency", ["JPY", "KRW", "CLP"])
def test_a_whole_price_stays_whole(client: Client, shop: Store, currency: str) -> None:
    Store.objects.filter(pk=shop.pk).update(currency=currency)
    accept(client, send(client, f"title,price,currency\nRug,1250 {currency},{currency}\n"))
    assert Variant.objects.get().price_minor == 1250


@pytest.mark.parametrize("currency", ["KWD", "JPY"])
def test_three_digits_behind_a_point_are_thousands_or_not_by_the_currency(
    client: Client, shop: Store, currency: str
) -> None:
    Store.objects.filter(pk=shop.pk).update(currency=currency)
    row = send(client, "title,price\nRug,1.250\n")
    if currency == "JPY":
        assert row.problems[0]["sentence"] == TWO_WAYS % ("1.250", "1250")
    else:
        accept(client, row)
        assert Variant.objects.get().price_minor == 1250


@pytest.mark.parametrize(
    "said",
    [
        "4006381333931.0",
        "'4006381333931",
        '="4006381333931"',
        "４００６３８１３３３９３１",
        "4006381\u200b333931",
    ],
)
def test_a_gtin_is_read_as_programs_save_it(client: Client, shop: Store, said: str) -> None:
    accept(client, send(client, f"title,price,gtin\nRug,1,{said}\n"))
    assert Variant.objects.get().gtin == "4006381333931"


def test_codes_that_look_the_same_are_the_same(client: Client, shop: Store) -> None:
    make_product(sku="A-1", title="Rug")
    row = accept(client, send(client, "sku,title,price\nA\u200b-1,Mat,2\n"))
    assert (row.state, row.problems) == ("done", [])
    assert list(Variant.objects.values_list("product__title", "sku")) == [("Mat", "A-1")]
