"""What becomes of a message after it was written: it is changed, taken back, reacted to.

Each may come before its message. Of several the latest counts, whatever order they come in.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.translation import gettext as _

from integrations.webhooks.events import MessageEditEvent, MessageEvent, ReactionEvent
from integrations.webhooks.outcomes import Ignored
from messaging.arrivals import (
    MID_CHARACTERS,
    Asset,
    find_or_begin_message,
    happened_at,
    open_conversation,
    refuse_nobody,
)
from messaging.models import Conversation, Message, Reaction
from messaging.standing import settle

Direction = Message.Direction
LONG_AGO = datetime.min.replace(tzinfo=UTC)


def receive_edit(event: MessageEditEvent, asset: Asset) -> Ignored | None:
    """Put the changed words in the place of the old ones. The customer's words are kept in any case."""
    if problem := _refuse_nothing(event, asset):
        return problem
    conversation = open_conversation(asset, event.person_id)
    message, _created = find_or_begin_message(
        event,
        event.mid,
        conversation,
        direction=Direction.OUT if event.from_account else Direction.IN,
        is_awaited=True,
    )
    moment = happened_at(event)
    known = (message.edit_number, message.edited_at or LONG_AGO, message.text if message.edited_at else "")
    is_newer = (event.number, moment, event.text) > known
    if is_newer:
        message.edit_number, message.edited_at, message.revision = event.number, moment, conversation.revision
        message.text = "" if message.deleted_at else event.text
        message.save()
    settle(conversation)
    return None if is_newer else Ignored(_("A later change of this message is already here."))


def erase(event: MessageEvent, conversation: Conversation) -> None:
    """Erase a message's words. One that has not come yet leaves a mark, so that it comes without words."""
    message, _created = find_or_begin_message(event, event.mid, conversation, is_awaited=True)
    message.text, message.payload, message.cart = "", "", []
    message.deleted_at = message.deleted_at or happened_at(event)
    message.revision = conversation.revision
    message.save()
    message.attachments.all().delete()


def receive_reaction(event: ReactionEvent, asset: Asset) -> Ignored | None:
    """Keep what somebody last did with a message: the reaction of the latest time, or none."""
    if problem := _refuse_nothing(event, asset):
        return problem
    conversation = open_conversation(asset, event.person_id)
    moment, emoji, name = happened_at(event), event.emoji[:40], event.name[:40]
    reaction, created = Reaction.objects.get_or_create(
        conversation=conversation,
        mid=event.mid[:MID_CHARACTERS],
        from_account=event.from_account,
        defaults={"happened_at": moment},
    )
    known = (reaction.happened_at, reaction.removed, reaction.emoji, reaction.name)
    is_newer = created or (moment, event.removed, emoji, name) > known
    if is_newer:
        reaction.happened_at, reaction.removed, reaction.emoji, reaction.name = (
            moment,
            event.removed,
            emoji,
            name,
        )
    if not event.removed:
        reaction.reacted_at = max(moment, reaction.reacted_at or moment)
    reaction.save()
    Message.objects.filter(conversation=conversation, mid=reaction.mid).update(revision=conversation.revision)
    settle(conversation)
    return None if is_newer else Ignored(_("A later reaction to this message is already here."))


def _refuse_nothing(event: MessageEditEvent | ReactionEvent, asset: Asset) -> Ignored | None:
    if not event.mid:
        return Ignored(_("It does not say which message it is about."))
    return refuse_nobody(event, asset)
