"""From a body to its inner events. Pure, and raises for nothing that is JSON but `NotReadable`.

Source: fact sheet sections 9.3 (envelope), 10 (Page changes), 11 (Messenger), 12 (Instagram), docs/events.md.
What stands in no table becomes a plain event named after its field, or `unknown`: kept, never dropped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from integrations.webhooks.events import (
    Attachment,
    Event,
    ItemsBatchEvent,
    LeadgenEvent,
    MessageEvent,
    OrderEvent,
    PostbackEvent,
    ReceiptEvent,
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


class NotReadable(Exception):
    """A signed body is no JSON object; the message says what it is."""


@dataclass(frozen=True)
class Envelope:
    """Where an inner item stood: with the item, enough to read it again later."""

    object: str
    asset_id: str
    channel: str
    entry_time: int | None


Reader = Callable[[Envelope, Json], Event]

CHANNELS = ("messaging", "standby", "changes", "changed_fields")


def load_body(body: bytes) -> Json:
    """Return the body's JSON object, or raise NotReadable with the reason."""
    try:
        data = json.loads(body)
    except RecursionError:
        raise NotReadable("nested too deeply") from None
    except ValueError:
        raise NotReadable("not JSON") from None
    if not isinstance(data, dict):
        raise NotReadable("not a JSON object")
    return data


def unpack(data: Json) -> Iterator[tuple[Envelope, Any]]:
    """Yield each inner item of a body with its envelope; nothing when the body holds none."""
    object_ = read_id(data.get("object"))[:40]
    for entry in read_objects(data.get("entry")):
        asset_id = read_id(entry.get("id"))[:64]
        time = read_number(entry.get("time"))
        for channel in CHANNELS:
            for item in read_list(entry.get(channel)):
                yield Envelope(object_, asset_id, channel, time), item


def read_event(envelope: Envelope, item: Any) -> Event:
    """Read one inner item into its event."""
    if not isinstance(item, dict):
        return _plain("unknown", envelope, {"value": item}, time=None)
    if envelope.channel in ("messaging", "standby"):
        return _read_messaging(envelope, item)
    return _read_change(envelope, item)


# --- Items of `messaging` and `standby` -------------------------------------------------------------------


def _read_messaging(envelope: Envelope, item: Json) -> Event:
    for key, (kind, reader) in MESSAGING.items():
        if isinstance(item.get(key), dict):
            return (
                reader(envelope, item) if reader else _plain(kind, envelope, item, time=item.get("timestamp"))
            )
    return _plain("unknown", envelope, item, time=item.get("timestamp"))


def _read_message(envelope: Envelope, item: Json) -> Event:
    message = read_object(item.get("message"))
    mid = read_id(message.get("mid"))
    echo = message.get("is_echo") is True
    kind = "message_deleted" if message.get("is_deleted") is True else "echo" if echo else "message"
    return MessageEvent(
        **_common(kind, envelope, item, identity=mid or None),
        person_id=_party(item, "recipient" if echo else "sender"),
        mid=mid,
        text=clean(message.get("text")),
        attachments=tuple(_read_attachments(message)),
        quick_reply_payload=clean(read_object(message.get("quick_reply")).get("payload")),
        reply_to_mid=read_id(read_object(message.get("reply_to")).get("mid")),
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


def _read_postback(envelope: Envelope, item: Json) -> Event:
    postback = read_object(item.get("postback"))
    mid, payload, person = (
        read_id(postback.get("mid")),
        clean(postback.get("payload")),
        _party(item, "sender"),
    )
    return PostbackEvent(
        **_common("postback", envelope, item, identity=mid or _join(person, item.get("timestamp"), payload)),
        person_id=person,
        mid=mid,
        title=clean(postback.get("title")),
        payload=payload,
    )


def _receipt_reader(kind: str) -> Reader:
    def read(envelope: Envelope, item: Json) -> Event:
        receipt, person = read_object(item.get(kind)), _party(item, "sender")
        mids = [*read_list(receipt.get("mids")), receipt.get("mid")]
        names = tuple(mid for mid in map(read_id, mids) if mid)
        return ReceiptEvent(
            **_common(kind, envelope, item, identity=_join(person, receipt.get("watermark"), *names)),
            person_id=person,
            mids=names,
            watermark_at=read_time(receipt.get("watermark")),
        )

    return read


# Key of the item → kind and reader; the first key that the item has, wins. Without a reader the event is
# kept as it is.
MESSAGING: dict[str, tuple[str, Reader | None]] = {
    "message": ("message", _read_message),
    "postback": ("postback", _read_postback),
    "delivery": ("delivery", _receipt_reader("delivery")),
    "read": ("read", _receipt_reader("read")),
    "reaction": ("reaction", None),
    "message_edit": ("message_edit", None),
    "optin": ("optin", None),
    "referral": ("referral", None),
    "account_linking": ("account_linking", None),
    "policy_enforcement": ("policy_enforcement", None),
    "policy-enforcement": ("policy_enforcement", None),
    "pass_thread_control": ("handover", None),
    "take_thread_control": ("handover", None),
    "request_thread_control": ("handover", None),
    "app_roles": ("handover", None),
    "order": ("send_cart", None),
    "payment": ("payment", None),
    "checkout_update": ("checkout_update", None),
    "messaging_feedback": ("feedback", None),
    "response_feedback": ("feedback", None),
}


# --- Items of `changes` -----------------------------------------------------------------------------------


def _read_change(envelope: Envelope, item: Json) -> Event:
    field, value = clean(item.get("field")), read_object(item.get("value"))
    if field in CHANGES:
        return CHANGES[field](envelope, item)
    if "sender" in value and any(isinstance(value.get(key), dict) for key in MESSAGING):
        return _read_messaging(envelope, value)  # the dashboard's test button sends messages as changes
    return _plain(field[:40] or "unknown", envelope, item, time=value.get("created_time"))


def _read_leadgen(envelope: Envelope, item: Json) -> Event:
    value = read_object(item.get("value"))
    leadgen_id = read_id(value.get("leadgen_id"))
    ad_id = read_id(value.get("ad_id"))
    return LeadgenEvent(
        **_common("leadgen", envelope, item, identity=leadgen_id or None, time=value.get("created_time")),
        leadgen_id=leadgen_id,
        form_id=read_id(value.get("form_id")),
        page_id=read_id(value.get("page_id")),
        ad_id="" if ad_id == "0" else ad_id,
    )


def _read_items_batch(envelope: Envelope, item: Json) -> Event:
    value = read_object(item.get("value"))
    handle = clean(value.get("handle"))
    return ItemsBatchEvent(
        **_common("items_batch", envelope, item, identity=handle or None),
        catalog_id=read_id(value.get("catalog_id")) or envelope.asset_id,
        handle=handle,
        status=clean(value.get("status")),
    )


def _read_order(envelope: Envelope, item: Json) -> Event:
    kind, value = clean(item.get("field")), read_object(item.get("value"))
    external_id = read_id(value.get("id"))
    # An order is created and cancelled once; two changes of it differ in nothing but what they say.
    identity = None if kind == "order.updated" else external_id or None
    time = value.get("last_updated") or value.get("created")
    return OrderEvent(
        **_common(kind, envelope, item, identity=identity, time=time),
        external_id=external_id,
        value=value,
    )


CHANGES: dict[str, Reader] = {
    "leadgen": _read_leadgen,
    "items_batch": _read_items_batch,
    "order.created": _read_order,
    "order.updated": _read_order,
    "order.cancelled": _read_order,
}


# --- What they share --------------------------------------------------------------------------------------


def _common(
    kind: str, envelope: Envelope, item: Json, *, identity: str | None, time: object = None
) -> dict[str, Any]:
    return {
        "kind": kind,
        "object": envelope.object,
        "asset_id": envelope.asset_id,
        "channel": envelope.channel,
        "happened_at": read_time(time if time is not None else item.get("timestamp"))
        or read_time(envelope.entry_time),
        "item": item,
        "identity": identity,
    }


def _plain(kind: str, envelope: Envelope, item: Json, *, time: object) -> Event:
    return Event(**_common(kind, envelope, item, identity=None, time=time))


def _party(item: Json, key: str) -> str:
    return read_id(read_object(item.get(key)).get("id"))


def _join(*parts: object) -> str:
    return "|".join(clean(part) for part in parts)
