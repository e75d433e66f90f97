"""The webhook door: pure ASGI in front of Django, for POSTs to the webhook address only.

It shares `intake` with the Django view of the same address; what it adds is group commit: the bodies of
requests that are waiting at the same moment go into one INSERT and one commit. No timer: a lone body is
stored at once. Nothing is answered 200 before its commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings

from integrations.webhooks import intake
from integrations.webhooks.group_commit import GroupCommit, NotStored
from integrations.webhooks.tasks import nudge_inbox

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

PATHS = frozenset({"/webhooks/facebook", "/api/webhooks/facebook"})
NUDGE_PAUSE_SECONDS = 0.02
"""Under load one nudge stands for all bodies of this long; the first one goes out at once."""


class WebhookDoor:
    """Answers webhook POSTs, and hands everything else to `application`."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._store = GroupCommit()
        self._nudge = Nudge()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in PATHS:
            status, words = await self._receive(scope, receive)
            await _answer(send, status, words)
        else:
            await self._application(scope, receive, send)

    async def _receive(self, scope: Scope, receive: Receive) -> tuple[int, str]:
        headers = dict(scope["headers"])
        body = await _read_body(headers, receive, limit=settings.WEBHOOK_BODY_LIMIT)
        if body is None:
            return intake.TOO_LARGE.status, intake.TOO_LARGE.words
        verdict = intake.examine(
            body,
            sha256=headers.get(b"x-hub-signature-256", b"").decode("latin-1"),
            sha1=headers.get(b"x-hub-signature", b"").decode("latin-1"),
        )
        if isinstance(verdict, intake.Refusal):
            return verdict.status, verdict.words
        try:
            await self._store.add(body, verdict)
        except NotStored:
            return intake.NOT_STORED.status, intake.NOT_STORED.words
        self._nudge.send()
        return 200, "ok"

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self._store.close()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


class Nudge:
    """Nudges the workers from a thread, at most one nudge under way and one more wanted."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._again = False

    def send(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        else:
            self._again = True

    async def _run(self) -> None:
        while True:
            self._again = False
            await asyncio.to_thread(nudge_inbox)
            await asyncio.sleep(NUDGE_PAUSE_SECONDS)
            if not self._again:
                return


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


async def _answer(send: Send, status: int, words: str) -> None:
    body = words.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
