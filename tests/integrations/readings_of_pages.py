"""What must be read in each body of `bodies/page/`, besides who, when and where."""

from __future__ import annotations

from integrations.webhooks.events import (
    Attachment,
    CartEvent,
    CartLine,
    FeedEvent,
    FieldEvent,
    HandoverEvent,
    LeadgenEvent,
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
from tests.integrations.reading import Reading, read

READINGS: dict[str, list[Reading]] = {
    "page/account_linking": [read(MessagingEvent, "account_linking")],
    "page/app_roles": [read(HandoverEvent, "handover", action="app_roles")],
    "page/changed_fields": [
        read(FieldEvent, "page_field_change", field="website"),
        read(FieldEvent, "page_field_change", field="phone"),
    ],
    "page/checkout_update": [read(MessagingEvent, "checkout_update")],
    "page/delivery_time_zero": [read(ReceiptEvent, "delivery", mids=("m_2",))],
    "page/delivery_watermark_only": [read(ReceiptEvent, "delivery")],
    "page/feed_comment_added": [
        read(
            FeedEvent,
            "comment",
            field="feed",
            item_type="comment",
            verb="add",
            post_id="100200300400501_9",
            comment_id="9_77",
            parent_id="100200300400501_9",
            from_id="555",
            from_name="Ann",
            text="Price?",
        )
    ],
    "page/feed_comment_edited": [
        read(
            FeedEvent,
            "comment",
            field="feed",
            item_type="comment",
            verb="edited",
            post_id="100200300400501_9",
            comment_id="9_77",
            parent_id="100200300400501_9",
            from_id="555",
            from_name="Ann",
            text="Price, please?",
        )
    ],
    "page/feed_comment_removed": [
        read(
            FeedEvent,
            "comment",
            field="feed",
            item_type="comment",
            verb="remove",
            post_id="100200300400501_9",
            comment_id="9_77",
            parent_id="100200300400501_9",
        )
    ],
    "page/feed_reaction": [
        read(
            FeedEvent,
            "feed_reaction",
            field="feed",
            item_type="reaction",
            verb="add",
            post_id="100200300400501_9",
            parent_id="100200300400501_9",
            from_id="555",
            from_name="Ann",
        )
    ],
    "page/feed_status": [
        read(
            FeedEvent,
            "post",
            field="feed",
            item_type="status",
            verb="add",
            post_id="100200300400501_9",
            from_id="100200300400501",
            from_name="Hazel Home",
            text="New lamps",
        )
    ],
    "page/feedback": [read(MessagingEvent, "feedback")],
    "page/field_category": [read(FieldEvent, "page_field_change", field="category")],
    "page/field_nobody_knows": [read(FieldEvent, "page_field_change", field="hologram")],
    "page/field_picture": [read(FieldEvent, "page_field_change", field="picture")],
    "page/leadgen": [
        read(LeadgenEvent, "leadgen", leadgen_id="440100200300", form_id="300100", page_id="100200300400501")
    ],
    "page/leadgen_update": [
        read(
            LeadgenEvent,
            "leadgen_update",
            leadgen_id="440100200300",
            form_id="300100",
            page_id="100200300400501",
        )
    ],
    "page/leadgen_update_without_value": [read(FieldEvent, "page_field_change", field="leadgen_update")],
    "page/mention": [
        read(
            FeedEvent,
            "mention",
            field="mention",
            item_type="post",
            verb="add",
            post_id="333_1",
            from_id="333",
            from_name="A blog",
            text="Nice lamps",
        )
    ],
    "page/message_appointment": [
        read(MessageEvent, "message", mid="m_1", attachments=(Attachment(type="appointment_booking"),))
    ],
    "page/message_as_a_change": [read(MessageEvent, "message", mid="m_1", text="from the test button")],
    "page/message_deleted": [read(MessageEvent, "message_deleted", mid="m_1", text="regretted")],
    "page/message_echo": [
        read(
            MessageEvent,
            "echo",
            from_account=True,
            mid="m_2",
            text="Yes",
            app_id="1000000000000001",
            metadata="local-42",
        )
    ],
    "page/message_echo_with_customer_as_sender": [
        read(MessageEvent, "echo", from_account=True, mid="m_2", text="Yes", app_id="1000000000000001")
    ],
    "page/message_edit": [
        read(MessageEditEvent, "message_edit", mid="m_1", text="Is the lamp in stock now?", number=2)
    ],
    "page/message_fallback_text_payload": [
        read(
            MessageEvent,
            "message",
            mid="m_1",
            attachments=(Attachment(type="fallback", url="https://shop.example/", title="A shop"),),
        )
    ],
    "page/message_from_ad": [
        read(
            MessageEvent,
            "message",
            mid="m_1",
            text="Hello",
            referral=Referral(
                source="ADS",
                type="OPEN_THREAD",
                ref="spring",
                ad_id="666",
                ad_title="Spring sale",
                post_id="222_9",
                product_id="9001",
                picture_url="https://cdn.example/ad.jpg",
            ),
        )
    ],
    "page/message_from_product": [
        read(MessageEvent, "message", mid="m_1", text="Still there?", referral=Referral(product_id="9001"))
    ],
    "page/message_image_and_file": [
        read(
            MessageEvent,
            "message",
            mid="m_1",
            attachments=(
                Attachment(type="image", url="https://cdn.example/cat.jpg"),
                Attachment(type="file", url="https://cdn.example/list.pdf"),
            ),
        )
    ],
    "page/message_location": [
        read(MessageEvent, "message", mid="m_1", attachments=(Attachment(type="location"),))
    ],
    "page/message_numeric_ids": [read(MessageEvent, "message", mid="m_1", text="ids as numbers")],
    "page/message_quick_reply": [
        read(MessageEvent, "message", mid="m_1", text="Medium", quick_reply_payload="SIZE_M")
    ],
    "page/message_shared_product": [
        read(MessageEvent, "message", mid="m_1", attachments=(Attachment(type="template"),))
    ],
    "page/message_sticker": [
        read(MessageEvent, "message", mid="m_1", attachments=(Attachment(type="sticker"),))
    ],
    "page/message_text": [
        read(MessageEvent, "message", mid="m_1", text="Is the lamp in stock?", reply_to_mid="m_0")
    ],
    "page/message_time_in_seconds": [read(MessageEvent, "message", mid="m_1", text="seconds")],
    "page/message_unsupported": [read(MessageEvent, "message", mid="m_1", is_unsupported=True)],
    "page/messaging_of_a_group_comment": [
        read(
            FeedEvent,
            "comment",
            field="group_feed",
            item_type="comment",
            verb="add",
            post_id="70",
            comment_id="77",
            parent_id="70",
            from_id="1234567",
            from_name="Ann",
            text="In blue?",
        )
    ],
    "page/messaging_of_an_unknown_key": [read(MessagingEvent, "unknown")],
    "page/optin_messages": [read(MessagingEvent, "optin")],
    "page/optin_plugin": [read(MessagingEvent, "optin")],
    "page/payment": [read(MessagingEvent, "payment")],
    "page/policy_block": [
        read(PolicyEvent, "policy_enforcement", action="block", reason="Too many messages.")
    ],
    "page/policy_warning_with_a_hyphen": [
        read(PolicyEvent, "policy_enforcement", action="warning", reason="Slow answers.")
    ],
    "page/postback": [
        read(
            PostbackEvent,
            "postback",
            mid="m_3",
            title="Get started",
            payload="GET_STARTED",
            referral=Referral(source="SHORTLINK", type="OPEN_THREAD", ref="flyer"),
        )
    ],
    "page/postback_of_a_guest": [
        read(
            PostbackEvent,
            "postback",
            payload="hey",
            referral=Referral(source="CUSTOMER_CHAT_PLUGIN", type="OPEN_THREAD"),
        )
    ],
    "page/postback_without_mid": [read(PostbackEvent, "postback", payload="MENU")],
    "page/rating": [
        read(
            FeedEvent,
            "rating",
            field="ratings",
            item_type="rating",
            verb="add",
            from_id="555",
            from_name="Ann",
            text="Lovely",
        )
    ],
    "page/reaction": [read(ReactionEvent, "reaction", mid="m_2", name="love", emoji="❤")],
    "page/reaction_as_a_change": [read(ReactionEvent, "reaction", mid="m_2", name="like", emoji="👍")],
    "page/reaction_taken_off": [read(ReactionEvent, "reaction", mid="m_2", removed=True)],
    "page/read_watermark": [read(ReceiptEvent, "read")],
    "page/referral_from_a_link": [
        read(
            ReferralEvent, "referral", referral=Referral(source="SHORTLINK", type="OPEN_THREAD", ref="flyer")
        )
    ],
    "page/referral_from_an_ad": [
        read(
            ReferralEvent,
            "referral",
            referral=Referral(source="ADS", type="OPEN_THREAD", ref="x", ad_id="666"),
        )
    ],
    "page/send_cart": [
        read(
            CartEvent,
            "send_cart",
            lines=(
                CartLine(
                    product_id="9001",
                    retailer_id="lamp-1",
                    name="Oak lamp",
                    quantity=2,
                    unit_price="40.5",
                    currency="GBP",
                ),
            ),
            note="as a gift",
        )
    ],
    "page/standby_postback": [read(PostbackEvent, "postback", mid="m_3", title="Get started")],
    "page/thread_control_passed": [
        read(
            HandoverEvent,
            "handover",
            action="pass_thread_control",
            new_owner_app_id="1000000000000001",
            metadata="over to you",
        )
    ],
    "page/thread_control_requested": [
        read(HandoverEvent, "handover", action="request_thread_control", requested_owner_app_id="123")
    ],
    "page/thread_control_taken": [
        read(
            HandoverEvent,
            "handover",
            action="take_thread_control",
            new_owner_app_id="26390203743090",
            previous_owner_app_id="1000000000000001",
        )
    ],
    "page/two_entries_four_items": [
        read(MessageEvent, "message", mid="m_1", text="one"),
        read(ReceiptEvent, "read"),
        read(MessageEvent, "message", mid="m_5", text="two"),
        read(FieldEvent, "page_field_change", field="name"),
    ],
}
