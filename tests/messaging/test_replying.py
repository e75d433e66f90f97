"""Journey 4 over real HTTP: a buyer writes in the sandbox, an agent answers, and what can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests
import responses
import time_machine
from django.test import Client
from django.utils import timezone

from integrations.models import AssetState, ConnectedPage
from integrations.tasks import resync_page
from messaging.models import Conversation, Message
from messaging.tasks import give_up_message, send_message
from tenancy.models import AuditEntry, User
from tests.messaging.conftest import BuyerWrites, LetterBox
from tests.messaging.pressing import address, press_send, sends
from tests.messaging.sample import the_message
from tests.sandbox_process import Sandbox

pytestmark = pytest.mark.usefixtures("open_scope")

ClientOf = Callable[[User], Client]


@pytest.mark.parametrize(("platform", "events"), [("messenger", 3), ("instagram", 2)])
def test_a_message_is_answered_and_seen(
    platform: str,
    events: int,
    agent: User,
    client_of: ClientOf,
    buyer_writes: BuyerWrites,
    letter_box: LetterBox,
) -> None:
    conversation = buyer_writes("Do you have it in blue? 😀", platform=platform)
    assert (conversation.platform, conversation.unread_count) == (platform, 1)
    response = press_send(client_of(agent), conversation, "Yes, we do\r\nin two sizes")
    assert response.status_code == 302
    reply = the_message(direction="out")
    assert (reply.state, reply.sent_by, reply.text) == ("queued", agent, "Yes, we do\nin two sizes")

    send_message(reply.store_id, reply.pk)
    reply.refresh_from_db()
    assert (reply.state, reply.attempts, reply.echoed_at) == ("sent", 1, None)
    assert reply.mid

    letter_box.hand_in(events)
    reply.refresh_from_db()
    assert (reply.state, Message.objects.count()) == ("read", 2)
    assert reply.echoed_at == reply.happened_at
    conversation.refresh_from_db()
    assert (conversation.waiting_since, conversation.unread_count) == (None, 0)
    assert AuditEntry.objects.filter(action="reply.queued", actor=agent).count() == 1


def test_a_worker_that_dies_after_meta_took_the_reply_does_not_send_it_twice(
    agent: User,
    client_of: ClientOf,
    buyer_writes: BuyerWrites,
    letter_box: LetterBox,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    conversation = buyer_writes("Hello")
    press_send(client_of(agent), conversation, "Hi")
    reply = the_message(direction="out")
    monkeypatch.setattr("messaging.sending.record_success", _die)
    with pytest.raises(KeyboardInterrupt):
        send_message(reply.store_id, reply.pk)
    monkeypatch.undo()
    reply.refresh_from_db()
    assert (reply.state, reply.mid) == ("sending", "")
    letter_box.hand_in(3)
    reply.refresh_from_db()
    assert (reply.state, Message.objects.filter(direction="out").count()) == ("read", 1)
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        give_up_message(reply.store_id, reply.pk)
        send_message(reply.store_id, reply.pk)
    reply.refresh_from_db()
    assert (reply.state, sends(sandbox)) == ("read", 1)


def _die(page_id: str) -> None:
    raise KeyboardInterrupt


def test_a_reply_of_unknown_outcome_waits_for_a_person(
    agent: User, client_of: ClientOf, buyer_writes: BuyerWrites, sandbox: Sandbox
) -> None:
    conversation = buyer_writes("Hello")
    press_send(client_of(agent), conversation, "Hi")
    reply = the_message(direction="out")
    with responses.RequestsMock() as meta:
        meta.add(responses.POST, _graph(sandbox, conversation), body=requests.ConnectionError("aborted"))
        send_message(reply.store_id, reply.pk)
    reply.refresh_from_db()
    assert reply.state == "sending"
    send_message(reply.store_id, reply.pk)
    give_up_message(reply.store_id, reply.pk)
    reply.refresh_from_db()
    assert (reply.state, sends(sandbox)) == ("sending", 0)
    with time_machine.travel(timezone.now() + timedelta(minutes=2, seconds=1)):
        give_up_message(reply.store_id, reply.pk)
    reply.refresh_from_db()
    assert (reply.state, sends(sandbox)) == ("failed", 0)
    assert reply.error == "We do not know whether this arrived. Look before you send it again."


def _graph(sandbox: Sandbox, conversation: Conversation) -> str:
    return f"{sandbox.url}/v26.0/{conversation.asset_id}/messages"


def test_pressing_send_twice_sends_once(
    agent: User, client_of: ClientOf, buyer_writes: BuyerWrites, sandbox: Sandbox
) -> None:
    conversation = buyer_writes("Hello")
    client, reference = client_of(agent), str(uuid4())
    for _ in range(2):
        press_send(client, conversation, "Hi", reference=reference)
    reply = the_message(direction="out")
    for _ in range(2):
        send_message(reply.store_id, reply.pk)
    assert sends(sandbox) == 1
    press_send(client, conversation, "Hi again", reference=reference)
    assert Message.objects.filter(direction="out").count() == 2


def test_replies_leave_in_the_order_they_were_written(
    agent: User, client_of: ClientOf, buyer_writes: BuyerWrites, sandbox: Sandbox
) -> None:
    conversation = buyer_writes("Hello")
    for text in ("one", "two"):
        press_send(client_of(agent), conversation, text)
    first, second = Message.objects.filter(direction="out").order_by("pk")
    send_message(second.store_id, second.pk)
    second.refresh_from_db()
    assert (second.state, sends(sandbox)) == ("queued", 0)
    send_message(first.store_id, first.pk)
    send_message(second.store_id, second.pk)
    texts = [row["text"] for row in sandbox.get("world")["messages"] if row["outbound"]]
    assert texts == ["one", "two"]


def test_a_dead_login_fails_the_reply_and_marks_the_page(
    agent: User,
    client_of: ClientOf,
    buyer_writes: BuyerWrites,
    sandbox: Sandbox,
    connected_page: ConnectedPage,
) -> None:
    conversation = buyer_writes("Hello")
    client = client_of(agent)
    press_send(client, conversation, "Hi")
    reply = the_message(direction="out")
    sandbox.fault("expired_token")
    send_message(reply.store_id, reply.pk)
    reply.refresh_from_db()
    assert (reply.state, reply.error_code) == ("failed", "190/463")
    assert (
        reply.error == "Facebook no longer lets us in to this Page. Connect the Page again, then try again."
    )
    resync_page(connected_page.store_id, connected_page.pk)  # as the sweep does with a doubtful login
    connected_page.refresh_from_db()
    assert connected_page.state == AssetState.NEEDS_RECONNECT
    conversation.refresh_from_db()
    assert (conversation.has_failed_reply, conversation.unread_count) == (True, 1)

    refused = press_send(client, conversation, "And now?")
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Facebook no longer lets us in to this Page. Connect it again to reply." in page
    assert "And now?" in page
    assert Message.objects.filter(direction="out").count() == 1


def test_a_failed_reply_is_sent_again_by_one_press(
    agent: User, client_of: ClientOf, buyer_writes: BuyerWrites, sandbox: Sandbox
) -> None:
    conversation = buyer_writes("Hello")
    client = client_of(agent)
    press_send(client, conversation, "Hi")
    reply = the_message(direction="out")
    Message.objects.filter(pk=reply.pk).update(state="failed", error="It did not work.")
    page = client.get(address("conversation", conversation)).content.decode()
    assert "It did not work." in page
    for _ in range(2):
        client.post(address("retry", conversation, message_id=reply.pk))
    reply.refresh_from_db()
    assert (reply.state, reply.error, reply.attempts) == ("queued", "", 0)
    send_message(reply.store_id, reply.pk)
    reply.refresh_from_db()
    assert (reply.state, sends(sandbox)) == ("sent", 1)


def test_while_meta_is_down_the_reply_waits_and_then_goes(
    agent: User, client_of: ClientOf, buyer_writes: BuyerWrites, sandbox: Sandbox
) -> None:
    conversation = buyer_writes("Hello")
    press_send(client_of(agent), conversation, "Hi")
    reply = the_message(direction="out")
    sandbox.fault("server_error", times=1)
    send_message(reply.store_id, reply.pk)
    reply.refresh_from_db()
    assert (reply.state, reply.attempts, reply.error) == ("queued", 1, "")
    assert timedelta(seconds=5) < reply.not_before - timezone.now() <= timedelta(seconds=10)
    send_message(reply.store_id, reply.pk)
    assert sends(sandbox) == 1
    with time_machine.travel(timezone.now() + timedelta(seconds=11)):
        send_message(reply.store_id, reply.pk)
    reply.refresh_from_db()
    assert (reply.state, sends(sandbox)) == ("sent", 2)


def test_a_reply_that_meta_never_took_ends_as_failed(
    agent: User, client_of: ClientOf, buyer_writes: BuyerWrites, sandbox: Sandbox
) -> None:
    conversation = buyer_writes("Hello")
    press_send(client_of(agent), conversation, "Hi")
    reply = the_message(direction="out")
    sandbox.fault("server_error")
    for minutes in (0, 1, 10, 20, 60):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            send_message(reply.store_id, reply.pk)
    reply.refresh_from_db()
    assert (reply.state, reply.attempts) == ("failed", 5)
    assert reply.error == "Meta could not be reached for a while. It was not sent; try again."


def test_a_rate_limit_holds_all_replies_of_the_page(
    agent: User, client_of: ClientOf, buyer_writes: BuyerWrites, sandbox: Sandbox
) -> None:
    client = client_of(agent)
    for buyer in ("Maya Iyer", "Tom Okafor"):
        press_send(client, buyer_writes("Hello", buyer=buyer), "Hi")
    first, second = Message.objects.filter(direction="out").order_by("pk")
    sandbox.fault("rate_limit", bucket="messenger", minutes=7)
    send_message(first.store_id, first.pk)
    send_message(second.store_id, second.pk)
    assert sends(sandbox) == 1
    for reply in (first, second):
        reply.refresh_from_db()
        assert reply.state == "queued"
        assert timedelta(minutes=6) < reply.not_before - timezone.now() <= timedelta(minutes=7)


def test_after_a_day_a_person_replies_with_the_human_agent_tag(
    agent: User, client_of: ClientOf, buyer_writes: BuyerWrites, sandbox: Sandbox
) -> None:
    conversation = _long_ago(buyer_writes("Hello"), sandbox, days=2)
    press_send(client_of(agent), conversation, "Sorry for the wait")
    reply = the_message(direction="out")
    send_message(reply.store_id, reply.pk)
    reply.refresh_from_db()
    assert reply.state == "sent"
    assert "tag" in sandbox.get("calls")[-1]["params"]


def test_after_seven_days_nothing_is_sent_and_what_was_typed_stays(
    agent: User, client_of: ClientOf, buyer_writes: BuyerWrites, sandbox: Sandbox
) -> None:
    conversation = _long_ago(buyer_writes("Hello"), sandbox, days=8)
    client = client_of(agent)
    page = client.get(address("conversation", conversation)).content.decode()
    words = "Closed: the customer&#x27;s last message is more than 7 days old, and Meta allows no reply."
    assert words in page
    assert "<textarea" not in page
    response = press_send(client, conversation, "Too late?")
    assert response.status_code == 422
    assert "Too late?" in response.content.decode()
    assert (Message.objects.filter(direction="out").count(), sends(sandbox)) == (0, 0)


def test_a_window_that_meta_sees_closed_fails_in_words(
    agent: User, client_of: ClientOf, buyer_writes: BuyerWrites, sandbox: Sandbox
) -> None:
    conversation = buyer_writes("Hello")
    press_send(client_of(agent), conversation, "Hi")
    reply = the_message(direction="out")
    sandbox.post("clock", {"advance_seconds": 2 * 86400})
    send_message(reply.store_id, reply.pk)
    reply.refresh_from_db()
    assert (reply.state, reply.error_code) == ("failed", "10/2018278")
    assert reply.error == "Meta allows no reply to this customer now. Wait until they write again."


def test_a_window_that_closes_while_the_reply_waits_is_not_tried(
    agent: User, client_of: ClientOf, buyer_writes: BuyerWrites, sandbox: Sandbox
) -> None:
    conversation = buyer_writes("Hello")
    press_send(client_of(agent), conversation, "Hi")
    reply = the_message(direction="out")
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        send_message(reply.store_id, reply.pk)
    reply.refresh_from_db()
    assert (reply.state, sends(sandbox)) == ("failed", 0)


def _long_ago(conversation: Conversation, sandbox: Sandbox, *, days: int) -> Conversation:
    sandbox.post("clock", {"advance_seconds": days * 86400})
    then = timezone.now() - timedelta(days=days)
    Message.objects.filter(conversation=conversation).update(happened_at=then)
    Conversation.objects.filter(pk=conversation.pk).update(last_inbound_at=then)
    conversation.refresh_from_db()
    return conversation


@pytest.mark.parametrize(
    ("platform", "text", "words"),
    [
        ("messenger", "x" * 2001, "Messenger takes 2,000 characters; this is 1 character too long."),
        (
            "instagram",
            "é" * 501,
            "Instagram takes 1,000 bytes; this is 2 bytes too long. Emoji count as several.",
        ),
        ("messenger", "  \n ", "Write something first."),
        ("messenger", "NUL\x00", "This holds a character that cannot be read."),
    ],
)
def test_a_reply_that_meta_would_refuse_is_refused_here_and_kept(
    platform: str, text: str, words: str, agent: User, client_of: ClientOf, buyer_writes: BuyerWrites
) -> None:
    conversation = buyer_writes("Hello", platform=platform)
    client = client_of(agent)
    response: Any = client.post(
        address("reply", conversation), {"text": text}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page
    assert text.strip() in page
    assert page.lstrip().startswith('<section class="composer" id="composer"')
    assert Message.objects.filter(direction="out").count() == 0


def test_a_viewer_cannot_reply_send_again_or_call_it_done(
    viewer: User, client_of: ClientOf, buyer_writes: BuyerWrites, sandbox: Sandbox
) -> None:
    conversation = buyer_writes("Hello")
    client = client_of(viewer)
    assert press_send(client, conversation, "Hi").status_code == 403
    assert client.post(address("done", conversation), {"up_to": 10**6}).status_code == 403
    assert client.post(address("seen", conversation), {"up_to": 10**6}).status_code == 403
    assert client.post(address("retry", conversation, message_id=1)).status_code == 403
    assert (Message.objects.filter(direction="out").count(), sends(sandbox)) == (0, 0)
    conversation.refresh_from_db()
    assert (conversation.unread_count, conversation.done_message_id) == (1, 0)
