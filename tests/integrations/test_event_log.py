"""The store's log of Meta's messages: filters, pages, and each event in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from integrations.models import WebhookDelivery, WebhookEvent
from integrations.webhooks import selectors
from tenancy.models import Store, User
from tenancy.scope import open_store
from tests.operations.sample import make_account, make_event, make_page

ClientOf = Callable[[User], Client]
LOG = "/s/hazel-home/health/events/"
NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)


def listed(client: Client, path: str = LOG) -> list[int]:
    """Return the ids of the events on a page, in order."""
    answer = client.get(path)
    assert answer.status_code == 200
    return [int(pk) for pk in re.findall(rf'href="{LOG}(\d+)/"', answer.content.decode())]


def older(client: Client, path: str) -> str:
    found = re.search(r'rel="next" href="([^"]+)"', client.get(path).content.decode())
    return LOG + found[1].replace("&amp;", "&") if found else ""


def test_each_filter_shows_what_it_says_and_they_go_together(
    store: Store, other_store: Store, viewer: User, client_of: ClientOf
) -> None:
    lead = make_event(store, "done", kind="leadgen", asset_id="100")
    said = make_event(store, "done", asset_id="200")
    stuck = make_event(store, "parked", asset_id="200", age=timedelta(hours=3))
    make_event(other_store, "done")
    client = client_of(viewer)
    assert listed(client) == [said.pk, lead.pk, stuck.pk]
    assert listed(client, f"{LOG}?kind=leadgen") == [lead.pk]
    assert listed(client, f"{LOG}?state=parked") == [stuck.pk]
    assert listed(client, f"{LOG}?asset=200") == [said.pk, stuck.pk]
    assert listed(client, f"{LOG}?since=2h") == [said.pk, lead.pk]
    assert listed(client, f"{LOG}?asset=200&since=2h&kind=message&state=done") == [said.pk]
    assert listed(client, f"{LOG}?kind=moon") == []
    assert "Nothing like that" in client.get(f"{LOG}?kind=moon").content.decode()


def test_a_time_that_is_none_is_answered_beside_the_field_and_hides_nothing(
    store: Store, viewer: User, client_of: ClientOf
) -> None:
    event = make_event(store, "done")
    answer = client_of(viewer).get(f"{LOG}?since=soon")
    assert answer.status_code == 422
    assert "“soon” is no time." in answer.content.decode()
    assert f"{LOG}{event.pk}/" in answer.content.decode()


@time_machine.travel(NOW, tick=False)
def test_since_is_a_time_of_the_stores_zone(store: Store, viewer: User, client_of: ClientOf) -> None:
    Store.objects.update(timezone="Europe/Berlin")
    event = make_event(store, "done", age=timedelta(hours=1, minutes=30))  # 14:30 in Berlin
    client = client_of(viewer)
    assert listed(client, f"{LOG}?since=2026-11-25T14:00") == [event.pk]
    assert listed(client, f"{LOG}?since=2026-11-25T15:00") == []
    assert "25 November 2026, 14:30:00 CET" in client.get(LOG).content.decode()


@pytest.mark.parametrize("query", ["", "kind=message", "state=done", "state=parked"])
def test_pages_hold_every_event_once(
    query: str, store: Store, viewer: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where several came in one delivery, and where the window of a filter ends between them."""
    monkeypatch.setattr(selectors, "PAGE_SIZE", 3)
    monkeypatch.setattr(selectors, "WINDOW", 5)
    with time_machine.travel(NOW, tick=False):
        state = "parked" if query == "state=parked" else "done"
        wanted = [make_event(store, state, age=timedelta(minutes=n // 4)).pk for n in range(17)]
        client, seen, path = client_of(viewer), [], f"{LOG}?{query}"
        while path:
            seen += listed(client, path)
            path = older(client, path)
    assert len(seen) == 17
    assert sorted(seen) == wanted


def test_a_filter_that_finds_little_says_how_far_it_looked(
    store: Store, viewer: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "WINDOW", 4)
    with time_machine.travel(NOW, tick=False):
        rare = make_event(store, "done", kind="leadgen", age=timedelta(hours=9))
        for hours in range(6):
            make_event(store, "done", age=timedelta(hours=hours))
        client = client_of(viewer)
        first = client.get(f"{LOG}?kind=leadgen").content.decode()
        assert "We looked back to 25 November 2026, 12:00." in first
        assert listed(client, older(client, f"{LOG}?kind=leadgen")) == [rare.pk]


@pytest.mark.parametrize("cursor", ["x", "~", "2026-11-25~5", "2026-11-25T10:00:00+00:00~²", "~" * 300])
def test_a_cursor_nobody_made_is_the_first_page(
    cursor: str, store: Store, viewer: User, client_of: ClientOf
) -> None:
    event = make_event(store, "done")
    assert listed(client_of(viewer), f"{LOG}?older={cursor}") == [event.pk]


def test_the_number_of_queries_does_not_grow_with_rows(
    store: Store, viewer: User, client_of: ClientOf
) -> None:
    client = client_of(viewer)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(f"{LOG}?kind=message")
        return len(queries)

    make_event(store, "done")
    cost()
    one = cost()
    for _ in range(30):
        make_event(store, "done")
    assert cost() == one


def test_what_waits_untried_in_an_own_mailbox_is_shown_before_it_is_routed(
    store: Store, other_store: Store, viewer: User, client_of: ClientOf
) -> None:
    with open_store(store.pk):
        page = make_page(make_account())
    with open_store(other_store.pk):
        theirs = make_page(make_account())
    mine = make_event(store, "waiting", mailbox=page.page_id)
    other = make_event(other_store, "waiting", mailbox=theirs.page_id)
    WebhookEvent.objects.update(store=None)
    client = client_of(viewer)
    assert listed(client, f"{LOG}?state=waiting") == [mine.pk]
    assert "It waits for its turn." in client.get(f"{LOG}{mine.pk}/").content.decode()
    assert client.get(f"{LOG}{other.pk}/").status_code == 404


TODO = "You need do nothing."


@pytest.mark.parametrize(
    ("state", "facts", "sentences"),
    [
        ("done", {"attempts": 2, "duration_ms": 41}, ["It was worked on.", TODO, "41 ms"]),
        (
            "ignored",
            {"reason": "kind not handled: feed"},
            ["StormCom does not work with this kind of news from Meta.", TODO],
        ),
        ("ignored", {"reason": "No such order."}, ["No such order.", TODO]),
        (
            "ignored",
            {"reason": "paused in this store"},
            ["was paused here when it came.", "Switch the Page on again"],
        ),
        (
            "waiting",
            {"attempts": 3, "reason": "failed, will be tried again: KeyError"},
            ["It failed 3 times and is tried again.", "This is our fault, and nothing is lost.", "Next try"],
        ),
        (
            "parked",
            {"attempts": 8, "reason": "failed 8 times: KeyError"},
            [
                "It failed 8 times, over about 18 hours.",
                "This is our fault, and nothing is lost. Try it again;",
            ],
        ),
        ("parked", {"reason": "The product is unknown."}, ["The product is unknown.", "try it again."]),
    ],
)
def test_an_event_says_what_happened_and_what_to_do(
    state: str, facts: dict[str, Any], sentences: list[str], store: Store, viewer: User, client_of: ClientOf
) -> None:
    event = make_event(store, state, **facts)
    page = client_of(viewer).get(f"{LOG}{event.pk}/").content.decode()
    for sentence in sentences:
        assert sentence in page
    assert "KeyError" not in page


def test_technical_details_are_for_platform_staff_alone(
    store: Store, manager: User, client_of: ClientOf
) -> None:
    body = b'{"access_token": "hidden-value", "text": "in the body"}'
    trace = "KeyError: access_token=hidden-value"
    event = make_event(store, "parked", item='{"code": "hidden-value"}', traceback=trace, dedupe_key="d" * 64)
    WebhookDelivery.objects.update(body=body)
    client = client_of(manager)
    merchant = client.get(f"{LOG}{event.pk}/").content.decode()
    for secret in ("in the body", "KeyError", "d" * 64, "hidden-value", "•••"):
        assert secret not in merchant
    User.objects.filter(pk=manager.pk).update(is_staff=True)
    staff = client.get(f"{LOG}{event.pk}/").content.decode()
    for word in ("in the body", "KeyError: access_token=•••", "d" * 64, "&quot;code&quot;: &quot;•••&quot;"):
        assert word in staff
    assert "hidden-value" not in staff
