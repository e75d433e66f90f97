"""Pieces that are held: not offered to others, sold to whom they are held for, free again in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from catalog.models import Catalog, Reason, Reservation, StockMovement, Variant
from catalog.stock import holds, ledger, tasks
from catalog.stock.ledger import Leave, OutOfStock
from orders.intake import place_order
from orders.models import Door, Order, Source
from orders.requests import LineRequest, OrderRequest
from tenancy.models import Store
from tenancy.scope import open_store
from tests.catalog.sample import finish, item_of, ledger_sum, make_variant, push, race, remote_items
from tests.sandbox_process import Sandbox

Numbers = tuple[int, int, int]


def numbers(variant: Variant) -> Numbers:
    """On hand, held and available; the books must agree with the variant."""
    row = Variant.objects.get(pk=variant.pk)
    held = Reservation.objects.filter(variant=variant).aggregate(n=Sum("quantity"))["n"] or 0
    assert row.on_hand == ledger_sum(variant)
    assert row.reserved == held
    return row.on_hand, row.reserved, row.available


def hold(variant: Variant, pieces: int, *, reference: str = "checkout:1", minutes: float = 30) -> None:
    holds.hold([(variant, pieces)], reference=reference, until=timezone.now() + timedelta(minutes=minutes))


def buy(variant: Variant, pieces: int, *, held: str = "", number: int = 1) -> None:
    ledger.take([(variant, pieces)], reason=Reason.ORDER, reference=f"order:{number}", hold=held)


def set_safety(variant: Variant, pieces: int) -> None:
    Variant.objects.filter(pk=variant.pk).update(safety_stock=pieces)


def order_of(variant: Variant, quantity: int, *, promised: bool = False, held: str = "") -> OrderRequest:
    return OrderRequest(
        source=Source.WEBSITE,
        door=Door.CHECKOUT,
        currency="GBP",
        lines=(LineRequest(variant=variant, quantity=quantity, unit_price_minor=variant.price_minor),),
        buyer_has_ordered=promised,
        placed_at=timezone.now(),
        hold=held,
    )


def test_what_is_held_is_not_sold_to_others(shop: Store) -> None:
    variant = make_variant(on_hand=5)
    hold(variant, 4)
    assert numbers(variant) == (5, 4, 1)
    with pytest.raises(OutOfStock) as refusal:
        buy(variant, 2)
    assert [(line.wanted, line.available) for line in refusal.value.lines] == [(2, 1)]
    assert numbers(variant) == (5, 4, 1)


def test_who_holds_pieces_buys_them_and_the_hold_ends(shop: Store) -> None:
    variant = make_variant(on_hand=5)
    hold(variant, 4)
    buy(variant, 3, held="checkout:1")
    assert numbers(variant) == (2, 0, 2)


def test_an_order_with_a_hold_may_take_more_than_was_held(shop: Store) -> None:
    variant = make_variant(on_hand=5)
    hold(variant, 2)
    hold(variant, 1, reference="checkout:2")
    with pytest.raises(OutOfStock):
        buy(variant, 5, held="checkout:1")
    buy(variant, 4, held="checkout:1")
    assert numbers(variant) == (1, 1, 0)


def test_an_order_of_the_checkout_takes_what_it_held(shop: Store) -> None:
    variant = make_variant(on_hand=2)
    hold(variant, 2)
    with pytest.raises(OutOfStock):
        place_order(order_of(variant, 1))
    place_order(order_of(variant, 2, held="checkout:1"))
    assert numbers(variant) == (0, 0, 0)
    assert Order.objects.count() == 1


def test_holding_again_says_how_many_and_until_when(shop: Store) -> None:
    variant = make_variant(on_hand=5)
    hold(variant, 2)
    hold(variant, 5, minutes=60)
    assert numbers(variant) == (5, 5, 0)
    hold(variant, 1)
    assert numbers(variant) == (5, 1, 4)
    assert Reservation.objects.count() == 1


def test_more_than_there_is_cannot_be_held_and_nothing_of_the_rest_is(shop: Store) -> None:
    plenty, short = make_variant(on_hand=5), make_variant(title="Lamp", on_hand=1)
    until = timezone.now() + timedelta(minutes=5)
    with pytest.raises(OutOfStock) as refusal:
        holds.hold([(plenty, 2), (short, 2)], reference="checkout:1", until=until)
    assert [(line.variant, line.available) for line in refusal.value.lines] == [(short, 1)]
    assert (numbers(plenty), numbers(short)) == ((5, 0, 5), (1, 0, 1))


def test_releasing_frees_all_of_a_reference_once(shop: Store) -> None:
    cushion, lamp = make_variant(on_hand=5), make_variant(title="Lamp", on_hand=5)
    until = timezone.now() + timedelta(minutes=5)
    holds.hold([(cushion, 2), (lamp, 3)], reference="checkout:1", until=until)
    hold(cushion, 1, reference="checkout:2")
    assert holds.release("checkout:1") == 5
    assert holds.release("checkout:1") == 0
    assert (numbers(cushion), numbers(lamp)) == ((5, 1, 4), (5, 0, 5))


def test_safety_stock_is_not_offered_but_is_there_for_a_promise(shop: Store) -> None:
    variant = make_variant(on_hand=5)
    set_safety(variant, 3)
    assert numbers(variant) == (5, 0, 2)
    with pytest.raises(OutOfStock):
        buy(variant, 3)
    with pytest.raises(OutOfStock):
        hold(variant, 3)
    order = place_order(order_of(variant, 4, promised=True))
    assert numbers(variant) == (1, 0, 0)
    assert order.needs_attention == ""


def test_a_promise_does_not_take_what_another_buyer_holds(shop: Store) -> None:
    variant = make_variant(on_hand=3)
    hold(variant, 2)
    order = place_order(order_of(variant, 2, promised=True))
    assert numbers(variant) == (3, 2, 1)
    assert "2 ordered, 1 in stock" in problem_of(order)


def problem_of(order: Order) -> str:
    return str(order.lines.get().problem)


def test_a_count_by_hand_is_the_truth_even_below_what_is_held(shop: Store) -> None:
    variant = make_variant(on_hand=5)
    hold(variant, 4)
    ledger.adjust(variant, -3, reason=Reason.DAMAGED, actor=None)
    assert numbers(variant) == (2, 4, 0)
    with pytest.raises(OutOfStock) as refusal:
        buy(variant, 3, held="checkout:1")
    assert [(line.wanted, line.available) for line in refusal.value.lines] == [(3, 2)]
    buy(variant, 2, held="checkout:1")
    assert numbers(variant) == (0, 0, 0)


def test_the_timetable_frees_what_is_over_and_leaves_the_rest(store: Store, other_store: Store) -> None:
    with open_store(other_store.pk):
        theirs = make_variant(on_hand=2)
        hold(theirs, 1, minutes=-1)
    with open_store(store.pk):
        variant = make_variant(on_hand=5)
        hold(variant, 2, reference="old", minutes=-1)
        hold(variant, 1, reference="new")
    tasks.release_holds(store.pk)
    tasks.release_holds(store.pk)
    with open_store(store.pk):
        assert numbers(variant) == (5, 1, 4)
    with open_store(other_store.pk):
        assert numbers(theirs) == (2, 1, 1)


def test_more_holds_than_a_slice_go_in_slices(shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holds, "SLICE", 2)
    variant = make_variant(on_hand=5)
    for number in range(5):
        hold(variant, 1, reference=f"checkout:{number}", minutes=-1)
    assert [holds.release_expired() for _ in range(4)] == [2, 2, 1, 0]
    assert numbers(variant) == (5, 0, 5)


def test_holding_the_last_pieces_reaches_meta_and_so_does_their_release(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    variant = make_variant(on_hand=2)
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    hold(variant, 2)
    assert _availability_after_push(catalog, sandbox, variant) == "out of stock"
    holds.release("checkout:1")
    assert _availability_after_push(catalog, sandbox, variant) == "in stock"


def _availability_after_push(catalog: Catalog, sandbox: Sandbox, variant: Variant) -> str:
    assert item_of(variant).stock_changed
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    return str(remote_items(sandbox)[variant.retailer_id]["availability"])


def test_undoing_enters_the_opposite_once(shop: Store) -> None:
    variant = make_variant(on_hand=5)
    ledger.adjust(variant, -2, reason=Reason.DAMAGED, actor=None)
    movement = StockMovement.objects.filter(variant=variant).latest("pk")
    for _ in range(3):
        ledger.undo(movement, actor=None)
    rows = list(StockMovement.objects.filter(variant=variant).values_list("reason", "delta").order_by("pk"))
    assert rows == [("opening", 5), ("damaged", -2), ("undone", 2)]
    assert numbers(variant) == (5, 0, 5)


def test_a_delivery_that_was_sold_meanwhile_cannot_be_undone(shop: Store) -> None:
    variant = make_variant(on_hand=0)
    ledger.adjust(variant, 4, reason=Reason.DELIVERED, actor=None)
    movement = StockMovement.objects.get()
    buy(variant, 3)
    with pytest.raises(ledger.CannotUndo, match="Only 1 are on hand"):
        ledger.undo(movement, actor=None)
    with pytest.raises(ledger.CannotUndo, match="not made by hand"):
        ledger.undo(StockMovement.objects.get(reason=Reason.ORDER), actor=None)
    assert numbers(variant) == (1, 0, 1)


@pytest.mark.parametrize("change", [{"reserved": -1}, {"safety_stock": -1}])
def test_the_database_refuses_numbers_below_zero(shop: Store, change: dict[str, int]) -> None:
    variant = make_variant(on_hand=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        Variant.objects.filter(pk=variant.pk).update(**change)
    assert numbers(variant) == (3, 0, 3)


def test_a_count_leaves_nothing_untouched(shop: Store) -> None:
    variant = make_variant(on_hand=3)
    set_safety(variant, 3)
    ledger.take([(variant, 3)], reason=Reason.COUNTED, reference="", leave=Leave.NOTHING)
    assert numbers(variant) == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_holds_that_end_while_their_pieces_are_bought_are_sold_or_freed_once(store: Store) -> None:
    with open_store(store.pk):
        variant, lamp = make_variant(on_hand=8), make_variant(title="Lamp", on_hand=8)
        for number in range(4):
            until = timezone.now() - timedelta(seconds=1)
            holds.hold([(variant, 2), (lamp, 2)], reference=f"checkout:{number}", until=until)

    def order(number: int) -> Callable[[], None]:
        lines = [(variant, 2), (lamp, 2)] if number % 2 else [(lamp, 2), (variant, 2)]
        return lambda: ledger.take(
            lines, reason=Reason.ORDER, reference=f"order:{number}", hold=f"checkout:{number}"
        )

    def sweep() -> None:
        holds.release_expired()

    outcomes = race(store, [*(order(number) for number in range(4)), sweep, sweep, sweep])
    assert outcomes == [None] * 7
    with open_store(store.pk):
        assert (numbers(variant), numbers(lamp)) == ((0, 0, 0), (0, 0, 0))


@pytest.mark.django_db(transaction=True)
def test_the_last_piece_is_held_or_sold_never_both(store: Store) -> None:
    with open_store(store.pk):
        variant = make_variant(on_hand=1)
    jobs: list[Callable[[], None]] = [lambda n=n: buy(variant, 1, number=n) for n in range(4)]  # type: ignore[misc]
    jobs += [lambda n=n: hold(variant, 1, reference=f"checkout:{n}") for n in range(4)]  # type: ignore[misc]
    outcomes = race(store, jobs)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType"] + ["OutOfStock"] * 7
    with open_store(store.pk):
        assert numbers(variant) in ((0, 0, 0), (1, 1, 0))
