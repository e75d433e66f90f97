"""What becomes of a message after it was written: changed, taken back, reacted to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.models import ConnectedPage
from integrations.webhooks.outcomes import Ignored
from messaging.models import Conversation, Message, Reaction
from messaging.selectors import list_changed, list_messages
from tests.messaging.sample import (
    NOON,
    changed,
    echoed,
    hand_in,
    make_page,
    reacted,
    said,
    taken_back,
    the_message,
)

LATER = NOON + timedelta(minutes=1)
STILL_LATER = NOON + timedelta(minutes=2)

pytestmark = pytest.mark.usefixtures("open_scope")


@pytest.fixture
def page(open_scope: object) -> ConnectedPage:
    return make_page()


def signs(mid: str) -> list[str]:
    rows = list_messages(Conversation.objects.get(), params={}).rows
    return [reaction.sign for row in rows if row.mid == mid for reaction in row.reactions]


def test_a_change_replaces_the_words_and_says_so(page: ConnectedPage) -> None:
    hand_in(page, said("Is the lamp red?", mid="m_1"))
    assert hand_in(page, changed("m_1", "Is the lamp blue?", number=1, at=LATER)) is None
    message = the_message(mid="m_1")
    assert (message.text, message.edit_number, message.edited_at) == ("Is the lamp blue?", 1, LATER)
    assert (message.happened_at, message.is_awaited) == (NOON, False)
    assert Conversation.objects.get().snippet == "Is the lamp blue?"


def test_of_two_changes_the_later_counts_whichever_comes_first(page: ConnectedPage) -> None:
    hand_in(page, said("a", mid="m_1"))
    hand_in(page, changed("m_1", "c", number=2, at=STILL_LATER))
    outcome = hand_in(page, changed("m_1", "b", number=1, at=LATER))
    assert outcome == Ignored("A later change of this message is already here.")
    message = the_message(mid="m_1")
    assert (message.text, message.edit_number, message.edited_at) == ("c", 2, STILL_LATER)


def test_a_change_that_comes_first_keeps_the_words_and_waits_for_its_message(page: ConnectedPage) -> None:
    hand_in(page, changed("m_1", "Is the lamp blue?", number=1, at=LATER))
    assert the_message(mid="m_1").is_awaited
    assert Conversation.objects.get().snippet == "Is the lamp blue?"
    photo = [{"type": "image", "payload": {"url": "https://cdn.example/1.jpg"}}]
    hand_in(page, said("Is the lamp red?", mid="m_1", attachments=photo))
    message = the_message(mid="m_1")
    assert (message.text, message.happened_at, message.is_awaited) == ("Is the lamp blue?", NOON, False)
    assert message.attachments.count() == 1


def test_a_change_of_a_message_that_was_taken_back_brings_nothing_back(page: ConnectedPage) -> None:
    hand_in(page, said("secret", mid="m_1"))
    hand_in(page, taken_back("m_1", at=STILL_LATER))
    hand_in(page, changed("m_1", "another secret", number=1, at=LATER))
    assert the_message(mid="m_1").text == ""


def test_a_message_of_the_page_that_was_changed_elsewhere_stays_the_pages(page: ConnectedPage) -> None:
    item = changed("m_2", "Until seven", number=1, at=LATER)
    item["sender"], item["recipient"] = item["recipient"], item["sender"]
    item["recipient"], item["sender"] = {"id": "7700001111"}, {"id": page.page_id}
    hand_in(page, item)
    assert the_message(mid="m_2").direction == "out"
    hand_in(page, echoed("Until six", mid="m_2"))
    message = the_message(mid="m_2")
    assert (message.text, message.direction, message.state) == ("Until seven", "out", "sent")


@pytest.mark.parametrize("item", [changed("", "b", number=1), reacted("", "a")])
def test_what_names_no_message_is_ignored_with_a_reason(page: ConnectedPage, item: dict[str, object]) -> None:
    assert hand_in(page, item) == Ignored("It does not say which message it is about.")
    assert Message.objects.count() == Conversation.objects.count() == 0


def test_a_reaction_hangs_on_its_message_and_the_live_page_hears_of_it(page: ConnectedPage) -> None:
    hand_in(page, echoed("Until six", mid="m_2"))
    shown = Conversation.objects.get().revision
    hand_in(page, reacted("m_2", "\u2764\ufe0f", at=LATER))
    assert signs("m_2") == ["\u2764\ufe0f"]
    [news] = list_changed(Conversation.objects.get(), since=shown)
    assert (news.mid, [reaction.sign for reaction in news.reactions]) == ("m_2", ["\u2764\ufe0f"])


def test_a_reaction_opens_the_reply_window_and_does_not_wait_for_an_answer(page: ConnectedPage) -> None:
    hand_in(page, echoed("Until six", mid="m_2"))
    hand_in(page, reacted("m_2", "a", at=LATER))
    conversation = Conversation.objects.get()
    assert conversation.last_inbound_at == LATER
    assert (conversation.waiting_since, conversation.unread_count) == (None, 0)


def test_a_reaction_that_was_taken_off_is_gone(page: ConnectedPage) -> None:
    hand_in(page, said("hello", mid="m_1"))
    hand_in(page, reacted("m_1", "", at=STILL_LATER))
    outcome = hand_in(page, reacted("m_1", "a", at=LATER))
    assert outcome == Ignored("A later reaction to this message is already here.")
    assert signs("m_1") == []


def test_another_reaction_takes_the_place_of_the_first(page: ConnectedPage) -> None:
    hand_in(page, said("hello", mid="m_1"))
    for emoji, at in (("b", STILL_LATER), ("a", LATER), ("b", STILL_LATER)):
        hand_in(page, reacted("m_1", emoji, at=at))
    assert signs("m_1") == ["b"]
    assert Reaction.objects.count() == 1


def test_a_reaction_before_its_message_is_shown_when_the_message_comes(page: ConnectedPage) -> None:
    hand_in(page, reacted("m_1", "a", at=LATER))
    assert Message.objects.count() == 0
    hand_in(page, said("hello", mid="m_1"))
    assert signs("m_1") == ["a"]


def test_metas_word_for_a_reaction_stands_in_for_the_emoji(page: ConnectedPage) -> None:
    hand_in(page, said("hello", mid="m_1"))
    item = reacted("m_1", "")
    hand_in(page, item | {"reaction": {"mid": "m_1", "action": "react", "reaction": "like"}})
    assert signs("m_1") == ["\N{THUMBS UP SIGN}"]
