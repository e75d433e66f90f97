"""What an open page shows without being touched: with the stream, without it, and while the server goes."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from playwright.sync_api import Browser, Page, StorageState, expect

from operations.demo.consent import HAZEL_HOME
from operations.demo.sign_ins import OWNER
from stormcom import embedded
from tests.e2e.conftest import OpenPage
from tests.e2e.places import sign_in
from tests.e2e.stack import ROOT, Stack
from tests.sandbox_process import free_port

VIEWER = "vic@hazelhome.example"


def buyer_writes(stack: Stack, text: str, *, buyer: str = "maya") -> None:
    form = {"text": text, "buyer": buyer}
    requests.post(f"{stack.sandbox.url}/chat/{HAZEL_HOME}", data=form, timeout=10).raise_for_status()


def open_thread(page: Page, url: str) -> None:
    """Open Maya's conversation."""
    page.goto(f"{url}/s/hazel-home/inbox/?show=all")
    page.get_by_role("link", name=re.compile("Messenger Maya Iyer")).click()
    expect(page.get_by_role("heading", name="Maya Iyer").first).to_be_visible()


@contextmanager
def second_web(stack: Stack, **environment: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Another web process on the same database, as `make demo` starts it."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "stormcom.asgi:application", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--timeout-graceful-shutdown", "20"], cwd=ROOT, env=stack.environment | environment
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait()


def _wait_for(url: str) -> None:
    for _attempt in range(300):
        try:
            if requests.get(url, timeout=5).status_code == 200:
                return
        except requests.ConnectionError:
            time.sleep(0.2)
    raise AssertionError(f"{url} does not answer.")


def test_a_message_and_a_replys_state_appear_by_themselves(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(OWNER)
    asked: list[str] = []
    open_thread(page, stack.url)
    page.wait_for_timeout(1000)
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(4000)
    assert asked == []  # the stream is open: nobody asks by the clock
    buyer_writes(stack, "Can it be wrapped as a present?")
    expect(page.locator(".bubble--in").last).to_contain_text("wrapped as a present", timeout=2500)
    page.get_by_role("textbox", name="Reply").fill("With pleasure.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".bubble--out").last).to_contain_text(re.compile("Sent|Delivered|Seen"))
    page.close()


def test_the_rail_counts_who_waits_on_any_page(stack: Stack, open_page: OpenPage) -> None:
    viewer, owner = open_page(VIEWER), open_page(OWNER)
    buyer_writes(stack, "Do you ship to Wales?")
    open_thread(owner, stack.url)
    viewer.goto(stack.store("catalog/"))
    count = viewer.get_by_role("navigation", name="Store").locator("[data-rail=inbox]")
    waiting = int(count.text_content() or 0)
    owner.get_by_role("button", name="Done").click()
    expect(count).to_have_text(str(waiting - 1))
    buyer_writes(stack, "Do you?")
    expect(count).to_have_text(str(waiting))


def test_an_open_list_says_how_many_have_news_and_keeps_counting(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(OWNER)
    page.goto(stack.store("inbox/?show=all"))
    buyer_writes(stack, "One more question.")
    expect(page.get_by_role("link", name="1 conversation has news. Show it")).to_be_visible()
    buyer_writes(stack, "And one from me.", buyer="tom")
    expect(page.get_by_role("link", name="2 conversations have news. Show them")).to_be_visible()


def test_a_page_without_a_stream_asks_by_the_clock(
    stack: Stack, browser: Browser, cookies_of: Callable[[str], StorageState]
) -> None:
    context = browser.new_context(storage_state=cookies_of(OWNER))  # unwatched: it logs the 503, rightly
    page = context.new_page()
    page.route("**/live/**", lambda route: route.fulfill(status=503))
    open_thread(page, stack.url)
    buyer_writes(stack, "Is anybody there at all?")
    expect(page.locator(".bubble--in").last).to_contain_text("Is anybody there at all?", timeout=20_000)
    context.close()


def test_the_news_come_when_redis_has_gone_away(stack: Stack, open_page: OpenPage) -> None:
    with tempfile.TemporaryDirectory(prefix="stormcom-redis-") as folder:
        redis = embedded.sockets(Path(folder)).redis_path
        with second_web(stack, REDIS_URL=f"unix://{redis}") as (url, _process):
            page = open_page()
            with embedded.running(Path(folder), postgres=False):
                sign_in(page, Stack(url, stack.sandbox, {}), OWNER)
                open_thread(page, url)
            buyer_writes(stack, "Redis is gone, and I am not.")
            expect(page.locator(".bubble--in").last).to_contain_text("Redis is gone")
            page.close()


def test_a_server_that_is_told_to_stop_ends_its_streams_at_once(
    stack: Stack, cookies_of: Callable[[str], StorageState]
) -> None:
    with second_web(stack) as (url, process):
        cookies = {one["name"]: one["value"] for one in cookies_of(OWNER)["cookies"]}
        answer = requests.get(f"{url}/s/hazel-home/live/", cookies=cookies, stream=True, timeout=20)
        lines = answer.iter_lines(chunk_size=1)
        assert b"event: news" in lines
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert b"event: beat" in lines
        assert list(lines)[-1] == b""
        process.wait(timeout=15)
        assert time.monotonic() - began < 3.0
