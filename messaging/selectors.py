"""Reads for the inbox. Query counts do not grow with rows."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from messaging.models import Conversation, Message

THREADS = 30
MESSAGES = 40
CHANGES = 100
WAITING, ALL = "waiting", "all"


@dataclass(frozen=True)
class InboxCounts:
    """Conversations in all, and those that wait for an answer, hold something unread, or a reply not sent."""

    total: int
    waiting: int
    unread: int
    failed: int


@dataclass(frozen=True)
class Threads:
    """One page of conversations; `older` is the cursor of the next page, '' at the end."""

    rows: list[Conversation]
    older: str


@dataclass(frozen=True)
class MessagePage:
    """Messages, oldest first; `older` is the cursor of the page before, '' at the start."""

    rows: list[Message]
    older: str


def inbox_counts() -> InboxCounts:
    """Count the open store's conversations by what they need; 1 query."""
    counted = Conversation.objects.aggregate(
        total=Count("id"),
        waiting=Count("id", filter=Q(waiting_since__isnull=False)),
        unread=Count("id", filter=Q(unread_count__gt=0)),
        failed=Count("id", filter=Q(has_failed_reply=True)),
    )
    return InboxCounts(**counted)


def count_waiting() -> int:
    """Count the conversations that wait for an answer; 1 query over a partial index."""
    waiting: QuerySet[Conversation] = Conversation.objects.filter(waiting_since__isnull=False)
    return waiting.count()


def list_threads(*, show: str = WAITING, cursor: str = "") -> Threads:
    """Return one page of conversations; 1 query.

    `waiting` lists those that need an answer, who waits longest first; `all` lists the newest first. A cursor
    that makes no sense starts at the beginning.
    """
    rows = Conversation.objects.select_related("contact", "page")
    if show == WAITING:
        return _threads(rows.filter(waiting_since__isnull=False), "waiting_since", cursor, newest_first=False)
    return _threads(rows.filter(last_message_at__isnull=False), "last_message_at", cursor, newest_first=True)


def _threads(rows: QuerySet[Conversation], column: str, cursor: str, *, newest_first: bool) -> Threads:
    if position := _read_cursor(cursor):
        rows = rows.filter(_beyond(column, position, backwards=newest_first))
    sign = "-" if newest_first else ""
    found = list(rows.order_by(f"{sign}{column}", f"{sign}id")[: THREADS + 1])
    last = found[THREADS - 1] if len(found) > THREADS else None
    return Threads(found[:THREADS], _make_cursor(getattr(last, column), last.pk) if last else "")


def get_conversation(uuid: UUID) -> Conversation:
    """Return the open store's conversation, or raise Http404; 1 query."""
    rows = Conversation.objects.select_related("contact", "page")
    conversation: Conversation = get_object_or_404(rows, uuid=uuid)
    return conversation


def list_messages(conversation: Conversation, *, cursor: str = "") -> MessagePage:
    """Return the newest messages, or those before the cursor, with attachments and senders; 2 queries."""
    rows = _messages(conversation)
    if position := _read_cursor(cursor):
        rows = rows.filter(_beyond("happened_at", position, backwards=True))
    found = list(rows.order_by("-happened_at", "-id")[: MESSAGES + 1])
    last = found[MESSAGES - 1] if len(found) > MESSAGES else None
    return MessagePage(found[:MESSAGES][::-1], _make_cursor(last.happened_at, last.pk) if last else "")


def list_changed(conversation: Conversation, *, since: int) -> list[Message]:
    """Return the messages that came or changed after a revision, oldest first; at most 2 queries.

    More than CHANGES of them say that the page has slept too long: load it anew.
    """
    changed = _messages(conversation).filter(revision__gt=since)
    return list(changed.order_by("happened_at", "id")[: CHANGES + 1])


def count_arrived(*, since: datetime, besides: UUID | None = None) -> int:
    """Count the conversations, besides the open one, in which something arrived after a moment; 1 query."""
    arrived: QuerySet[Conversation] = Conversation.objects.filter(last_received_at__gt=since)
    return (arrived.exclude(uuid=besides) if besides else arrived).count()


def _messages(conversation: Conversation) -> QuerySet[Message]:
    rows: QuerySet[Message] = Message.objects.filter(conversation=conversation)
    return rows.select_related("sent_by").prefetch_related("attachments")


# --- Cursors ----------------------------------------------------------------------------------------------


def _beyond(column: str, position: tuple[datetime, int], *, backwards: bool) -> Q:
    moment, pk = position
    step = "lt" if backwards else "gt"
    return Q(**{f"{column}__{step}": moment}) | Q(**{column: moment, f"id__{step}": pk})


def _make_cursor(moment: datetime, pk: int) -> str:
    return base64.urlsafe_b64encode(f"{moment.isoformat()} {pk}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, int] | None:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, _space, pk = text.partition(" ")
        return _aware(datetime.fromisoformat(moment)), min(int(pk), 2**63 - 1)
    except (ValueError, binascii.Error, OverflowError):
        return None


def _aware(moment: datetime) -> datetime:
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
