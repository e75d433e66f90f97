"""The button "Send test event": a signed body to our own address, and each of its steps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from integrations.models import ConnectedPage, ConnectionTest, WebhookDelivery, WebhookEvent
from integrations.tasks import send_connection_test
from integrations.webhooks.connection_test import find_steps
from integrations.webhooks.tasks import work_inbox
from messaging.models import Contact, Message
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tests.operations.sample import make_account, make_page
from tests.sandbox_process import free_port

ClientOf = Callable[[User], Client]


@pytest.fixture
def page(store: Store) -> ConnectedPage:
    with open_store(store.pk):
        return make_page(make_account())


def start(client: Client, page: ConnectedPage) -> ConnectionTest:
    answer = client.post(f"/s/hazel-home/integrations/pages/{page.pk}/test/")
    test = ConnectionTest.unscoped.latest("pk")
    assert answer.headers["Location"] == f"/s/hazel-home/integrations/tests/{test.pk}/"
    return test


def states(test: ConnectionTest) -> list[str]:
    test = ConnectionTest.unscoped.select_related("page").get(pk=test.pk)
    with open_store(test.store_id):
        return [step.state for step in find_steps(test)]


def todo(test: ConnectionTest) -> str:
    test = ConnectionTest.unscoped.select_related("page").get(pk=test.pk)
    with open_store(test.store_id):
        return next(step.todo for step in find_steps(test) if step.state == "failed")


@pytest.mark.django_db(transaction=True)
def test_each_step_gets_its_tick_and_nothing_else_changes(
    page: ConnectedPage, manager: User, client_of: ClientOf, live_server: LiveServer, settings: Any
) -> None:
    settings.APP_BASE_URL = live_server.url
    client = client_of(manager)
    test = start(client, page)
    assert states(test) == ["now", "later", "later", "later", "later", "later"]
    send_connection_test(page.store_id, test.pk)
    assert states(test) == ["done", "done", "done", "now", "later", "later"]
    work_inbox()
    assert states(test) == ["done"] * 6
    shown = client.get(f"/s/hazel-home/integrations/tests/{test.pk}/").content.decode()
    assert "What Meta sends for this Page arrives here and is handled." in shown
    assert "hx-get" not in shown.partition('id="_test_steps"')[2]
    event = WebhookEvent.objects.get()
    assert (event.kind, event.state, event.reason) == (
        "connection_test",
        "ignored",
        "A test of yours. It changes nothing.",
    )
    assert (Contact.unscoped.count(), Message.unscoped.count()) == (0, 0)
    page.refresh_from_db()
    assert page.last_event_at is None
    assert AuditEntry.unscoped.get().action == "page.tested"


@pytest.mark.django_db(transaction=True)
def test_a_second_test_is_no_duplicate_and_a_task_that_runs_twice_sends_once(
    page: ConnectedPage, manager: User, client_of: ClientOf, live_server: LiveServer, settings: Any
) -> None:
    settings.APP_BASE_URL = live_server.url
    client = client_of(manager)
    tests = [start(client, page), start(client, page)]
    for test in tests:
        send_connection_test(page.store_id, test.pk)
        send_connection_test(page.store_id, test.pk)
    work_inbox()
    assert [states(test) for test in tests] == [["done"] * 6] * 2
    assert (WebhookDelivery.objects.count(), WebhookEvent.objects.count()) == (2, 2)


@pytest.fixture
def answering(settings: Any) -> Iterator[Callable[[int], None]]:
    """Another server at our address, that answers every POST with a status."""
    servers: list[HTTPServer] = []

    def answer(status: int) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        settings.APP_BASE_URL = f"http://127.0.0.1:{server.server_port}"

    yield answer
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "The signature was refused."),
        (404, "Nothing takes Meta's messages at this address."),
        (413, "Let it take 3 MB."),
        (503, "StormCom takes no messages right now"),
        (301, "The address sends visitors elsewhere"),
        (500, "The web server failed."),
    ],
)
def test_an_answer_other_than_200_says_what_to_do(
    status: int,
    words: str,
    page: ConnectedPage,
    manager: User,
    client_of: ClientOf,
    answering: Callable[[int], None],
) -> None:
    answering(status)
    test = start(client_of(manager), page)
    send_connection_test(page.store_id, test.pk)
    assert states(test) == ["done", "failed", "later", "later", "later", "later"]
    assert words in todo(test)


def test_an_address_that_is_not_reachable_is_said(
    page: ConnectedPage, manager: User, client_of: ClientOf, settings: Any
) -> None:
    settings.APP_BASE_URL = f"http://127.0.0.1:{free_port()}"
    test = start(client_of(manager), page)
    send_connection_test(page.store_id, test.pk)
    assert "The address cannot be reached." in todo(test)


def test_a_200_of_somebody_else_is_told_from_ours(
    page: ConnectedPage, manager: User, client_of: ClientOf, answering: Callable[[int], None]
) -> None:
    answering(200)
    test = start(client_of(manager), page)
    send_connection_test(page.store_id, test.pk)
    assert states(test) == ["done", "done", "now", "later", "later", "later"]
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert states(test)[2] == "failed"
        assert "Something else answers at this address." in todo(test)


def test_without_a_worker_the_first_step_says_so_after_a_while(
    page: ConnectedPage, manager: User, client_of: ClientOf
) -> None:
    test = start(client_of(manager), page)
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert states(test)[0] == "failed"
        assert "start the worker" in todo(test)


@pytest.mark.django_db(transaction=True)
def test_a_paused_page_fails_at_the_last_step(
    page: ConnectedPage, manager: User, client_of: ClientOf, live_server: LiveServer, settings: Any
) -> None:
    settings.APP_BASE_URL = live_server.url
    ConnectedPage.unscoped.update(state="disabled")
    test = start(client_of(manager), page)
    send_connection_test(page.store_id, test.pk)
    work_inbox()
    assert states(test) == ["done"] * 5 + ["failed"]
    assert "Switch it on, then test again." in todo(test)


def test_only_a_manager_sees_the_button(
    page: ConnectedPage, manager: User, agent: User, client_of: ClientOf
) -> None:
    address = "/s/hazel-home/integrations/"
    assert "Send test event" in client_of(manager).get(address).content.decode()
    assert "Send test event" not in client_of(agent).get(address).content.decode()
