"""The stream of a store, over a real server, a real broker and a real database."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import requests
import uvicorn
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from integrations.models import ConnectedPage
from integrations.webhooks.door import WebhookDoor
from messaging import live
from messaging.models import Conversation
from messaging.replies import queue_reply
from operations.live import hub
from operations.live.look import OVERLAP
from operations.live.views import write_moment
from stormcom.asgi import django_application
from tenancy.live import Mouth
from tenancy.models import Membership, Store, User
from tenancy.scope import open_store
from tests.messaging.sample import PAGE, make_page, ms, said
from tests.sandbox_process import free_port

pytestmark = pytest.mark.django_db(transaction=True)

Deliver = Callable[[dict[str, Any]], HttpResponse]
ClientOf = Callable[[User], Client]
NEWS_SECONDS = 5.0


@pytest.fixture
def url() -> Iterator[str]:
    """The real application under uvicorn, in a thread of this process."""
    config = uvicorn.Config(
        WebhookDoor(django_application), port=free_port(), log_level="warning", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield f"http://127.0.0.1:{config.port}"
    server.should_exit = True
    thread.join(10)
    hub.seats.clear()


@pytest.fixture
def page(store: Store) -> ConnectedPage:
    with open_store(store.pk):
        return make_page()


class Stream:
    """An open stream, read event by event."""

    def __init__(self, answer: requests.Response) -> None:
        self.status = answer.status_code
        self.headers = answer.headers
        self._lines = answer.iter_lines(chunk_size=1, decode_unicode=True)

    def read(self) -> dict[str, Any] | None:
        """Return the next event; None when the stream has ended."""
        event: dict[str, Any] = {}
        for line in self._lines:
            name, _colon, value = line.partition(": ")
            if line:
                event[name] = json.loads(value) if name == "data" else value
            elif "event" in event:
                return event
        return None

    def read_until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first event that is wanted; fails when it does not come in time."""
        end = time.monotonic() + NEWS_SECONDS
        while (event := self.read()) and time.monotonic() < end:
            if wanted(event):
                return event
        raise AssertionError(f"The wanted event did not come; the last one was {event}.")

    def read_to_the_end(self) -> None:
        end = time.monotonic() + NEWS_SECONDS
        while self.read():
            assert time.monotonic() < end, "The stream goes on."


@contextmanager
def streaming(url: str, client: Client, *, store: str = "hazel-home", known: str = "") -> Iterator[Stream]:
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    headers = {"Last-Event-ID": known} if known else {}
    answer = requests.get(
        f"{url}/s/{store}/live/",
        cookies=cookies,
        headers=headers,
        stream=True,
        timeout=20,
        allow_redirects=False,
    )
    try:
        yield Stream(answer)
    finally:
        answer.close()


def body(*items: dict[str, Any]) -> dict[str, Any]:
    return {
        "object": "page",
        "entry": [{"id": PAGE, "time": ms(timezone.now()), "messaging": [item]} for item in items],
    }


def write(deliver: Deliver, text: str, *, mid: str, person: str = "7700001111") -> Conversation:
    """Have a buyer write, through the webhook's door; return the conversation."""
    assert deliver(body(said(text, mid=mid, at=timezone.now(), person=person))).status_code == 200
    conversation: Conversation = Conversation.unscoped.get(contact__person_id=person)
    return conversation


def is_about(conversation: Conversation) -> Callable[[dict[str, Any]], bool]:
    return lambda event: str(conversation.uuid) in event["data"].get("conversations", {})


def test_a_viewer_hears_of_a_message_before_the_next_heartbeat(
    url: str,
    page: ConnectedPage,
    viewer: User,
    client_of: ClientOf,
    deliver: Deliver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 600)
    with streaming(url, client_of(viewer)) as stream:
        assert stream.status == 200
        assert stream.headers["Content-Type"] == "text/event-stream"
        first = stream.read_until(lambda event: "rail" in event["data"])
        assert first["data"]["rail"] == {"inbox": 0, "orders": 0, "leads": 0, "health": "success"}
        conversation = write(deliver, "Is the oak lamp in stock?", mid="m_1")
        news = stream.read_until(is_about(conversation))

    assert news["data"] == {
        "conversations": {str(conversation.uuid): 1},
        "rail": {"inbox": 1, "orders": 0, "leads": 0, "health": "success"},
    }


def test_a_reply_is_announced_too(
    url: str, page: ConnectedPage, agent: User, client_of: ClientOf, deliver: Deliver
) -> None:
    conversation = write(deliver, "Is the oak lamp in stock?", mid="m_1")
    with streaming(url, client_of(agent)) as stream:
        stream.read_until(is_about(conversation))
        with open_store(conversation.store_id):
            queue_reply(conversation, text="It is.", actor=agent)
        # A look that was under way may tell the number first, and the reply with the next one.
        events = [stream.read_until(lambda event: bool(event["data"]))]
        while not is_about(conversation)(events[-1]):
            events.append(stream.read_until(lambda event: bool(event["data"])))

    assert events[-1]["data"]["conversations"] == {str(conversation.uuid): 2}
    assert [event["data"]["rail"]["inbox"] for event in events if "rail" in event["data"]][-1] == 0


def test_a_page_that_comes_again_is_told_what_it_missed_and_nothing_older(
    url: str, page: ConnectedPage, viewer: User, client_of: ClientOf, deliver: Deliver
) -> None:
    old = write(deliver, "An old story", mid="m_1", person="7700000001")
    Conversation.unscoped.filter(pk=old.pk).update(changed_at=timezone.now() - 2 * OVERLAP)
    with streaming(url, client_of(viewer)) as stream:
        known = stream.read_until(lambda event: event["event"] == "news")["id"]
    missed = write(deliver, "Hello?", mid="m_2", person="7700000002")

    with streaming(url, client_of(viewer), known=known) as stream:
        news = stream.read_until(is_about(missed))

    assert news["data"]["conversations"] == {str(missed.uuid): 1}
    assert int(news["id"]) > int(known)


def test_a_page_that_slept_too_long_is_told_to_ask_for_everything(
    url: str,
    page: ConnectedPage,
    viewer: User,
    client_of: ClientOf,
    deliver: Deliver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "LIMIT", 2)
    known = write_moment(timezone.now() - 2 * OVERLAP)
    for number in range(3):
        write(deliver, "Hello?", mid=f"m_{number}", person=f"770000000{number}")

    with streaming(url, client_of(viewer), known=known) as stream:
        news = stream.read_until(lambda event: event["event"] == "news")

    assert news["data"]["all"] is True
    assert "conversations" not in news["data"]


@pytest.mark.parametrize("known", ["a word", "9" * 40, "-1", "99999999999999999"])
def test_an_id_that_we_never_gave_means_now(
    known: str, url: str, page: ConnectedPage, viewer: User, client_of: ClientOf
) -> None:
    before = int(write_moment(timezone.now()))
    with streaming(url, client_of(viewer), known=known) as stream:
        news = stream.read_until(lambda event: event["event"] == "news")

    assert before <= int(news["id"]) <= int(write_moment(timezone.now()))
    assert set(news["data"]) == {"rail"}


def test_another_stores_news_stay_there(
    url: str, page: ConnectedPage, other_store: Store, stranger: User, client_of: ClientOf, deliver: Deliver
) -> None:
    with streaming(url, client_of(stranger)) as refused:
        assert refused.status == 404
    with streaming(url, Client()) as visitor:
        assert visitor.status == 302
    with streaming(url, client_of(stranger), store="bolt-bikes") as own:
        own.read_until(lambda event: "rail" in event["data"])
        write(deliver, "Is the oak lamp in stock?", mid="m_1")
        with open_store(other_store.pk):
            make_page(page_id="200200300400501")
        Mouth().tell(other_store.pk)
        news = own.read_until(lambda event: event["event"] == "news")

    assert news["data"] == {"rail": {"inbox": 0, "orders": 0, "leads": 0, "health": "success"}}


def test_a_quiet_stream_beats(
    url: str, store: Store, viewer: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 0.2)
    with streaming(url, client_of(viewer)) as stream:
        first = stream.read_until(lambda event: event["event"] == "beat")
        later = stream.read_until(lambda event: int(event["id"]) > int(first["id"]))

    assert (later["event"], later["data"]) == ("beat", {})


@pytest.mark.parametrize("ends", ["membership", "sign-in", "account"])
def test_who_may_not_look_any_more_is_seen_off(
    ends: str, url: str, store: Store, viewer: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 0.2)
    client = client_of(viewer)
    with streaming(url, client) as stream:
        stream.read_until(lambda event: event["event"] == "beat")
        if ends == "membership":
            Membership.objects.filter(user=viewer).delete()
        elif ends == "sign-in":
            client.logout()
        else:
            User.objects.filter(pk=viewer.pk).update(is_active=False)
        stream.read_to_the_end()


def test_a_person_has_a_limit_of_streams_and_gets_the_seat_back(
    url: str, store: Store, viewer: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "PERSON_LIMIT", 1)
    client = client_of(viewer)
    with streaming(url, client) as first:
        first.read()
        with streaming(url, client) as second:
            assert second.status == 503
            assert second.headers["Retry-After"] == "60"
    end = time.monotonic() + NEWS_SECONDS
    while hub.seats and time.monotonic() < end:
        time.sleep(0.02)

    with streaming(url, client) as third:
        assert third.status == 200


def test_open_streams_hold_no_thread_and_no_connection(
    url: str,
    store: Store,
    viewer: User,
    client_of: ClientOf,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"] + 3
    monkeypatch.setattr(hub, "PERSON_LIMIT", count)
    client = client_of(viewer)
    with ExitStack() as opened:
        streams = [opened.enter_context(streaming(url, client)) for _ in range(count)]
        assert [stream.read() is not None for stream in streams] == [True] * count
        assert hub.seats[viewer.pk] == count
        assert [name for name in _threads() if name.startswith("ThreadPoolExecutor")] == []
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        assert requests.get(f"{url}/s/hazel-home/", cookies=cookies, timeout=10).status_code == 200


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate()]


def test_without_redis_nothing_fails_and_the_news_still_come(
    url: str,
    page: ConnectedPage,
    viewer: User,
    client_of: ClientOf,
    deliver: Deliver,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    away = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": away}
    monkeypatch.setattr("tenancy.live._mouth", Mouth)
    with streaming(url, client_of(viewer)) as stream:
        stream.read_until(lambda event: "rail" in event["data"])
        conversation = write(deliver, "Is the oak lamp in stock?", mid="m_1")
        news = stream.read_until(is_about(conversation))

    assert news["data"]["conversations"] == {str(conversation.uuid): 1}
