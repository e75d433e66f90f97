from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from integrations.graph import errors
from integrations.graph.client import GraphClient, app_client
from integrations.models import ConnectedPage, InstagramAccount, MetaAccount, SyncRun
from integrations.runs import record_run
from integrations.tasks import finish_connection, leave_page, resync_page
from tenancy.scope import open_store
from tests.sandbox_process import Sandbox


def test_a_rate_limit_says_how_long_meta_wants_us_to_wait(db: None, sandbox: Sandbox) -> None:
    sandbox.fault("rate_limit", minutes=7)
    with pytest.raises(errors.SlowDown) as caught:
        app_client().post("800100/items_batch", item_type="PRODUCT_ITEM", requests=[])
    assert caught.value.seconds == 7 * 60


@pytest.mark.django_db
def test_a_line_that_is_down_is_tried_later_and_names_no_token(settings: Any) -> None:
    settings.GRAPH_API_URL = "http://127.0.0.1:9"
    with pytest.raises(errors.RetryLater) as caught:
        GraphClient("EAAB-secret").get("me")
    assert "EAAB" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.django_db(transaction=True)
def test_no_call_leaves_from_inside_a_transaction(sandbox: Sandbox) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        app_client().get("me")
    assert sandbox.get("calls") == []


def test_a_page_whose_token_died_needs_reconnecting_and_a_good_answer_clears_it(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    sandbox.fault("expired_token", times=2)
    resync_page(connected_page.store_id, connected_page.pk)
    connected_page.refresh_from_db()
    assert (connected_page.state, connected_page.error_count) == ("active", 1)
    resync_page(connected_page.store_id, connected_page.pk)
    connected_page.refresh_from_db()
    assert (connected_page.state, connected_page.error_count) == ("needs_reconnect", 2)
    assert "190" in connected_page.last_error
    resync_page(connected_page.store_id, connected_page.pk)
    connected_page.refresh_from_db()
    assert (connected_page.state, connected_page.error_count, connected_page.last_error) == ("active", 0, "")
    states = SyncRun.unscoped.filter(job="page.refresh").order_by("id").values_list("state", flat=True)
    assert list(states) == ["failed", "failed", "done"]


def test_finishing_a_connection_twice_changes_nothing(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    before = len(sandbox.get("calls"))
    finish_connection(connected_page.store_id, connected_page.pk)
    assert len(sandbox.get("calls")) == before


def test_a_disconnected_page_is_unsubscribed_at_meta(connected_page: ConnectedPage, sandbox: Sandbox) -> None:
    ConnectedPage.unscoped.update(state="disconnected")
    InstagramAccount.unscoped.update(state="disconnected")
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
