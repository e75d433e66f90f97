"""Django behind ASGI, with its middleware in one thread.

Django's own ASGI handler runs each middleware that is not written for asyncio (most of its own are not) in
a thread, twice per request: about a dozen switches between loop and threads, several milliseconds of CPU for
each page. Here the whole chain runs in one hop. Async views still work: Django drives them from there, and
streams an async body in the loop.
"""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class PageHandler(ASGIHandler):
    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)
