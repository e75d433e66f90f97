"""How a conversation stands: columns that follow from its messages and from nothing else.

All writes to a conversation happen under its row lock (`lock_conversation`), so revisions and message ids
grow in the order in which others see them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from messaging.models import Conversation, Message, Origin, Reaction
from tenancy.live import tell_pages

SNIPPET_CHARACTERS = 160
State, Direction = Message.State, Message.Direction
REACHED = (State.SENT, State.DELIVERED, State.READ)


def lock_conversation(conversation_id: int) -> Conversation:
    """Return the conversation, locked until the transaction ends, one revision further; 1 query.

    Save what `settle` computes, or the new revision is forgotten.
    """
    conversation = find_and_lock(pk=conversation_id)
    if conversation is None:
        raise Conversation.DoesNotExist
    return conversation


def find_and_lock(**key: Any) -> Conversation | None:
    """As `lock_conversation`, by any unique key; None when there is no such conversation."""
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("contact", "page__account")
    conversation: Conversation | None = rows.filter(**key).first()
    if conversation:
        conversation.revision += 1
    return conversation


def settle(conversation: Conversation) -> None:
    """Compute and save what follows from the messages. Safe twice, whatever the order of events was.

    4 queries, 2 more where receipts have to be passed on; each reads the end of an index, however much was
    said.
    """
    messages, facts = Message.objects.filter(conversation=conversation), _find_facts(conversation)
    _pass_on_receipts(conversation, messages, read=facts["read"])
    conversation.last_message_at = facts["last"]
    conversation.last_inbound_at = _latest(facts["inbound"], facts["reacted"], facts["came"])
    conversation.has_failed_reply = facts["failed"] is not None
    _settle_waiting(conversation, messages, facts)
    _settle_snippet(conversation, messages)
    conversation.changed_at = timezone.now()
    conversation.save()
    tell_pages()


def _find_facts(conversation: Conversation) -> dict[str, Any]:
    """Return the last of each that the standing hangs on; 1 query.

    `reacted` and `came` are when the customer last reacted to something and came in by a link: that opens the
    reply window too. Source: fact sheet section 13.3.
    """
    messages = Message.objects.filter(conversation=OuterRef("pk"))
    said = messages.filter(direction=Direction.OUT)
    taken = said.exclude(state=State.FAILED)
    reactions = Reaction.objects.filter(conversation=OuterRef("pk"), from_account=False)
    row = Conversation.objects.values(
        last=_last(messages, "happened_at"),
        inbound=_last(messages.filter(direction=Direction.IN), "happened_at"),
        read=_last(said.filter(state=State.READ), "happened_at"),
        answered_here=_last(taken.filter(reference__isnull=False), "id"),
        answered_elsewhere=_last(taken.filter(reference=None), "happened_at"),
        failed=_last(messages.filter(state=State.FAILED, id__gt=conversation.done_message_id), "id"),
        reacted=_last(reactions, "reacted_at"),
        came=_last(Origin.objects.filter(conversation=OuterRef("pk")), "last_at"),
    ).get(pk=conversation.pk)
    return dict(row)


def _last(rows: QuerySet[Any], field: str) -> Subquery:
    return Subquery(rows.filter(**{f"{field}__isnull": False}).order_by(f"-{field}").values(field)[:1])


def _settle_waiting(conversation: Conversation, messages: QuerySet[Message], facts: dict[str, Any]) -> None:
    """A customer's message waits until a reply written here after it came, one from elsewhere with a later
    time, or until staff called it done. A message that came late waits too: nobody can have seen it.
    """
    here, done, seen = facts["answered_here"] or 0, conversation.done_message_id, conversation.seen_message_id
    open_ = messages.filter(direction=Direction.IN, deleted_at=None, id__gt=max(here, min(done, seen)))
    if facts["answered_elsewhere"]:
        open_ = open_.filter(happened_at__gt=facts["answered_elsewhere"])
    waiting = open_.aggregate(
        since=Min("happened_at", filter=Q(id__gt=done)), unread=Count("id", filter=Q(id__gt=seen))
    )
    conversation.waiting_since, conversation.unread_count = waiting["since"], waiting["unread"]


def _settle_snippet(conversation: Conversation, messages: QuerySet[Message]) -> None:
    newest = messages.order_by("-happened_at", "-id").first()
    if newest is None:
        return
    conversation.snippet = " ".join(newest.text.split())[:SNIPPET_CHARACTERS]
    conversation.snippet_is_ours = newest.is_out
    conversation.snippet_kind = _kind(newest)


def _kind(message: Message) -> str:
    if message.deleted_at:
        return "deleted"
    if message.text:
        return "text"
    attachment = message.attachments.first()
    return attachment.type[:20] if attachment else message.kind


def _pass_on_receipts(
    conversation: Conversation, messages: QuerySet[Message], *, read: datetime | None
) -> None:
    """Raise our sent messages to what the receipts say. Who has seen a message has seen those before."""
    out = messages.filter(direction=Direction.OUT, state__in=REACHED)
    _raise(out, State.READ, _latest(conversation.read_until, read), conversation)
    _raise(out, State.DELIVERED, conversation.delivered_until, conversation)


def _raise(out: QuerySet[Message], state: str, until: datetime | None, conversation: Conversation) -> None:
    if until is None:
        return
    lower = REACHED[: REACHED.index(State(state))]
    out.filter(state__in=lower, happened_at__lte=until).update(state=state, revision=conversation.revision)


def _latest(*times: datetime | None) -> datetime | None:
    return max((time for time in times if time is not None), default=None)


def further(state: str, other: str) -> str:
    """Return whichever state of a sent message is further along."""
    return max(state, other, key=lambda one: REACHED.index(State(one)) if one in REACHED else -1)


def take_early_receipt(conversation: Conversation, message: Message) -> None:
    """Give a message that just learned its mid the receipt that came before it."""
    known: dict[str, Any] = conversation.early_receipts
    if message.mid in known:
        message.state = further(message.state, known.pop(message.mid))


def absorb_double(message: Message, mid: str) -> None:
    """Give a reply its mid, and take over what an echo without our reference already stored under it.

    Saves nothing of `message`. A reply that has a mid keeps it: the second one is a second message.
    """
    if message.mid:
        return
    double = Message.objects.filter(conversation=message.conversation, mid=mid).exclude(pk=message.pk).first()
    message.mid = mid
    if double:
        message.state = further(message.state, double.state)
        message.app_id = double.app_id
        if double.echoed_at:
            message.happened_at, message.echoed_at = double.happened_at, double.echoed_at
        if double.edited_at:
            message.text, message.edited_at = double.text, double.edited_at
            message.edit_number = double.edit_number
        if double.deleted_at:
            message.deleted_at, message.text, message.payload = double.deleted_at, "", ""
        double.delete()
    take_early_receipt(message.conversation, message)
