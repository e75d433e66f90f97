"""An agent at the reply box, and what of it reaches the sandbox."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from messaging.models import Conversation
from tests.sandbox_process import Sandbox


def address(name: str, conversation: Conversation, **more: object) -> str:
    parts = {"store": conversation.store.slug, "uuid": conversation.uuid} | more
    return reverse(f"messaging:{name}", kwargs=parts)


def press_send(client: Client, conversation: Conversation, text: str, **data: Any) -> HttpResponse:
    response: Any = client.post(address("reply", conversation), {"text": text, **data})
    return response  # type: ignore[no-any-return]


def sends(sandbox: Sandbox) -> int:
    return sum(
        call["method"] == "POST" and call["path"].endswith("/messages") for call in sandbox.get("calls")
    )
