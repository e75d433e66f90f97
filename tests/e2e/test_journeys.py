"""The main job, as the people who do it: the merchant in one window, the buyer in the other."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from operations.demo.consent import HAZEL_HOME
from operations.demo.sign_ins import OWNER
from tests.e2e.conftest import OpenPage
from tests.e2e.places import reload_until
from tests.e2e.stack import Stack

OUTLET = "100200300400502"
LEAD_FORM = "300100"


def test_a_merchant_connects_a_page(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(OWNER)
    page.goto(stack.store("integrations/"))
    with page.expect_popup() as dialog:
        page.get_by_role("button", name="Connect Facebook").click()
    dialog.value.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Choose Pages")).to_be_visible()
    page.get_by_role("checkbox", name=re.compile("Hazel Outlet")).check()
    expect(page.get_by_role("checkbox", name=re.compile("Hazel Archive"))).to_be_disabled()
    page.get_by_role("button", name="Connect the ticked Pages").click()
    outlet = page.locator("section", has=page.get_by_role("heading", name="Hazel Outlet"))
    expect(outlet.get_by_text("Connected", exact=True).first).to_be_visible()
    assert [row["subscribed_fields"] for row in stack.world()["pages"] if row["id"] == OUTLET] != [[]]


def test_a_buyer_writes_and_is_answered(stack: Stack, open_page: OpenPage) -> None:
    merchant, buyer = open_page(OWNER), open_page()
    merchant.goto(stack.store("inbox/"))
    buyer.goto(f"{stack.sandbox.url}/chat/{HAZEL_HOME}?buyer=lena")
    buyer.get_by_label("Your message").fill("Does the vase come in blue?")
    buyer.get_by_role("button", name="Send", exact=True).click()
    merchant.get_by_role("link", name=re.compile("1 conversation has news")).click()
    merchant.get_by_role("link", name=re.compile("Does the vase come in blue")).click()
    expect(merchant.locator(".bubble--in").last).to_contain_text("Does the vase come in blue?")
    merchant.get_by_role("textbox", name="Reply").fill("Only in green, I am afraid.")
    merchant.get_by_role("button", name="Send").click()
    expect(merchant.locator(".bubble--out").last).to_contain_text("Only in green, I am afraid.")
    expect(merchant.locator(".bubble--out").last).to_contain_text(re.compile("Sent|Delivered|Seen"))
    expect(buyer.get_by_text("Only in green, I am afraid.")).to_be_visible()
    buyer.get_by_label("Your message").fill("Green is fine, too.")
    buyer.get_by_role("button", name="Send", exact=True).click()
    expect(merchant.locator(".bubble--in").last).to_contain_text("Green is fine, too.")


def test_an_edited_product_is_live_at_meta(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(OWNER)
    page.goto(stack.store("catalog/"))
    page.get_by_role("link", name="Dusk candle").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Title").fill("Dusk candle, fig and cedar")
    page.get_by_role("spinbutton", name="Price", exact=True).first.fill("19.50")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Dusk candle, fig and cedar")).to_be_visible()
    reload_until(page, lambda: _price_at_meta(stack, "Dusk candle, fig and cedar") == "19.50 GBP")
    live = page.get_by_text("Live", exact=True)
    reload_until(page, lambda: live.count() == 1)
    expect(live).to_be_visible()


def _price_at_meta(stack: Stack, title: str) -> str:
    items = [row["data"] for row in stack.world()["products"] if row["data"]["title"].startswith(title)]
    return str(items[0]["price"]) if items else ""


def test_an_order_comes_in_takes_stock_and_is_confirmed(stack: Stack, open_page: OpenPage) -> None:
    merchant, buyer = open_page(OWNER), open_page()
    merchant.goto(stack.store("catalog/"))
    pieces = merchant.get_by_role("row", name=re.compile("Brook vase")).locator(".table__number").first
    expect(pieces).to_have_text("7")
    buyer.goto(f"{stack.sandbox.url}/shop/{HAZEL_HOME}?buyer=tom")
    vase = buyer.locator("article", has=buyer.get_by_role("heading", name="Brook vase"))
    vase.get_by_label("Quantity").fill("2")
    vase.get_by_role("button", name="Buy on website").click()
    expect(buyer.get_by_text("Ordered.")).to_be_visible()
    merchant.goto(stack.store("orders/"))
    order = merchant.get_by_role("row", name=re.compile(r"Tom Okafor.*New.*£71\.90"))
    reload_until(merchant, lambda: order.count() == 1)
    expect(order).to_contain_text("Facebook")
    merchant.goto(stack.store("catalog/"))
    expect(pieces).to_have_text("5")
    merchant.goto(f"{stack.url}/outbox/")
    expect(merchant.get_by_role("article").first).to_contain_text("2 × Brook vase: £68.00")


def test_a_filled_in_form_becomes_a_lead(stack: Stack, open_page: OpenPage) -> None:
    merchant, buyer = open_page(OWNER), open_page()
    buyer.goto(f"{stack.sandbox.url}/lead/{LEAD_FORM}?buyer=lena")
    buyer.get_by_label("Which room").select_option("bedroom")
    buyer.get_by_role("button", name="Send my answers").click()
    expect(buyer.get_by_text("Thank you.")).to_be_visible()
    merchant.goto(stack.store("leads/"))
    lead = merchant.get_by_role("link", name="Lena Fuchs")
    reload_until(merchant, lambda: lead.count() == 1)
    lead.click()
    expect(merchant.get_by_role("main")).to_contain_text("lena@buyers.example")
    expect(merchant.get_by_text("Bedroom", exact=True)).to_be_visible()


def test_health_says_in_one_sentence_that_all_works(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(OWNER)
    page.goto(stack.store("health/"))
    expect(page.get_by_role("heading", name="Everything works.")).to_be_visible()
    for kind in ("Facebook Page", "Instagram account", "Catalog"):
        card = page.get_by_role("article").filter(has_text=kind).first
        expect(card.get_by_text("Connected", exact=True)).to_be_visible()
    page.get_by_role("button", name="Check now Hazel Home").first.click()
    expect(page.get_by_text("We are checking Hazel Home now.")).to_be_visible()
