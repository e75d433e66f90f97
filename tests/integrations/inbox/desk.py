"""A handler that tests can watch and command, and bodies for it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from integrations.models import Mailbox, WebhookDelivery, WebhookEvent
from integrations.webhooks.outcomes import Ignored
from tenancy.models import AuditEntry
from tenancy.scope import get_open_store_id

PAGE = "100200300400501"


class Desk:
    """A handler that writes a row, notes what it saw, and does what the test tells it to."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.assets: list[str] = []
        self.answer: Any = None
        self.meanwhile: Callable[[], object] | None = None

    def __call__(self, event: Any, asset: Any) -> Ignored | None:
        self.seen.append(event.mid)
        self.assets.append(asset.meta_id)
        AuditEntry.objects.create(action=f"seen.{event.mid}")
        assert get_open_store_id() == asset.store_id
        if self.meanwhile:
            other = threading.Thread(target=_in_thread, args=[self.meanwhile])
            self.meanwhile = None
            other.start()
            other.join()
        answer = self.answer.get(event.mid) if isinstance(self.answer, dict) else self.answer
        if isinstance(answer, Exception):
            raise answer
        return answer


def _in_thread(work: Callable[[], object]) -> None:
    try:
        work()
    finally:
        connection.close()


desk = Desk()


def message(mid: str, page_id: str = PAGE, person: str = "5") -> dict[str, Any]:
    item = {"sender": {"id": person}, "recipient": {"id": page_id}, "timestamp": 1763700000123}
    return {"id": page_id, "time": 1, "messaging": [item | {"message": {"mid": mid, "text": "hi"}}]}


def arrive(*entries: dict[str, Any]) -> WebhookDelivery:
    body = json.dumps({"object": "page", "entry": list(entries)}).encode()
    return WebhookDelivery.objects.create(body=body, signed_by="facebook")


def come_due() -> None:
    """Let the time pass that events on the ladder wait for."""
    WebhookEvent.objects.filter(state="waiting").update(not_before=Now())
    Mailbox.objects.update(due_at=Now())
