"""Signed events that no honest asset sends: each ends at once, and none holds up what comes after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integrations.models import ConnectedPage, InstagramAccount, WebhookEvent
from messaging.models import Message
from tenancy.models import Store
from tenancy.scope import open_store

PAGE, INSTAGRAM = "100200300400501", "17841400000000501"
LEAD = {"field": "leadgen", "value": {"leadgen_id": "555", "form_id": "300100"}}
BATCH = {"field": "items_batch", "value": {"handle": "h"}}
MESSAGE = {"sender": {"id": "5"}, "timestamp": 1763700000123, "message": {"mid": "m_1", "text": "hi"}}


def change(object_: str, asset: str, item: dict[str, Any]) -> dict[str, Any]:
    return {"object": object_, "entry": [{"id": asset, "time": 1, "changes": [item]}]}


@pytest.mark.parametrize(
    ("body", "state", "reason"),
    [
        (change("instagram", INSTAGRAM, LEAD), "ignored", "kind not handled: leadgen"),
        (change("page", PAGE, BATCH), "ignored", "kind not handled: items_batch"),
        (change("page", INSTAGRAM, LEAD), "parked", "not connected here"),
        (change("instagram", PAGE, LEAD), "parked", "not connected here"),
    ],
)
def test_an_event_of_the_wrong_asset_ends_at_once_and_holds_up_nothing(
    body: dict[str, Any],
    state: str,
    reason: str,
    connected_page: ConnectedPage,
    instagram_account: InstagramAccount,
    store: Store,
    deliver: Callable[[dict[str, Any]], Any],
) -> None:
    deliver(body)
    deliver({"object": "page", "entry": [{"id": PAGE, "time": 2, "messaging": [MESSAGE]}]})

    row = WebhookEvent.objects.order_by("id")[0]
    assert (row.state, row.reason, row.attempts) == (state, reason, 1)
    with open_store(store.pk):
        assert Message.objects.get().text == "hi"


@pytest.mark.parametrize(("asset", "store_known"), [("0", False), (PAGE, True)])
def test_a_test_of_metas_dashboard_is_shown_as_one_each_time(
    asset: str,
    store_known: bool,
    connected_page: ConnectedPage,
    store: Store,
    deliver: Callable[[dict[str, Any]], Any],
) -> None:
    item = MESSAGE | {"sender": {"id": "12334"}, "message": {"mid": "random_mid", "text": "random_text"}}
    for _ in range(2):
        deliver({"object": "page", "entry": [{"id": asset, "time": 2, "messaging": [item]}]})

    found = WebhookEvent.objects.values_list("kind", "state", "reason", "store_id")
    expected = ("message", "ignored", "a test from Meta's dashboard", store.pk if store_known else None)
    assert list(found) == [expected, expected]
    with open_store(store.pk):
        assert Message.objects.count() == 0
