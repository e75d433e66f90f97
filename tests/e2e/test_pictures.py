"""The picture editor with a mouse, a keyboard, and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Page, expect

from operations.demo.sign_ins import OWNER
from tests.catalog.picture_sample import PAGE, picture
from tests.e2e.conftest import OpenPage
from tests.e2e.stack import Stack


def file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def order(page: Page) -> list[str]:
    rows = page.locator("[name=alt]")
    return [rows.nth(n).input_value() for n in range(rows.count())]


def test_pictures_are_uploaded_described_and_ordered(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(OWNER)
    page.goto(stack.store("catalog/new/"))
    page.get_by_label("Add pictures").set_input_files(
        [
            file("red.jpg", picture(colour="red", width=900)),
            file("page.jpg", PAGE),
            file("blue.jpg", picture(colour="blue")),
            file("green.jpg", picture(colour="green")),
        ]
    )
    expect(page.locator("[data-picture]")).to_have_count(3)
    expect(page.get_by_role("alert")).to_have_text(
        "page.jpg: This is a web page, not a picture. "
        "Open the picture itself and take its address, or upload it."
    )
    for number, words in enumerate(("Red", "Blue", "Green"), start=1):
        page.get_by_label(f"What picture {number} shows").fill(words)
    up = page.get_by_role("button", name="Move picture 3 up")
    up.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("What picture 2 shows")).to_have_value("Green")
    expect(page.get_by_role("button", name="Move picture 2 up")).to_be_focused()
    rows = page.locator("[data-picture] img")
    rows.first.drag_to(rows.last, target_position={"x": 5, "y": 80})
    expect(page.get_by_label("What picture 3 shows")).to_have_value("Red")
    page.get_by_role("button", name="Take picture 2 out").click()
    expect(page.locator("[data-picture]")).to_have_count(2)
    assert order(page) == ["Green", "Red"]
    page.get_by_label("Title", exact=True).fill("Painted stool")
    page.get_by_role("spinbutton", name="Price", exact=True).first.fill("30")
    page.get_by_label("Title", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="Painted stool")).to_be_visible()
    page.get_by_role("link", name="See its page").click()
    for words in ("Green", "Red"):
        shown = page.get_by_role("img", name=words)
        shown.scroll_into_view_if_needed()
        expect(shown).to_have_js_property("complete", True)
        assert shown.evaluate("image => image.naturalWidth") > 300


@pytest.mark.parametrize("look", [{"java_script_enabled": False}])
def test_pictures_are_uploaded_without_javascript(
    stack: Stack, open_page: OpenPage, look: dict[str, bool]
) -> None:
    page = open_page(OWNER, **look)
    page.goto(stack.store("catalog/new/"))
    page.get_by_label("Title", exact=True).fill("Plain stool")
    page.get_by_label("Add pictures").set_input_files(
        [file("red.jpg", picture(colour="red")), file("blue.jpg", picture(colour="blue"))]
    )
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_label("What picture 1 shows").fill("Red")
    page.get_by_role("button", name="Move picture 2 up").click()
    expect(page.get_by_label("What picture 2 shows")).to_have_value("Red")
    expect(page.get_by_label("Title", exact=True)).to_have_value("Plain stool")
    page.get_by_role("button", name="Take picture 1 out").click()
    page.get_by_role("spinbutton", name="Price", exact=True).first.fill("30")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Plain stool")).to_be_visible()
    expect(page.get_by_role("link", name="Open picture 1")).to_be_visible()
