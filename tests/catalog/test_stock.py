from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Product, Reason, StockMovement, Variant
from catalog.stock import ledger
from catalog.stock.ledger import OutOfStock
from tenancy.models import Store
from tenancy.scope import OtherStoreOpen, open_store
from tests.catalog.sample import ledger_sum, make_product, make_variant, race


def on_hand(variant: Variant) -> int:
    return Variant.objects.get(pk=variant.pk).on_hand


def test_opening_stock_is_the_first_movement(shop: Store) -> None:
    variant = make_variant(on_hand=5)
    movement = StockMovement.objects.get(variant=variant)
    assert (movement.reason, movement.delta, movement.on_hand_after) == ("opening", 5, 5)


def test_taking_stock_writes_the_ledger(shop: Store) -> None:
    variant = make_variant(on_hand=5)
    ledger.take([(variant, 2)], reason=Reason.ORDER, reference="order:1")
    newest = StockMovement.objects.filter(variant=variant).first()
    assert newest is not None
    assert (newest.delta, newest.on_hand_after, newest.reference) == (-2, 3, "order:1")
    assert on_hand(variant) == ledger_sum(variant) == 3


def test_the_same_reference_takes_once(shop: Store) -> None:
    variant = make_variant(on_hand=5)
    for _ in range(10):
        ledger.take([(variant, 2)], reason=Reason.ORDER, reference="order:1")
    assert on_hand(variant) == ledger_sum(variant) == 3


def test_giving_back_happens_once_and_beside_the_taking(shop: Store) -> None:
    variant = make_variant(on_hand=5)
    ledger.take([(variant, 2)], reason=Reason.ORDER, reference="order:1")
    for _ in range(3):
        ledger.give_back([(variant, 2)], reason=Reason.CANCELLED, reference="order:1")
    assert on_hand(variant) == ledger_sum(variant) == 5


def test_a_short_line_takes_nothing_of_the_whole_order(shop: Store) -> None:
    plenty, short = make_variant(on_hand=5), make_variant(title="Lamp", on_hand=1)
    with pytest.raises(OutOfStock) as refusal:
        ledger.take([(plenty, 1), (short, 2)], reason=Reason.ORDER, reference="order:1")
    assert [(line.variant, line.wanted, line.available) for line in refusal.value.lines] == [(short, 2, 1)]
    assert (on_hand(plenty), on_hand(short)) == (5, 1)
    assert not StockMovement.objects.filter(reason=Reason.ORDER).exists()


def test_two_lines_of_one_variant_are_added_up(shop: Store) -> None:
    variant = make_variant(on_hand=3)
    with pytest.raises(OutOfStock):
        ledger.take([(variant, 2), (variant, 2)], reason=Reason.ORDER, reference="order:1")
    ledger.take([(variant, 2), (variant, 1)], reason=Reason.ORDER, reference="order:2")
    assert on_hand(variant) == ledger_sum(variant) == 0


def test_a_line_without_pieces_is_a_mistake(shop: Store) -> None:
    variant = make_variant(on_hand=3)
    with pytest.raises(ValueError, match="at least one"):
        ledger.take([(variant, 0)], reason=Reason.ORDER, reference="order:1")


def test_adjusting_by_hand_is_audited_and_never_below_zero(shop: Store) -> None:
    variant = make_variant(on_hand=3)
    ledger.adjust(variant, -2, reason=Reason.DAMAGED, actor=None)
    with pytest.raises(OutOfStock):
        ledger.adjust(variant, -2, reason=Reason.DAMAGED, actor=None)
    assert on_hand(variant) == ledger_sum(variant) == 1


def test_another_stores_variant_cannot_be_taken(shop: Store, other_store: Store) -> None:
    variant = make_variant(on_hand=3)
    with pytest.raises(OtherStoreOpen), open_store(other_store.pk):
        ledger.take([(variant, 1)], reason=Reason.ORDER, reference="order:1")
    assert on_hand(variant) == 3


def test_the_database_refuses_stock_below_zero(shop: Store) -> None:
    variant = make_variant(on_hand=3)
    with pytest.raises(IntegrityError, match="catalog_variant_on_hand_not_negative"), transaction.atomic():
        Variant.objects.filter(pk=variant.pk).update(on_hand=-1)
    assert on_hand(variant) == 3


@pytest.mark.parametrize("model", [Variant, Product])
def test_the_database_refuses_a_new_id(shop: Store, model: type[Variant | Product]) -> None:
    make_product()
    name = "retailer_id" if model is Variant else "item_group_id"
    before = model.objects.values_list(name, flat=True).get()
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        model.objects.update(**{name: "another"})
    assert model.objects.values_list(name, flat=True).get() == before


def test_a_retailer_id_fits_into_metas_checkout_address(shop: Store) -> None:
    product = make_product()
    for bad in ("a,b", "a:b", ""):
        with pytest.raises(IntegrityError, match="retailer_id_fits"), transaction.atomic():
            Variant.objects.create(product=product, title=bad or "x", price_minor=1, retailer_id=bad)


@pytest.mark.django_db(transaction=True)
def test_the_last_piece_is_sold_once(store: Store) -> None:
    with open_store(store.pk):
        variant = make_variant(on_hand=1)

    def buy(number: int) -> Callable[[], None]:
        return lambda: ledger.take([(variant, 1)], reason=Reason.ORDER, reference=f"order:{number}")

    outcomes = race(store, [buy(number) for number in range(8)])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType"] + ["OutOfStock"] * 7
    with open_store(store.pk):
        assert on_hand(variant) == ledger_sum(variant) == 0


@pytest.mark.django_db(transaction=True)
def test_the_same_event_at_the_same_moment_sells_once(store: Store) -> None:
    with open_store(store.pk):
        variant = make_variant(on_hand=5)

    def buy() -> None:
        ledger.take([(variant, 1)], reason=Reason.ORDER, reference="order:1")

    assert race(store, [buy] * 6) == [None] * 6
    with open_store(store.pk):
        assert on_hand(variant) == ledger_sum(variant) == 4


@pytest.mark.django_db(transaction=True)
def test_orders_in_opposite_order_do_not_lock_each_other_out(store: Store) -> None:
    with open_store(store.pk):
        one, two = make_variant(on_hand=50), make_variant(title="Lamp", on_hand=50)

    def buy(number: int) -> Callable[[], None]:
        lines = [(one, 1), (two, 1)] if number % 2 else [(two, 1), (one, 1)]

        def several() -> None:
            for turn in range(5):
                ledger.take(lines, reason=Reason.ORDER, reference=f"order:{number}:{turn}")

        return several

    assert race(store, [buy(number) for number in range(6)]) == [None] * 6
    with open_store(store.pk):
        assert (on_hand(one), on_hand(two)) == (20, 20)
        assert (ledger_sum(one), ledger_sum(two)) == (20, 20)
