"""The stream of a store: server-sent events that say what changed, never what it says."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from operations.live.hub import Reader, find_hub, has_room
from operations.live.look import Guest
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role

COME_AGAIN_MS = 1000
LIFE_SECONDS = 600.0
"""Then a page comes again, through the guard of every page."""
HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}


@require_GET
@store_view(Role.VIEWER)
def live(request: StoreRequest) -> HttpResponseBase:
    """Stream what changes in the store after the event that the page knows last.

    Events `news` carry `conversations` (uuid → revision), `rail` (its numbers) or `all` (too much to name);
    `beat` says that all is quiet. An event's id is the moment up to which the page now knows the store. 503
    when there are too many streams: the page then asks by the clock.
    """
    user_id = request.user.pk
    if not has_room(user_id):
        return HttpResponse(status=503, headers={"Retry-After": "60"})
    cursor = read_moment(request.headers.get("Last-Event-ID") or request.GET.get("after", ""))
    reader = Reader(Guest(user_id, request.session.session_key or ""), cursor)
    return StreamingHttpResponse(
        _stream(request.store.pk, reader), content_type="text/event-stream", headers=HEADERS
    )


async def _stream(store_id: int, reader: Reader) -> AsyncIterator[str]:
    hub, now = find_hub(), asyncio.get_running_loop().time
    end = now() + LIFE_SECONDS * random.uniform(0.8, 1.0)  # noqa: S311  (so that not all come at once)
    try:
        await hub.enter(store_id, reader)
        yield f"retry: {COME_AGAIN_MS}\n\n"
        while not reader.has_ended and now() < end:
            news = await reader.take()
            yield _event("news" if news else "beat", news, at=reader.cursor)
    finally:
        await hub.leave(store_id, reader)


def _event(name: str, data: dict[str, Any], *, at: datetime) -> str:
    return f"id: {write_moment(at)}\nevent: {name}\ndata: {json.dumps(data)}\n\n"


def write_moment(moment: datetime) -> str:
    """Microseconds since 1970."""
    return str(round(moment.timestamp() * 1_000_000))


def read_moment(text: str) -> datetime:
    """Return the moment, never one to come; for words that are none, now: the page has just been made."""
    now = timezone.now()
    if not text.isascii() or not text.isdecimal() or len(text) > 17:
        return now
    return min(now, datetime.fromtimestamp(int(text) / 1_000_000, UTC))
