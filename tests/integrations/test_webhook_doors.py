from __future__ import annotations

import asyncio
import http.client
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
import uvicorn
from django.test import Client

from integrations.models import WebhookDelivery
from integrations.webhooks import door, group_commit, intake
from integrations.webhooks.door import WebhookDoor
from integrations.webhooks.group_commit import GroupCommit, NotStored
from stormcom import pages
from stormcom.asgi import django_application
from tests.conftest import signed
from tests.integrations.webhook_cases import BODY, Answer, WebhookCases
from tests.sandbox_process import free_port


@pytest.mark.django_db
class TestDjangoView(WebhookCases):
    def post(self, body: bytes, headers: dict[str, str], path: str | None = None) -> Answer:
        answer = Client().post(path or self.path, body, content_type="application/json", headers=headers)
        return Answer(answer.status_code, answer.content.decode(), answer.headers)

    def get(self, query: dict[str, str]) -> Answer:
        answer = Client().get(self.path, query)
        return Answer(answer.status_code, answer.content.decode(), answer.headers)

    @pytest.mark.django_db(transaction=True)
    def test_a_database_that_is_down_answers_503(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(intake, "INSERT_DELIVERIES", "SELECT 1/0 WHERE %s IS NOT NULL AND %s IS NOT NULL")
        assert self.post_signed(BODY).status == 503
        assert WebhookDelivery.objects.count() == 0


@pytest.fixture(scope="module")
def door_url() -> Iterator[str]:
    """The real application under uvicorn, in a thread of this process."""
    port = free_port()
    config = uvicorn.Config(WebhookDoor(django_application), port=port, log_level="warning", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.mark.django_db(transaction=True)
class TestAsgiDoor(WebhookCases):
    url = ""

    @pytest.fixture(autouse=True)
    def knock_here(self, door_url: str) -> None:
        self.url = door_url

    def post(self, body: bytes, headers: dict[str, str], path: str | None = None) -> Answer:
        encoded = {name: value.encode("latin-1") for name, value in headers.items()}
        answer = requests.post(self.url + (path or self.path), data=body, headers=encoded, timeout=10)
        return Answer(answer.status_code, answer.text, answer.headers)

    def get(self, query: dict[str, str]) -> Answer:
        answer = requests.get(self.url + self.path, params=query, timeout=10)
        return Answer(answer.status_code, answer.text, answer.headers)

    def test_a_body_without_a_length_is_cut_off_at_the_limit(self, settings: Any) -> None:
        settings.WEBHOOK_BODY_LIMIT = 1000
        chunks = (b"x" * 400 for _ in range(5))
        assert requests.post(self.url + self.path, data=chunks, timeout=10).status_code == 413
        assert WebhookDelivery.objects.count() == 0

    @pytest.mark.parametrize("address", ["/webhooks/facebook", "/accounts/login/"])
    def test_a_body_that_does_not_come_is_not_waited_for(
        self, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(door, "BODY_SECONDS", 0.1)
        monkeypatch.setattr(pages, "BODY_SECONDS", 0.1)
        host, port = self.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as line:
            line.sendall(
                f"POST {address} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{{".encode()
            )
            answer = b"".join(iter(lambda: line.recv(4096), b""))  # until the server hangs up
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert WebhookDelivery.objects.count() == 0

    def test_two_signatures_are_none_whichever_of_them_fits(self) -> None:
        for pair in ((signed(BODY), "sha256=0"), ("sha256=0", signed(BODY))):
            wire = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=10)
            wire.putrequest("POST", self.path)
            wire.putheader("Content-Length", str(len(BODY)))
            for signature in pair:
                wire.putheader("X-Hub-Signature-256", signature)
            wire.endheaders(BODY)
            assert wire.getresponse().status == 403
            wire.close()
        assert WebhookDelivery.objects.count() == 0

    def test_bodies_that_come_together_are_all_kept(self) -> None:
        bodies = [b'{"n": %d}' % n for n in range(60)]
        answers: list[int] = []
        threads = [
            threading.Thread(target=lambda body=body: answers.append(self.post_signed(body).status))
            for body in bodies
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [200] * 60
        assert {bytes(body) for body in WebhookDelivery.objects.values_list("body", flat=True)} == set(bodies)

    def test_a_connection_that_postgresql_closed_is_replaced_without_loss(self) -> None:
        assert self.post_signed(BODY).status == 200
        _end_other_connections()
        assert self.post_signed(BODY + b" ").status == 200
        assert WebhookDelivery.objects.count() == 2


def _end_other_connections() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
        )


@pytest.mark.parametrize("error", [psycopg.DataError, psycopg.OperationalError, psycopg.IntegrityError])
def test_a_row_that_postgresql_refuses_fails_alone(
    monkeypatch: pytest.MonkeyPatch, error: type[psycopg.Error]
) -> None:
    class Alive:
        closed = False

    async def insert(self: GroupCommit, batch: list[group_commit.Waiting]) -> None:
        if any(row.body == b"poison" for row in batch):
            raise error("no")

    monkeypatch.setattr(GroupCommit, "_insert", insert)

    async def together() -> list[Any]:
        store = GroupCommit()
        store._connection = Alive()  # type: ignore[assignment]
        adding = (store.add(body, "facebook") for body in (b"a", b"poison", b"b"))
        return await asyncio.gather(*adding, return_exceptions=True)

    first, poison, last = asyncio.run(together())
    assert (first, last) == (None, None)
    assert isinstance(poison, NotStored)


def test_a_database_that_is_down_refuses_every_waiting_body(monkeypatch: pytest.MonkeyPatch) -> None:
    async def insert(self: GroupCommit, batch: list[group_commit.Waiting]) -> None:
        raise psycopg.OperationalError("the server is away")

    monkeypatch.setattr(GroupCommit, "_insert", insert)

    async def together() -> list[Any]:
        store = GroupCommit()
        adding = (store.add(body, "facebook") for body in (b"a", b"b"))
        return await asyncio.gather(*adding, return_exceptions=True)

    assert [type(answer) for answer in asyncio.run(together())] == [NotStored, NotStored]


def test_a_full_queue_refuses_instead_of_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "QUEUE_LIMIT", 0)
    with pytest.raises(NotStored):
        asyncio.run(GroupCommit().add(b"a", "facebook"))
