from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from stormcom import pages
from stormcom.pages import PageHandler


async def streamed(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[str]:
        for number in range(3):
            await asyncio.sleep(0)
            yield f"{number};"

    return StreamingHttpResponse(parts())


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.META["HTTP_X_WORD"])


urlpatterns = [path("streamed", streamed), path("plain", plain)]


def fetch(address: str, *sent: bytes, size: str = "") -> tuple[int, bytes]:
    async def talk() -> tuple[int, bytes]:
        scope = {
            "type": "http",
            "method": "GET",
            "path": address,
            "query_string": b"",
            "server": ("localhost", 80),
        }
        said = [(b"content-length", size.encode())] if size else []
        scope |= {"headers": [(b"x-word", b"hello"), (b"host", b"localhost"), *said]}
        browser: Any = ApplicationCommunicator(PageHandler(), scope)  # type: ignore[no-untyped-call]
        for part in sent:
            await browser.send_input({"type": "http.request", "body": part, "more_body": True})
        if not sent:
            await browser.send_input({"type": "http.request", "body": b""})
        start, body, more = await browser.receive_output(5), b"", True
        while more:
            message = await browser.receive_output(5)
            body, more = body + message.get("body", b""), message.get("more_body", False)
        return start["status"], body

    return asyncio.run(talk())


@pytest.fixture(autouse=True)
def own_addresses(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.mark.django_db
def test_an_ordinary_view_answers() -> None:
    assert fetch("/plain") == (200, b"hello")


@pytest.mark.django_db
def test_an_async_view_streams_its_body() -> None:
    assert fetch("/streamed") == (200, b"0;1;2;")


@pytest.mark.django_db
def test_a_body_without_an_end_is_refused_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_BYTES", 10)
    assert fetch("/plain", b"12345", b"678901") == (413, f"{pages.TOO_LARGE}\n".encode())


@pytest.mark.django_db
def test_a_body_that_says_it_is_too_large_is_refused_unread() -> None:
    """The first part is never taken: a file of 200 MB costs its sender a moment, and us nothing."""
    status, words = fetch("/plain", b"title,price\n", size=str(200 * 1024 * 1024))
    assert (status, words) == (
        413,
        b"This is larger than the 32 MB that we accept at once. Send a smaller file, or fewer at a time.\n",
    )
    assert fetch("/plain", size=str(32 * 1024 * 1024))[0] == 200
