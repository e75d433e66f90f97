from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.graph.errors import FixData, GraphError, NotAllowed, Reconnect, RetryLater, SlowDown
from integrations.logins import record_refusal
from integrations.models import AssetState, ConnectedPage, InstagramAccount, SyncRun, WebhookEvent
from integrations.runs import record_failure, record_run
from operations.faults import judge
from operations.health import check_health
from operations.rail import count_rail
from tenancy.models import Store, User
from tenancy.scope import open_store
from tests.operations.sample import make_account, make_assets, make_event, make_page

ClientOf = Callable[[User], Client]
HEALTH = "/s/hazel-home/health/"


def end_login(page: ConnectedPage) -> None:
    error = Reconnect("The session has expired.", code=190, subcode=463)
    record_failure(page.page_id, error)
    for _ in range(2):
        record_refusal(page, error)


def test_a_new_store_is_told_what_the_page_is_for(store: Store, viewer: User, client_of: ClientOf) -> None:
    page = client_of(viewer).get(HEALTH).content.decode()
    assert "Nothing is connected yet." in page
    assert "Connect a Page" in page


def test_without_trouble_the_page_says_that_everything_works(
    shop: Store, viewer: User, client_of: ClientOf
) -> None:
    make_page(make_account())
    health = check_health(shop)
    assert (health.sentence, health.tone, health.problems) == ("Everything works.", "success", [])
    body = client_of(viewer).get(HEALTH).content.decode()
    assert "Meta's messages are handled at once. Nothing waits." in body


def test_a_paused_page_is_not_said_to_work(shop: Store) -> None:
    page = make_page(make_account())
    ConnectedPage.objects.filter(pk=page.pk).update(state=AssetState.DISABLED)
    health = check_health(shop)
    assert (health.sentence, health.problems) == ("What is switched on works. 1 is paused.", [])


def test_a_dead_login_names_the_page_the_fault_and_the_remedy(shop: Store) -> None:
    page = make_page(make_account())
    end_login(page)
    health = check_health(shop)
    assert health.sentence == "1 thing needs a look."
    (problem,) = health.problems
    assert problem.title == "Facebook Page Hazel Home needs reconnecting."
    assert problem.text == (
        "Facebook has ended the connection. Connect again; what was missed comes in afterwards."
    )
    assert (problem.tone, problem.url) == ("danger", "/s/hazel-home/integrations/")


def test_a_permission_that_was_left_out_says_what_does_not_work(
    shop: Store, viewer: User, client_of: ClientOf
) -> None:
    account = make_account()
    account.missing_scopes = ["pages_messaging", "leads_retrieval"]
    account.save()
    assert check_health(shop).problems == []  # nothing is connected that would need them
    make_page(account)
    (problem,) = check_health(shop).problems
    assert problem.title == "Ada left out some permissions at Facebook."
    assert problem.text == (
        "They are needed for answering Messenger messages and collecting leads. "
        "Ask again, and leave all the boxes ticked."
    )
    assert problem.url == f"/s/hazel-home/integrations/accounts/{account.pk}/permissions/"
    assert count_rail(shop.pk)["health"] == "warning"
    assert problem.title in client_of(viewer).get(HEALTH).content.decode()


def test_meta_s_own_words_are_kept_in_the_details(shop: Store, viewer: User, client_of: ClientOf) -> None:
    page = make_page(make_account())
    end_login(page)
    body = " ".join(client_of(viewer).get(HEALTH).content.decode().split())
    assert body.count("The session has expired.") == 1
    assert "<summary>What Meta said</summary> The session has expired. (190/463) </details>" in body


def test_what_mends_itself_is_a_warning_and_comes_after_what_does_not(shop: Store) -> None:
    account = make_account()
    slow, broken = make_page(account, name="Slow"), make_page(account, name="Refused")
    record_failure(slow.page_id, SlowDown("Too many calls.", code=80014))
    record_failure(broken.page_id, NotAllowed("Requires pages_messaging.", code=200))
    health = check_health(shop)
    assert [(problem.tone, problem.title) for problem in health.problems] == [
        ("danger", "Facebook Page Refused has trouble."),
        ("warning", "Facebook Page Slow has trouble."),
    ]
    assert health.tone == "danger"


@pytest.mark.parametrize(
    ("error", "whose"),
    [
        (RetryLater("Meta answered HTTP 500."), "This is on Meta's side."),
        (RetryLater("An unknown error occurred.", code=2), "This is on Meta's side."),
        (SlowDown("Too many calls.", code=80014), "Meta asks us to go slower."),
        (Reconnect("The session has expired.", code=190, subcode=463), "Facebook has ended the connection."),
        (NotAllowed("Requires pages_messaging.", code=200), "A permission is missing at Facebook."),
        (FixData("Invalid parameter.", code=100), "Meta refused what we sent."),
    ],
)
def test_the_kept_words_of_an_error_say_whose_fault_it_is(error: GraphError, whose: str) -> None:
    assert str(judge(str(error)).whose) == whose


def test_a_fault_of_ours_is_said_to_be_ours(shop: Store) -> None:
    page = make_page(make_account())
    with pytest.raises(ZeroDivisionError), record_run(job="page.refresh", asset_id=page.page_id):
        _ = 1 / 0
    page.refresh_from_db()
    assert str(judge(page.last_error).whose) == "This is our fault."


def test_each_asset_shows_its_five_newest_runs(shop: Store) -> None:
    make_assets(2)
    rows = check_health(shop).assets
    assert [row.kind for row in rows] == ["Facebook Page"] * 2 + ["Instagram account"] * 2 + ["Catalog"] * 2
    newest = SyncRun.objects.filter(asset_id=rows[0].asset.meta_id).order_by("-pk")[:5]
    assert [row.run for row in rows[0].runs] == list(newest)
    assert [len(row.runs) for row in rows] == [5, 5, 5, 5, 5, 5]


def test_a_disconnected_page_is_not_shown(shop: Store) -> None:
    make_page(make_account(), state=AssetState.DISCONNECTED)
    assert check_health(shop).assets == []


def test_an_instagram_account_was_updated_with_its_page(shop: Store) -> None:
    moment = timezone.now()
    page = make_page(make_account(), last_synced_at=moment)
    InstagramAccount.objects.create(page=page, instagram_id="17841", state=AssetState.ACTIVE)
    instagram = check_health(shop).assets[1]
    assert instagram.synced_at == moment
    assert instagram.check_url == f"{HEALTH}pages/{page.pk}/check/"


def test_events_are_counted_by_outcome_for_this_store_alone(shop: Store, other_store: Store) -> None:
    for state in ("done", "done", "ignored", "waiting", "parked"):
        make_event(shop, state)
    make_event(shop, "done", age=timedelta(days=2))
    oldest = make_event(shop, "waiting", age=timedelta(days=2))
    make_event(other_store, "parked")
    events = check_health(shop).events
    assert (events.done, events.ignored, events.waiting, events.parked) == (2, 1, 2, 1)
    assert events.waiting_since == oldest.received_at


def test_what_waits_untried_for_a_page_of_the_store_counts_before_it_is_routed(
    shop: Store, viewer: User, client_of: ClientOf
) -> None:
    page = make_page(make_account())
    for mailbox in (page.page_id, page.page_id, "somebody else's"):
        make_event(shop, "waiting", mailbox=mailbox)
    WebhookEvent.objects.update(store=None, received_at="2026-11-24T14:02:00Z")
    assert check_health(shop).events.waiting == 2
    body = client_of(viewer).get(HEALTH).content.decode()
    assert "2 of Meta's messages wait, the oldest since 24 November, 14:02." in body


def test_waiting_events_and_parked_ones_are_problems(shop: Store) -> None:
    make_page(make_account())
    make_event(shop, "waiting", age=timedelta(seconds=30))
    assert check_health(shop).problems == []
    make_event(shop, "waiting", age=timedelta(minutes=7))
    make_event(shop, "parked")
    titles = [problem.title for problem in check_health(shop).problems]
    assert titles == [
        "1 message of Meta could not be worked on.",
        "Meta's messages are waiting; the oldest came 7 min ago.",
    ]


@pytest.mark.usefixtures("broker_away")
def test_a_broker_that_is_away_is_told_and_breaks_nothing(
    shop: Store, viewer: User, client_of: ClientOf
) -> None:
    make_page(make_account())
    page = client_of(viewer).get(HEALTH)
    assert page.status_code == 200
    assert "A part of StormCom is down." in page.content.decode()


def test_the_page_costs_the_same_with_thirty_assets(shop: Store, viewer: User, client_of: ClientOf) -> None:
    client = client_of(viewer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(HEALTH).status_code == 200
        return len(seen)

    make_assets(1)
    client.get(HEALTH)
    few = queries()
    make_assets(9)
    assert queries() == few
    assert few <= 21


def test_an_agent_may_check_a_page_and_a_viewer_may_not(
    shop: Store, agent: User, viewer: User, client_of: ClientOf
) -> None:
    page = make_page(make_account())
    address = f"{HEALTH}pages/{page.pk}/check/"
    assert client_of(viewer).post(address).status_code == 403
    assert "Check now" not in client_of(viewer).get(HEALTH).content.decode()
    answer = client_of(agent).post(address, follow=True)
    assert answer.redirect_chain == [(HEALTH, 302)]
    assert "We are checking Hazel Home now." in answer.content.decode()


def test_another_stores_page_cannot_be_checked(store: Store, stranger: User, client_of: ClientOf) -> None:
    with open_store(store.pk):
        page = make_page(make_account())
    assert client_of(stranger).post(f"/s/bolt-bikes/health/pages/{page.pk}/check/").status_code == 404
    assert client_of(stranger).post(f"{HEALTH}pages/{page.pk}/check/").status_code == 404
