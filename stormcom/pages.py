"""Django behind ASGI, with a page in one thread and one hop.

Django's own ASGI handler crosses between loop and threads for each middleware that is not written for asyncio
(most of its own are not), for each signal of a request and for closing it: a dozen switches, several
milliseconds of CPU for each page. Here all of that happens in one hop. Async views still work: Django drives
them from there, and streams an async body in the loop. Such a body may last for minutes, so it holds neither
the request's thread nor its database connection.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, cast

from asgiref.sync import SyncToAsync, sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.core.signals import request_started
from django.db import connections
from django.http import HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.urls import set_script_prefix

MOST_BYTES = 32 * 1024 * 1024
"""Of a body. Django itself would write one without an end to the disk before it asks who sends it."""

TOO_LARGE = "This is larger than the 32 MB that we accept at once. Send a smaller file, or fewer at a time."
BODY_SECONDS = 120.0
"""For the body of a request, on the worst line."""


class BodyRefused(Exception):
    """The body of a request is larger or slower than any of ours. Carries the status and the words."""


class PageHandler(ASGIHandler):
    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        with suppress(RequestAborted):
            try:
                _refuse_announced(scope)
                body = await self.read_body(receive)
            except BodyRefused as refused:
                await self.send_response(_refusal(*refused.args), send)
                return
            with body:
                await self._answer(scope, body, receive, send)

    async def read_body(self, receive: Any) -> Any:
        """Read a body into a file, as Django does, but none without an end. Raises BodyRefused."""
        size = 0

        async def receive_some() -> Any:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > MOST_BYTES:
                raise BodyRefused(413, TOO_LARGE)
            return message

        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await super().read_body(receive_some)
        except TimeoutError:
            raise BodyRefused(408, "This did not come in time. Send it again.") from None

    async def _answer(self, scope: Any, body: Any, receive: Any, send: Any) -> None:
        response = await sync_to_async(self._respond)(scope, body)
        if response.streaming:
            if _lasts(response):
                _end_thread()
            await self._stream(response, receive, send)
        else:
            await self.send_response(response, send)

    def _respond(self, scope: Any, body: Any) -> HttpResponseBase:
        """Make the response, and end the request unless its body is still to be made."""
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=type(self), scope=scope)
        request, refusal = self.create_request(scope, body)
        response = self.get_response(cast(ASGIRequest, request)) if refusal is None else refusal
        response._handler_class = type(self)  # type: ignore[attr-defined]  # what request_finished names
        if not response.streaming:
            response.close()
        elif _lasts(response):
            connections.close_all()  # Django would close them when the body has ended.
        return response

    async def _stream(self, response: HttpResponseBase, receive: Any, send: Any) -> None:
        """Send until the body ends or the client leaves, whichever is first."""
        sending = asyncio.create_task(self.send_response(response, send))
        leaving = asyncio.create_task(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()
            outcome, _left = await asyncio.gather(sending, leaving, return_exceptions=True)
            await sync_to_async(response.close)()
        if isinstance(outcome, Exception):
            raise outcome


def _refuse_announced(scope: Any) -> None:
    """Refuse a body by the size that it says it has, before any of it is read. Raises BodyRefused."""
    said = dict(scope["headers"]).get(b"content-length", b"0")
    if said.isdigit() and int(said) > MOST_BYTES:
        raise BodyRefused(413, TOO_LARGE)


def _refusal(status: int, words: str) -> HttpResponse:
    headers = {"Connection": "close"}  # else the rest of the body would still be waited for
    return HttpResponse(
        f"{words}\n", status=status, content_type="text/plain; charset=utf-8", headers=headers
    )


def _lasts(response: HttpResponseBase) -> bool:
    return isinstance(response, StreamingHttpResponse) and response.is_async


def _end_thread() -> None:
    """End the thread that belongs to this request; asgiref makes another one if it is needed again."""
    context = SyncToAsync.thread_sensitive_context.get(None)
    executor = SyncToAsync.context_to_thread_executor.pop(context, None) if context else None
    if executor:
        executor.shutdown(wait=False)
