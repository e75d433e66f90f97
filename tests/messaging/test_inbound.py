from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from integrations.models import AssetState, ConnectedPage
from integrations.webhooks.outcomes import Ignored
from messaging.models import Attachment, Contact, Conversation, Message, conversation_uuid
from messaging.selectors import inbox_counts
from tests.messaging.sample import (
    ACCOUNT,
    NOON,
    PAGE,
    PSID,
    echoed,
    hand_in,
    make_account,
    make_page,
    ms,
    pressed,
    receipt,
    said,
    taken_back,
    the_message,
)

pytestmark = pytest.mark.usefixtures("open_scope")


@pytest.fixture
def page(open_scope: object) -> ConnectedPage:
    return make_page()


def test_a_message_becomes_a_conversation(page: ConnectedPage) -> None:
    hand_in(page, said("Do you have it in blue?", mid="m_1"))
    conversation = Conversation.objects.get()
    assert conversation.uuid == conversation_uuid(PAGE, PSID) == UUID("5687f0f1-8e6a-5cae-891d-a38b8eed3ea8")
    assert (conversation.platform, conversation.page, conversation.asset_id) == ("messenger", page, PAGE)
    assert (conversation.contact.person_id, conversation.contact.display_name) == (
        PSID,
        "Messenger customer 1111",
    )
    assert (conversation.unread_count, conversation.waiting_since) == (1, NOON)
    assert (conversation.last_message_at, conversation.last_inbound_at) == (NOON, NOON)
    assert (conversation.snippet, conversation.snippet_is_ours) == ("Do you have it in blue?", False)
    message = the_message(mid="m_1")
    assert (message.direction, message.state, message.happened_at) == ("in", "received", NOON)
    assert message.received_at > NOON


def test_the_same_message_ten_times_is_one(page: ConnectedPage) -> None:
    for _ in range(10):
        hand_in(
            page,
            said(
                "hello", mid="m_1", attachments=[{"type": "image", "payload": {"url": "https://c.example/1"}}]
            ),
        )
    assert (Contact.objects.count(), Conversation.objects.count(), Message.objects.count()) == (1, 1, 1)
    assert Attachment.objects.count() == 1
    assert Conversation.objects.get().unread_count == 1


def test_an_instagram_message_speaks_through_the_linked_page(page: ConnectedPage) -> None:
    hand_in(make_account(page), said("hej", mid="aWd_1", asset=ACCOUNT))
    conversation = Conversation.objects.get()
    assert (conversation.platform, conversation.page, conversation.asset_id) == ("instagram", page, ACCOUNT)
    assert conversation.contact.display_name == "Instagram customer 1111"


def test_one_person_is_another_contact_for_another_asset(page: ConnectedPage) -> None:
    hand_in(page, said("hello", mid="m_1"))
    hand_in(make_account(page), said("hello", mid="aWd_1", asset=ACCOUNT))
    assert Conversation.objects.count() == Contact.objects.count() == 2


def test_a_page_that_needs_reconnecting_still_gets_its_messages(page: ConnectedPage) -> None:
    page.state = AssetState.NEEDS_RECONNECT
    page.save()
    hand_in(page, said("hello", mid="m_1"))
    assert the_message(mid="m_1").text == "hello"


def test_a_message_in_standby_is_stored_too(page: ConnectedPage) -> None:
    hand_in(page, said("hello", mid="m_1"), channel="standby")
    assert the_message(mid="m_1").text == "hello"


def test_attachments_keep_kind_address_and_title(page: ConnectedPage) -> None:
    files = [
        {"type": "image", "payload": {"url": "https://cdn.example/cat.jpg"}},
        {"type": "fallback", "payload": {"title": "A shop", "url": "javascript:alert(1)"}},
        {"type": "sticker"},
        {"type": "hologram", "payload": None},
    ]
    hand_in(page, said("", mid="m_1", attachments=files))
    shown = [(one.type, one.label, one.link) for one in the_message(mid="m_1").attachments.all()]
    assert shown == [
        ("image", "Photo", "https://cdn.example/cat.jpg"),
        ("fallback", "A shop", ""),
        ("sticker", "Sticker", ""),
        ("hologram", "Attachment", ""),
    ]
    assert Conversation.objects.get().preview == "Photo"


def test_quick_replies_and_buttons_appear_as_messages(page: ConnectedPage) -> None:
    hand_in(page, said("Medium", mid="m_1", quick_reply={"payload": "SIZE_M"}))
    hand_in(page, pressed("Get started", "GET_STARTED", mid="m_2", at=NOON + timedelta(seconds=1)))
    rows = Message.objects.order_by("happened_at").values_list("kind", "text", "payload")
    assert list(rows) == [("quick_reply", "Medium", "SIZE_M"), ("postback", "Get started", "GET_STARTED")]
    assert Conversation.objects.get().unread_count == 2


def test_a_button_without_a_mid_is_stored_once(page: ConnectedPage) -> None:
    for _ in range(3):
        hand_in(page, pressed("Menu", "MENU"))
    hand_in(page, pressed("Menu", "MENU", at=NOON + timedelta(seconds=9)))
    assert Message.objects.count() == 2


def test_a_standby_copy_of_a_button_learns_its_payload_later(page: ConnectedPage) -> None:
    hand_in(page, pressed("Menu", "", mid="m_1"), channel="standby")
    hand_in(page, pressed("Menu", "MENU", mid="m_1"))
    hand_in(page, pressed("Menu", "", mid="m_1"), channel="standby")
    assert the_message(mid="m_1").payload == "MENU"


def test_what_was_written_on_the_phone_appears_and_answers(page: ConnectedPage) -> None:
    hand_in(page, said("Open today?", mid="m_1"))
    hand_in(page, echoed("Until six", mid="m_2", at=NOON + timedelta(minutes=1), app_id=26390203743090))
    answer = the_message(mid="m_2")
    assert (answer.direction, answer.state, answer.is_ours, answer.app_id) == (
        "out",
        "sent",
        False,
        "26390203743090",
    )
    conversation = Conversation.objects.get()
    assert (conversation.waiting_since, conversation.unread_count) == (None, 0)
    assert (conversation.snippet, conversation.snippet_is_ours) == ("Until six", True)


def test_a_message_after_the_answer_waits_again(page: ConnectedPage) -> None:
    hand_in(page, said("Open today?", mid="m_1"))
    hand_in(page, echoed("Until six", mid="m_2", at=NOON + timedelta(minutes=1)))
    hand_in(page, said("Thanks", mid="m_3", at=NOON + timedelta(minutes=2)))
    assert Conversation.objects.get().waiting_since == NOON + timedelta(minutes=2)
    assert inbox_counts().waiting == 1


def test_a_message_that_was_taken_back_is_erased(page: ConnectedPage) -> None:
    hand_in(
        page,
        said("secret", mid="m_1", attachments=[{"type": "image", "payload": {"url": "https://c.example/1"}}]),
    )
    hand_in(page, taken_back("m_1", at=NOON + timedelta(minutes=1)))
    message = the_message(mid="m_1")
    assert (message.text, message.deleted_at) == ("", NOON + timedelta(minutes=1))
    assert Attachment.objects.count() == 0
    conversation = Conversation.objects.get()
    assert (conversation.snippet, conversation.preview) == ("", "Message taken back")
    assert (conversation.unread_count, conversation.waiting_since) == (0, None)


def test_a_message_that_comes_after_it_was_taken_back_comes_without_words(page: ConnectedPage) -> None:
    hand_in(page, taken_back("m_1", at=NOON + timedelta(minutes=1)))
    hand_in(
        page,
        said("secret", mid="m_1", attachments=[{"type": "image", "payload": {"url": "https://c.example/1"}}]),
    )
    message = the_message(mid="m_1")
    assert (message.text, message.happened_at) == ("", NOON)
    assert Attachment.objects.count() == 0


def test_a_late_message_keeps_its_own_time_and_still_waits(page: ConnectedPage) -> None:
    hand_in(page, said("second", mid="m_2", at=NOON))
    hand_in(page, said("first", mid="m_1", at=NOON - timedelta(hours=2)))
    conversation = Conversation.objects.get()
    assert conversation.snippet == "second"
    assert (conversation.last_inbound_at, conversation.waiting_since) == (NOON, NOON - timedelta(hours=2))
    assert the_message(mid="m_1").came_late


def test_a_clock_that_runs_ahead_does_not_hold_the_window_open(page: ConnectedPage) -> None:
    hand_in(page, said("hello", mid="m_1", at=timezone.now() + timedelta(days=300)))
    assert the_message(mid="m_1").happened_at <= timezone.now()


def test_messenger_watermarks_move_what_was_sent_until_then(page: ConnectedPage) -> None:
    hand_in(page, echoed("one", mid="m_1", at=NOON))
    hand_in(page, echoed("two", mid="m_2", at=NOON + timedelta(minutes=1)))
    hand_in(page, receipt("delivery", mids=["m_2"], watermark=ms(NOON + timedelta(minutes=1))))
    hand_in(page, receipt("read", watermark=ms(NOON)))
    assert (the_message(mid="m_1").state, the_message(mid="m_2").state) == ("read", "delivered")


def test_a_receipt_that_comes_before_its_message_is_kept_for_it(page: ConnectedPage) -> None:
    account = make_account(page)
    hand_in(account, said("hello", mid="aWd_0", asset=ACCOUNT))
    hand_in(account, receipt("read", asset=ACCOUNT, mid="aWd_1"))
    hand_in(account, echoed("hi", mid="aWd_1", asset=ACCOUNT, at=NOON + timedelta(minutes=1)))
    assert the_message(mid="aWd_1").state == "read"
    assert Conversation.objects.get().early_receipts == {}


def test_instagram_reads_up_to_the_message_that_it_names(page: ConnectedPage) -> None:
    account = make_account(page)
    for minute in range(3):
        at = NOON + timedelta(minutes=minute)
        hand_in(account, echoed("hi", mid=f"aWd_{minute}", asset=ACCOUNT, at=at))
    hand_in(account, receipt("read", asset=ACCOUNT, mid="aWd_1"))
    states = Message.objects.order_by("happened_at").values_list("state", flat=True)
    assert list(states) == ["read", "read", "sent"]


def test_a_receipt_for_a_stranger_is_ignored_and_makes_nothing(page: ConnectedPage) -> None:
    outcome = hand_in(page, receipt("read", watermark=ms(NOON)))
    assert outcome == Ignored("It is about a conversation that we do not have.")
    assert Conversation.objects.count() == 0


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (said("hello", mid="m_1", person=""), "It does not say which person it is about."),
        (said("hello", mid="m_1", person=PAGE), "The account wrote to itself."),
    ],
)
def test_a_message_of_nobody_is_ignored_with_a_reason(
    page: ConnectedPage, item: dict[str, object], reason: str
) -> None:
    assert hand_in(page, item) == Ignored(reason)
    assert Message.objects.count() == 0


@pytest.mark.parametrize("text", ["😀👩‍👩‍👧‍👦", "NUL\x00NUL", "\ud83d", "‮right to left", "x" * 20_000])
def test_strange_text_is_stored(page: ConnectedPage, text: str) -> None:
    hand_in(page, said(text, mid="m_1"))
    stored = the_message(mid="m_1").text
    assert "\x00" not in stored
    assert stored == text.replace("\x00", "").replace("\ud83d", "�")


def test_a_message_without_a_mid_is_stored_once(page: ConnectedPage) -> None:
    for _ in range(2):
        hand_in(page, said("no id", mid=""))
    assert Message.objects.count() == 1
