"""What a call leaves behind: a row without secrets, and how full Meta's buckets are."""

from __future__ import annotations

import json
import os
import threading
from datetime import timedelta
from typing import Any

import pytest
import responses
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from integrations.graph import budgets, errors, pool, records
from integrations.graph.client import GraphClient, app_client
from integrations.graph.encoding import template_of
from integrations.graph.usage import read_usage, seconds_to_wait
from integrations.models import ConnectedPage, GraphCall, GraphUsage
from integrations.tasks import purge_calls, resync_page
from tenancy.models import User
from tenancy.scope import open_store
from tests.sandbox_process import Sandbox


def newest() -> GraphCall:
    return GraphCall.objects.latest("pk")


# --- Rows -------------------------------------------------------------------------------------------------


def test_every_call_leaves_a_row_with_what_it_was_and_how_it_went(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    sandbox.fault("usage", bucket="pages", percent=42)
    resync_page(connected_page.store_id, connected_page.pk)
    row = newest()
    assert (row.method, row.path, row.http_status, row.kind) == ("GET", "/{id}", 200, "")
    assert (row.store_id, row.asset_id) == (connected_page.store_id, connected_page.page_id)
    assert (row.code, row.subcode, row.usage_percent) == (0, 0, 42)
    assert row.duration_ms < 5000


def test_a_refusal_leaves_its_numbers_and_meta_s_name_for_the_call(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    sandbox.fault("expired_token", subcode=460)
    with pytest.raises(errors.Reconnect) as caught:
        GraphClient(connected_page.token).post(f"{connected_page.page_id}/messages", message={"text": "hi"})
    row = newest()
    assert (row.path, row.http_status, row.kind) == ("/{page_id}/messages", 401, "Reconnect")
    assert (row.code, row.subcode, row.trace) == (190, 460, caught.value.trace)
    assert row.trace


def test_a_call_without_a_store_and_without_an_answer_leaves_one_too(db: None, settings: Any) -> None:
    settings.GRAPH_API_URL = "http://127.0.0.1:9"
    with pytest.raises(errors.RetryLater):
        app_client().get("debug_token", input_token="EAAB-secret")
    row = newest()
    assert (row.store_id, row.asset_id, row.path) == (None, "", "/debug_token")
    assert (row.http_status, row.kind) == (None, "RetryLater")


def test_no_row_holds_a_token_or_a_value_of_the_query(connected_page: ConnectedPage) -> None:
    GraphClient(connected_page.token).get("me", fields="id,name")
    rows = [*GraphCall.objects.values(), *GraphUsage.objects.values()]
    text = json.dumps(rows, default=str)
    assert connected_page.token not in text
    assert connected_page.account.token not in text
    assert "fields" not in text


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("100200300/messages", "/{page_id}/messages"),
        ("/800100/items_batch/", "/{catalog_id}/items_batch"),
        ("me/accounts", "/me/accounts"),
        ("oauth/access_token", "/oauth/access_token"),
        ("hazelhome", "/{id}"),
        ("70001/permissions/Ann Lee", "/{id}/permissions/{id}"),
        ("", "/"),
    ],
)
def test_a_template_holds_no_id_and_no_name(path: str, template: str) -> None:
    assert template_of(path) == template


def test_a_row_that_cannot_be_written_does_not_fail_the_call(
    sandbox: Sandbox, connected_page: ConnectedPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise DatabaseError("no room left")

    monkeypatch.setattr(records, "keep_readings", refuse)
    assert GraphClient(connected_page.token).get("me", fields="id") == {"id": connected_page.page_id}


def test_rows_of_a_week_ago_go_in_slices(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "PURGE_SLICE", 2)
    now = timezone.now()
    for days in (6, 8, 8, 8):
        at = now - timedelta(days=days)
        GraphCall.objects.create(created_at=at, method="GET", path="/me", duration_ms=1)
        GraphUsage.objects.create(line=f"{days}-{GraphUsage.objects.count()}", percent=1, read_at=at)
    purge_calls()
    assert [GraphCall.objects.count(), GraphUsage.objects.count()] == [1, 1]


def test_staff_read_the_calls_and_change_none(
    connected_page: ConnectedPage, owner: User, client: Client
) -> None:
    User.objects.filter(pk=owner.pk).update(is_staff=True, is_superuser=True)
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    for address in ("graphcall", "graphusage"):
        assert client.get(f"/admin/integrations/{address}/").status_code == 200
        assert client.get(f"/admin/integrations/{address}/add/").status_code == 403
    page = client.get("/admin/integrations/graphcall/").content.decode()
    assert "/{page_id}" in page or "/{id}" in page
    assert connected_page.token not in page


# --- Limits -----------------------------------------------------------------------------------------------


def test_over_budget_a_call_is_held_back_before_it_leaves(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    client = GraphClient(connected_page.token)
    sandbox.fault("usage", bucket="pages", percent=97, times=1)
    client.get(connected_page.page_id, fields="id")
    before = len(sandbox.get("calls"))
    with pytest.raises(errors.RateLimited) as caught:
        client.get(connected_page.page_id, fields="id")
    assert len(sandbox.get("calls")) == before
    assert 55 <= caught.value.seconds <= 61
    GraphUsage.objects.update(blocked_until=timezone.now())
    assert client.get(connected_page.page_id, fields="id") == {"id": connected_page.page_id}


def test_a_known_time_to_regain_access_is_waited_for(connected_page: ConnectedPage, sandbox: Sandbox) -> None:
    client = GraphClient(connected_page.token)
    sandbox.fault("rate_limit", bucket="messenger", minutes=9, times=1)
    with pytest.raises(errors.SlowDown) as caught:
        client.get(f"{connected_page.page_id}/conversations")
    assert caught.value.seconds == 540
    with pytest.raises(errors.RateLimited) as held:
        client.get(f"{connected_page.page_id}/conversations")
    assert 530 <= held.value.seconds <= 541
    assert client.get(connected_page.page_id, fields="id")["id"]  # another bucket, another budget


def test_a_limit_without_a_header_holds_the_same_calls_back(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    client = GraphClient(connected_page.token)
    sandbox.fault("refusal", code=613, times=1)
    with pytest.raises(errors.SlowDown):
        client.get(connected_page.page_id)
    with pytest.raises(errors.RateLimited):
        client.get(connected_page.page_id)


def test_two_tokens_that_count_on_one_object_wait_together(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    page_id = connected_page.page_id
    ours, other = GraphClient(connected_page.token), GraphClient(connected_page.account.token)
    sandbox.fault("usage", bucket="", percent=10, times=1)
    ours.get(f"{page_id}/conversations")
    with open_store(connected_page.store_id):
        other_line = other._line(page_id)
        object_id = GraphUsage.objects.get(bucket="messenger").object_id
    GraphUsage.objects.create(
        line=other_line,
        bucket="messenger",
        object_id=object_id,
        percent=99,
        blocked_until=timezone.now() + timedelta(minutes=1),
        read_at=timezone.now(),
    )
    budgets.forget()
    with pytest.raises(errors.RateLimited):
        ours.get(f"{page_id}/conversations")


def test_the_worst_of_several_readings_decides_and_nonsense_is_none() -> None:
    header = {
        "1": [{"type": "messenger", "call_count": 10, "total_time": 96}, {"type": "pages", "call_count": 3}],
        "2": [{"type": "new_kind", "call_count": 98, "estimated_time_to_regain_access": 2}],
        "3": "nonsense",
    }
    found = read_usage({"x-business-use-case-usage": json.dumps(header)}, bucket="leadgen")
    assert [(r.object_id, r.bucket, r.percent, r.pause_seconds) for r in found] == [
        ("1", "messenger", 96, 60),
        ("1", "pages", 3, 0),
        ("2", "leadgen", 98, 120),
    ]
    assert read_usage({"x-app-usage": "{", "x-business-use-case-usage": "[]"}, bucket="app") == []
    (app,) = read_usage({"x-app-usage": '{"call_count": 99}'}, bucket="pages")
    assert (app.object_id, app.bucket, app.percent) == ("app", "pages", 99)
    assert seconds_to_wait({"retry-after": "30"}) == 30


def test_staff_hear_of_an_unknown_refusal_once(
    connected_page: ConnectedPage, sandbox: Sandbox, clean_cache: None, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.fault("refusal", code=424242)
    before = len(sandbox.get("calls"))
    for _ in range(3):
        with pytest.raises(errors.UnknownAnswer):
            GraphClient(connected_page.token).get("me")
    assert len(sandbox.get("calls")) == before + 3  # never tried again by itself
    told = [record for record in caplog.records if "graph_answer_needs_a_look" in record.getMessage()]
    assert [record.levelname for record in told] == ["ERROR"]
    assert connected_page.token not in caplog.text


# --- The pool ---------------------------------------------------------------------------------------------


def test_threads_share_one_session_and_a_forked_child_has_its_own() -> None:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(pool.get_session()))
    thread.start()
    thread.join()
    assert found == [pool.get_session()]
    reading, writing = os.pipe()
    before = id(pool.get_session())
    child = os.fork()
    if child == 0:
        os.write(writing, b"same" if id(pool._session) == before else b"none")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 10) == b"none"


def test_an_answer_leaves_no_cookie_and_a_redirect_is_not_followed(db: None, settings: Any) -> None:
    settings.GRAPH_API_URL = "http://graph.test"
    with responses.RequestsMock() as mock:
        mock.get(
            "http://graph.test/v26.0/me",
            status=302,
            headers={"Location": "http://elsewhere.test/", "Set-Cookie": "a=b"},
        )
        with pytest.raises(errors.UnknownAnswer):
            GraphClient("t").get("me")
        assert len(mock.calls) == 1
    assert list(pool.get_session().cookies) == []
