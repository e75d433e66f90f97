from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from prometheus_client.core import Metric

from integrations.models import Mailbox, WebhookDelivery
from operations import metrics
from tenancy.models import Store, User
from tests.operations.sample import make_event


def test_the_process_answers(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_ready_with_database_and_broker(client: Client, db: None) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": "ok", "broker": "ok"}


@pytest.mark.usefixtures("broker_away")
def test_a_broker_that_is_away_is_told_but_keeps_the_web_in_service(client: Client, db: None) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": "ok", "broker": "unreachable"}


def test_not_ready_without_the_database(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", refuse)
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "database": "unreachable", "broker": "ok"}


def test_metrics_are_for_who_shows_the_token(client: Client, db: None, settings: LazySettings) -> None:
    settings.METRICS_TOKEN = "monitor-token"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer monitör"}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer monitor-token"}).status_code == 200


def test_without_a_token_metrics_are_there_while_developing_only(
    client: Client, db: None, settings: LazySettings
) -> None:
    settings.METRICS_TOKEN, settings.DEBUG = "", False
    assert client.get("/metrics").status_code == 404
    settings.DEBUG = True
    assert client.get("/metrics").status_code == 200


def figure(text: str, name: str) -> float:
    (line,) = [line for line in text.splitlines() if line.startswith(f"{name} ")]
    return float(line.split()[1])


def test_metrics_count_events_and_what_waits(client: Client, store: Store, settings: LazySettings) -> None:
    settings.METRICS_TOKEN, settings.DEBUG = "", True
    for state in ("done", "done", "parked"):
        make_event(store, state, attempts=1)
    make_event(store, "done", attempts=5, kind="moon_phase")
    soon = timezone.now() + timedelta(hours=1)
    Mailbox.objects.create(name="1", due_at=timezone.now() - timedelta(seconds=40))
    Mailbox.objects.create(name="2", due_at=soon)
    for seconds in (70, 5):
        received_at = timezone.now() - timedelta(seconds=seconds)
        WebhookDelivery.objects.create(body=b"{}", signed_by="facebook", received_at=received_at)
    text = client.get("/metrics").content.decode()
    assert 'stormcom_recent_events{kind="message",state="done"} 2.0' in text
    assert 'stormcom_recent_events{kind="other",state="done"} 1.0' in text
    assert 'stormcom_events{state="parked"} 1.0' in text
    assert 'stormcom_recent_event_attempts_bucket{le="1"} 3.0' in text
    assert 'stormcom_recent_event_attempts_bucket{le="8"} 4.0' in text
    assert "stormcom_recent_event_attempts_gcount 4.0" in text
    assert "stormcom_database_up 1.0" in text
    assert "stormcom_mailboxes_due 1.0" in text
    assert 'stormcom_events{state="waiting"} 0.0' in text
    assert "stormcom_deliveries_waiting 2.0" in text
    assert 70 <= figure(text, "stormcom_oldest_waiting_delivery_seconds") < 100
    assert 40 <= figure(text, "stormcom_longest_due_mailbox_seconds") < 70
    assert "stormcom_broker_up 1.0" in text
    assert 'stormcom_queue_jobs{queue="webhooks"}' in text
    assert "stormcom_oldest_waiting_event_seconds" not in text


def test_the_oldest_waiting_event_has_an_age_once_one_waits(
    client: Client, store: Store, settings: LazySettings
) -> None:
    settings.METRICS_TOKEN, settings.DEBUG = "", True
    make_event(store, "waiting", age=timedelta(seconds=90))
    text = client.get("/metrics").content.decode()
    assert 90 <= figure(text, "stormcom_oldest_waiting_event_seconds") < 120


def test_empty_queues_have_no_age(client: Client, db: None, settings: LazySettings) -> None:
    settings.METRICS_TOKEN, settings.DEBUG = "", True
    text = client.get("/metrics").content.decode()
    assert "_seconds" not in text
    assert "stormcom_deliveries_waiting 0.0" in text
    assert "stormcom_mailboxes_due 0.0" in text


def test_a_database_that_does_not_answer_in_time_is_told_and_left_alone(
    client: Client, db: None, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The question is given up after its time, and the page is still there."""
    settings.METRICS_TOKEN, settings.DEBUG = "", True

    def slow() -> Iterator[Metric]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(30)")
        yield from ()

    monkeypatch.setattr(metrics, "STATEMENT_TIMEOUT", "200ms")
    monkeypatch.setattr(metrics, "_recent", slow)
    started = time.monotonic()
    answer = client.get("/metrics")
    assert time.monotonic() - started < 10
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "stormcom_database_up 0.0" in text
    assert "stormcom_broker_up 1.0" in text
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


@pytest.mark.usefixtures("broker_away")
def test_metrics_tell_of_a_broker_that_is_away(client: Client, db: None, settings: LazySettings) -> None:
    settings.METRICS_TOKEN, settings.DEBUG = "", True
    text = client.get("/metrics").content.decode()
    assert "stormcom_broker_up 0.0" in text
    assert "stormcom_queue_jobs" not in text


def test_a_signed_in_person_learns_nothing_from_metrics(
    owner: User, client_of: Callable[[User], Client], settings: LazySettings
) -> None:
    settings.METRICS_TOKEN = "monitor-token"
    assert client_of(owner).get("/metrics").status_code == 404
