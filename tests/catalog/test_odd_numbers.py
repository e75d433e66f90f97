"""Numbers that nobody has and no database keeps: each field refuses them in words, and nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.models import Product, Variant
from tenancy.models import Store, User
from tests.catalog.sample import ledger_sum, make_product, make_variant
from tests.catalog.test_import import accept, send
from tests.catalog.test_pages import HOME, form_body, text

TOO_MUCH = "This is too much. Enter 1,000,000 at most."
TOO_DEAR = "This is too much. Enter 999,999,999 at most."
NEGATIVE = "This is too little. Enter 0 at least."
NO_NUMBER = "Enter a whole number, such as 12."
KEY = "6f2e8f30-3e8b-4f1e-9f43-1d2c3b4a5968"


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


def refuse(client: Client, path: str, body: dict[str, Any]) -> str:
    answer = client.post(HOME + path, body)
    assert answer.status_code == 422
    return text(answer)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("2147483648", TOO_MUCH),
        ("9223372036854775808", TOO_MUCH),
        ("9" * 5000, NO_NUMBER),
        ("1e9", NO_NUMBER),
        ("-2147483649", "This is too little. Enter -1,000,000 at least."),
    ],
    ids=lambda value: str(value)[:20],
)
def test_pieces_that_no_database_keeps_are_refused(
    client: Client, shop: Store, number: str, words: str
) -> None:
    variant = make_variant(on_hand=5)
    least = NEGATIVE if number.startswith("-") else words
    one = least.replace("Enter 0", "Enter 1")
    own = f"variants/{variant.pk}/"
    assert words in refuse(client, own + "stock/", {"delta": number, "reason": "counted"})
    assert one in refuse(client, own + "holds/", {"key": KEY, "quantity": number, "hours": "24"})
    assert least in refuse(client, own + "limits/", {"safety_stock": number, "low_stock_at": ""})
    assert least in refuse(client, own + "limits/", {"safety_stock": "0", "low_stock_at": number})
    assert least in refuse(client, "stock/", {"when_sold_out": "show", "low_stock_at": number})
    assert least in refuse(client, "new/", form_body(**{"variants-0-on_hand": number}))
    row = send(client, f"title,price,quantity\nRug,12,{number}\n")
    assert [(one["column"], one["sentence"]) for one in row.problems] == [("quantity", least)]
    variant.refresh_from_db()
    assert (variant.on_hand, variant.reserved, variant.safety_stock, variant.low_stock_at) == (5, 0, 0, None)
    assert Product.objects.count() == 1


@pytest.mark.parametrize("name", ["price", "sale_price"])
@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1000000000", TOO_DEAR),
        ("9" * 400, TOO_DEAR),
        ("1e400", TOO_DEAR),
        ("1e-400", "GBP has 2 decimals."),
        ("-1", "Enter a price above zero."),
        ("NaN", "Enter a price, such as 12.50."),
        ("free", "Enter a price, such as 12.50."),
    ],
    ids=lambda value: str(value)[:20],
)
def test_absurd_prices_are_refused(client: Client, shop: Store, name: str, amount: str, words: str) -> None:
    assert words in refuse(client, "new/", form_body(**{f"variants-0-{name}": amount}))
    assert not Product.objects.exists()


def test_a_change_by_hand_never_leads_above_the_most(client: Client, shop: Store) -> None:
    variant = make_variant(on_hand=999_999)
    path = f"variants/{variant.pk}/stock/"
    assert client.post(HOME + path, {"delta": "1", "reason": "delivered"}).status_code == 302
    page = refuse(client, path, {"delta": "1", "reason": "delivered"})
    assert "There are 1,000,000 on hand already, and there can be no more than 1,000,000" in page
    variant.refresh_from_db()
    assert variant.on_hand == ledger_sum(variant) == 1_000_000


def test_undoing_never_leads_above_the_most(client: Client, shop: Store) -> None:
    variant = make_variant(on_hand=1_000_000)
    path = f"variants/{variant.pk}/stock/"
    client.post(HOME + path, {"delta": "-5", "reason": "damaged"})
    taken = variant.movements.latest("pk")
    client.post(HOME + path, {"delta": "5", "reason": "delivered"})
    answer = client.post(f"{HOME}movements/{taken.pk}/undo/", follow=True)
    words = "1,000,000 are on hand, and there can be no more than 1,000,000: nothing is put back."
    assert words in text(answer)
    variant.refresh_from_db()
    assert variant.on_hand == ledger_sum(variant) == 1_000_000


def test_a_counted_file_never_leads_above_the_most(client: Client, shop: Store) -> None:
    make_product(sku="RUG", title="Rug", on_hand=5)
    row = send(client, "sku,quantity\nRUG,1000000\n")
    variant = Variant.objects.get()
    client.post(f"{HOME}variants/{variant.pk}/stock/", {"delta": "7", "reason": "delivered"})
    assert accept(client, row, sets_stock="on").state == "done"
    variant.refresh_from_db()
    assert variant.on_hand == ledger_sum(variant) == 1_000_000


def test_a_price_change_in_percent_says_what_it_may_be(client: Client, shop: Store) -> None:
    product = make_product()
    for percent, words in [
        ("1e400", "Enter 900 at most."),
        ("-91", "Enter −90 at least: prices stay above zero."),
        ("ten", "Enter a number, such as 5 or −10."),
        ("1.234", "Enter two decimals at most."),
    ]:
        body = {"product": [product.pk], "action": "save", "price_percent": percent}
        assert words in refuse(client, "many/", body)
    assert Variant.objects.get().price_minor == 1250


def test_a_currency_of_another_country_is_said_once(client: Client, shop: Store) -> None:
    row = send(client, "title,price,sale_price,currency\nRug,12,,USD\n")
    said = [(one["row"], one["column"], one["sentence"]) for one in row.problems]
    words = "This price is in USD, and your store sells in GBP. Enter it in GBP."
    assert said == [(2, "currency", words)]
