"""The catalog without a mouse: where the focus is after each step, and what is said aloud."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from operations.demo.sign_ins import OWNER
from tests.e2e.conftest import OpenPage
from tests.e2e.stack import Stack

SHOW = "html => { const main = document.getElementById('main'); main.innerHTML = html; htmx.process(main); }"
PART = '<div id="part" hx-get="/part" hx-trigger="every 100ms" hx-swap="outerHTML">{}</div>'


def press(page: Page, name: str | re.Pattern[str], key: str = "Enter") -> None:
    button = page.get_by_role("button", name=name, exact=isinstance(name, str))
    button.focus()
    page.keyboard.press(key)


def test_the_question_before_archiving_takes_the_focus_and_gives_it_back(
    stack: Stack, open_page: OpenPage
) -> None:
    page = open_page(OWNER)
    page.goto(stack.store("catalog/"))
    page.get_by_role("link", name="Quiet wall clock").click()
    press(page, "Archive")
    question = page.get_by_role("dialog", name="Archive this product")
    expect(question).to_have_accessible_description(re.compile("1 item leaves Meta"))
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(page.get_by_role("button", name="Archive", exact=True)).to_be_focused()


def test_archiving_many_is_asked_done_and_undone_by_keyboard(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(OWNER)
    page.goto(stack.store("catalog/"))
    for title in ("Brook vase", "Dusk candle"):
        page.get_by_label(f"Choose {title}").focus()
        page.keyboard.press("Space")
    expect(page.get_by_role("status").filter(has_text="2 chosen")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="To what can be done with them")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_focused()
    press(page, "Archive")
    expect(page.get_by_role("heading", level=1, name="Archive 2 products")).to_be_visible()
    expect(page.get_by_role("heading", name="What happens at Meta")).to_be_focused()
    press(page, "Archive 2 products")
    expect(page.locator("form:focus")).to_contain_text("2 products are archived and leave your catalogs.")
    expect(page.get_by_role("link", name="Brook vase")).to_have_count(0)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 products are back as they were.")).to_be_visible()
    expect(page.get_by_role("link", name="Brook vase")).to_be_visible()


def test_a_refused_form_leads_to_its_first_error(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(OWNER)
    page.goto(stack.store("catalog/new/"))
    page.get_by_label("Title", exact=True).fill("Painted stool")
    page.keyboard.press("Enter")
    price = page.get_by_role("spinbutton", name="Price", exact=True)
    expect(price).to_be_focused()
    expect(price).to_have_accessible_description("Enter a price: a product needs at least one variant.")
    page.keyboard.type("30")
    page.get_by_text("Sale and barcode").click()
    page.get_by_label("GTIN").fill("12345678")
    page.keyboard.press("Enter")
    expect(page.get_by_label("GTIN")).to_be_focused()
    page.get_by_label("GTIN").fill("")
    page.get_by_role("textbox", name="SKU").fill("QUI-CLO")
    page.keyboard.press("Enter")
    expect(page.locator("form [role=alert]:focus")).to_contain_text("This SKU is used twice: QUI-CLO.")


def test_what_comes_by_the_clock_keeps_the_focus_and_is_said(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(OWNER)
    page.goto(stack.store("catalog/import/"))
    answers = [PART.format("<h2>Sending</h2><button>Stop</button>")]
    page.route("**/part", lambda route: answer(route, answers[-1]))
    page.evaluate(SHOW, answers[0])
    stop = page.get_by_role("button", name="Stop")
    stop.focus()
    old = stop.element_handle()
    page.wait_for_function("old => !old.isConnected", arg=old)
    expect(stop).to_be_focused()
    answers.append("<div id='part'><h2>Everything is sent</h2></div>")
    expect(page.get_by_role("heading", name="Everything is sent")).to_be_focused()
    expect(page.locator("#said")).to_have_text("Everything is sent")


def answer(route: Route, body: str) -> None:
    route.fulfill(body=body, content_type="text/html")
