"""What a person sees when they play the buyer."""

import re

import pytest
import requests

from tests.sandbox.conftest import (
    CATALOG,
    FORM,
    HAZEL,
    HAZEL_INSTAGRAM,
    MAYA_ON_HAZEL,
    Listener,
    Meta,
    item,
    wait_until,
)


def see(meta: Meta, path: str) -> str:
    answer = requests.get(meta.url + path, timeout=10)
    assert answer.status_code == 200
    return answer.text


def stock(meta: Meta) -> None:
    rows = [item("lamp", image_link="https://shop.example/x.jpg"), item("out", availability="out of stock")]
    rows.append(item("hidden", title="Secret chair", visibility="staging"))
    meta.post(f"{CATALOG}/items_batch", meta.login(), item_type="PRODUCT_ITEM", requests=rows)
    wait_until(lambda: len(meta.world.products) == 3)


def test_the_start_page_explains_itself_and_every_link_leads_somewhere(meta: Meta) -> None:
    page = see(meta, "/")
    assert "This is a pretend Meta" in page
    links = set(re.findall(r'href="(/[^"#]*)"', page))
    assert {
        f"/chat/{HAZEL}",
        f"/chat/{HAZEL_INSTAGRAM}",
        f"/shop/{HAZEL}",
        f"/lead/{FORM}",
        "/faults",
    } <= links
    assert [requests.get(meta.url + link, timeout=10).status_code for link in links] == [200] * len(links)


def test_pages_load_nothing_from_elsewhere_and_no_inline_code(meta: Meta) -> None:
    for path in ("/", f"/chat/{HAZEL}", f"/shop/{HAZEL}", f"/lead/{FORM}", "/faults", "/deliveries"):
        answer = requests.get(meta.url + path, timeout=10)
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert not re.search(r"<style|style=|\son\w+=|<script(?! src=\"/_sandbox/static/)", answer.text)


def test_a_buyer_writes_and_reads_the_answer(meta: Meta, listener: Listener) -> None:
    token = meta.subscribe(listener)
    form = {"buyer": "maya", "text": "Is it there?"}
    assert "Is it there?" in requests.post(f"{meta.url}/chat/{HAZEL}", data=form, timeout=10).text
    replies = [{"content_type": "text", "title": "Natural", "payload": "N"}]
    message = {"text": "Which <shade>?", "quick_replies": replies}
    meta.post(f"{HAZEL}/messages", token, recipient={"id": MAYA_ON_HAZEL}, message=message)
    part = see(meta, f"/chat/{HAZEL}/thread?buyer=maya")
    assert part.lstrip().startswith('<div id="thread"')
    assert "Which &lt;shade&gt;?" in part
    requests.post(f"{meta.url}/chat/{HAZEL}", data={"buyer": "maya", "quick": "0"}, timeout=10)
    tapped = listener.wait_for(5)[-1]["entry"][0]["messaging"][0]["message"]
    assert (tapped["text"], tapped["quick_reply"]) == ("Natural", {"payload": "N"})


def test_a_tapped_button_is_a_postback(meta: Meta, listener: Listener) -> None:
    token = meta.subscribe(listener)
    meta.control("message", page_id=HAZEL, buyer="maya", text="hi")
    buttons = [{"type": "postback", "title": "Show more", "payload": "MORE"}]
    template = {"template_type": "button", "text": "More?", "buttons": buttons}
    message = {"attachment": {"type": "template", "payload": template}}
    sent = meta.post(f"{HAZEL}/messages", token, recipient={"id": MAYA_ON_HAZEL}, message=message)
    assert "message_id" in sent
    assert "Show more" in see(meta, f"/chat/{HAZEL}?buyer=maya")
    form = {"buyer": "maya", "text": "Show more", "postback": "MORE"}
    requests.post(f"{meta.url}/chat/{HAZEL}", data=form, timeout=10)
    postback = listener.wait_for(5)[-1]["entry"][0]["messaging"][0]["postback"]
    assert (postback["title"], postback["payload"]) == ("Show more", "MORE")


def test_the_chat_says_when_nobody_hears_it(meta: Meta, listener: Listener) -> None:
    assert "is not connected to the dashboard yet" in see(meta, f"/chat/{HAZEL}")
    meta.subscribe(listener)
    assert "is not connected to the dashboard yet" not in see(meta, f"/chat/{HAZEL}")


def test_the_shop_shows_what_can_be_bought_and_at_what_price(meta: Meta) -> None:
    assert "Nothing on the shelves yet" in see(meta, f"/shop/{HAZEL}")
    stock(meta)
    assert "In review" in see(meta, f"/shop/{HAZEL}")
    meta.control("clock", advance_seconds=5)
    page = see(meta, f"/shop/{HAZEL}")
    assert "£48.00" in page
    assert 'src="https://shop.example/x.jpg"' in page
    assert "Out of stock" in page
    assert "Secret chair" not in page
    assert page.count("Buy on website</button>") == 2


def test_buying_places_a_signed_order_and_says_so(meta: Meta, listener: Listener) -> None:
    meta.subscribe(listener)
    stock(meta)
    form = {"buyer": "tom", "retailer_id": "lamp", "quantity": "3", "channel": "instagram"}
    page = requests.post(f"{meta.url}/shop/{HAZEL}", data=form, timeout=10).text
    assert "£147.90 with delivery" in page
    assert "told by a signed order event" in page
    value = listener.wait_for(1)[0]["entry"][0]["changes"][0]["value"]
    assert (value["buyer_details"]["name"], value["channel"], value["items"][0]["quantity"]) == (
        "Tom Okafor",
        "instagram",
        3,
    )


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"quantity": "0"}, 400),
        ({"quantity": "x"}, 400),
        ({"retailer_id": "nil"}, 404),
        ({"buyer": "nil"}, 404),
    ],
)
def test_what_cannot_be_bought_is_not_ordered(meta: Meta, change: dict[str, str], status: int) -> None:
    stock(meta)
    form = {"buyer": "tom", "retailer_id": "lamp", "quantity": "1"} | change
    assert requests.post(f"{meta.url}/shop/{HAZEL}", data=form, timeout=10).status_code == status
    assert meta.world.orders == {}


def test_a_lead_form_is_filled_in(meta: Meta, listener: Listener) -> None:
    meta.subscribe(listener)
    assert 'value="maya@buyers.example"' in see(meta, f"/lead/{FORM}?buyer=maya")
    form = {"buyer": "maya", "full_name": "Maya Iyer", "which_room_are_you_lighting?": "bedroom"}
    assert "Thank you." in requests.post(f"{meta.url}/lead/{FORM}", data=form, timeout=10).text
    lead_id = listener.wait_for(1)[0]["entry"][0]["changes"][0]["value"]["leadgen_id"]
    given = {row["name"]: row["values"] for row in meta.world.leads[lead_id].field_data}
    assert given["which_room_are_you_lighting?"] == ["bedroom"]


@pytest.mark.parametrize("path", ["/chat/1", "/shop/1", "/lead/1", f"/chat/{HAZEL}?buyer=nil"])
def test_what_is_not_there_gets_a_page_that_leads_back(meta: Meta, path: str) -> None:
    answer = requests.get(meta.url + path, timeout=10)
    assert answer.status_code == 404
    assert "Back to the start" in answer.text
