"""What changed in the inbox since a moment: the truth behind the live pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from messaging.models import Conversation

LIMIT = 200
FIELDS = ("uuid", "revision", "changed_at")


@dataclass(frozen=True)
class Change:
    """A conversation, and the revision it has now."""

    uuid: str
    revision: int
    changed_at: datetime


def list_changes(*, since: datetime) -> list[Change]:
    """Return the latest LIMIT conversations of the open store that changed after a moment; 1 query."""
    rows: QuerySet[Conversation] = Conversation.objects.filter(changed_at__gt=since).order_by("-changed_at")
    return [Change(str(row.uuid), row.revision, row.changed_at) for row in rows.only(*FIELDS)[:LIMIT]]
