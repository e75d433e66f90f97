"""Reads for the inbox. Query counts do not grow with rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404

from messaging.models import Conversation, Message, Origin, Reaction
from ui.paging import CursorPage, cursor_page

THREADS = 30
MESSAGES = 40
CHANGES = 100
ORIGINS = 3
WAITING, ALL = "waiting", "all"


@dataclass(frozen=True)
class InboxCounts:
    """Conversations in all, and those that wait for an answer, hold something unread, or a reply not sent."""

    total: int
    waiting: int
    unread: int
    failed: int


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


def list_threads(*, show: str, params: Mapping[str, str]) -> CursorPage[Conversation]:
    """Return one page of conversations; 1 query.

    `waiting` lists those that need an answer, who waits longest first; `all` lists the newest first.
    """
    rows: QuerySet[Conversation] = Conversation.objects.select_related("contact", "page")
    if show == WAITING:
        waiting = rows.filter(waiting_since__isnull=False)
        return cursor_page(waiting, by="waiting_since", params=params, size=THREADS, newest_first=False)
    spoken = rows.filter(last_message_at__isnull=False)
    return cursor_page(spoken, by="last_message_at", params=params, size=THREADS)


def get_conversation(uuid: UUID) -> Conversation:
    """Return the open store's conversation, or raise Http404; 1 query."""
    rows = Conversation.objects.select_related("contact", "page__account")
    conversation: Conversation = get_object_or_404(rows, uuid=uuid)
    return conversation


def list_messages(conversation: Conversation, *, params: Mapping[str, str]) -> CursorPage[Message]:
    """Return one page of messages, the newest first, with all that hangs on them; 3 queries."""
    page = cursor_page(_messages(conversation), by="happened_at", params=params, size=MESSAGES)
    _attach_reactions(conversation, page.rows)
    return page


def list_changed(conversation: Conversation, *, since: int) -> list[Message]:
    """Return the messages that came or changed after a revision, oldest first; at most 3 queries.

    More than CHANGES of them say that the page has slept too long: load it anew.
    """
    changed = _messages(conversation).filter(revision__gt=since)
    found = list(changed.order_by("happened_at", "id")[: CHANGES + 1])
    _attach_reactions(conversation, found)
    return found


def list_origins(conversation: Conversation) -> list[Origin]:
    """Return what last brought the customer here, newest first; 1 query."""
    rows: QuerySet[Origin] = Origin.objects.filter(conversation=conversation)
    return list(rows.order_by("-last_at", "-id")[:ORIGINS])


def _attach_reactions(conversation: Conversation, messages: list[Message]) -> None:
    """Give each message the reactions to it; 1 query, none for no messages."""
    by_mid: dict[str, list[Reaction]] = {message.mid: [] for message in messages if message.mid}
    if by_mid:
        for reaction in Reaction.objects.filter(conversation=conversation, mid__in=by_mid, removed=False):
            by_mid[reaction.mid].append(reaction)
    for message in messages:
        message.reactions = by_mid.get(message.mid, [])


def count_arrived(*, since: datetime, besides: UUID | None = None) -> int:
    """Count the conversations, besides the open one, in which something arrived after a moment; 1 query."""
    arrived: QuerySet[Conversation] = Conversation.objects.filter(last_received_at__gt=since)
    return (arrived.exclude(uuid=besides) if besides else arrived).count()


def _messages(conversation: Conversation) -> QuerySet[Message]:
    rows: QuerySet[Message] = Message.objects.filter(conversation=conversation)
    return rows.select_related("sent_by").prefetch_related("attachments")
