"""The webhook door: pure ASGI in front of Django, for POSTs to the webhook address only.

It shares `intake` with the Django view of the same address; what it adds is group commit: the bodies of
requests that are waiting at the same moment go into one INSERT and one commit. No timer: a lone body is
stored at once. Nothing is answered 200 before its commit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings

from integrations.webhooks import intake
from integrations.webhooks.group_commit import GroupCommit, NotStored
from integrations.webhooks.patience import Patience

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

PATHS = frozenset({"/webhooks/facebook", "/api/webhooks/facebook"})


BODY_SECONDS = 20.0
"""A sender has so long for a body. Meta takes a few milliseconds; who holds the line is not Meta."""


class WebhookDoor:
    """Answers webhook POSTs, and hands everything else to `application`."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._store = GroupCommit()
        self._patience = Patience()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in PATHS:
            await _answer(send, await self._receive(scope, receive))
        else:
            await self._application(scope, receive, send)

    async def _receive(self, scope: Scope, receive: Receive) -> intake.Answer:
        headers = _read_headers(scope)
        reading = _read_body(headers, receive, limit=settings.WEBHOOK_BODY_LIMIT)
        try:
            body = await self._patience.wait(reading, seconds=BODY_SECONDS)
        except TimeoutError:
            return intake.TOO_SLOW
        if body is None:
            return intake.TOO_LARGE
        verdict = intake.examine(
            body,
            sha256=headers.get(b"x-hub-signature-256", b"").decode("latin-1"),
            sha1=headers.get(b"x-hub-signature", b"").decode("latin-1"),
        )
        if isinstance(verdict, intake.Answer):
            return verdict
        try:
            await self._store.add(body, verdict)
        except NotStored:
            return intake.NOT_STORED
        intake.nudger.send()
        return intake.KEPT

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self._store.close()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


def _read_headers(scope: Scope) -> dict[bytes, bytes]:
    """Return the headers; one that comes twice as one value, as Django has it: no signature is like that."""
    headers = dict(scope["headers"])
    if len(headers) < len(scope["headers"]):
        for name in headers:
            headers[name] = b",".join(value for key, value in scope["headers"] if key == name)
    return headers


async def _read_body(headers: dict[bytes, bytes], receive: Receive, *, limit: int) -> bytes | None:
    """Return the whole body, or None as soon as it is known to be over the limit."""
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length) > limit:
        return None
    chunks, size = [], 0
    while True:
        message = await receive()
        chunk = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            return None
        if not message.get("more_body"):
            return b"".join(chunks)


async def _answer(send: Send, answer: intake.Answer) -> None:
    for message in _messages(answer):
        await send(message)


@lru_cache(maxsize=1024)
def _messages(answer: intake.Answer) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    body = answer.words.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    headers += [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    if answer in (intake.TOO_SLOW, intake.TOO_LARGE):
        headers.append((b"connection", b"close"))  # else the rest of the body would still be waited for
    start = {"type": "http.response.start", "status": answer.status, "headers": headers}
    return start, {"type": "http.response.body", "body": body}
