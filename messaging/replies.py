"""What staff do in a conversation: reply, send again, look, and call it done."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from messaging.models import Conversation, Message
from messaging.sending import connection_problem, window_of
from messaging.standing import lock_conversation, settle
from messaging.tasks import send_message
from messaging.window import length_problem
from tenancy.audit import record_audit
from tenancy.models import User

State = Message.State
URGENT_SECONDS = 2 * 3600
"""From here on the composer warns that the window is about to close."""


class ReplyRefused(Exception):
    """A reply cannot be sent now; the message says why, for the merchant."""


@dataclass(frozen=True)
class Outlook:
    """Whether a reply can be sent in a conversation now, and that in words."""

    is_open: bool
    words: str
    seconds_left: int
    needs_connection: bool

    @property
    def is_urgent(self) -> bool:
        return self.is_open and self.seconds_left < URGENT_SECONDS


def outlook(conversation: Conversation, *, by_person: bool = True) -> Outlook:
    """Weigh reply window and connection; no query when contact, page and its account are loaded."""
    window = window_of(conversation, by_person=by_person)
    if problem := connection_problem(conversation):
        return Outlook(is_open=False, words=problem, seconds_left=0, needs_connection=True)
    return Outlook(
        is_open=window.is_open, words=window.words, seconds_left=window.seconds_left, needs_connection=False
    )


def _refuse_blocked(conversation: Conversation, *, by_person: bool) -> None:
    view = outlook(conversation, by_person=by_person)
    if not view.is_open:
        raise ReplyRefused(view.words)


def queue_reply(
    conversation: Conversation, *, text: str, actor: User | None, reference: UUID | None = None
) -> Message:
    """Queue a reply and have it sent; `actor` None is a machine, which may answer for 24 hours only.

    Safe twice with the same `reference` and text: a second press finds the first one's message. Raises
    ReplyRefused, and then nothing was written.
    """
    with transaction.atomic():
        locked = lock_conversation(conversation.pk)
        _refuse_blocked(locked, by_person=actor is not None)
        if problem := length_problem(text, on_instagram=locked.contact.on_instagram):
            raise ReplyRefused(problem)
        known = _find_reply(locked, reference)
        if known and known.text == text:
            return known
        message: Message = Message.objects.create(
            conversation=locked,
            reference=uuid4() if known or reference is None else reference,
            direction=Message.Direction.OUT,
            state=State.QUEUED,
            text=text,
            sent_by=actor,
            happened_at=timezone.now(),
            revision=locked.revision,
        )
        settle(locked)
        record_audit("reply.queued", actor=actor, target=message, conversation=str(locked.uuid))
        send_message.delay_on_commit(message.store_id, message.pk)
    return message


def retry_reply(message: Message, *, actor: User) -> Message:
    """Send a failed reply again. One that is not failed stays as it is. Raises ReplyRefused."""
    with transaction.atomic():
        locked = lock_conversation(message.conversation_id)
        current: Message = Message.objects.select_for_update().get(pk=message.pk)
        if current.state != State.FAILED:
            return current
        _refuse_blocked(locked, by_person=True)
        current.state, current.attempts, current.not_before = State.QUEUED, 0, timezone.now()
        current.error = current.error_code = current.error_detail = ""
        current.sent_by, current.happened_at, current.revision = actor, timezone.now(), locked.revision
        current.save()
        settle(locked)
        record_audit("reply.retried", actor=actor, target=current, conversation=str(locked.uuid))
        send_message.delay_on_commit(current.store_id, current.pk)
    return current


def mark_seen(conversation: Conversation, *, up_to: int) -> None:
    """Note that staff have looked at all messages up to this one. Never goes back."""
    with transaction.atomic():
        locked = lock_conversation(conversation.pk)
        locked.seen_message_id = max(locked.seen_message_id, _known(locked, up_to))
        settle(locked)


def mark_done(conversation: Conversation, *, up_to: int, actor: User) -> None:
    """Note that what was said up to this message needs no answer; a later message waits again."""
    with transaction.atomic():
        locked = lock_conversation(conversation.pk)
        known = _known(locked, up_to)
        locked.done_message_id = max(locked.done_message_id, known)
        locked.seen_message_id = max(locked.seen_message_id, known)
        settle(locked)
        record_audit("conversation.done", actor=actor, target=locked, uuid=str(locked.uuid))


def _known(conversation: Conversation, up_to: int) -> int:
    """Return `up_to`, but never an id that a future message may get."""
    newest = (
        Message.objects.filter(conversation=conversation).order_by("-pk").values_list("pk", flat=True).first()
    )
    return min(up_to, newest or 0)


def _find_reply(conversation: Conversation, reference: UUID | None) -> Message | None:
    if reference is None:
        return None
    found: Message | None = Message.objects.filter(conversation=conversation, reference=reference).first()
    return found
