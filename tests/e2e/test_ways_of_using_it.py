"""The same pages for a viewer, on a phone, by keyboard alone, and without JavaScript."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from operations.demo.sign_ins import OWNER, PASSWORD
from tests.e2e.conftest import OpenPage
from tests.e2e.places import sign_in
from tests.e2e.stack import Stack

VIEWER = "vic@hazelhome.example"
AGENT = "amy@hazelhome.example"
PHONE = {"width": 390, "height": 844}


def test_a_viewer_reads_but_cannot_reply(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(VIEWER)
    page.goto(stack.store("inbox/?show=all"))
    page.get_by_role("link", name=re.compile("Instagram Tom Okafor")).click()
    expect(page.locator(".bubble--in").first).to_contain_text("Do you ship to Ireland")
    expect(page.get_by_text("You can read here.")).to_be_visible()
    expect(page.get_by_role("button", name="Send")).to_have_count(0)
    expect(page.get_by_role("textbox", name="Reply")).to_have_count(0)


def test_a_phone_has_its_places_in_the_bottom_bar(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(OWNER, viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto(stack.store())
    bar = page.get_by_role("navigation", name="Main places")
    expect(bar.get_by_role("link")).to_have_count(4)
    expect(page.get_by_role("navigation", name="Store")).to_be_hidden()
    bar.get_by_role("link", name="Orders").tap()
    expect(page.get_by_role("heading", name="Orders", level=1)).to_be_visible()
    page.get_by_role("button", name="More").tap()
    page.locator("#more-menu").get_by_role("link", name="Leads").tap()
    expect(page.get_by_role("heading", name="Leads", level=1)).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]


def test_a_phone_shows_the_tab_that_is_open(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(OWNER, viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto(stack.store("catalog/"))
    page.locator(".tabs").get_by_role("link", name="Archived").tap()
    page.wait_for_load_state()
    expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=0.9)


def test_signing_in_and_replying_by_keyboard_alone(stack: Stack, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{stack.url}/accounts/login/")
    _tab_to(page, "#id_login")
    page.keyboard.type(AGENT)
    _tab_to(page, "#id_password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Home", level=1)).to_be_visible()
    page.goto(stack.store("inbox/?show=all"))
    _tab_to(page, ".threads__row", text="Maya Iyer")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble--in").first).to_be_visible()
    _tab_to(page, "#composer textarea")
    page.keyboard.type("Yes, two oak lamps can be with you on Friday.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".bubble--out").last).to_contain_text("two oak lamps")
    expect(page.locator(".bubble--out").last).to_contain_text(re.compile("Sent|Delivered|Seen"))


def _tab_to(page: Page, selector: str, *, text: str = "") -> None:
    """Press Tab until the wanted element has the focus, as somebody without a mouse does."""
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus", has_text=text).count():
            return
    raise AssertionError(f"{selector} is not reached with the Tab key on {page.url}")


def test_it_works_without_javascript(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    sign_in(page, stack, AGENT)
    page.goto(stack.store("inbox/?show=all"))
    page.get_by_role("link", name=re.compile("Instagram Tom Okafor")).click()
    page.get_by_role("textbox", name="Reply").fill("We do: two to four days to Ireland.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".bubble--out").last).to_contain_text("two to four days to Ireland")


def test_many_products_are_archived_without_javascript(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    sign_in(page, stack, OWNER)
    page.goto(stack.store("catalog/"))
    page.get_by_role("checkbox", name="Choose Rush basket").check()
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Archive")
    expect(page.get_by_text("Rush basket")).to_be_visible()


def test_a_newcomer_signs_up_through_the_outbox_and_opens_a_store(stack: Stack, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{stack.url}/accounts/signup/")
    page.get_by_label("E-mail address").fill("nell@newshop.example")
    page.get_by_label("Password").fill("twelve-blue-kettles")
    page.get_by_role("button", name="Create an account").click()
    page.goto(f"{stack.url}/outbox/")
    mail = page.get_by_role("article").filter(has_text="nell@newshop.example").first
    mail.get_by_role("link").first.click()
    page.get_by_role("button", name=re.compile("Confirm|confirm")).click()
    if "/accounts/login/" in page.url:
        page.get_by_label("E-mail address").fill("nell@newshop.example")
        page.get_by_label("Password").fill("twelve-blue-kettles")
        page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto(f"{stack.url}/stores/new/")
    page.get_by_label("Name of the store").fill("Nell's New Shop")
    page.get_by_role("button", name="Create the store").click()
    expect(page.get_by_role("heading", name="Set up your store")).to_be_visible()
    expect(page.get_by_text("0 of 5 done")).to_be_visible()


def test_facebook_is_one_click_away_from_signing_up(stack: Stack, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{stack.url}/accounts/login/")
    page.get_by_role("button", name="Continue with Facebook").click()
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(re.compile(re.escape(stack.url)))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
