"""Connecting Facebook in a real browser: in this window, in one of its own, and when that goes wrong."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from operations.demo.sign_ins import OWNER
from tests.e2e.conftest import OpenPage
from tests.e2e.stack import Stack

CONNECT = "Connect Facebook"


def open_integrations(stack: Stack, open_page: OpenPage, *, script: str = "", phone: bool = False) -> Page:
    options = {"viewport": {"width": 390, "height": 844}, "has_touch": True} if phone else {}
    page = open_page(OWNER, **options)
    if script:
        page.add_init_script(script)
    page.goto(stack.store("integrations/"))
    return page


def open_popup(page: Page) -> Page:
    with page.expect_popup() as opened:
        page.get_by_role("button", name=CONNECT, exact=True).click()
    expect(opened.value.get_by_role("heading", name="StormCom asks for access")).to_be_visible()
    return opened.value


def test_a_window_of_its_own_leads_this_one_to_the_picker_and_closes(
    stack: Stack, open_page: OpenPage
) -> None:
    page = open_integrations(stack, open_page)
    popup = open_popup(page)
    expect(page.get_by_role("status").filter(has_text="Go on in the Facebook window.")).to_be_visible()
    with popup.expect_event("close"):
        popup.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Choose Pages")).to_be_visible()


def test_pictures_come_in_without_touching_what_is_ticked(stack: Stack, open_page: OpenPage) -> None:
    page = open_integrations(stack, open_page, script="window.open = () => null;")
    page.goto(f"{stack.url}/s/hazel-home/integrations/")
    page.get_by_role("button", name=CONNECT, exact=True).click()
    page.get_by_role("button", name="Continue").click()
    outlet = page.get_by_role("checkbox", name=re.compile("Hazel Outlet"))
    outlet.check()
    expect(page.locator("main img.avatar").nth(2)).to_be_visible()
    expect(outlet).to_be_checked()


def test_a_window_that_is_closed_is_noticed_and_the_button_works_again(
    stack: Stack, open_page: OpenPage
) -> None:
    page = open_integrations(stack, open_page)
    open_popup(page).close()
    expect(page.get_by_text("The Facebook window was closed before it finished.")).to_be_visible()
    popup = open_popup(page)
    popup.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Choose Pages")).to_be_visible()


def test_a_no_stays_in_its_window_where_it_can_be_tried_again(stack: Stack, open_page: OpenPage) -> None:
    page = open_integrations(stack, open_page)
    popup = open_popup(page)
    popup.get_by_role("button", name="Cancel").click()
    expect(popup.get_by_role("heading", name="You cancelled at Facebook")).to_be_visible()
    expect(page.get_by_text("Facebook was not connected. The other window says why.")).to_be_visible()
    popup.get_by_role("button", name="Connect Facebook again").click()
    popup.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Choose Pages")).to_be_visible()


def test_a_no_closes_its_window_by_its_button(stack: Stack, open_page: OpenPage) -> None:
    page = open_integrations(stack, open_page)
    popup = open_popup(page)
    popup.get_by_role("button", name="Cancel").click()
    # From then on the window's script runs, and its button works.
    expect(page.get_by_text("Facebook was not connected. The other window says why.")).to_be_visible()
    with popup.expect_event("close"):
        # Not by click(): that one waits for what follows, and the window may be gone before it hears of it.
        popup.get_by_role("button", name="Close this window").dispatch_event("click")
    expect(page.get_by_role("button", name=CONNECT, exact=True)).to_be_enabled()


def test_a_blocked_window_turns_into_a_redirect(stack: Stack, open_page: OpenPage) -> None:
    page = open_integrations(stack, open_page, script="window.open = () => null;")
    page.get_by_role("button", name=CONNECT, exact=True).click()
    page.wait_for_url(f"{stack.sandbox.url}/**display=page**")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Choose Pages")).to_be_visible()


def test_a_phone_goes_the_whole_way_in_one_window(stack: Stack, open_page: OpenPage) -> None:
    page = open_integrations(stack, open_page, phone=True)
    page.get_by_role("button", name=CONNECT, exact=True).click()
    page.wait_for_url(f"{stack.sandbox.url}/**display=page**")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Choose Pages")).to_be_visible()


def test_a_window_that_lost_its_opener_goes_on_by_itself(stack: Stack, open_page: OpenPage) -> None:
    page = open_integrations(stack, open_page)
    popup = open_popup(page)
    popup.add_init_script("window.opener = null;")
    popup.get_by_role("button", name="Continue").click()
    expect(popup.get_by_role("heading", name="Choose Pages")).to_be_visible()


def test_a_message_of_another_origin_leads_nowhere(stack: Stack, open_page: OpenPage) -> None:
    page = open_integrations(stack, open_page)
    popup = open_popup(page)
    popup.evaluate("opener.postMessage({connect: 'connected', address: '/s/hazel-home/orders/'}, '*')")
    page.wait_for_timeout(500)
    expect(page).to_have_url(re.compile(r"/integrations/$"))
    popup.close()
