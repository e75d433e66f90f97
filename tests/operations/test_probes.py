from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import OperationalError, connection
from django.test import Client

from integrations.models import WebhookDelivery
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


def test_metrics_count_events_and_what_waits(client: Client, store: Store, settings: LazySettings) -> None:
    settings.METRICS_TOKEN, settings.DEBUG = "", True
    for state in ("done", "done", "parked"):
        make_event(store, state)
    WebhookDelivery.objects.create(body=b"{}", signed_by="facebook", state="received")
    text = client.get("/metrics").content.decode()
    assert 'stormcom_events{state="done"} 2.0' in text
    assert 'stormcom_events{state="parked"} 1.0' in text
    assert 'stormcom_events{state="waiting"} 0.0' in text
    assert "stormcom_deliveries_waiting 1.0" in text
    assert "stormcom_broker_up 1.0" in text
    assert 'stormcom_queue_jobs{queue="webhooks"}' in text
    assert "stormcom_oldest_waiting_event_seconds" not in text


def test_the_oldest_waiting_event_has_an_age_once_one_waits(
    client: Client, store: Store, settings: LazySettings
) -> None:
    settings.METRICS_TOKEN, settings.DEBUG = "", True
    make_event(store, "waiting", age=timedelta(seconds=90))
    text = client.get("/metrics").content.decode()
    (line,) = [line for line in text.splitlines() if line.startswith("stormcom_oldest_waiting_event_seconds")]
    assert 90 <= float(line.split()[1]) < 120


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
