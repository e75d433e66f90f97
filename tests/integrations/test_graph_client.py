from __future__ import annotations

from typing import Any

import pytest
import responses
from django.db import transaction

from integrations.graph import errors
from integrations.graph.client import GraphClient, app_client
from integrations.models import ConnectedPage, MetaAccount, SyncRun
from integrations.runs import record_run
from integrations.tasks import finish_connection, leave_page, resync_page
from tenancy.scope import open_store
from tests.sandbox_process import Sandbox

BASE = "http://graph.test"


@pytest.fixture
def graph(settings: Any) -> Any:
    """Answers that the sandbox cannot be made to give."""
    settings.GRAPH_API_URL = BASE
    with responses.RequestsMock() as mock:
        yield mock


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": 190, "error_subcode": 463}, errors.Reconnect),
        ({"code": 102}, errors.Reconnect),
        ({"code": 2, "is_transient": True}, errors.RetryLater),
        ({"code": 99999, "is_transient": True}, errors.RetryLater),
        ({"code": 4}, errors.SlowDown),
        ({"code": 80014}, errors.SlowDown),
        ({"code": 613, "is_transient": True}, errors.SlowDown),
        ({"code": 10}, errors.NotAllowed),
        ({"code": 200}, errors.NotAllowed),
        ({"code": 299}, errors.NotAllowed),
        ({"code": 10, "error_subcode": 2018278}, errors.WindowClosed),
        ({"code": 10, "error_subcode": 2534022}, errors.WindowClosed),
        ({"code": 551}, errors.WindowClosed),
        ({"code": 100}, errors.FixData),
        ({"code": 100, "error_subcode": 33}, errors.Gone),
        ({"code": 100, "error_subcode": 2018001}, errors.Gone),
        ({"code": 12}, errors.Gone),
        ({"code": "190"}, errors.Reconnect),
        ({"code": 424242}, errors.UnknownAnswer),
        ({"code": None}, errors.UnknownAnswer),
        ({}, errors.UnknownAnswer),
    ],
)
def test_each_code_has_its_remedy(error: dict[str, Any], kind: type[errors.GraphError]) -> None:
    assert type(errors.classify({"message": "no"} | error)) is kind


def test_a_rate_limit_says_how_long_meta_wants_us_to_wait(db: None, sandbox: Sandbox) -> None:
    sandbox.fault("rate_limit", minutes=7)
    with pytest.raises(errors.SlowDown) as caught:
        app_client().post("800100/items_batch", item_type="PRODUCT_ITEM", requests=[])
    assert caught.value.seconds == 7 * 60


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, "Service Unavailable", errors.RetryLater),
        (503, "<html>", errors.RetryLater),
        (500, "{}", errors.RetryLater),
        (400, "<html>", errors.UnknownAnswer),
        (404, "{}", errors.UnknownAnswer),
        (200, "[1]", errors.RetryLater),
    ],
)
def test_an_answer_that_is_no_graph_answer_is_classified(
    status: int, body: str, kind: type[errors.GraphError], graph: Any
) -> None:
    graph.get(f"{BASE}/v26.0/me", status=status, body=body)
    with pytest.raises(errors.GraphError) as caught:
        GraphClient("EAAB-secret").get("me")
    assert type(caught.value) is kind
    assert "EAAB" not in str(caught.value)


@pytest.mark.django_db
def test_a_line_that_is_down_is_tried_later_and_names_no_token(settings: Any) -> None:
    settings.GRAPH_API_URL = "http://127.0.0.1:9"
    with pytest.raises(errors.RetryLater) as caught:
        GraphClient("EAAB-secret").get("me")
    assert "EAAB" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.django_db
def test_walking_goes_on_over_an_empty_page_and_ends_without_next(graph: Any) -> None:
    pages = [
        {"data": [{"id": "1"}], "paging": {"cursors": {"after": "a"}, "next": "x"}},
        {"data": [], "paging": {"cursors": {"after": "b"}, "next": "x"}},
        {"data": [{"id": "2"}], "paging": {"cursors": {"after": "c"}}},
    ]
    for page in pages:
        graph.get(f"{BASE}/v26.0/me/accounts", json=page)
    assert [row["id"] for row in GraphClient("t").walk("me/accounts")] == ["1", "2"]
    assert [call.request.params.get("after") for call in graph.calls] == [None, "a", "b"]


@pytest.mark.django_db(transaction=True)
def test_no_call_leaves_from_inside_a_transaction(sandbox: Sandbox) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        app_client().get("me")
    assert sandbox.get("calls") == []


def test_a_page_whose_token_died_needs_reconnecting_and_a_good_answer_clears_it(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    sandbox.fault("expired_token", times=1)
    resync_page(connected_page.store_id, connected_page.pk)
    connected_page.refresh_from_db()
    assert (connected_page.state, connected_page.error_count) == ("needs_reconnect", 1)
    assert "190" in connected_page.last_error
    resync_page(connected_page.store_id, connected_page.pk)
    connected_page.refresh_from_db()
    assert (connected_page.state, connected_page.error_count, connected_page.last_error) == ("active", 0, "")
    states = SyncRun.unscoped.filter(job="page.refresh").order_by("id").values_list("state", flat=True)
    assert list(states) == ["failed", "done"]


def test_finishing_a_connection_twice_changes_nothing(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    before = len(sandbox.get("calls"))
    finish_connection(connected_page.store_id, connected_page.pk)
    assert len(sandbox.get("calls")) == before


def test_a_disconnected_page_is_unsubscribed_at_meta(connected_page: ConnectedPage, sandbox: Sandbox) -> None:
    ConnectedPage.unscoped.update(state="disconnected")
    leave_page(connected_page.store_id, connected_page.pk)
    connected_page.refresh_from_db()
    assert connected_page.subscribed_fields == []
    assert GraphClient(connected_page.token).get(f"{connected_page.page_id}/subscribed_apps")["data"] == []


def test_a_fault_of_ours_is_recorded_and_goes_on(connected_page: ConnectedPage) -> None:
    with open_store(connected_page.store_id):
        with pytest.raises(ZeroDivisionError), record_run(job="x", asset_id=connected_page.page_id):
            _ = 1 / 0
        run = SyncRun.objects.get(job="x")
    assert (run.state, run.error) == ("failed", "A fault of ours: ZeroDivisionError.")


def test_every_call_of_a_connection_is_one_that_meta_knows(
    connected_page: ConnectedPage, meta_account: MetaAccount, sandbox: Sandbox
) -> None:
    paths = {(call["method"], call["path"].rsplit("/", 1)[-1]) for call in sandbox.get("calls")}
    assert ("GET", "accounts") in paths
    assert ("POST", "subscribed_apps") in paths
