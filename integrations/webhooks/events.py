"""What Meta can tell us, as frozen dataclasses with the raw item inside.

Source: fact sheet sections 9 to 12 (webhooks), order events: docs/events.md. Ids are text, times are UTC and
None when Meta gave none; text is cleaned of NUL and lone surrogates, which PostgreSQL cannot hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as fact
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Event:
    """Any inner event. `channel` is where it stood: messaging, standby, changes or changed_fields.

    `identity` is what makes two deliveries the same event, besides account and kind; None means that the
    whole item does.
    """

    kind: str
    object: str
    asset_id: str
    channel: str
    happened_at: datetime | None
    item: Mapping[str, Any] = fact(repr=False)
    identity: str | None = None


# --- Conversations ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class MessagingEvent(Event):
    """Something in a conversation: kind `message`, `reaction`, `account_linking`, `feedback`, …

    `person_id` is the customer's PSID or IGSID, whoever acted; `account_id` is the Page or Instagram account
    they talk with, which under object `page` may be another than `asset_id`. `from_account` says that the
    account's side did it.
    """

    person_id: str
    account_id: str
    from_account: bool = False


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """An attachment of a message; Meta's picture addresses expire."""

    type: str
    url: str = ""
    title: str = ""
    payload: Mapping[str, Any] = fact(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Referral:
    """What brought somebody into the conversation: an ad, an m.me link, a product of the shop."""

    source: str = ""
    type: str = ""
    ref: str = ""
    ad_id: str = ""
    ad_title: str = ""
    post_id: str = ""
    product_id: str = ""
    picture_url: str = ""


@dataclass(frozen=True, kw_only=True)
class MessageEvent(MessagingEvent):
    """kind `message` (from the customer), `echo` (from us or the Page's own inbox) or `message_deleted`.

    `app_id` and `metadata` are set on echoes. `story_id` and `story_url` name the story that it answers.
    """

    mid: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    quick_reply_payload: str = ""
    reply_to_mid: str = ""
    story_id: str = ""
    story_url: str = ""
    referral: Referral | None = None
    is_unsupported: bool = False
    app_id: str = ""
    metadata: str = ""


@dataclass(frozen=True, kw_only=True)
class MessageEditEvent(MessagingEvent):
    """kind `message_edit`: `text` is the whole new text, `number` counts the edits of this message."""

    mid: str
    text: str
    number: int = 0


@dataclass(frozen=True, kw_only=True)
class ReactionEvent(MessagingEvent):
    """kind `reaction`: set or, with `removed`, taken off the message `mid`."""

    mid: str
    removed: bool = False
    name: str = ""
    emoji: str = ""


@dataclass(frozen=True, kw_only=True)
class PostbackEvent(MessagingEvent):
    """kind `postback`: a button was pressed; `payload` is missing in standby."""

    mid: str = ""
    title: str = ""
    payload: str = ""
    referral: Referral | None = None


@dataclass(frozen=True, kw_only=True)
class ReferralEvent(MessagingEvent):
    """kind `referral`: somebody came back into their conversation through an ad or a link."""

    referral: Referral


@dataclass(frozen=True, kw_only=True)
class ReceiptEvent(MessagingEvent):
    """kind `delivery` or `read`. Messenger gives a watermark (all up to then), Instagram a mid."""

    mids: tuple[str, ...] = ()
    watermark_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CartLine:
    """A line of a cart; `unit_price` is a decimal number as text in whole units of `currency`."""

    product_id: str = ""
    retailer_id: str = ""
    name: str = ""
    quantity: int = 1
    unit_price: str = ""
    currency: str = ""


@dataclass(frozen=True, kw_only=True)
class CartEvent(MessagingEvent):
    """kind `send_cart`: a customer asks in the chat for these products; nothing is paid."""

    lines: tuple[CartLine, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class HandoverEvent(MessagingEvent):
    """kind `handover`: `action` is Meta's own word, pass_thread_control, …, app_roles."""

    action: str
    new_owner_app_id: str = ""
    previous_owner_app_id: str = ""
    requested_owner_app_id: str = ""
    metadata: str = ""


@dataclass(frozen=True, kw_only=True)
class PolicyEvent(MessagingEvent):
    """kind `policy_enforcement`: Meta warns, blocks or unblocks the account; nobody is the sender."""

    action: str
    reason: str = ""


# --- Everything else --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class FeedEvent(Event):
    """kind `comment`, `post`, `feed_reaction`, `mention` or `rating`: something said in public.

    `field` is Meta's name of the field, `item_type` and `verb` its words for what was done to what. Posts and
    their comments are Facebook's, media and their comments Instagram's.
    """

    field: str
    item_type: str = ""
    verb: str = ""
    post_id: str = ""
    media_id: str = ""
    comment_id: str = ""
    parent_id: str = ""
    from_id: str = ""
    from_name: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class FieldEvent(Event):
    """kind `page_field_change` or `field_change`: a field of the asset has a new value.

    `story_insights`, `leadgen_update` and `product_feed` are of this shape too.
    """

    field: str
    value: Any = fact(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class LeadgenEvent(Event):
    """kind `leadgen`: ids only, the answers are fetched with `GET /{leadgen_id}`."""

    leadgen_id: str
    form_id: str = ""
    page_id: str = ""
    ad_id: str = ""


@dataclass(frozen=True, kw_only=True)
class ItemsBatchEvent(Event):
    """kind `items_batch`: a batch of a catalog has been worked on; its rows may still have failed."""

    catalog_id: str
    handle: str
    status: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderEvent(Event):
    """kind `order.created`, `order.updated` or `order.cancelled`: `value` has the shape of docs/events.md."""

    external_id: str
    value: Mapping[str, Any] = fact(repr=False)
