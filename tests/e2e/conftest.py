"""One running demo and one browser for all journeys; each journey has windows of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, StorageState, expect

from tests.e2e.browser import running_browser
from tests.e2e.places import sign_in
from tests.e2e.stack import Stack, running_stack

PATIENCE_MS = 20_000
"""What a person would wait for on a busy machine; nothing here takes a second on an idle one."""

expect.set_options(timeout=PATIENCE_MS)

OpenPage = Callable[..., Page]


# Scope "package": playwright's loop runs while its fixture lives, and Django's ORM refuses to work beside it.


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture(scope="package")
def cookies_of(browser: Browser, stack: Stack) -> Callable[[str], StorageState]:
    """Sign a person in once, by the form, and lend the cookies to later windows."""
    known: dict[str, StorageState] = {}

    def sign_in_once(email: str) -> StorageState:
        if email not in known:
            context = browser.new_context()
            sign_in(context.new_page(), stack, email)
            known[email] = context.storage_state()
            context.close()
        return known[email]

    return sign_in_once


@pytest.fixture
def open_page(
    browser: Browser, stack: Stack, cookies_of: Callable[[str], StorageState]
) -> Iterator[OpenPage]:
    """Open a window, signed in as `person`. A script error or a broken rule of the page fails the test."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def note(message: ConsoleMessage) -> None:
        is_refusal = "status of 422" in message.text  # a form's answer, and shown as such
        if message.type == "error" and not is_refusal and message.location["url"].startswith(stack.url):
            troubles.append(f"{message.location['url']}: {message.text}")

    def open_one(person: str = "", **options: Any) -> Page:
        state = cookies_of(person) if person else None
        context = browser.new_context(storage_state=state, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", note)
        page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert troubles == []
