"""What Meta can tell us, as frozen dataclasses with the raw item inside.

Source: fact sheet sections 9 to 12 (webhooks), order events: docs/events.md. Ids are text, times are UTC and
None when Meta gave none; text is cleaned of NUL and lone surrogates, which PostgreSQL cannot hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Event:
    """Any inner event. `channel` is where it stood: messaging, standby, changes or entry.

    `identity` is what makes two deliveries the same event, besides object, asset and kind; None means that
    the whole item does.
    """

    kind: str
    object: str
    asset_id: str
    channel: str
    happened_at: datetime | None
    item: Mapping[str, Any] = field(repr=False)
    identity: str | None = None


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """An attachment of a message; Meta's picture addresses expire."""

    type: str
    url: str = ""
    title: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class MessageEvent(Event):
    """kind `message` (from the buyer), `echo` (from us or the Page's own inbox) or `message_deleted`.

    `person_id` is the buyer's PSID or IGSID in both directions. `app_id` and `metadata` are set on echoes.
    """

    person_id: str
    mid: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    quick_reply_payload: str = ""
    reply_to_mid: str = ""
    app_id: str = ""
    metadata: str = ""


@dataclass(frozen=True, kw_only=True)
class PostbackEvent(Event):
    """kind `postback`: a button was pressed; `payload` is missing in standby."""

    person_id: str
    mid: str = ""
    title: str = ""
    payload: str = ""


@dataclass(frozen=True, kw_only=True)
class ReceiptEvent(Event):
    """kind `delivery` or `read`. Messenger gives a watermark (all up to then), Instagram a mid."""

    person_id: str
    mids: tuple[str, ...] = ()
    watermark_at: datetime | None = None


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
    value: Mapping[str, Any] = field(repr=False)
