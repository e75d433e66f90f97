"""The JSON API says what the pages say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.models import AssetState, ConnectedPage, GraphUsage, InstagramAccount, WebhookEvent
from integrations.permissions import NEEDED, PAGE_FIELDS
from tenancy.models import Store
from tenancy.scope import open_store
from tests.operations.api.conftest import Api
from tests.operations.sample import make_account, make_assets, make_event, make_page


def test_a_new_store_has_nothing_and_no_problem(api: Api) -> None:
    found = api.get("/status").json()

    assert found["status"] == "ok"
    assert found["sentence"] == "Nothing is connected yet."
    assert found["problems"] == found["budgets"] == []
    assert found["events"]["oldest_waiting_at"] is None


def test_the_status_says_what_the_health_page_says(api: Api, store: Store) -> None:
    oldest = timezone.now() - timedelta(minutes=30)
    with open_store(store.pk):
        page = make_page(make_account(), state=AssetState.NEEDS_RECONNECT)
        make_event(store, WebhookEvent.State.WAITING, age=timedelta(minutes=30))
        make_event(store, WebhookEvent.State.PARKED)
    GraphUsage.objects.create(line="1", bucket="pages", store=store, percent=80, read_at=timezone.now())

    found = api.get("/status").json()

    assert (found["store"], found["status"]) == ("hazel-home", "danger")
    assert found["sentence"] == "3 things need a look."
    assert found["problems"][0]["title"] == f"Facebook Page {page.name} needs reconnecting."
    assert found["problems"][0]["url"] == "http://127.0.0.1:8000/s/hazel-home/integrations/"
    assert found["assets"] == {"connected": 1, "needs_reconnect": 1}
    assert (found["events"]["waiting"], found["events"]["parked"]) == (1, 1)
    assert found["events"]["oldest_waiting_at"].startswith(f"{oldest:%Y-%m-%dT%H:%M}")
    (budget,) = found["budgets"]
    assert (budget["bucket"], budget["used_percent"], budget["left_percent"]) == ("pages", 80, 20)


def test_a_page_comes_with_its_gaps_its_subscription_and_its_instagram_account(
    api: Api, store: Store
) -> None:
    with open_store(store.pk):
        account = make_account()
        account.granted_scopes = [name for name in NEEDED if name != "leads_retrieval"]
        account.save()
        page = make_page(account, subscribed_fields=["feed", "leadgen"])
        InstagramAccount.objects.create(
            page=page, instagram_id="178", username="hazel", state=AssetState.DISABLED
        )

    (found,) = api.get("/pages").json()["pages"]

    assert (found["page_id"], found["state"], found["problem"]) == (page.page_id, "active", None)
    assert [(gap["permission"], gap["status"]) for gap in found["permission_gaps"]] == [
        ("leads_retrieval", "missing")
    ]
    assert found["subscription"]["fields"] == ["feed", "leadgen"]
    assert found["subscription"]["missing"] == [n for n in PAGE_FIELDS if n not in ("feed", "leadgen")]
    assert [(one["username"], one["state"]) for one in found["instagram_accounts"]] == [("hazel", "disabled")]


def test_pages_come_in_slices_each_once(api: Api, store: Store) -> None:
    with open_store(store.pk):
        make_assets(5)
        ConnectedPage.objects.filter(name="Page 1").update(state=AssetState.DISCONNECTED)
        InstagramAccount.objects.filter(page__name="Page 1").update(state=AssetState.DISCONNECTED)
    names: list[str] = []
    cursor = ""
    for _slice in range(3):
        found = api.get("/pages", limit=2, cursor=cursor).json()
        names += [page["name"] for page in found["pages"]]
        cursor = found["next_cursor"]
        if cursor is None:
            break

    assert names == ["Page 0", "Page 2", "Page 3", "Page 4"]
    assert cursor is None


def test_neither_costs_more_with_more_rows(api: Api, store: Store) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert api.get(path).status_code == 200
        return len(captured)

    with open_store(store.pk):
        make_assets(1)
    cost("/status")  # the first use of a key is noted
    few = cost("/status"), cost("/pages")
    with open_store(store.pk):
        make_assets(8)

    assert (cost("/status"), cost("/pages")) == few
    assert few == (13, 4)


@pytest.mark.parametrize(("field", "value"), [("limit", 0), ("limit", "x"), ("cursor", "x")])
def test_bad_paging_is_named(api: Api, field: str, value: str | int) -> None:
    response = api.get("/pages", **{field: value})

    assert response.status_code == 422
    assert list(response.json()["errors"]) == [field]
