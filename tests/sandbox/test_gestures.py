"""What a buyer does in a chat besides writing, and the events that tell of it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox.conftest import (
    CATALOG,
    HAZEL,
    HAZEL_INSTAGRAM,
    MAYA_ON_HAZEL,
    Listener,
    Meta,
    item,
    wait_until,
)

HEART = "\N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16}"


def do(meta: Meta, name: str, *, asset: str = HAZEL, status: int = 200, **form: str) -> str:
    answer = requests.post(
        f"{meta.url}/chat/{asset}/do", data={"buyer": "maya", "do": name} | form, timeout=10
    )
    assert answer.status_code == status
    return answer.text


def told(listener: Listener, count: int) -> dict[str, Any]:
    event: dict[str, Any] = listener.wait_for(count)[-1]["entry"][0]["messaging"][0]
    assert event["sender"] == {"id": MAYA_ON_HAZEL}
    assert event.pop("timestamp") > 1_700_000_000_000
    return {key: value for key, value in event.items() if key not in ("sender", "recipient")}


@pytest.fixture
def mid(meta: Meta, listener: Listener) -> str:
    """A message that Maya wrote, whose event has come."""
    meta.subscribe(listener)
    written = meta.control("message", page_id=HAZEL, buyer="maya", text="Is it red?")
    listener.wait_for(1)
    return str(written["mid"])


def test_a_changed_message_counts_its_changes(meta: Meta, listener: Listener, mid: str) -> None:
    assert "changed" in do(meta, "change", mid=mid, text="Is it blue?")
    assert told(listener, 2) == {"message_edit": {"mid": mid, "text": "Is it blue?", "num_edit": 1}}
    do(meta, "change", mid=mid, text="Is it green?")
    assert told(listener, 3) == {"message_edit": {"mid": mid, "text": "Is it green?", "num_edit": 2}}


def test_a_message_that_is_taken_back_is_gone(meta: Meta, listener: Listener, mid: str) -> None:
    page = do(meta, "take_back", mid=mid)
    assert "Is it red?" not in page
    assert "You took this back." in page
    assert told(listener, 2) == {"message": {"mid": mid, "is_deleted": True}}


def test_the_same_reaction_twice_takes_it_off(meta: Meta, listener: Listener) -> None:
    token = meta.subscribe(listener)
    meta.control("message", page_id=HAZEL, buyer="maya", text="hi")
    sent = meta.post(
        f"{HAZEL}/messages", token, recipient={"id": MAYA_ON_HAZEL}, message={"text": "Until six"}
    )
    listener.wait_for(4)
    do(meta, "react", mid=sent["message_id"], text=HEART)
    on = {"mid": sent["message_id"], "action": "react", "reaction": "other", "emoji": HEART}
    assert told(listener, 5) == {"reaction": on}
    do(meta, "react", mid=sent["message_id"], text=HEART)
    assert told(listener, 6) == {"reaction": {"mid": sent["message_id"], "action": "unreact"}}


def test_a_sticker_is_a_message_without_words(meta: Meta, listener: Listener, mid: str) -> None:
    do(meta, "sticker")
    message = told(listener, 2)["message"]
    assert message.keys() == {"mid", "attachments"}
    assert [one["type"] for one in message["attachments"]] == ["sticker"]


@pytest.mark.parametrize(("way", "source"), [("link", "SHORTLINK"), ("ad", "ADS")])
def test_coming_by_a_link_or_an_ad_is_a_referral(
    meta: Meta, listener: Listener, mid: str, way: str, source: str
) -> None:
    do(meta, way)
    referral = told(listener, 2)["referral"]
    assert (referral["source"], referral["type"]) == (source, "OPEN_THREAD")


def test_a_cart_holds_what_the_shop_sells(meta: Meta, listener: Listener, mid: str) -> None:
    do(meta, "cart")
    rows = [item("lamp", title="Oak lamp", price="40.50 GBP"), item("cup"), item("vase")]
    meta.post(f"{CATALOG}/items_batch", meta.login(), item_type="PRODUCT_ITEM", requests=rows)
    wait_until(lambda: len(meta.world.products) == 3)
    do(meta, "cart")
    lines = told(listener, 2)["order"]["products"]
    assert [(line["retailer_id"], line["quantity"]) for line in lines] == [("lamp", 1), ("cup", 1)]
    assert (lines[0]["name"], lines[0]["unit_price"], lines[0]["currency"]) == ("Oak lamp", 40.5, "GBP")


def test_instagram_has_other_names_and_no_cart(meta: Meta, listener: Listener) -> None:
    meta.subscribe(listener)
    page = requests.get(f"{meta.url}/chat/{HAZEL_INSTAGRAM}?buyer=maya", timeout=10).text
    assert "Send a sticker" in page
    assert "Send a cart" not in page
    do(meta, "link", asset=HAZEL_INSTAGRAM)
    fields = [delivery.field for delivery in meta.world.deliveries.values()]
    assert fields == ["messaging_referral"]
    do(meta, "cart", asset=HAZEL_INSTAGRAM)
    assert "send_cart" not in {delivery.field for delivery in meta.world.deliveries.values()}


@pytest.mark.parametrize("name", ["change", "react", "nonsense"])
def test_nothing_can_be_done_with_a_message_that_is_not_there(meta: Meta, name: str) -> None:
    assert "There is no such message." in do(meta, name, mid="m_none", text="x", status=404)


def test_nobody_changes_the_messages_of_others(meta: Meta, listener: Listener, mid: str) -> None:
    do(meta, "change", mid=mid, text="Hers now", status=404, buyer="jonas")
    assert meta.world.messages[mid].text == "Is it red?"
