"""Created, updated and cancelled in any order, twice or at once, end the same."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from catalog.models import Product, StockMovement, Variant
from integrations.models import ConnectedPage
from orders.models import ExternalOrderMapping, Order, OrderCounter, OrderEmail, OrderLine
from tenancy.models import Store
from tenancy.scope import open_store
from tests.catalog.sample import ledger_sum, make_variant
from tests.orders.sample import PAGE, hand_in, item, make_page, on_hand, the_order, value

Told = tuple[str, dict[str, Any]]


def story(retailer_id: str) -> list[Told]:
    """One order's life: two updates, of which one is of the same second as the order, and the end."""
    moved = {"name": "Maya Iyer", "street1": "2 Short Street", "city": "Leeds", "country": "GB"}
    line = item(retailer_id)
    return [
        ("order.created", value(line)),
        ("order.updated", value(line, buyer_details={"name": "Maya A. Iyer"})),
        ("order.updated", value(line, minute=40, buyer_details={}, shipping_address=moved)),
        ("order.cancelled", {"id": value()["id"], "last_updated": "2026-11-20T09:50:00+0000"}),
    ]


def outcome(variant: Variant) -> tuple[object, ...]:
    order = the_order()
    held = list(OrderLine.objects.values_list("quantity", "stock_held"))
    return (
        order.status,
        order.buyer_name,
        order.shipping_address,
        order.total_minor,
        order.needs_attention,
        held,
        on_hand(variant),
        ledger_sum(variant),
    )


@pytest.mark.parametrize("steps", list(permutations(range(4))))
def test_a_cancelled_order_ends_the_same_in_any_order(page: ConnectedPage, steps: tuple[int, ...]) -> None:
    cushion = make_variant(on_hand=5)
    told = story(cushion.retailer_id)
    for step in steps:
        hand_in(page, told[step][1], field=told[step][0])
    place = {"name": "Maya Iyer", "street1": "2 Short Street", "city": "Leeds", "country": "GB"}
    assert outcome(cushion) == ("cancelled", "Maya A. Iyer", place, 2890, "", [(2, 0)], 5, 5)


@pytest.mark.parametrize("steps", [*permutations(range(3)), (2, 2, 1, 0, 1, 0), (1, 0, 1, 2, 0, 2)])
def test_an_order_ends_the_same_in_any_order_and_repeated(
    page: ConnectedPage, steps: tuple[int, ...]
) -> None:
    cushion = make_variant(on_hand=5)
    told = story(cushion.retailer_id)
    for step in steps:
        hand_in(page, told[step][1], field=told[step][0])
    place = {"name": "Maya Iyer", "street1": "2 Short Street", "city": "Leeds", "country": "GB"}
    assert outcome(cushion) == ("new", "Maya A. Iyer", place, 2890, "", [(2, 2)], 3, 3)
    assert StockMovement.objects.filter(reason="order").count() == 1
    assert OrderEmail.objects.count() == 1


def test_a_cancellation_that_comes_first_takes_no_stock_and_sends_no_mail(page: ConnectedPage) -> None:
    cushion = make_variant(on_hand=5)
    told = story(cushion.retailer_id)
    assert hand_in(page, told[3][1], field="order.cancelled") is None
    assert (Order.objects.count(), ExternalOrderMapping.objects.count()) == (0, 1)
    hand_in(page, told[0][1])
    assert the_order().status == "cancelled"
    assert StockMovement.objects.exclude(reason="opening").count() == 0
    assert OrderEmail.objects.count() == 0


def test_an_update_without_lines_waits_for_the_order(page: ConnectedPage) -> None:
    cushion = make_variant(on_hand=5)
    late = {"id": value()["id"], "last_updated": "2026-11-20T09:45:00+0000", "buyer_details": {"name": "Mia"}}
    assert hand_in(page, late, field="order.updated") is None
    assert Order.objects.count() == 0
    hand_in(page, value(item(cushion.retailer_id)))
    order = the_order()
    assert (order.buyer_name, order.buyer_email) == ("Mia", "maya@buyers.example")
    assert ExternalOrderMapping.objects.get().waiting == {}


def test_an_update_changes_no_lines_but_says_that_they_differ(page: ConnectedPage) -> None:
    cushion = make_variant(on_hand=5)
    hand_in(page, value(item(cushion.retailer_id, quantity=2)))
    for _ in range(2):
        hand_in(page, value(item(cushion.retailer_id, quantity=4), minute=40), field="order.updated")
    assert OrderLine.objects.get().quantity == 2
    assert on_hand(cushion) == 3
    assert the_order().problems == [
        "The sales channel changed what was ordered or its price. Compare before you ship."
    ]


def test_an_address_that_comes_later_gets_the_confirmation(page: ConnectedPage) -> None:
    cushion = make_variant(on_hand=5)
    hand_in(page, value(item(cushion.retailer_id), buyer_details={"name": "Maya Iyer"}))
    assert OrderEmail.objects.count() == 0
    for _ in range(2):
        hand_in(page, value(item(cushion.retailer_id), minute=40), field="order.updated")
    assert OrderEmail.objects.count() == 1


def test_a_cancellation_after_shipping_is_said_and_changes_nothing(page: ConnectedPage) -> None:
    cushion = make_variant(on_hand=5)
    told = story(cushion.retailer_id)
    hand_in(page, told[0][1])
    Order.objects.update(status="shipped")
    hand_in(page, told[3][1], field="order.cancelled")
    order = the_order()
    assert (order.status, on_hand(cushion)) == ("shipped", 3)
    assert order.problems == ["The sales channel cancelled this order, but it had left your house already."]


@pytest.mark.django_db(transaction=True)
def test_the_same_event_at_once_is_one_order() -> None:
    store = Store.objects.create(name="Hazel Home", slug="hazel-home", currency="GBP")
    with open_store(store.pk):
        page, cushion = make_page(), make_variant(on_hand=5)
    told, start = value(item(cushion.retailer_id)), Barrier(6)

    def work() -> None:
        start.wait(timeout=20)
        with open_store(store.pk), transaction.atomic():
            hand_in(ConnectedPage.objects.get(page_id=PAGE), told)

    in_threads(work, 6)
    with open_store(store.pk):
        assert (Order.objects.count(), OrderEmail.objects.count()) == (1, 1)
        assert on_hand(cushion) == ledger_sum(cushion) == 3
        assert page.page_id == PAGE


@pytest.mark.django_db(transaction=True)
def test_many_orders_at_once_have_numbers_without_gaps_and_sell_nothing_twice() -> None:
    store = Store.objects.create(name="Hazel Home", slug="hazel-home", currency="GBP")
    with open_store(store.pk):
        make_page()
        cushion, lamp = make_variant(on_hand=5), make_variant(title="Lamp", on_hand=5)
    start, numbers = Barrier(6), iter(range(6))

    def work() -> None:
        n = next(numbers)
        lines = [item(cushion.retailer_id, 1), item(lamp.retailer_id, 1)]
        start.wait(timeout=20)
        with open_store(store.pk), transaction.atomic():
            hand_in(ConnectedPage.objects.get(), value(*(lines if n % 2 else lines[::-1]), id=f"order-{n}"))

    in_threads(work, 6)
    with open_store(store.pk):
        assert sorted(Order.objects.values_list("number", flat=True)) == list(range(1001, 1007))
        assert (on_hand(cushion), on_hand(lamp)) == (0, 0)
        assert Order.objects.exclude(needs_attention="").count() == 1
        assert OrderCounter.objects.get().last_number == 1006
        assert Product.objects.count() == 2


def in_threads(work: Callable[[], None], count: int) -> None:
    """Run the work in as many threads, each with a connection of its own; raises what any of them raised."""

    def one(_: int) -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(one, range(count)))
