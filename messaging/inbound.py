"""What a message, a pressed button or a receipt of Meta does to our rows.

Nothing is withheld because a Page needs reconnecting: what a customer says is always stored.
"""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from integrations.webhooks.events import MessageEvent, PostbackEvent, ReceiptEvent
from integrations.webhooks.outcomes import Ignored
from messaging.amendments import erase
from messaging.arrivals import (
    MID_CHARACTERS,
    Asset,
    find_conversation,
    find_or_begin_message,
    happened_at,
    open_conversation,
    refuse_nobody,
)
from messaging.attachments import save_attachments
from messaging.models import Conversation, Message
from messaging.origins import note_origin
from messaging.standing import absorb_double, further, settle, take_early_receipt

State, Direction, Kind = Message.State, Message.Direction, Message.Kind

EARLY_RECEIPTS = 100
"""Receipts kept for messages we do not know (yet). Meta's bursts are far below it."""


def receive_message(event: MessageEvent, asset: Asset) -> Ignored | None:
    """Store a message, fill ours from its echo, or erase one that was taken back."""
    if problem := refuse_nobody(event, asset):
        return problem
    conversation = open_conversation(asset, event.person_id)
    if event.kind == "message_deleted":
        erase(event, conversation)
    elif event.kind == "echo":
        _store_echo(event, conversation)
    else:
        _store_inbound(event, conversation)
        note_origin(event.referral, event, conversation)
    settle(conversation)
    return None


def receive_postback(event: PostbackEvent, asset: Asset) -> Ignored | None:
    """Store a pressed button as a message of the customer; standby copies carry no payload."""
    if problem := refuse_nobody(event, asset):
        return problem
    conversation = open_conversation(asset, event.person_id)
    message, created = find_or_begin_message(event, event.mid, conversation)
    if created or (event.payload and not message.payload):
        message.kind, message.text, message.payload = Kind.POSTBACK, event.title, event.payload
        message.revision = conversation.revision
        message.save()
    note_origin(event.referral, event, conversation)
    settle(conversation)
    return None


def receive_receipt(event: ReceiptEvent, asset: Asset) -> Ignored | None:
    """Note that messages were delivered or read, up to a time (Messenger) or by mid (Instagram)."""
    if problem := refuse_nobody(event, asset):
        return problem
    conversation = find_conversation(asset, event.person_id)
    if conversation is None:
        return Ignored(_("It is about a conversation that we do not have."))
    state = State.READ if event.kind == "read" else State.DELIVERED
    _note_receipts({mid[:MID_CHARACTERS] for mid in event.mids}, state, conversation)
    if event.watermark_at:
        field = "read_until" if state == State.READ else "delivered_until"
        until = max(event.watermark_at, getattr(conversation, field) or event.watermark_at)
        setattr(conversation, field, until)
    settle(conversation)
    return None


# --- Messages ---------------------------------------------------------------------------------------------


def _store_inbound(event: MessageEvent, conversation: Conversation) -> None:
    message, created = find_or_begin_message(event, event.mid, conversation)
    if not created and not message.is_awaited:
        return
    message.direction, message.state = Direction.IN, State.RECEIVED
    message.happened_at = happened_at(event)
    if event.quick_reply_payload:
        message.kind = Kind.QUICK_REPLY
    _fill(message, event, conversation)


def _store_echo(event: MessageEvent, conversation: Conversation) -> None:
    """Fill the reply that this echoes, or store what was written in the Page's own inbox or on a phone."""
    message = _find_own(event, conversation)
    if message is None:
        message, created = find_or_begin_message(event, event.mid, conversation, direction=Direction.OUT)
        if created or message.is_awaited:
            message.direction, message.state = Direction.OUT, further(message.state, State.SENT)
            _fill(message, event, conversation)
    else:  # perhaps one that we believed lost
        message.state = further(message.state, State.SENT)
        message.error = message.error_code = message.error_detail = ""
    message.app_id, message.happened_at = event.app_id[:64] or message.app_id, happened_at(event)
    message.echoed_at, message.revision = message.happened_at, conversation.revision
    take_early_receipt(conversation, message)
    message.save()


def _find_own(event: MessageEvent, conversation: Conversation) -> Message | None:
    """Find the reply by our own reference. A second mid for it means that it went out twice: not this one."""
    try:
        reference = UUID(event.metadata)
    except ValueError:
        return None
    own: Message | None = Message.objects.filter(conversation=conversation, reference=reference).first()
    mid = event.mid[:MID_CHARACTERS]
    if own is None or not mid or own.mid not in ("", mid):
        return None
    own.conversation = conversation
    absorb_double(own, mid)
    return own


def _fill(message: Message, event: MessageEvent, conversation: Conversation) -> None:
    """Put an event's words into a message, unless they were changed since, or taken back."""
    message.reply_to_mid, message.revision = event.reply_to_mid[:MID_CHARACTERS], conversation.revision
    message.is_awaited = False
    if event.is_unsupported:
        message.kind = Kind.UNSUPPORTED
    if message.deleted_at is None:
        message.text = message.text if message.edited_at else event.text
        message.payload = event.quick_reply_payload
    message.save()
    if message.deleted_at is None:
        save_attachments(event, message)


def _note_receipts(mids: set[str], state: str, conversation: Conversation) -> None:
    """Note receipts by mid: on our messages, and for those we do not know (yet), beside; 2 queries."""
    rows = list(Message.objects.filter(conversation=conversation, mid__in=mids))
    moved = [row for row in rows if row.is_out and further(row.state, state) != row.state]
    for row in moved:
        row.state, row.revision = state, conversation.revision
    Message.objects.bulk_update(moved, ["state", "revision"])
    known = conversation.early_receipts
    for mid in sorted(mids - {row.mid for row in rows}):
        if mid in known or len(known) < EARLY_RECEIPTS:
            known[mid] = further(known.get(mid, ""), state)
