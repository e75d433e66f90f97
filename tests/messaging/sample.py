"""Messaging items as Meta sends them, and rows made without Meta."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.module_loading import import_string

from integrations.models import AssetState, ConnectedPage, InstagramAccount, MetaAccount
from integrations.webhooks.envelope import Envelope
from integrations.webhooks.parse import read_event
from messaging.models import Conversation, Message
from stormcom.event_routes import ROUTES

PAGE = "100200300400501"
ACCOUNT = "17841400000000501"
PSID = "7700001111"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

Item = dict[str, Any]


def make_page(**over: Any) -> ConnectedPage:
    """A connected Page of the open store that Meta has never heard of."""
    account = MetaAccount.objects.create(meta_user_id="70001", name="Ada")
    facts: dict[str, Any] = {"page_id": PAGE, "name": "Hazel Home", "state": AssetState.ACTIVE} | over
    page = ConnectedPage(account=account, store_id=account.store_id, **facts)
    page.seal_token("page-token")
    page.save()
    return page


def make_account(page: ConnectedPage) -> InstagramAccount:
    account: InstagramAccount = InstagramAccount.objects.create(
        page=page, instagram_id=ACCOUNT, username="hazel.home", state=AssetState.ACTIVE
    )
    return account


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def said(
    text: str, *, mid: str, at: datetime = NOON, person: str = PSID, asset: str = PAGE, **more: Any
) -> Item:
    parties = {"sender": {"id": person}, "recipient": {"id": asset}, "timestamp": ms(at)}
    return parties | {"message": {"mid": mid, "text": text} | more}


def echoed(
    text: str, *, mid: str, at: datetime = NOON, person: str = PSID, asset: str = PAGE, **more: Any
) -> Item:
    parties = {"sender": {"id": asset}, "recipient": {"id": person}, "timestamp": ms(at)}
    return parties | {"message": {"mid": mid, "text": text, "is_echo": True} | more}


def taken_back(mid: str, *, at: datetime = NOON, asset: str = PAGE) -> Item:
    parties = {"sender": {"id": PSID}, "recipient": {"id": asset}, "timestamp": ms(at)}
    return parties | {"message": {"mid": mid, "is_deleted": True}}


def receipt(kind: str, *, asset: str = PAGE, **body: Any) -> Item:
    return {"sender": {"id": PSID}, "recipient": {"id": asset}, "timestamp": ms(NOON), kind: body}


def pressed(title: str, payload: str, *, mid: str = "", at: datetime = NOON) -> Item:
    postback = {"title": title, "payload": payload} | ({"mid": mid} if mid else {})
    return {"sender": {"id": PSID}, "recipient": {"id": PAGE}, "timestamp": ms(at), "postback": postback}


def changed(
    mid: str, text: str, *, number: int, at: datetime = NOON, person: str = PSID, asset: str = PAGE
) -> Item:
    parties = {"sender": {"id": person}, "recipient": {"id": asset}, "timestamp": ms(at)}
    return parties | {"message_edit": {"mid": mid, "text": text, "num_edit": number}}


def reacted(mid: str, emoji: str, *, at: datetime = NOON, asset: str = PAGE) -> Item:
    """A reaction of the customer; without an emoji, it is taken off."""
    action = {"action": "react", "emoji": emoji, "reaction": "other"} if emoji else {"action": "unreact"}
    parties = {"sender": {"id": PSID}, "recipient": {"id": asset}, "timestamp": ms(at)}
    return parties | {"reaction": {"mid": mid} | action}


def came_by(*, at: datetime = NOON, asset: str = PAGE, **referral: Any) -> Item:
    parties = {"sender": {"id": PSID}, "recipient": {"id": asset}, "timestamp": ms(at)}
    return parties | {"referral": referral}


def cart(*products: Item, note: str = "", at: datetime = NOON) -> Item:
    parties = {"sender": {"id": PSID}, "recipient": {"id": PAGE}, "timestamp": ms(at)}
    return parties | {"order": {"products": list(products), "note": note}}


def hand_in(asset: ConnectedPage | InstagramAccount, item: Item, *, channel: str = "messaging") -> object:
    """Give an item to the handler that the routes name, as the dispatcher would."""
    object_ = "instagram" if isinstance(asset, InstagramAccount) else "page"
    event = read_event(Envelope(object_, asset.meta_id, channel, ms(NOON)), item)
    [handler] = ROUTES[object_][event.kind]
    answer: object = import_string(handler)(event, asset)
    return answer


def make_conversation(
    asset: ConnectedPage, *, person: str = PSID, age: timedelta = timedelta(hours=1)
) -> Conversation:
    """A conversation in which the customer wrote `age` ago."""
    hand_in(asset, said("Is it still there?", mid=f"m_{person}", at=timezone.now() - age, person=person))
    conversation: Conversation = Conversation.objects.get(contact__person_id=person)
    return conversation


def the_message(**facts: Any) -> Message:
    message: Message = Message.objects.get(**facts)
    return message
