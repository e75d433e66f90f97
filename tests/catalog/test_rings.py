"""Two changes of the same products at once never wait for each other in a ring, however each names them.

PostgreSQL ends a ring by failing one of the two: an order would be lost because somebody archives something.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from catalog import services
from catalog.bulk import changes, whole_lists
from catalog.linking import looking, placing
from catalog.models import Catalog, CatalogItem, Product, ProductImport, Reason, Variant
from catalog.product_data import ProductData, VariantData
from catalog.product_selectors import Wanted
from catalog.spreadsheets import importing
from catalog.spreadsheets.known import Known
from catalog.stock import ledger
from tenancy.models import User
from tests.catalog.sample import PICTURE, ledger_sum, make_product, make_variant, race

pytestmark = pytest.mark.django_db(transaction=True)
HEAD_START = 0.2
"""Seconds after which the other one begins; the first one pauses longer than that in its middle."""


def slowly(function: Callable[..., Any]) -> Callable[..., Any]:
    def work(*args: Any, **options: Any) -> Any:
        result = function(*args, **options)
        time.sleep(2 * HEAD_START)
        return result

    return work


def sell(*variants: Variant) -> Callable[[], None]:
    """Return the sale of a piece of each, which begins while the other one is at it."""

    def work() -> None:
        time.sleep(HEAD_START)
        lines = [(variant, 1) for variant in variants]
        ledger.take(lines, reason=Reason.ORDER, reference="order:1")

    return work


def make_two() -> tuple[Variant, Variant]:
    """Make two products; of the second one the item is the older."""
    first, second = make_variant(title="Lamp", sku="L"), make_variant(title="Vase", sku="V")
    CatalogItem.objects.filter(variant=first).delete()
    placing.place_products([first.product_id])
    return first, second


def test_a_file_in_another_order_than_ours_fails_no_sale(
    catalog: Catalog, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_two()
    file = b"sku,title,price,quantity\nV,Tall vase,9.00,8\nL,Tall lamp,9.00,8\n"
    row = importing.begin_import(file, file_name="goods.csv", actor=manager)
    importing.take_steps(row.pk)
    row.refresh_from_db()
    assert importing.accept_import(row, only_good=False, sets_stock=True)
    monkeypatch.setattr(importing, "update_product", slowly(services.update_product))

    def take_over() -> None:
        importing.take_steps(row.pk)

    assert race(catalog.store, [take_over, sell(first, second)]) == [None, None]
    row.refresh_from_db()
    assert (row.state, row.changed_products, row.problems) == ("done", 2, [])
    for variant in Variant.objects.all():
        assert variant.on_hand == ledger_sum(variant) == 7
    assert set(Product.objects.values_list("title", flat=True)) == {"Tall lamp", "Tall vase"}


def test_a_file_keeps_what_somebody_edits_while_it_is_taken_over(
    catalog: Catalog, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file names the price only: the title of the edit holds, whoever of the two is first."""
    first, second = make_two()
    row = importing.begin_import(b"sku,price\nL,9.00\nV,9.00\n", file_name="prices.csv", actor=manager)
    importing.take_steps(row.pk)
    importing.accept_import(ProductImport.objects.get(), only_good=False)
    read: list[bool] = []

    def read_and_wait(*args: Any, **options: Any) -> Any:
        found = Known(*args, **options)
        if not read:
            time.sleep(2 * HEAD_START)
        read.append(True)
        return found

    monkeypatch.setattr(importing, "Known", read_and_wait)

    def take_over() -> None:
        importing.take_steps(row.pk)

    def edit() -> None:
        time.sleep(HEAD_START)
        services.update_product(second.product, edited(second.product, title="Tall vase"), actor=manager)

    assert race(catalog.store, [take_over, edit]) == [None, None]
    second.refresh_from_db()
    assert (second.product.title, second.price_minor) == ("Tall vase", 900)
    first.refresh_from_db()
    assert (first.product.title, first.price_minor) == ("Lamp", 900)


def edited(product: Product, **over: Any) -> ProductData:
    rows = tuple(
        VariantData(
            pk=one.pk,
            title=one.title,
            option_values=one.option_values,
            sku=one.sku,
            price_minor=one.price_minor,
        )
        for one in product.variants.all()
    )
    values = {"title": product.title, "option_names": product.option_names, "image_urls": [PICTURE]}
    return ProductData(**(values | {"variants": rows} | over))


def test_archiving_many_products_fails_no_sale(
    catalog: Catalog, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_two()
    monkeypatch.setattr(changes, "archive_product", slowly(services.archive_product))

    def archive() -> None:
        changes.archive_products([second.product, first.product], actor=manager)

    assert race(catalog.store, [archive, sell(first, second)]) == [None, None]
    assert set(Product.objects.values_list("status", flat=True)) == {"archived"}
    assert [ledger_sum(one) for one in (first, second)] == [4, 4]


def test_new_prices_of_many_products_fail_no_sale(
    catalog: Catalog, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    blue = VariantData(price_minor=1000, on_hand=5, title="Blue", option_values=["Blue"])
    lamp, vase = (
        make_product(title=title, option_names=["Colour"], variants=(blue,)) for title in ("Lamp", "Vase")
    )
    last = Variant.objects.create(product=lamp, price_minor=900, title="Red", option_values=["Red"])
    ledger.give_back([(last, 5)], reason=Reason.OPENING, reference="opening")
    monkeypatch.setattr(changes, "_change_prices", slowly(changes._change_prices))

    def change() -> None:
        changes.change_products([lamp, vase], changes.Change(price_percent=Decimal(10)), actor=manager)

    assert race(catalog.store, [change, sell(vase.variants.get(), last)]) == [None, None]
    prices = Variant.objects.order_by("pk").values_list("price_minor", "on_hand")
    assert list(prices) == [(1100, 5), (1100, 4), (990, 4)]


def test_two_workers_at_a_whole_list_change_each_product_once_and_fail_no_sale(
    catalog: Catalog, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_lists, "SLICE", 3)
    monkeypatch.setattr(whole_lists, "TURN", 6)
    monkeypatch.setattr(changes, "_change_prices", slowly(changes._change_prices))
    variants = [make_product(title=f"Rug {n}", price_minor=1000).variants.get() for n in range(8)]
    dearer = changes.Change(price_percent=Decimal(10))
    row = whole_lists.begin(Wanted(), "edit", dearer, actor=manager)
    assert row is not None

    def work() -> None:
        for _turn in range(4):
            whole_lists.take_steps(row.pk)

    sales = [sell(variants[7], variants[0]), sell(variants[4], variants[2])]
    assert race(catalog.store, [work, work, *sales]) == [None] * 4
    assert not whole_lists.take_steps(row.pk)
    row.refresh_from_db()
    assert (row.state, row.rows_done, row.changed_products) == ("done", 8, 8)
    prices = Variant.objects.order_by("pk").values_list("price_minor", "on_hand")
    assert list(prices) == [(1100, 5 - (n in (0, 2, 4, 7))) for n in range(8)]


def test_an_edit_and_a_look_that_adds_an_item_never_wait_for_each_other(
    catalog: Catalog, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = tuple(VariantData(price_minor=1000, title=one, option_values=[one]) for one in ("Blue", "Red"))
    product = make_product(option_names=["Colour"], variants=rows)
    CatalogItem.objects.filter(variant__title="Red").delete()
    monkeypatch.setattr(looking, "insert_items", slowly(placing.insert_items))
    looking.start_look(catalog.pk)

    def look() -> None:
        looking.take_slice(catalog.pk)

    def edit() -> None:
        time.sleep(HEAD_START)
        services.update_product(product, edited(product, title="Tall lamp"), actor=manager)

    assert race(catalog.store, [look, edit]) == [None, None]
    assert Product.objects.get().title == "Tall lamp"
    assert CatalogItem.objects.filter(waiting_since__isnull=False).count() == 2
