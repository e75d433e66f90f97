from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.models import ConnectedPage
from messaging.models import Conversation, Message
from messaging.replies import mark_done, mark_seen
from messaging.selectors import InboxCounts, inbox_counts, list_threads
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tests.messaging.sample import PSID, echoed, hand_in, make_conversation, make_page, said

ClientOf = Callable[[User], Client]

HOSTILE = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>{{ 7|add:7 }}"


@pytest.fixture
def page(store: Store) -> ConnectedPage:
    with open_store(store.pk):
        return make_page()


@pytest.fixture
def conversation(page: ConnectedPage) -> Conversation:
    with open_store(page.store_id):
        return make_conversation(page)


def inbox(store: Store) -> str:
    return reverse("messaging:inbox", kwargs={"store": store.slug})


def address(name: str, conversation: Conversation) -> str:
    return reverse(f"messaging:{name}", kwargs={"store": conversation.store.slug, "uuid": conversation.uuid})


def fill(page: ConnectedPage, *, conversations: int, messages: int = 1) -> None:
    photo = [{"type": "image", "payload": {"url": "https://cdn.example/1.jpg"}}]
    with open_store(page.store_id):
        for number in range(conversations):
            person, start = f"88000{number:05}", timezone.now() - timedelta(hours=number + 1)
            for turn in range(messages):
                at = start + timedelta(minutes=turn)
                item = said("hello", mid=f"m_{number}_{turn}", at=at, person=person, attachments=photo)
                hand_in(page, item)


@pytest.mark.parametrize("show", ["waiting", "all", "nonsense"])
def test_an_empty_inbox_says_what_to_do_next(
    show: str, store: Store, viewer: User, client_of: ClientOf
) -> None:
    html = client_of(viewer).get(inbox(store), {"show": show}).content.decode()
    assert "No conversations yet" in html
    assert "See what is connected" in html


def test_when_everybody_has_an_answer_the_list_says_so(
    conversation: Conversation, agent: User, client_of: ClientOf
) -> None:
    client = client_of(agent)
    client.post(address("done", conversation), {"up_to": 2**62})
    html = client.get(inbox(conversation.store)).content.decode()
    assert "Nobody is waiting" in html
    assert "Show all conversations" in html


def test_the_longest_wait_comes_first(page: ConnectedPage, viewer: User, client_of: ClientOf) -> None:
    fill(page, conversations=3)
    with open_store(page.store_id):
        hand_in(page, echoed("Answered", mid="m_a", at=timezone.now(), person="8800000002"))
        waiting = list_threads(show="waiting", params={}).rows
        assert [row.contact.person_id for row in waiting] == ["8800000001", "8800000000"]
        everybody = list_threads(show="all", params={}).rows
        assert [row.contact.person_id for row in everybody] == ["8800000002", "8800000000", "8800000001"]
        assert inbox_counts() == InboxCounts(total=3, waiting=2, unread=2, failed=0)
    html = client_of(viewer).get(inbox(page.store)).content.decode()
    assert re.findall(r"Messenger customer (\d+)", html) == ["0001", "0000"]


def test_the_list_is_read_page_by_page(page: ConnectedPage, viewer: User, client_of: ClientOf) -> None:
    fill(page, conversations=31)
    client, seen = client_of(viewer), []
    url = f"{inbox(page.store)}?show=all"
    while url:
        html = client.get(url).content.decode()
        seen += re.findall(r"Messenger customer (\d+)", html)
        more = re.search(r'rel="next" href="([^"]+)"', html)
        url = more[1].replace("&amp;", "&") if more else ""
    assert seen == [f"{number:04}" for number in range(31)]


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "%00~1",
        "2026~1",
        "😀~😀",
        "2026-01-01T00:00~99999999999999999999999",
        "0001-01-01T00:00:00+23:59~1",
        "9999-12-31T23:59:59-23:59~1",
        "2026-01-01~1",
    ],
)
def test_a_cursor_that_makes_no_sense_is_not_an_error(
    cursor: str, conversation: Conversation, viewer: User, client_of: ClientOf
) -> None:
    client = client_of(viewer)
    for name in ("older", "newer"):
        for show in ("all", "waiting"):
            query = {"show": show, name: cursor}
            assert client.get(inbox(conversation.store), query).status_code == 200
            assert client.get(address("conversation", conversation), query).status_code == 200


def test_a_long_thread_is_read_backwards(page: ConnectedPage, viewer: User, client_of: ClientOf) -> None:
    with open_store(page.store_id):
        for number in range(45):
            at = timezone.now() - timedelta(hours=1, minutes=-number)
            hand_in(page, said(f"line {number:02}", mid=f"m_{number}", at=at))
        conversation = Conversation.objects.get()
    client = client_of(viewer)
    newest = client.get(address("conversation", conversation)).content.decode()
    assert _lines(newest) == [f"line {number:02}" for number in range(5, 45)]
    older = re.search(r'href="(\?older=[^"]+)"', newest)
    assert older is not None
    before = client.get(address("conversation", conversation) + older[1]).content.decode()
    assert _lines(before) == [f"line {number:02}" for number in range(5)]
    assert 'id="newer"' not in before


def _lines(html: str) -> list[str]:
    return re.findall(r'<div class="bubble__text" dir="auto">(line \d\d)</div>', html)


def test_hostile_words_are_shown_as_words(page: ConnectedPage, agent: User, client_of: ClientOf) -> None:
    with open_store(page.store_id):
        link = {"type": "fallback", "payload": {"url": "javascript:alert(1)", "title": HOSTILE}}
        hand_in(page, said(HOSTILE, mid='m_"><b>', at=timezone.now(), attachments=[link]))
        conversation = Conversation.objects.get()
        conversation.contact.name = HOSTILE
        conversation.contact.save()
    html = client_of(agent).get(address("conversation", conversation)).content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "javascript:" not in html
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;" in html
    assert "{{ 7|add:7 }}" in html


def test_a_viewer_reads_and_has_no_composer(
    conversation: Conversation, viewer: User, client_of: ClientOf
) -> None:
    html = client_of(viewer).get(address("conversation", conversation)).content.decode()
    assert "Is it still there?" in html
    assert "To reply, ask an owner for the role Agent." in html
    assert "<textarea" not in html
    assert "/seen/" not in html


def test_reading_a_page_changes_nothing(conversation: Conversation, agent: User, client_of: ClientOf) -> None:
    client_of(agent).get(address("conversation", conversation))
    conversation.refresh_from_db()
    assert conversation.unread_count == 1


def test_the_page_tells_that_it_was_looked_at(
    conversation: Conversation, agent: User, client_of: ClientOf
) -> None:
    client = client_of(agent)
    newest = Message.unscoped.get().pk
    assert client.post(address("seen", conversation), {"up_to": newest}).status_code == 204
    conversation.refresh_from_db()
    assert (conversation.unread_count, conversation.waiting_since is None) == (0, False)
    assert client.post(address("seen", conversation), {"up_to": "x"}).status_code == 400


def test_done_takes_it_off_the_list_until_the_customer_writes(
    page: ConnectedPage, conversation: Conversation, agent: User, client_of: ClientOf
) -> None:
    response: Any = client_of(agent).post(address("done", conversation), {"up_to": 2**62})
    assert response.url == inbox(page.store)
    with open_store(page.store_id):
        assert inbox_counts().waiting == 0
        assert AuditEntry.objects.filter(action="conversation.done", actor=agent).count() == 1
        hand_in(page, said("One more thing", mid="m_2", at=timezone.now()))
        assert inbox_counts() == InboxCounts(total=1, waiting=1, unread=1, failed=0)


def test_looking_never_goes_back(conversation: Conversation, agent: User) -> None:
    with open_store(conversation.store_id):
        newest = Message.objects.get().pk
        mark_done(conversation, up_to=newest, actor=agent)
        mark_seen(conversation, up_to=0)
        conversation.refresh_from_db()
        assert (conversation.seen_message_id, conversation.done_message_id) == (newest, newest)


def test_a_live_page_gets_what_is_new_and_what_changed(
    page: ConnectedPage, conversation: Conversation, agent: User, client_of: ClientOf
) -> None:
    client, url = client_of(agent), address("newer", conversation)
    with open_store(page.store_id):
        hand_in(page, echoed("From the phone", mid="m_2", at=timezone.now()))
        shown, phone = Message.objects.order_by("pk")
        conversation.refresh_from_db()
    state: dict[str, Any] = {"after": phone.pk, "since": conversation.revision}
    assert client.get(url, state).status_code == 204
    with open_store(page.store_id):
        hand_in(page, said("Great", mid="m_3", at=timezone.now()))
        receipt = {
            "sender": {"id": PSID},
            "recipient": {"id": page.page_id},
            "read": {"watermark": 1999999999999},
        }
        hand_in(page, receipt)
        newest = Message.objects.latest("pk")
    html = client.get(url, state).content.decode()
    assert re.findall(r'<li class="([^"]+)" id="(message-\d+)"( hx-swap-oob="true")?', html) == [
        ("bubble bubble--in fresh", f"message-{newest.pk}", ""),
        ("bubble bubble--out", f"message-{phone.pk}", ' hx-swap-oob="true"'),
    ]
    assert f"message-{shown.pk}" not in html
    assert f'name="up_to" value="{newest.pk}"' in html
    assert f"after={newest.pk}&amp;since={conversation.revision + 2}" in html


def test_a_live_page_keeps_its_row_in_the_list_true(
    page: ConnectedPage, conversation: Conversation, agent: User, client_of: ClientOf
) -> None:
    client, url = client_of(agent), address("newer", conversation)
    opened = client.get(address("conversation", conversation), {"show": "all"}).content.decode()
    assert f'<li id="thread-{conversation.pk}"' in opened
    assert "&amp;listed=1&amp;show=all" in opened
    with open_store(page.store_id):
        hand_in(page, echoed("Two are left", mid="m_2", at=timezone.now()))
    asked: dict[str, Any] = {"after": 0, "since": conversation.revision, "show": "all"}
    html = client.get(url, asked | {"listed": "1"}).content.decode()
    assert f'<li id="thread-{conversation.pk}" hx-swap-oob="true"' in html
    assert "You: Two are left" in " ".join(html.split())
    assert f"thread-{conversation.pk}" not in client.get(url, asked).content.decode()


def test_a_composer_opens_by_itself_when_the_customer_writes_again(
    page: ConnectedPage, agent: User, client_of: ClientOf
) -> None:
    with open_store(page.store_id):
        conversation = make_conversation(page, age=timedelta(days=9))
    client = client_of(agent)
    assert "<textarea" not in client.get(address("conversation", conversation)).content.decode()
    with open_store(page.store_id):
        hand_in(page, said("Me again", mid="m_9", at=timezone.now()))
    state: dict[str, Any] = {"after": 0, "since": conversation.revision, "blocked": "1"}
    html = client.get(address("newer", conversation), state).content.decode()
    assert '<section class="composer" id="composer" aria-label="Reply" hx-swap-oob="true">' in html
    assert "<textarea" in html


def test_a_page_that_slept_too_long_is_loaded_anew(
    page: ConnectedPage, viewer: User, client_of: ClientOf
) -> None:
    fill(page, conversations=1, messages=101)
    with open_store(page.store_id):
        conversation = Conversation.objects.get()
    response = client_of(viewer).get(address("newer", conversation), {"after": 0, "since": 0})
    assert response.headers["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    "state", [{}, {"after": "x", "since": 1}, {"after": -1, "since": 1}, {"after": 2**70, "since": 1}]
)
def test_a_live_page_that_asks_nonsense_is_refused(
    state: dict[str, Any], conversation: Conversation, viewer: User, client_of: ClientOf
) -> None:
    assert client_of(viewer).get(address("newer", conversation), state).status_code == 400


def test_a_list_learns_that_something_arrived(
    page: ConnectedPage, conversation: Conversation, viewer: User, client_of: ClientOf
) -> None:
    client, url = client_of(viewer), reverse("messaging:arrivals", kwargs={"store": page.store.slug})
    now = int(timezone.now().timestamp() * 1000) + 1
    assert client.get(url, {"since": now}).status_code == 204
    assert "1 conversation has news" in client.get(url, {"since": now - 60_000}).content.decode()
    beside: dict[str, Any] = {"since": now - 60_000, "open": conversation.uuid}
    assert client.get(url, beside).status_code == 204
    assert client.get(url, {"since": "soon"}).status_code == 400


def test_a_stranger_learns_nothing_of_a_conversation(
    stranger: User, other_store: Store, conversation: Conversation, client_of: ClientOf
) -> None:
    client = client_of(stranger)
    own_store = {"store": other_store.slug, "uuid": conversation.uuid}
    for name in ("conversation", "newer"):
        assert client.get(address(name, conversation)).status_code == 404
        url = reverse(f"messaging:{name}", kwargs=own_store)
        assert client.get(url, {"after": 0, "since": 0}).status_code == 404
    for name in ("reply", "seen", "done"):
        assert client.post(address(name, conversation), {"text": "Hi", "up_to": 1}).status_code == 404
        assert client.post(reverse(f"messaging:{name}", kwargs=own_store), {"text": "Hi"}).status_code == 404
    assert client.post(reverse("messaging:retry", kwargs=own_store | {"message_id": 1})).status_code == 404
    assert Message.unscoped.filter(direction="out").count() == 0


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_page_cost_does_not_grow_with_rows(page: ConnectedPage, agent: User, client_of: ClientOf) -> None:
    fill(page, conversations=3, messages=3)
    client = client_of(agent)
    with open_store(page.store_id):
        conversation = Conversation.objects.earliest("pk")
    urls = [inbox(page.store), inbox(page.store) + "?show=all", address("conversation", conversation)]
    client.get(urls[0])  # signs the session in
    few = [queries(client, url) for url in urls]
    with open_store(page.store_id):
        for number in range(30):
            hand_in(
                page,
                said("more", mid=f"m_x{number}", at=timezone.now(), person=conversation.contact.person_id),
            )
    fill(page, conversations=30)
    assert [queries(client, url) for url in urls] == few
