"""Law 5: whatever order Meta's events come in, and however often, the rows end the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.models import ConnectedPage, InstagramAccount
from messaging.models import Attachment, Conversation, Message, Origin, Reaction
from messaging.replies import queue_reply
from messaging.sending import claim_reply, record_outcome
from tenancy.models import User
from tests.messaging.sample import (
    ACCOUNT,
    NOON,
    PAGE,
    came_by,
    cart,
    changed,
    echoed,
    hand_in,
    make_account,
    make_page,
    ms,
    pressed,
    reacted,
    receipt,
    said,
    taken_back,
)

REFERENCE = UUID("11111111-2222-4333-8444-555555555555")
ANSWER = "the send's own answer"

pytestmark = pytest.mark.usefixtures("open_scope")


def before(**span: int) -> Any:
    return NOON - timedelta(**span)


def items(asset: str) -> list[Any]:
    """A thread with all that can happen in it; our own reply is the last thing said, at noon."""
    photo = [{"type": "image", "payload": {"url": "https://cdn.example/1.jpg"}}]
    common = [
        said("first", mid="m_in", at=before(minutes=9), asset=asset, attachments=photo),
        said("second", mid="m_in2", at=before(minutes=7), asset=asset, quick_reply={"payload": "P"}),
        said("regretted", mid="m_gone", at=before(minutes=6), asset=asset, attachments=photo),
        taken_back("m_gone", at=before(minutes=5), asset=asset),
        echoed("from the phone", mid="m_phone", at=before(minutes=8), asset=asset, app_id=26390203743090),
        echoed(
            "thanks!", mid="m_ours", at=NOON, asset=asset, metadata=str(REFERENCE), app_id=1000000000000001
        ),
        ANSWER,
        changed("m_in", "first, better", number=1, at=before(minutes=8), asset=asset),
        changed("m_in", "first, best", number=2, at=before(minutes=6), asset=asset),
        changed("m_gone", "regretted twice", number=1, at=before(minutes=5, seconds=30), asset=asset),
        changed("m_lost", "the original never came", number=3, at=before(minutes=5), asset=asset),
        reacted("m_ours", "a", at=before(minutes=3), asset=asset),
        reacted("m_ours", "", at=before(minutes=2), asset=asset),
        reacted("m_phone", "", at=before(minutes=3), asset=asset),
        reacted("m_phone", "b", at=before(minutes=2), asset=asset),
        came_by(source="SHORTLINK", ref="flyer", at=before(minutes=12), asset=asset),
        came_by(source="SHORTLINK", ref="flyer", at=before(minutes=11), asset=asset),
        came_by(
            source="ADS", ad_id="6", ads_context_data={"ad_title": "A"}, at=before(minutes=13), asset=asset
        ),
        came_by(source="ADS", ad_id="6", at=before(minutes=10), asset=asset),
    ]
    if asset == ACCOUNT:
        return [
            *common,
            receipt("read", asset=asset, mid="m_phone"),
            receipt("read", asset=asset, mid="m_ours"),
        ]
    return [
        *common,
        pressed("Menu", "MENU", at=before(minutes=4)),
        cart(
            {"id": 9, "name": "Hat", "quantity": 2, "unit_price": 4, "currency": "GBP"}, at=before(minutes=15)
        ),
        receipt("delivery", mids=["m_ours"], watermark=ms(NOON)),
        receipt("delivery", watermark=ms(before(minutes=8))),
        receipt("read", watermark=ms(before(minutes=8))),
    ]


def play(asset: ConnectedPage | InstagramAccount, steps: list[Any], actor: User) -> Any:
    """Queue a reply to an older message, play the steps, and return what the rows say; leaves nothing."""
    with transaction.atomic(), time_machine.travel(NOON, tick=False):
        hand_in(asset, said("hello?", mid="m_0", at=before(minutes=20), asset=asset.meta_id))
        reply = queue_reply(Conversation.objects.get(), text="thanks!", actor=actor, reference=REFERENCE)
        claim_reply(reply.pk)
        for step in steps:
            if step == ANSWER:
                record_outcome(reply, mid="m_ours")
            else:
                hand_in(asset, step)
        rows = _rows()
        transaction.set_rollback(True)
    return rows


def _rows() -> Any:
    said_ = [
        "mid",
        "direction",
        "kind",
        "state",
        "text",
        "payload",
        "app_id",
        "happened_at",
        "echoed_at",
        "deleted_at",
        "edited_at",
        "edit_number",
        "is_awaited",
        "cart",
    ]
    follows = [
        "waiting_since",
        "unread_count",
        "last_message_at",
        "last_inbound_at",
        "snippet",
        "snippet_is_ours",
    ]
    return (
        list(Message.objects.order_by("mid").values_list(*said_, "error", "reference")),
        list(Attachment.objects.order_by("message__mid").values_list("message__mid", "type", "url")),
        list(Conversation.objects.values_list(*follows, "has_failed_reply", "early_receipts")),
        sorted(Reaction.objects.values_list("mid", "emoji", "removed", "happened_at", "reacted_at")),
        sorted(Origin.objects.values_list("source", "ref", "ad_id", "ad_title", "last_at")),
    )


few = settings(
    max_examples=7,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def page(open_scope: Any) -> ConnectedPage:
    return make_page()


@pytest.fixture
def expected_on_messenger(page: ConnectedPage, agent: User) -> Any:
    return play(page, items(PAGE), agent)


@pytest.fixture
def account(page: ConnectedPage) -> InstagramAccount:
    return make_account(page)


@pytest.fixture
def expected_on_instagram(account: InstagramAccount, agent: User) -> Any:
    return play(account, items(ACCOUNT), agent)


def shuffled(asset: str) -> st.SearchStrategy[list[Any]]:
    """All steps in any order, some of them twice."""
    steps = items(asset)
    some = st.lists(st.sampled_from(steps), max_size=4)
    return some.flatmap(lambda again: st.permutations([*steps, *again]))


@few
@given(steps=shuffled(PAGE))
def test_messenger_events_may_come_in_any_order(
    page: ConnectedPage, agent: User, expected_on_messenger: Any, steps: list[Any]
) -> None:
    assert play(page, steps, agent) == expected_on_messenger


@few
@given(steps=shuffled(ACCOUNT))
def test_instagram_events_may_come_in_any_order(
    account: InstagramAccount, agent: User, expected_on_instagram: Any, steps: list[Any]
) -> None:
    assert play(account, steps, agent) == expected_on_instagram


def test_in_order_the_thread_reads_as_it_was_said(agent: User) -> None:
    messages, attachments, conversations, reactions, origins = play(make_page(), items(PAGE), agent)
    assert [(row[0][:6], row[3], row[4]) for row in sorted(messages, key=lambda row: row[7])] == [
        ("m_0", "received", "hello?"),
        ("event:", "received", ""),
        ("m_in", "received", "first, best"),
        ("m_phon", "read", "from the phone"),
        ("m_in2", "received", "second"),
        ("m_gone", "received", ""),
        ("m_lost", "received", "the original never came"),
        ("event:", "received", "Menu"),
        ("m_ours", "delivered", "thanks!"),
    ]
    assert attachments == [("m_in", "image", "https://cdn.example/1.jpg")]
    waiting_since, unread, last, inbound, snippet, is_ours, failed, early = conversations[0]
    assert (waiting_since, unread) == (before(minutes=7), 3)
    assert (last, inbound, snippet, is_ours) == (NOON, before(minutes=2), "thanks!", True)
    assert (failed, early) == (False, {})
    assert reactions == [
        ("m_ours", "", True, before(minutes=2), before(minutes=3)),
        ("m_phone", "b", False, before(minutes=2), before(minutes=2)),
    ]
    assert origins == [
        ("ADS", "", "6", "A", before(minutes=10)),
        ("SHORTLINK", "flyer", "", "", before(minutes=11)),
    ]


@pytest.mark.parametrize("first", ["echo", "answer"])
def test_an_echo_without_our_reference_ends_as_one_message(agent: User, first: str) -> None:
    echo = echoed("thanks!", mid="m_ours", at=NOON)
    steps = [echo, ANSWER] if first == "echo" else [ANSWER, echo]
    messages, *_rest = play(make_page(), steps, agent)
    ours = [(row[0], row[3], row[8], row[-1]) for row in messages if row[1] == "out"]
    assert ours == [("m_ours", "sent", NOON, REFERENCE)]


def test_a_reply_that_went_out_twice_is_shown_twice(agent: User) -> None:
    steps = [
        echoed("thanks!", mid=mid, at=NOON, metadata=str(REFERENCE)) for mid in ("m_a", "m_b", "m_a", "m_b")
    ]
    messages, *_rest = play(make_page(), steps, agent)
    assert [(row[0], row[-1]) for row in messages if row[1] == "out"] == [("m_a", REFERENCE), ("m_b", None)]
