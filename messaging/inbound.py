"""What Meta's messaging events do to our rows.

Handlers run inside the store's scope and a transaction. Each event may come twice, late and in any order: the
unique keys of contact, conversation and message decide what is new, and `standing.settle` derives the rest.
Nothing is withheld because a Page needs reconnecting: what a customer says is always stored.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.models import ConnectedPage, InstagramAccount
from integrations.webhooks.events import Event, MessageEvent, PostbackEvent, ReceiptEvent
from integrations.webhooks.outcomes import Ignored
from messaging.models import Attachment, Contact, Conversation, Message, Platform, conversation_uuid
from messaging.standing import (
    absorb_double,
    further,
    lock_conversation,
    settle,
    take_early_receipt,
)
from messaging.tasks import fetch_contact_profile

Asset = ConnectedPage | InstagramAccount
State, Direction, Kind = Message.State, Message.Direction, Message.Kind

EARLY_RECEIPTS = 100
"""Receipts kept for messages we do not know (yet). Meta's bursts are far below it."""
MID_CHARACTERS = 255


def receive_message(event: MessageEvent, asset: Asset) -> Ignored | None:
    """Store a message, fill ours from its echo, or erase one that was taken back."""
    if problem := _nobody(event.person_id, asset):
        return problem
    conversation = open_conversation(asset, event.person_id)
    if event.kind == "message_deleted":
        _erase(event, conversation)
    elif event.kind == "echo":
        _store_echo(event, conversation)
    else:
        _store_inbound(event, conversation)
    settle(conversation)
    return None


def receive_postback(event: PostbackEvent, asset: Asset) -> Ignored | None:
    """Store a pressed button as a message of the customer; standby copies carry no payload."""
    if problem := _nobody(event.person_id, asset):
        return problem
    conversation = open_conversation(asset, event.person_id)
    message, created = _get_or_make(event, event.mid, conversation)
    if created or (event.payload and not message.payload):
        message.kind, message.text, message.payload = Kind.POSTBACK, event.title, event.payload
        message.revision = conversation.revision
        message.save()
    settle(conversation)
    return None


def receive_receipt(event: ReceiptEvent, asset: Asset) -> Ignored | None:
    """Note that messages were delivered or read, up to a time (Messenger) or by mid (Instagram)."""
    if problem := _nobody(event.person_id, asset):
        return problem
    conversation = _find_conversation(asset, event.person_id)
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


# --- Whose conversation -----------------------------------------------------------------------------------


def open_conversation(asset: Asset, person_id: str) -> Conversation:
    """Return the asset's conversation with this person, made if need be, locked for the transaction."""
    platform, page = _platform(asset), _page(asset)
    contact, new = Contact.objects.get_or_create(
        asset_id=asset.meta_id, person_id=person_id, defaults={"platform": platform}
    )
    conversation, _created = Conversation.objects.get_or_create(
        uuid=conversation_uuid(asset.meta_id, person_id),
        defaults={"platform": platform, "asset_id": asset.meta_id, "page": page, "contact": contact},
    )
    if new:
        fetch_contact_profile.delay_on_commit(contact.store_id, contact.pk)
    locked = lock_conversation(conversation.pk)
    locked.page = page
    return locked


def _find_conversation(asset: Asset, person_id: str) -> Conversation | None:
    uuid = conversation_uuid(asset.meta_id, person_id)
    pk = Conversation.objects.filter(uuid=uuid).values_list("pk", flat=True).first()
    return lock_conversation(pk) if pk else None


def _nobody(person_id: str, asset: Asset) -> Ignored | None:
    if not person_id:
        return Ignored(_("It does not say which person it is about."))
    if person_id == asset.meta_id:
        return Ignored(_("The account wrote to itself."))
    return None


def _page(asset: Asset) -> ConnectedPage:
    return asset if isinstance(asset, ConnectedPage) else asset.page


def _platform(asset: Asset) -> Platform:
    return Platform.INSTAGRAM if isinstance(asset, InstagramAccount) else Platform.MESSENGER


# --- Messages ---------------------------------------------------------------------------------------------


def _store_inbound(event: MessageEvent, conversation: Conversation) -> None:
    message, created = _get_or_make(event, event.mid, conversation)
    if not created and not message.deleted_at:
        return
    message.direction, message.state = Direction.IN, State.RECEIVED
    message.happened_at = _time(event)
    if event.quick_reply_payload:
        message.kind = Kind.QUICK_REPLY
    _fill(message, event, conversation)


def _store_echo(event: MessageEvent, conversation: Conversation) -> None:
    """Fill the reply that this echoes, or store what was written in the Page's own inbox or on a phone."""
    message = _find_own(event, conversation)
    if message is None:
        message, created = _get_or_make(event, event.mid, conversation, direction=Direction.OUT)
        if created or message.deleted_at:
            message.direction, message.state = Direction.OUT, further(message.state, State.SENT)
            _fill(message, event, conversation)
    else:  # perhaps one that we believed lost
        message.state = further(message.state, State.SENT)
        message.error = message.error_code = message.error_detail = ""
    message.app_id, message.happened_at = event.app_id or message.app_id, _time(event)
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
    mid = _mid(event, event.mid)
    if own is None or own.mid not in ("", mid):
        return None
    own.conversation = conversation
    absorb_double(own, mid)
    return own


def _fill(message: Message, event: MessageEvent, conversation: Conversation) -> None:
    """Put an event's words into a message, unless they were taken back."""
    message.reply_to_mid, message.revision = event.reply_to_mid[:MID_CHARACTERS], conversation.revision
    if message.deleted_at is None:
        message.text, message.payload = event.text, event.quick_reply_payload
        Attachment.objects.bulk_create(
            Attachment(message=message, type=one.type[:40], url=one.url, title=one.title)
            for one in event.attachments
        )
    message.save()


def _erase(event: MessageEvent, conversation: Conversation) -> None:
    """Erase a message's words. One that has not come yet leaves a mark, so that it comes without words."""
    message, _created = _get_or_make(event, event.mid, conversation)
    message.text = message.payload = ""
    message.deleted_at = message.deleted_at or _time(event)
    message.revision = conversation.revision
    message.save()
    message.attachments.all().delete()


def _get_or_make(
    event: Event, mid: str, conversation: Conversation, *, direction: str = Direction.IN
) -> tuple[Message, bool]:
    state = State.RECEIVED if direction == Direction.IN else State.SENT
    made: tuple[Message, bool] = Message.objects.get_or_create(
        conversation=conversation,
        mid=_mid(event, mid),
        defaults={
            "direction": direction,
            "state": state,
            "happened_at": _time(event),
            "revision": conversation.revision,
        },
    )
    if made[1] and direction == Direction.IN:
        conversation.last_received_at = timezone.now()
    return made


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


def _mid(event: Event, mid: str) -> str:
    """Return Meta's id, or one made of the whole event where Meta gave none (older postbacks)."""
    if mid:
        return mid[:MID_CHARACTERS]
    return "event:" + hashlib.sha256(json.dumps(event.item, sort_keys=True).encode()).hexdigest()


def _time(event: Event) -> datetime:
    """Return when it happened; a clock that runs ahead would keep the reply window open."""
    now = timezone.now()
    return min(event.happened_at or now, now)
