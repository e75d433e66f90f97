"""Items of `changes`. Source: fact sheet sections 10 (Page, catalog) and 12.3 (Instagram), docs/events.md."""

from __future__ import annotations

from integrations.webhooks.envelope import Envelope, Reader, facts, join
from integrations.webhooks.events import (
    Event,
    FeedEvent,
    FieldEvent,
    ItemsBatchEvent,
    LeadgenEvent,
    OrderEvent,
)
from integrations.webhooks.shapes import Json, clean, read_id, read_object

ONCE = ("add", "remove", "delete")
"""What can happen to one comment or post only once: the second telling of it is the same event. Edits and
hiding can come again, so there the whole item and its time tell two events apart."""


def read_change(envelope: Envelope, item: Json) -> Event:
    """Read a change by its field; one that stands in no table is a change of that field, kept as it is."""
    field = clean(item.get("field"))[:40]
    if not field:
        return Event(**facts("unknown", envelope, item, identity=None))
    has_value = isinstance(item.get("value"), dict)
    reader = CHANGES.get(field) if has_value or field in ORDERS else _read_field
    return (reader or _read_field)(envelope, item)


# --- Fields of the asset ----------------------------------------------------------------------------------


def _read_field(envelope: Envelope, item: Json) -> Event:
    field, value = clean(item.get("field")), item.get("value")
    kind = field if field in OF_ONE_SHAPE else _field_kind(envelope)
    told = read_object(value)
    time = told.get("created_time") or told.get("timestamp")
    return FieldEvent(**facts(kind, envelope, item, identity=None, time=time), field=field, value=value)


def _field_kind(envelope: Envelope) -> str:
    return "page_field_change" if envelope.object == "page" else "field_change"


# --- What is said in public -------------------------------------------------------------------------------


def _read_feed(envelope: Envelope, item: Json) -> Event:
    item_type = clean(read_object(item.get("value")).get("item"))
    return _read_public(FEED_ITEMS.get(item_type, "post"), envelope, item)


def _public_reader(kind: str) -> Reader:
    def read(envelope: Envelope, item: Json) -> Event:
        return _read_public(kind, envelope, item)

    return read


def _read_public(kind: str, envelope: Envelope, item: Json) -> Event:
    value = read_object(item.get("value"))
    author, media = read_object(value.get("from")), read_object(value.get("media"))
    field, verb = clean(item.get("field")), clean(value.get("verb"))
    on_instagram = envelope.object == "instagram"
    comment_id = read_id(value.get("comment_id")) or (read_id(value.get("id")) if on_instagram else "")
    post_id, item_type = read_id(value.get("post_id")), clean(value.get("item"))
    media_id = read_id(media.get("id")) or read_id(value.get("media_id"))
    from_id = (
        read_id(author.get("id")) or read_id(value.get("sender_id")) or read_id(value.get("reviewer_id"))
    )
    about = comment_id or join(item_type, post_id or media_id) if comment_id or post_id or media_id else ""
    is_once = bool(about) and kind in ("comment", "post", "mention") and (on_instagram or verb in ONCE)
    identity = join(about, verb) if is_once else None
    return FeedEvent(
        **facts(kind, envelope, item, identity=identity, time=value.get("created_time")),
        field=field,
        item_type=item_type,
        verb=verb,
        post_id=post_id,
        media_id=media_id,
        comment_id=comment_id,
        parent_id=read_id(value.get("parent_id")),
        from_id=from_id,
        from_name=_name(author, value),
        text=clean(value.get("message") or value.get("text") or value.get("review_text")),
    )


def _name(author: Json, value: Json) -> str:
    names = (author.get("name"), author.get("username"), value.get("sender_name"), value.get("reviewer_name"))
    return next((clean(name) for name in names if name), "")


# --- Leads, catalogs, orders ------------------------------------------------------------------------------


def _leadgen_reader(kind: str) -> Reader:
    """Return a reader of an announced lead, or of a change of one: that can come again."""

    def read(envelope: Envelope, item: Json) -> Event:
        value = read_object(item.get("value"))
        leadgen_id, ad_id = read_id(value.get("leadgen_id")), read_id(value.get("ad_id"))
        identity = leadgen_id if leadgen_id and kind == "leadgen" else None
        return LeadgenEvent(
            **facts(kind, envelope, item, identity=identity, time=value.get("created_time")),
            leadgen_id=leadgen_id,
            form_id=read_id(value.get("form_id")),
            page_id=read_id(value.get("page_id")),
            ad_id="" if ad_id == "0" else ad_id,
        )

    return read


def _read_items_batch(envelope: Envelope, item: Json) -> Event:
    value = read_object(item.get("value"))
    handle, status = clean(value.get("handle")), clean(value.get("status"))
    return ItemsBatchEvent(
        **facts("items_batch", envelope, item, identity=join(handle, status) if handle else None),
        catalog_id=read_id(value.get("catalog_id")) or envelope.asset_id,
        handle=handle,
        status=status,
    )


def _read_order(envelope: Envelope, item: Json) -> Event:
    kind, value = clean(item.get("field")), read_object(item.get("value"))
    external_id = read_id(value.get("id"))
    # An order is created and cancelled once; two changes of it differ in nothing but what they say.
    identity = None if kind == "order.updated" else external_id or None
    time = value.get("last_updated") or value.get("created")
    return OrderEvent(
        **facts(kind, envelope, item, identity=identity, time=time), external_id=external_id, value=value
    )


# --- The tables -------------------------------------------------------------------------------------------

FEED_ITEMS = {
    "comment": "comment",
    "reaction": "feed_reaction",
    "like": "feed_reaction",
    "mention": "mention",
    "rating": "rating",
}
"""`item` of a Page's `feed` → kind; everything else in a feed is a post."""

ORDERS = ("order.created", "order.updated", "order.cancelled")
"""An order event stays one whatever it says: somebody must look at one that says nothing."""

OF_ONE_SHAPE = ("story_insights", "product_feed")
"""Fields that are a kind of their own: their value is read by whoever needs it."""

CONNECTION_TEST = "connection_test"
"""What we send to ourselves; the number makes each one an event of its own."""


def _read_connection_test(envelope: Envelope, item: Json) -> Event:
    number = read_id(read_object(item.get("value")).get("number"))
    return Event(**facts(CONNECTION_TEST, envelope, item, identity=number or None))


CHANGES: dict[str, Reader] = {
    CONNECTION_TEST: _read_connection_test,
    "feed": _read_feed,
    "group_feed": _read_feed,
    "comments": _public_reader("comment"),
    "live_comments": _public_reader("comment"),
    "mention": _public_reader("mention"),
    "mentions": _public_reader("mention"),
    "ratings": _public_reader("rating"),
    "leadgen": _leadgen_reader("leadgen"),
    "leadgen_update": _leadgen_reader("leadgen_update"),
    "items_batch": _read_items_batch,
    **dict.fromkeys(ORDERS, _read_order),
}
"""Field of the change → what reads it."""
