"""What must be read in each body of `bodies/` but those of Pages, besides who, when and where."""

from __future__ import annotations

from integrations.webhooks.events import (
    Attachment,
    FeedEvent,
    FieldEvent,
    ItemsBatchEvent,
    LeadgenEvent,
    MessageEvent,
    OrderEvent,
    PostbackEvent,
    ReceiptEvent,
    Referral,
    ReferralEvent,
)
from tests.integrations.reading import Reading, read

READINGS: dict[str, list[Reading]] = {
    "instagram/comment": [
        read(
            FeedEvent,
            "comment",
            field="comments",
            media_id="1801",
            comment_id="1790",
            parent_id="1789",
            from_id="8800002222",
            from_name="ann",
            text="nice",
        )
    ],
    "instagram/comment_old_form": [
        read(FeedEvent, "comment", field="comments", media_id="1801", comment_id="1790")
    ],
    "instagram/comment_on_the_entry": [
        read(
            FeedEvent,
            "comment",
            field="comments",
            media_id="1801",
            comment_id="1790",
            from_id="8800002222",
            from_name="ann",
            text="nice",
        )
    ],
    "instagram/field_nobody_knows": [read(FieldEvent, "field_change", field="media")],
    "instagram/live_comment": [
        read(
            FeedEvent,
            "comment",
            field="live_comments",
            media_id="1802",
            comment_id="1791",
            from_id="8800002222",
            from_name="ann",
            text="first",
        )
    ],
    "instagram/mention": [read(FeedEvent, "mention", field="mentions", media_id="1803", comment_id="1792")],
    "instagram/message_deleted": [read(MessageEvent, "message_deleted", mid="aWdf_1")],
    "instagram/message_echo": [read(MessageEvent, "echo", from_account=True, mid="aWdf_2", text="hi")],
    "instagram/message_ephemeral": [
        read(MessageEvent, "message", mid="aWdf_1", attachments=(Attachment(type="ephemeral"),))
    ],
    "instagram/message_shared_post": [
        read(
            MessageEvent,
            "message",
            mid="aWdf_1",
            attachments=(Attachment(type="ig_post", url="https://lookaside.example/3", title="Oak lamp"),),
        )
    ],
    "instagram/message_story_mention": [
        read(
            MessageEvent,
            "message",
            mid="aWdf_1",
            attachments=(Attachment(type="story_mention", url="https://lookaside.example/1"),),
        )
    ],
    "instagram/message_story_reply": [
        read(
            MessageEvent,
            "message",
            mid="aWdf_1",
            text="Wow",
            story_id="1802",
            story_url="https://lookaside.example/2",
        )
    ],
    "instagram/message_text": [read(MessageEvent, "message", mid="aWdf_1", text="hej")],
    "instagram/message_under_object_page": [read(MessageEvent, "message", mid="aWdf_1", text="hej")],
    "instagram/postback": [read(PostbackEvent, "postback", mid="aWdf_3", title="Sizes", payload="SIZES")],
    "instagram/read": [read(ReceiptEvent, "read", mids=("aWdf_2",))],
    "instagram/referral": [
        read(
            ReferralEvent,
            "referral",
            referral=Referral(source="IGME-SOURCE-LINK", type="OPEN_THREAD", ref="bio"),
        )
    ],
    "instagram/seen_as_a_change": [read(ReceiptEvent, "read", mids=("aWdf_2",))],
    "instagram/standby_iso_times": [read(MessageEvent, "message", mid="aWdf_1", text="hej")],
    "instagram/story_insights": [read(FieldEvent, "story_insights", field="story_insights")],
    "other/a_list_of_bodies": [read(MessageEvent, "message", mid="m_1", text="in a list")],
    "other/application_without_an_id": [read(FieldEvent, "field_change", field="ads_rules_engine")],
    "other/catalog_items_batch": [
        read(ItemsBatchEvent, "items_batch", catalog_id="800", handle="Hq7", status="Finished")
    ],
    "other/catalog_product_feed": [read(FieldEvent, "product_feed", field="product_feed")],
    "other/order_cancelled": [read(OrderEvent, "order.cancelled", external_id="6900100200300")],
    "other/order_created": [read(OrderEvent, "order.created", external_id="6900100200300")],
    "other/permissions_revoked": [read(FieldEvent, "field_change", field="pages_messaging")],
    "other/user_names_only": [read(FieldEvent, "field_change", field="name")],
    "test_button/lead_for_a_real_page": [
        read(
            LeadgenEvent,
            "leadgen",
            leadgen_id="444444444444",
            form_id="444444444444",
            page_id="444444444444",
            ad_id="444444444",
        )
    ],
    "test_button/lead_twice": [
        read(
            LeadgenEvent,
            "leadgen",
            leadgen_id="444444444444",
            form_id="444444444444",
            page_id="444444444444",
            ad_id="444444444",
        ),
        read(
            LeadgenEvent,
            "leadgen",
            leadgen_id="444444444444",
            form_id="444444444444",
            page_id="444444444444",
            ad_id="444444444",
        ),
    ],
    "test_button/message": [read(MessageEvent, "message", mid="random_mid", text="random_text")],
    "test_button/message_for_a_real_page": [
        read(MessageEvent, "message", mid="random_mid", text="random_text")
    ],
    "test_button/name": [read(FieldEvent, "page_field_change", field="name")],
}
