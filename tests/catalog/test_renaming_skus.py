"""A file that gives variants other SKUs: preview and import decide the same, far apart as rows may be."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.models import ProductImport, Variant
from catalog.spreadsheets import importing
from tenancy.models import Store
from tests.catalog.sample import make_variant
from tests.catalog.test_import import accept, client, send

__all__ = ["client"]

HEAD = "id,title,price,sku\n"
FAR = "".join(f",Filler {number},1.00,F-{number}\n" for number in range(4))
"""Rows between two: each step takes two products."""


@pytest.fixture(autouse=True)
def _short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "SLICE", 2)


def facts(row: ProductImport) -> tuple[Any, ...]:
    return (row.state, row.good_rows, row.bad_rows, [(one["row"], one["column"]) for one in row.problems])


def skus() -> dict[str, str]:
    """Return which product has which SKU, fillers left out."""
    rows = Variant.objects.exclude(sku__startswith="F-").values_list("product__title", "sku")
    return dict(rows)


@pytest.mark.parametrize("between", ["", FAR], ids=["next row", "far row"])
@pytest.mark.parametrize("column", ["sku", "id"])
def test_a_sku_that_a_row_gives_up_makes_no_second_product(
    client: Client, shop: Store, between: str, column: str
) -> None:
    lamp = make_variant(title="Lamp", sku="OLD")
    named = "OLD,Lamp,13.00,\n" if column == "id" else ",Lamp,13.00,OLD\n"
    row = send(client, f"{HEAD}{lamp.retailer_id},Lamp,12.50,NEW\n{between}{named}")
    number = 3 + between.count("\n")
    good = 1 + between.count("\n")
    assert facts(row) == ("checked", good, 1, [(number, column)])

    row = accept(client, row, only_good="yes")
    assert facts(row) == ("done", good, 1, [(number, column)])
    assert skus() == {"Lamp": "NEW"}
    lamp.refresh_from_db()
    assert lamp.price_minor == 1250


@pytest.mark.parametrize("between", ["", FAR], ids=["next row", "far row"])
def test_a_sku_that_a_row_gives_up_may_go_to_another_variant(
    client: Client, shop: Store, between: str
) -> None:
    lamp, vase = make_variant(title="Lamp", sku="A"), make_variant(title="Vase", sku="B")
    file = f"{HEAD}{vase.retailer_id},Vase,12.50,C\n{between}{lamp.retailer_id},Lamp,12.50,B\n"
    row = send(client, file)
    good = 2 + between.count("\n")
    assert facts(row) == ("checked", good, 0, [])
    assert facts(accept(client, row)) == ("done", good, 0, [])
    assert skus() == {"Lamp": "B", "Vase": "C"}


def test_a_row_that_is_left_out_gives_up_nothing(client: Client, shop: Store) -> None:
    lamp, vase = make_variant(title="Lamp", sku="A"), make_variant(title="Vase", sku="B")
    file = f"{HEAD}{vase.retailer_id},Vase,no price,C\n{FAR}{lamp.retailer_id},Lamp,12.50,B\n"
    row = send(client, file)
    assert facts(row) == ("checked", 4, 2, [(2, "price"), (7, "sku")])
    accept(client, row, only_good="yes")
    assert skus() == {"Lamp": "A", "Vase": "B"}


@pytest.mark.parametrize("between", ["", FAR], ids=["next row", "far row"])
def test_two_variants_that_swap_their_skus_are_told_why_not(
    client: Client, shop: Store, between: str
) -> None:
    lamp, vase = make_variant(title="Lamp", sku="A"), make_variant(title="Vase", sku="B")
    file = f"{HEAD}{lamp.retailer_id},Lamp,1.00,B\n{between}{vase.retailer_id},Vase,1.00,A\n"
    row = send(client, file)
    last = 3 + between.count("\n")
    taken = "The SKU “%s” is that of %s. Each variant needs its own."
    assert row.problems == [
        {"row": 2, "column": "sku", "sentence": taken % ("B", "Vase")},
        {"row": last, "column": "sku", "sentence": taken % ("A", "Lamp")},
    ]
    row = accept(client, row, only_good="yes")
    assert skus() == {"Lamp": "A", "Vase": "B"}
    assert set(Variant.objects.exclude(sku__startswith="F-").values_list("price_minor", flat=True)) == {1250}


def test_a_row_that_gives_a_sku_up_below_the_one_that_wants_it_is_told_to_move_up(
    client: Client, shop: Store
) -> None:
    lamp, vase = make_variant(title="Lamp", sku="A"), make_variant(title="Vase", sku="B")
    row = send(client, f"{HEAD}{lamp.retailer_id},Lamp,1.00,B\n{vase.retailer_id},Vase,1.00,C\n")
    assert [(one["row"], one["column"]) for one in row.problems] == [(2, "sku"), (3, "id")]
    assert row.problems[1]["sentence"].endswith("or this one above the other if it gives the SKU up.")
    row = send(client, f"{HEAD}{vase.retailer_id},Vase,1.00,C\n{lamp.retailer_id},Lamp,1.00,B\n")
    assert facts(row) == ("checked", 2, 0, [])


def test_a_worker_that_goes_on_with_a_file_knows_what_was_given_up(
    client: Client, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "STEPS", 1)
    lamp = make_variant(title="Lamp", sku="OLD")
    row = send(
        client, f"{HEAD}{lamp.retailer_id},Lamp,12.50,NEW\n{FAR}{FAR.replace('F-', 'F-1')},Lamp,13.00,OLD\n"
    )
    while importing.take_steps(row.pk):
        pass
    row.refresh_from_db()
    assert facts(row) == ("checked", 9, 1, [(11, "sku")])
    row = accept(client, row, only_good="yes")
    while importing.take_steps(row.pk):
        pass
    row.refresh_from_db()
    assert facts(row) == ("done", 9, 1, [(11, "sku")])
    assert skus() == {"Lamp": "NEW"}
