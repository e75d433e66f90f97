"""How a conversation stands: columns that follow from its messages and from nothing else.

All writes to a conversation happen under its row lock (`lock_conversation`), so revisions and message ids
grow in the order in which others see them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from messaging.models import Conversation, Message, Origin, Reaction
from tenancy.live import tell_pages

SNIPPET_CHARACTERS = 160
State, Direction = Message.State, Message.Direction
REACHED = (State.SENT, State.DELIVERED, State.READ)


def lock_conversation(conversation_id: int) -> Conversation:
    """Return the conversation, locked until the transaction ends, one revision further.

    Save what `settle` computes, or the new revision is forgotten.
    """
    conversation: Conversation = (
        Conversation.objects.select_for_update(of=("self",))
        .select_related("contact", "page")
        .get(pk=conversation_id)
    )
    conversation.revision += 1
    return conversation


def settle(conversation: Conversation) -> None:
    """Compute and save what follows from the messages. Safe twice, whatever the order of events was."""
    _apply_watermarks(conversation)
    messages = _messages(conversation)
    spoken = messages.aggregate(last=Max("happened_at"), inbound=Max("happened_at", filter=Q(direction="in")))
    conversation.last_message_at = spoken["last"]
    conversation.last_inbound_at = _latest(spoken["inbound"], *_other_actions(conversation))
    _settle_waiting(conversation)
    _settle_snippet(conversation)
    conversation.changed_at = timezone.now()
    conversation.save()
    tell_pages()


def _messages(conversation: Conversation) -> QuerySet[Message]:
    rows: QuerySet[Message] = Message.objects.filter(conversation=conversation)
    return rows


def _other_actions(conversation: Conversation) -> tuple[datetime | None, datetime | None]:
    """Return when the customer last reacted to something and came in by a link: that opens the window too.

    Source: fact sheet section 13.3.
    """
    reactions = Reaction.objects.filter(conversation=conversation, from_account=False)
    reacted = reactions.aggregate(last=Max("reacted_at"))["last"]
    return reacted, Origin.objects.filter(conversation=conversation).aggregate(last=Max("last_at"))["last"]


def _settle_waiting(conversation: Conversation) -> None:
    """A customer's message waits until a reply written here after it came, one from elsewhere with a later
    time, or until staff called it done. A message that came late waits too: nobody can have seen it.
    """
    out = _messages(conversation).filter(direction=Direction.OUT)
    answered = out.exclude(state=State.FAILED).aggregate(
        here=Max("id", filter=Q(reference__isnull=False)),
        elsewhere=Max("happened_at", filter=Q(reference=None)),
    )
    open_ = _messages(conversation).filter(
        direction=Direction.IN, deleted_at=None, id__gt=answered["here"] or 0
    )
    if answered["elsewhere"]:
        open_ = open_.filter(happened_at__gt=answered["elsewhere"])
    waiting = open_.aggregate(
        since=Min("happened_at", filter=Q(id__gt=conversation.done_message_id)),
        unread=Count("id", filter=Q(id__gt=conversation.seen_message_id)),
    )
    conversation.waiting_since, conversation.unread_count = waiting["since"], waiting["unread"]
    failed = out.filter(state=State.FAILED, id__gt=conversation.done_message_id)
    conversation.has_failed_reply = failed.exists()


def _settle_snippet(conversation: Conversation) -> None:
    newest = _messages(conversation).order_by("-happened_at", "-id").first()
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


def _apply_watermarks(conversation: Conversation) -> None:
    """Raise our sent messages to what the receipts say. Who has seen a message has seen those before."""
    out = _messages(conversation).filter(direction=Direction.OUT, state__in=REACHED)
    read = out.filter(state=State.READ).aggregate(until=Max("happened_at"))["until"]
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
