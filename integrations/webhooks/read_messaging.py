"""Items of `messaging` and `standby`, and the same as changes. Source: fact sheet sections 11 and 12.2."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from integrations.webhooks.envelope import Envelope, Reader, facts, join
from integrations.webhooks.events import (
    Attachment,
    CartEvent,
    CartLine,
    Event,
    HandoverEvent,
    MessageEditEvent,
    MessageEvent,
    MessagingEvent,
    PolicyEvent,
    PostbackEvent,
    ReactionEvent,
    ReceiptEvent,
    Referral,
    ReferralEvent,
)
from integrations.webhooks.shapes import (
    Json,
    clean,
    read_id,
    read_list,
    read_number,
    read_object,
    read_objects,
    read_time,
)


def read_messaging(envelope: Envelope, item: Json) -> Event:
    """Read an item by the first of its keys that stands in MESSAGING; `unknown` when none does."""
    reader = find_reader(item)
    return reader(envelope, item) if reader else _plain("unknown")(envelope, item)


def find_reader(item: Json) -> Reader | None:
    """Return what reads this item; None when it is no messaging item that we know."""
    return next((reader for key, reader in MESSAGING.items() if isinstance(item.get(key), dict)), None)


# --- What they share --------------------------------------------------------------------------------------


def _facts(
    kind: str, envelope: Envelope, item: Json, *, identity: str | None, from_account: bool = False
) -> dict[str, Any]:
    """Return what every messaging event needs, with the two sides told apart.

    Echoes come with the customer as recipient, older ones with the customer as sender: the side that is not
    the account is the customer's.
    """
    sender, recipient = _party(item, "sender"), _party(item, "recipient")
    person, account = (recipient, sender) if from_account else (sender, recipient)
    if from_account and person == envelope.asset_id:
        person, account = account, person
    return facts(kind, envelope, item, identity=identity, time=item.get("timestamp")) | {
        "person_id": person,
        "account_id": account or envelope.asset_id,
        "from_account": from_account,
    }


def _party(item: Json, key: str) -> str:
    return read_id(read_object(item.get(key)).get("id"))


def _acts_for_account(envelope: Envelope, item: Json) -> bool:
    return bool(envelope.asset_id) and _party(item, "sender") == envelope.asset_id


def _moment(envelope: Envelope, item: Json) -> str:
    """Return when it happened as one text for every unit; an item without a time has that of its entry."""
    moment = read_time(item.get("timestamp")) or read_time(envelope.entry_time)
    return moment.isoformat() if moment else ""


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _plain(kind: str) -> Reader:
    """Return a reader of items of which we need no more than who and when."""

    def read(envelope: Envelope, item: Json) -> Event:
        return MessagingEvent(**_facts(kind, envelope, item, identity=None))

    return read


# --- Messages ---------------------------------------------------------------------------------------------


def _read_message(envelope: Envelope, item: Json) -> Event:
    message = read_object(item.get("message"))
    mid, story = read_id(message.get("mid")), read_object(read_object(message.get("reply_to")).get("story"))
    echo = message.get("is_echo") is True
    kind = "message_deleted" if message.get("is_deleted") is True else "echo" if echo else "message"
    return MessageEvent(
        **_facts(kind, envelope, item, identity=mid or None, from_account=echo),
        mid=mid,
        text=clean(message.get("text")),
        attachments=tuple(_read_attachments(message)),
        quick_reply_payload=clean(read_object(message.get("quick_reply")).get("payload")),
        reply_to_mid=read_id(read_object(message.get("reply_to")).get("mid")),
        story_id=read_id(story.get("id")),
        story_url=clean(story.get("url")),
        referral=_read_referral(message),
        is_unsupported=message.get("is_unsupported") is True,
        app_id=read_id(message.get("app_id")),
        metadata=clean(message.get("metadata")),
    )


def _read_attachments(message: Json) -> Iterator[Attachment]:
    for attachment in read_objects(message.get("attachments")):
        payload = read_object(attachment.get("payload"))
        yield Attachment(
            type=clean(attachment.get("type")) or "unknown",
            url=clean(payload.get("url") or attachment.get("url")),
            title=clean(payload.get("title") or attachment.get("title")),
            payload=payload,
        )


def _read_edit(envelope: Envelope, item: Json) -> Event:
    edit = read_object(item.get("message_edit"))
    mid, number, text = read_id(edit.get("mid")), read_number(edit.get("num_edit")), clean(edit.get("text"))
    told_apart_by = number if number is not None else join(text, _moment(envelope, item))
    return MessageEditEvent(
        **_facts(
            "message_edit",
            envelope,
            item,
            identity=join(mid, told_apart_by) if mid else None,
            from_account=_acts_for_account(envelope, item),
        ),
        mid=mid,
        text=text,
        number=min(max(number or 0, 0), 2**31 - 1),
    )


def _read_reaction(envelope: Envelope, item: Json) -> Event:
    reaction = read_object(item.get("reaction"))
    mid, action, emoji = (clean(reaction.get(key)) for key in ("mid", "action", "emoji"))
    identity = join(mid, _party(item, "sender"), action, emoji, _moment(envelope, item))
    from_account = _acts_for_account(envelope, item)
    return ReactionEvent(
        **_facts("reaction", envelope, item, identity=identity if mid else None, from_account=from_account),
        mid=read_id(mid),
        removed=action == "unreact",
        name=clean(reaction.get("reaction")),
        emoji=emoji,
    )


def _read_postback(envelope: Envelope, item: Json) -> Event:
    postback = read_object(item.get("postback"))
    mid, payload = read_id(postback.get("mid")), clean(postback.get("payload"))
    person, title = _party(item, "sender"), clean(postback.get("title"))
    # The copy in standby lacks the payload: the whole one must still come through after it.
    identity = join(mid, bool(payload) and "whole") if mid else join(person, _moment(envelope, item), payload)
    return PostbackEvent(
        **_facts("postback", envelope, item, identity=identity),
        mid=mid,
        title=title,
        payload=payload,
        referral=_read_referral(postback),
    )


def _receipt_reader(kind: str) -> Reader:
    def read(envelope: Envelope, item: Json) -> Event:
        receipt, person = read_object(item.get(kind)), _party(item, "sender")
        mids = [*read_list(receipt.get("mids")), receipt.get("mid")]
        names = tuple(mid for mid in map(read_id, mids) if mid)
        watermark = read_time(receipt.get("watermark"))
        identity = join(person, watermark.isoformat() if watermark else "", *names)
        return ReceiptEvent(
            **_facts(kind, envelope, item, identity=identity if watermark or names else None),
            mids=names,
            watermark_at=watermark,
        )

    return read


# --- Where somebody came from, carts, the account itself --------------------------------------------------


def _read_referral(holder: Json) -> Referral | None:
    referral = holder.get("referral")
    if not isinstance(referral, dict):
        return None
    ad, product = read_object(referral.get("ads_context_data")), read_object(referral.get("product"))
    return Referral(
        source=clean(referral.get("source")),
        type=clean(referral.get("type")),
        ref=clean(referral.get("ref")),
        ad_id=read_id(referral.get("ad_id")),
        ad_title=clean(ad.get("ad_title")),
        post_id=read_id(ad.get("post_id")),
        product_id=read_id(product.get("id")) or read_id(ad.get("product_id")),
        picture_url=clean(ad.get("photo_url") or ad.get("video_url")),
    )


def _read_referral_item(envelope: Envelope, item: Json) -> Event:
    referral = _read_referral(item) or Referral()
    identity = join(
        _party(item, "sender"),
        _moment(envelope, item),
        referral.source,
        referral.ref,
        referral.ad_id,
        referral.product_id,
    )
    return ReferralEvent(**_facts("referral", envelope, item, identity=identity), referral=referral)


def _read_cart(envelope: Envelope, item: Json) -> Event:
    order = read_object(item.get("order"))
    identity = join(_party(item, "sender"), _moment(envelope, item), _digest(order))
    return CartEvent(
        **_facts("send_cart", envelope, item, identity=identity),
        lines=tuple(_read_lines(order)),
        note=clean(order.get("note")),
    )


def _read_lines(order: Json) -> Iterator[CartLine]:
    for line in read_objects(order.get("products")):
        quantity = read_number(line.get("quantity"))
        yield CartLine(
            product_id=read_id(line.get("id")),
            retailer_id=read_id(line.get("retailer_id")),
            name=clean(line.get("name")),
            quantity=quantity if quantity is not None and quantity > 0 else 1,
            unit_price=clean(line.get("unit_price")),
            currency=clean(line.get("currency"))[:3].upper(),
        )


def _handover_reader(action: str) -> Reader:
    def read(envelope: Envelope, item: Json) -> Event:
        told = read_object(item.get(action))
        return HandoverEvent(
            **_facts("handover", envelope, item, identity=None),
            action=action,
            new_owner_app_id=read_id(told.get("new_owner_app_id")),
            previous_owner_app_id=read_id(told.get("previous_owner_app_id")),
            requested_owner_app_id=read_id(told.get("requested_owner_app_id")),
            metadata=clean(told.get("metadata")),
        )

    return read


def _policy_reader(key: str) -> Reader:
    def read(envelope: Envelope, item: Json) -> Event:
        told = read_object(item.get(key))
        action, reason = clean(told.get("action")), clean(told.get("reason"))
        identity = join(action, reason, _moment(envelope, item))
        return PolicyEvent(
            **_facts("policy_enforcement", envelope, item, identity=identity), action=action, reason=reason
        )

    return read


MESSAGING: dict[str, Reader] = {
    "message": _read_message,
    "message_edit": _read_edit,
    "reaction": _read_reaction,
    "postback": _read_postback,
    "delivery": _receipt_reader("delivery"),
    "read": _receipt_reader("read"),
    "order": _read_cart,
    "referral": _read_referral_item,
    "optin": _plain("optin"),
    "account_linking": _plain("account_linking"),
    "policy_enforcement": _policy_reader("policy_enforcement"),
    "policy-enforcement": _policy_reader("policy-enforcement"),
    "pass_thread_control": _handover_reader("pass_thread_control"),
    "take_thread_control": _handover_reader("take_thread_control"),
    "request_thread_control": _handover_reader("request_thread_control"),
    "app_roles": _handover_reader("app_roles"),
    "messaging_feedback": _plain("feedback"),
    "response_feedback": _plain("feedback"),
    "payment": _plain("payment"),
    "pre_checkout": _plain("pre_checkout"),
    "checkout_update": _plain("checkout_update"),
}
"""Key of the item → what reads it. The first key that the item has as an object wins."""
