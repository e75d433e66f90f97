"""Order events: from the signed body to the order, and what odd ones do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.mail import EmailMessage

from catalog.models import StockMovement
from integrations.models import ConnectedPage, InstagramAccount, WebhookEvent
from integrations.webhooks.outcomes import Park
from orders.models import ExternalOrderMapping, Order, OrderEmail, OrderEvent, OrderLine
from tenancy.models import AuditEntry, Store
from tenancy.scope import open_store
from tests.catalog.sample import ledger_sum, make_variant
from tests.orders.sample import (
    NINE_THIRTY,
    ORDER_ID,
    body,
    hand_in,
    item,
    money,
    on_hand,
    send_waiting,
    the_order,
    value,
)
from tests.sandbox_process import Sandbox

Deliver = Callable[[dict[str, Any] | bytes], Any]


def test_an_order_of_the_sandbox_becomes_an_order_with_stock_and_one_mail(
    sandbox: Sandbox,
    connected_page: ConnectedPage,
    store: Store,
    deliver: Deliver,
    mailoutbox: list[EmailMessage],
) -> None:
    with open_store(store.pk):
        cushion = make_variant(on_hand=5, price_minor=1250)
    wanted = {
        "retailer_id": cushion.retailer_id,
        "quantity": 2,
        "price": "12.50 GBP",
        "product_name": "Cushion",
    }
    order_of_maya = {"page_id": connected_page.page_id, "buyer": "Maya Iyer", "items": [wanted]}
    sold = sandbox.post("order", order_of_maya)
    for _ in range(11):
        assert deliver(body(sold["value"])).status_code == 200
        send_waiting(store)
    with open_store(store.pk):
        order = the_order()
        line = OrderLine.objects.get()
        assert (order.number, order.source, order.door, order.status) == (1001, "FACEBOOK", "event", "new")
        assert (order.buyer_name, order.buyer_email) == ("Maya Iyer", "maya@buyers.example")
        assert (order.subtotal_minor, order.shipping_minor, order.total_minor) == (2500, 390, 2890)
        assert order.needs_attention == ""
        assert (line.variant, line.quantity, line.unit_price_minor, line.stock_held) == (cushion, 2, 1250, 2)
        assert on_hand(cushion) == ledger_sum(cushion) == 3
        assert list(AuditEntry.objects.filter(action="order.placed").values_list("target_id", flat=True)) == [
            str(order.pk)
        ]
        kinds = OrderEvent.objects.order_by("pk").values_list("kind", flat=True)
        assert list(kinds) == ["placed", "stock_taken", "email_sent"]
    assert [mail.to for mail in mailoutbox] == [["maya@buyers.example"]]
    assert "#1001" in mailoutbox[0].subject
    assert "2 × Cushion: £25.00" in mailoutbox[0].body
    assert "Total: £28.90" in mailoutbox[0].body
    event = WebhookEvent.objects.get(kind="order.created")
    assert (event.state, event.store_id) == ("done", store.pk)


def test_an_order_on_instagram_comes_from_instagram(
    instagram_account: InstagramAccount, store: Store, deliver: Deliver
) -> None:
    with open_store(store.pk):
        cushion = make_variant()
    told = value(item(cushion.retailer_id), channel="instagram")
    assert deliver(body(told, asset_id=instagram_account.instagram_id)).status_code == 200
    with open_store(store.pk):
        assert the_order().source == "INSTAGRAM"


def test_the_handler_is_safe_without_the_inbox_before_it(page: ConnectedPage) -> None:
    cushion = make_variant(on_hand=5)
    answers = [hand_in(page, value(item(cushion.retailer_id))) for _ in range(10)]
    assert answers[0] is None
    assert all(answer and answer.reason == "This is already known." for answer in answers[1:])
    assert (Order.objects.count(), OrderEmail.objects.count(), on_hand(cushion)) == (1, 1, 3)
    assert StockMovement.objects.filter(reason="order").count() == 1


def test_an_order_is_kept_when_stock_is_short(page: ConnectedPage) -> None:
    cushion, lamp = make_variant(on_hand=1), make_variant(title="Lamp", on_hand=4)
    lines = [item(cushion.retailer_id, quantity=2), item(lamp.retailer_id, quantity=3, product_name="Lamp")]
    hand_in(page, value(*lines))
    order = the_order()
    assert (on_hand(cushion), on_hand(lamp)) == (1, 1)
    assert order.problems == [
        "“Linen cushion” is short: 2 ordered, 1 in stock. None were taken for this order."
    ]
    assert list(OrderLine.objects.values_list("stock_held", flat=True)) == [0, 3]
    assert OrderEvent.objects.filter(kind="stock_short").get().details == {"pieces": 2}
    assert OrderEmail.objects.count() == 1


def test_two_lines_of_one_product_share_its_stock(page: ConnectedPage) -> None:
    cushion = make_variant(on_hand=3)
    hand_in(page, value(item(cushion.retailer_id, quantity=2), item(cushion.retailer_id, quantity=2)))
    assert on_hand(cushion) == 3
    assert [line.stock_held for line in OrderLine.objects.all()] == [0, 0]
    assert "4 ordered, 3 in stock" in the_order().needs_attention


def test_an_unknown_product_is_kept_and_said(page: ConnectedPage) -> None:
    hand_in(page, value(item("no-such-thing")))
    line = OrderLine.objects.get()
    assert (line.variant, line.retailer_id, line.title, line.unit_price_minor) == (
        None,
        "no-such-thing",
        "Linen cushion",
        1250,
    )
    assert the_order().problems == [
        "“Linen cushion” (no-such-thing) is none of your products, so no stock was taken for it."
    ]


def test_the_price_the_buyer_agreed_to_stays_and_the_difference_is_said(page: ConnectedPage) -> None:
    cushion = make_variant(price_minor=1500, on_hand=5)
    hand_in(page, value(item(cushion.retailer_id, quantity=1, price="12.50")))
    order = the_order()
    assert (order.subtotal_minor, order.total_minor) == (1250, 1250 + 390)
    assert order.problems == ["The buyer agreed to £12.50 for “Linen cushion”; your price is £15.00."]


def test_the_time_of_the_order_is_the_buyers(page: ConnectedPage) -> None:
    hand_in(page, value(item("x")))
    assert the_order().placed_at == NINE_THIRTY


def test_another_currency_is_kept_and_said(page: ConnectedPage) -> None:
    cushion = make_variant(on_hand=5)
    line = item(cushion.retailer_id, quantity=2, price_per_unit=money("1500", "JPY"))
    hand_in(page, value(line, selected_shipping_option={"price": money(300, "JPY")}))
    order = the_order()
    assert (order.currency, order.subtotal_minor, order.total_minor) == ("JPY", 3000, 3300)
    assert order.problems == ["The buyer paid in JPY, your store sells in GBP."]
    assert on_hand(cushion) == 3


def test_amounts_that_do_not_add_up_are_kept_and_said(page: ConnectedPage) -> None:
    cushion = make_variant(on_hand=5)
    sums = {"items": money("25.00"), "shipping": money("3.90")}
    payment = {"subtotal": sums, "total_amount": money("20.00")}
    hand_in(page, value(item(cushion.retailer_id), estimated_payment_details=payment))
    order = the_order()
    assert order.total_minor == 2000
    assert order.problems == ["The total is £20.00, but its parts add up to £28.90."]


@pytest.mark.parametrize(
    ("told", "quantity", "price_minor", "problem"),
    [
        ({"quantity": "3"}, 3, 1250, ""),
        ({"quantity": 3.0}, 3, 1250, ""),
        ({"price_per_unit": money(12.5)}, 2, 1250, ""),
        ({"price_per_unit": money(12)}, 2, 1200, "your price is £12.50"),
        ({"price_per_unit": "12.50"}, 2, 1250, ""),
        ({"price_per_unit": None}, 2, 1250, "came without a price; £12.50 was put down"),
        ({"price_per_unit": money("-1.00")}, 2, 1250, "“-1.00 GBP” as the price of line 1"),
        ({"price_per_unit": money("twelve")}, 2, 1250, "“twelve GBP” as the price of line 1"),
        ({"price_per_unit": money("1e3")}, 2, 1250, "“1e3 GBP” as the price of line 1"),
        ({"price_per_unit": money(float("nan"))}, 2, 1250, "“nan GBP” as the price of line 1"),
        ({"price_per_unit": money("12.505")}, 2, 1250, "“12.505 GBP” as the price of line 1"),
        ({"price_per_unit": money(True)}, 2, 1250, "“bool GBP” as the price of line 1"),
        ({"price_per_unit": [1]}, 2, 1250, "“list” as the price of line 1"),
        ({"product_name": None}, 2, 1250, ""),
        ({"product_name": "nul \x00 and \ud800"}, 2, 1250, ""),
    ],
)
def test_lines_are_read_as_far_as_they_can_be(
    page: ConnectedPage, told: dict[str, Any], quantity: int, price_minor: int, problem: str
) -> None:
    cushion = make_variant(on_hand=5, price_minor=1250)
    hand_in(page, value(item(cushion.retailer_id, **told)))
    line = OrderLine.objects.get()
    assert (line.quantity, line.unit_price_minor) == (quantity, price_minor)
    assert problem in the_order().needs_attention
    assert bool(problem) == bool(the_order().needs_attention)


@pytest.mark.parametrize("quantity", [0, -3, "two", 1.5, None, True, 10**9, [2], "²"])
def test_a_line_with_a_quantity_that_cannot_be_is_left_out_and_said(
    page: ConnectedPage, quantity: object
) -> None:
    cushion = make_variant(on_hand=5)
    hand_in(page, value(item("odd", quantity=quantity), item(cushion.retailer_id, quantity=1)))
    assert [line.retailer_id for line in OrderLine.objects.all()] == [cushion.retailer_id]
    assert the_order().problems[0].startswith("Line 1 (Linen cushion) was left out: its quantity")


@pytest.mark.parametrize(
    "told",
    [
        {},
        "text",
        None,
        [],
        {"id": ORDER_ID},
        {"id": ORDER_ID, "items": "none"},
        {"id": ORDER_ID, "items": [None, 7, "x", {}]},
        {"id": ORDER_ID, "items": [item("a", quantity=-1)]},
        {"id": None, "items": [item("a")]},
        {"id": {"a": 1}, "items": [item("a")]},
    ],
)
def test_an_order_without_anything_to_hold_on_to_is_parked_and_leaves_nothing(
    page: ConnectedPage, told: object
) -> None:
    with pytest.raises(Park) as parked:
        hand_in(page, told)
    assert str(parked.value).endswith(".")
    assert (Order.objects.count(), ExternalOrderMapping.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "over",
    [
        {"id": 6900100200300},
        {"created": "rubbish", "last_updated": 0},
        {"created": 1763700000000},
        {"buyer_details": "Maya"},
        {"buyer_details": {"name": 7, "email": ["a"]}},
        {"shipping_address": []},
        {"channel": 5},
        {"order_status": None},
        {"estimated_payment_details": "free"},
        {"estimated_payment_details": {"subtotal": 5, "tax": {}, "total_amount": {"amount": {}}}},
        {"selected_shipping_option": {"price": {"amount": "free", "currency": "pounds"}}},
        {"created": "9999-12-31T23:59:59+0000"},
    ],
)
def test_rubbish_beside_the_lines_never_loses_the_order(page: ConnectedPage, over: dict[str, Any]) -> None:
    cushion = make_variant(on_hand=5)
    hand_in(page, value(item(cushion.retailer_id)) | over)
    order = the_order()
    assert (order.source, on_hand(cushion), order.subtotal_minor) == ("FACEBOOK", 3, 2500)
    assert ExternalOrderMapping.objects.get().external_id == ORDER_ID


def test_a_mail_address_that_cannot_be_is_kept_and_not_written_to(
    page: ConnectedPage, shop: Store, mailoutbox: list[EmailMessage]
) -> None:
    hand_in(page, value(item("x"), buyer_details={"name": "Maya", "email": "maya@\r\nBcc: all@x.example"}))
    send_waiting(shop)
    assert mailoutbox == []
    email = OrderEmail.objects.get()
    assert (email.state, email.reason) == ("dropped", "The buyer's e-mail address cannot be used.")
    assert OrderEvent.objects.filter(kind="email_failed").count() == 1
