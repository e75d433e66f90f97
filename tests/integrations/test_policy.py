"""Meta's verdict on a Page: kept on the asset, and shown where the merchant looks for trouble."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integrations.models import ConnectedPage, WebhookEvent
from operations.health import check_health
from operations.rail import find_tone, look
from tenancy.models import Store
from tenancy.scope import open_store

Deliver = Callable[[dict[str, Any]], Any]
PAGE = "100200300400501"
EARLY, LATE = 1763700000000, 1763700060000


def verdict(action: str, at: int, *, key: str = "policy_enforcement") -> dict[str, Any]:
    item = {
        "recipient": {"id": PAGE},
        "timestamp": at,
        key: {"action": action, "reason": "Too many messages."},
    }
    return {"object": "page", "entry": [{"id": PAGE, "time": at, "messaging": [item]}]}


def problems(store: Store) -> list[tuple[str, str, str]]:
    with open_store(store.pk):
        assert find_tone(look(store.pk)) == check_health(store).tone
        return [(one.tone, one.title, one.text) for one in check_health(store).problems]


@pytest.mark.parametrize("key", ["policy_enforcement", "policy-enforcement"])
def test_a_block_is_an_error_on_the_health_page(
    key: str, connected_page: ConnectedPage, store: Store, deliver: Deliver
) -> None:
    deliver(verdict("block", EARLY, key=key))
    assert WebhookEvent.objects.get().state == "done"
    assert problems(store) == [
        (
            "danger",
            "Meta has blocked Facebook Page Hazel Home: nobody gets your replies.",
            "Only Meta can lift this. Change what Meta complains of, then ask for a review under Page "
            "Quality at Facebook. Meta says: Too many messages.",
        )
    ]


def test_a_warning_is_a_warning(connected_page: ConnectedPage, store: Store, deliver: Deliver) -> None:
    deliver(verdict("warning", EARLY))
    assert [(tone, title) for tone, title, _ in problems(store)] == [
        ("warning", "Meta warns Facebook Page Hazel Home.")
    ]


@pytest.mark.parametrize("order", [("block", "unblock"), ("unblock", "block")])
def test_the_later_verdict_counts_whichever_comes_first(
    order: tuple[str, str], connected_page: ConnectedPage, store: Store, deliver: Deliver
) -> None:
    times = {"block": EARLY, "unblock": LATE}
    for action in order:
        deliver(verdict(action, times[action]))
    assert problems(store) == []
    assert {row.state for row in WebhookEvent.objects.all()} <= {"done", "ignored"}


def test_a_word_that_meta_never_used_before_is_ignored_with_it(
    connected_page: ConnectedPage, store: Store, deliver: Deliver
) -> None:
    deliver(verdict("banish", EARLY))
    row = WebhookEvent.objects.get()
    assert (row.state, row.reason) == ("ignored", "Meta used a word that StormCom does not know: banish")
    assert problems(store) == []
