"""Whose conversation an event belongs to, and which message: what all handlers of conversations share.

Handlers run inside the store's scope and a transaction. Each event may come twice, late and in any order: the
unique keys of contact, conversation and message decide what is new, and `standing.settle` derives the rest.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.models import ConnectedPage, InstagramAccount
from integrations.webhooks.events import MessagingEvent
from integrations.webhooks.outcomes import Ignored
from messaging.models import Contact, Conversation, Message, Platform, conversation_uuid
from messaging.standing import find_and_lock, lock_conversation
from messaging.tasks import fetch_contact_profile

Asset = ConnectedPage | InstagramAccount
State, Direction = Message.State, Message.Direction

MID_CHARACTERS = 255


def open_conversation(asset: Asset, person_id: str) -> Conversation:
    """Return the asset's conversation with this person, made if need be, locked for the transaction."""
    conversation = find_conversation(asset, person_id) or _make_conversation(asset, person_id)
    conversation.page = _page(asset)
    return conversation


def find_conversation(asset: Asset, person_id: str) -> Conversation | None:
    """Return the asset's conversation with this person, locked, if there is one; 1 query."""
    return find_and_lock(uuid=conversation_uuid(asset.meta_id, person_id))


def _make_conversation(asset: Asset, person_id: str) -> Conversation:
    is_instagram = isinstance(asset, InstagramAccount)
    platform = Platform.INSTAGRAM if is_instagram else Platform.MESSENGER
    contact, new = Contact.objects.get_or_create(
        asset_id=asset.meta_id, person_id=person_id, defaults={"platform": platform}
    )
    facts = {"platform": platform, "asset_id": asset.meta_id, "page": _page(asset), "contact": contact}
    uuid = conversation_uuid(asset.meta_id, person_id)
    conversation, _created = Conversation.objects.get_or_create(uuid=uuid, defaults=facts)
    if new:
        fetch_contact_profile.delay_on_commit(contact.store_id, contact.pk)
    return lock_conversation(conversation.pk)


def refuse_nobody(event: MessagingEvent, asset: Asset) -> Ignored | None:
    """Say why an event belongs to no conversation."""
    if not event.person_id:
        return Ignored(_("It does not say which person it is about."))
    if event.person_id == asset.meta_id:
        return Ignored(_("The account wrote to itself."))
    return None


def _page(asset: Asset) -> ConnectedPage:
    return asset if isinstance(asset, ConnectedPage) else asset.page


def find_or_begin_message(
    event: MessagingEvent,
    mid: str,
    conversation: Conversation,
    *,
    direction: str = Direction.IN,
    is_awaited: bool = False,
) -> tuple[Message, bool]:
    """Return the message with this mid and whether it is new: then it is for the caller to fill and save.

    Nobody else can make it meanwhile: the conversation is locked. `is_awaited`: the event is not the message.
    """
    mid = mid[:MID_CHARACTERS] or _own_mid(event)
    if message := Message.objects.filter(conversation=conversation, mid=mid).first():
        return message, False
    if direction == Direction.IN:
        conversation.last_received_at = timezone.now()
    new = Message(
        conversation=conversation,
        mid=mid,
        direction=direction,
        state=State.RECEIVED if direction == Direction.IN else State.SENT,
        happened_at=happened_at(event),
        revision=conversation.revision,
        is_awaited=is_awaited,
    )
    return new, True


def _own_mid(event: MessagingEvent) -> str:
    """Return a mid made of the whole event where Meta gave none (older postbacks, carts)."""
    return "event:" + hashlib.sha256(json.dumps(event.item, sort_keys=True).encode()).hexdigest()


def happened_at(event: MessagingEvent) -> datetime:
    """Return when it happened; a clock that runs ahead would keep the reply window open."""
    now = timezone.now()
    return min(event.happened_at or now, now)
