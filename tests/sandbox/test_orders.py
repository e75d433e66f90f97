"""Orders of a partner as signed events."""

from typing import Any

import pytest
import requests

from tests.sandbox.conftest import CATALOG, HAZEL, HAZEL_INSTAGRAM, Listener, Meta


def order(meta: Meta, **more: object) -> Any:
    body = {"page_id": HAZEL, "buyer": "Maya Iyer", "items": [{"retailer_id": "lamp", "quantity": 2}]} | more
    return meta.control("order", **body)


def test_an_order_event_has_the_agreed_shape(meta: Meta, listener: Listener) -> None:
    meta.subscribe(listener)
    made = order(meta)
    (event,) = listener.wait_for(1)
    assert (event["object"], event["entry"][0]["id"]) == ("commerce_order", HAZEL)
    (change,) = event["entry"][0]["changes"]
    value = change["value"]
    assert (change["field"], value["id"]) == ("order.created", made["id"])
    assert value.pop("created") == value.pop("last_updated")
    del value["id"]
    assert value == {
        "channel": "facebook",
        "order_status": {"state": "CREATED"},
        "buyer_details": {"name": "Maya Iyer", "email": "maya@buyers.example"},
        "shipping_address": {
            "name": "Maya Iyer",
            "street1": "12 Alder Row",
            "street2": "",
            "city": "Leeds",
            "state": "",
            "postal_code": "LS1 4AP",
            "country": "GB",
        },
        "selected_shipping_option": {"name": "Standard", "price": {"amount": "3.90", "currency": "GBP"}},
        "items": [
            {
                "id": "1lamp",
                "retailer_id": "lamp",
                "product_name": "lamp",
                "quantity": 2,
                "price_per_unit": {"amount": "12.50", "currency": "GBP"},
            }
        ],
        "estimated_payment_details": {
            "subtotal": {
                "items": {"amount": "25.00", "currency": "GBP"},
                "shipping": {"amount": "3.90", "currency": "GBP"},
            },
            "tax": {"amount": "0.00", "currency": "GBP"},
            "total_amount": {"amount": "28.90", "currency": "GBP"},
        },
    }


def test_the_price_comes_from_the_catalog_and_yen_have_no_decimals(meta: Meta) -> None:
    params = {"retailer_id": "lamp", "name": "Lamp", "price": "4800", "currency": "JPY"}
    meta.post(f"{CATALOG}/products", meta.login(), **params)
    value = order(meta)["value"]
    assert value["items"][0]["price_per_unit"] == {"amount": "4800", "currency": "JPY"}
    assert value["estimated_payment_details"]["total_amount"] == {"amount": "9990", "currency": "JPY"}


def test_an_instagram_order_comes_from_the_account(meta: Meta, listener: Listener) -> None:
    meta.subscribe(listener)
    order(meta, channel="instagram")
    (event,) = listener.wait_for(1)
    assert event["entry"][0]["id"] == HAZEL_INSTAGRAM
    assert event["entry"][0]["changes"][0]["value"]["channel"] == "instagram"


def test_a_repeated_order_is_the_same_event_again(meta: Meta, listener: Listener) -> None:
    meta.subscribe(listener)
    assert order(meta, repeat=10)["deliveries"] == 10
    events = listener.wait_for(10)
    assert {event["entry"][0]["changes"][0]["value"]["id"] for event in events} == {"6900100200301"}


def test_an_order_can_change_and_be_cancelled(meta: Meta, listener: Listener) -> None:
    meta.subscribe(listener)
    made = order(meta)
    meta.control("order", order_id=made["id"], field="order.cancelled")
    change = listener.wait_for(2)[1]["entry"][0]["changes"][0]
    assert change["field"] == "order.cancelled"
    assert (change["value"]["id"], change["value"]["order_status"]) == (made["id"], {"state": "CANCELLED"})


@pytest.mark.parametrize(
    "change",
    [
        {"page_id": "1"},
        {"buyer": "Nobody"},
        {"items": []},
        {"items": [{"quantity": 1}]},
        {"items": [{"retailer_id": "a", "price": "free"}]},
        {"channel": "radio"},
        {"field": "order.lost"},
        {"order_id": "1"},
    ],
)
def test_an_order_that_cannot_be_is_refused(meta: Meta, change: dict[str, object]) -> None:
    body = {"page_id": HAZEL, "buyer": "Maya Iyer", "items": [{"retailer_id": "lamp"}]} | change
    answer = requests.post(f"{meta.url}/_sandbox/order", json=body, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert meta.world.orders == {}
