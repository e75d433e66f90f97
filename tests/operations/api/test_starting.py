"""What the JSON API starts: syncs by tasks, and a connection by Meta's own dialog."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client

from catalog.linking.look_tasks import resync_catalog
from catalog.models import Catalog
from integrations.models import AssetState, ConnectedPage, GraphCall, MetaAccount, OAuthAttempt, SyncRun
from integrations.runs import record_run
from integrations.standing import disconnect
from leads.tasks import sync_leads
from operations.demo.consent import consent
from tenancy.models import AuditEntry, Membership, Store, User
from tenancy.roles import Role
from tenancy.scope import open_store
from tests.operations.api.conftest import Api
from tests.operations.sample import make_account, make_assets, make_page

Commits = Callable[..., object]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[int, ...]]]:
    """Which tasks were started, with what."""
    found: list[tuple[str, tuple[int, ...]]] = []
    for task in (resync_catalog, sync_leads):
        name = task.name.rpartition(".")[2]
        monkeypatch.setattr(
            task, "apply_async", lambda args, kwargs, name=name, **rest: found.append((name, args))
        )
    return found


def test_leads_are_looked_for_and_the_run_can_be_followed(
    api: Api,
    connected_page: ConnectedPage,
    started: list[tuple[str, tuple[int, ...]]],
    django_capture_on_commit_callbacks: Commits,
) -> None:
    calls = GraphCall.objects.count()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        response = api.post("/leads/sync")

    assert response.status_code == 202
    (run,) = response.json()["runs"]
    assert (run["job"], run["asset_id"], run["state"]) == ("leads.sync", connected_page.page_id, "waiting")
    assert started == [("sync_leads", (connected_page.store_id, connected_page.pk))]
    assert GraphCall.objects.count() == calls  # nothing was asked of Meta meanwhile
    sync_leads(*started[0][1])
    after = api.client.get(urlsplit(run["url"]).path, headers=api.headers).json()
    assert (after["id"], after["state"], after["error"]) == (run["id"], "done", "")
    assert SyncRun.unscoped.filter(job="leads.sync").count() == 1


def test_a_run_that_waits_for_a_page_ends_with_its_disconnection(
    api: Api, connected_page: ConnectedPage, started: list[object]
) -> None:
    (run,) = api.post("/leads/sync").json()["runs"]
    with open_store(connected_page.store_id):
        disconnect(connected_page, actor=None)
    after = api.client.get(urlsplit(run["url"]).path, headers=api.headers).json()
    assert (after["state"], after["error"]) == ("failed", "It was disconnected before this began.")


def test_asking_twice_is_one_wish(api: Api, store: Store, started: list[object]) -> None:
    with open_store(store.pk):
        make_assets(2)
    first, second = api.post("/catalog/sync").json(), api.post("/catalog/sync").json()

    assert len(first["runs"]) == 2
    assert second == first
    assert SyncRun.unscoped.filter(state="waiting").count() == 2


def test_a_run_that_is_taken_up_meanwhile_is_followed_by_a_new_wish(
    api: Api, store: Store, started: list[object]
) -> None:
    with open_store(store.pk):
        make_assets(1)
    (first,) = api.post("/catalog/sync").json()["runs"]
    taken: list[int] = []

    def take_up(execute: Callable[..., object], sql: str, *rest: object) -> object:
        """Be a worker that takes the run up between the insert and the look at what waits."""
        result = execute(sql, *rest)
        if sql.startswith("INSERT") and SyncRun._meta.db_table in sql and not taken:
            taken.append(first["id"])
            SyncRun.unscoped.filter(pk=first["id"]).update(state=SyncRun.State.RUNNING)
        return result

    with connection.execute_wrapper(take_up):
        response = api.post("/catalog/sync")

    assert response.status_code == 202
    (second,) = response.json()["runs"]
    assert (second["state"], second["asset_id"]) == ("waiting", first["asset_id"])
    assert second["id"] != first["id"]


def test_the_next_run_takes_a_wish_up_and_the_one_after_is_its_own(api: Api, store: Store) -> None:
    with open_store(store.pk):
        make_assets(1)
        catalog = Catalog.objects.get()
        (wish,) = api.post("/catalog/sync", {"catalog_id": catalog.catalog_id}).json()["runs"]
        for _time in range(2):
            with record_run(job="catalog.refresh", asset_id=catalog.catalog_id) as run:
                run.rows_done = 7
    found = api.get(f"/runs/{wish['id']}").json()

    assert (found["state"], found["rows_done"]) == ("done", 7)
    assert found["started_at"] <= found["finished_at"]
    assert SyncRun.unscoped.filter(job="catalog.refresh", state="done").count() == 2


def test_one_of_several_can_be_named(api: Api, store: Store, started: list[object]) -> None:
    with open_store(store.pk):
        make_assets(3)
        page = ConnectedPage.objects.order_by("pk")[1]
    runs = api.post("/leads/sync", {"page_id": page.page_id}).json()["runs"]

    assert [run["asset_id"] for run in runs] == [page.page_id]


def test_the_trail_says_who_asked(api: Api, store: Store, manager: User) -> None:
    with open_store(store.pk):
        make_assets(2)
    api.post("/catalog/sync")
    api.post("/leads/sync")

    entries = AuditEntry.unscoped.exclude(action="api_key.created").order_by("pk")
    assert [(entry.action, entry.actor, entry.details) for entry in entries] == [
        ("catalogs.checked", manager, {"catalogs": 2}),
        ("leads.checked", manager, {"pages": 2}),
    ]


def test_with_nothing_connected_there_is_nothing_to_start(api: Api) -> None:
    for path in ("/catalog/sync", "/leads/sync"):
        response = api.post(path)
        assert response.status_code == 409
        assert response.json()["type"].endswith("/api/docs#nothing-connected")
    assert SyncRun.unscoped.count() == 0


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/leads/sync", {"page_id": "a b"}, "page_id"),
        ("/leads/sync", {"page_id": 7}, "page_id"),
        ("/leads/sync", {"pageid": "7"}, "pageid"),
        ("/catalog/sync", {"catalog_id": "\x00"}, "catalog_id"),
        ("/connect", {"display": "iframe"}, "display"),
        ("/connect", {"next": "https://elsewhere.example/"}, "next"),
        ("/connect", {"next": "//elsewhere.example/"}, "next"),
        ("/connect", ["page"], "body"),
    ],
)
def test_a_body_that_does_not_fit_is_named_and_starts_nothing(
    api: Api, path: str, body: object, field: str
) -> None:
    response = api.post(path, body)

    assert response.status_code == 422
    assert list(response.json()["errors"]) == [field]
    assert OAuthAttempt.unscoped.count() == SyncRun.unscoped.count() == 0


def test_connecting_gives_the_dialog_to_the_person_who_made_the_key(
    api: Api, sandbox: object, store: Store, manager: User, client_of: Callable[[User], Client]
) -> None:
    found = api.post("/connect", {"display": "popup", "next": "/s/hazel-home/health/"}).json()

    attempt = OAuthAttempt.unscoped.get()
    assert (attempt.user, attempt.store, attempt.display) == (manager, store, "popup")
    assert attempt.return_to == "/s/hazel-home/health/"
    assert found["user"] == manager.email
    answer = consent(found["dialog_url"])
    callback = "/api/integrations/facebook/oauth/callback"
    assert client_of(manager).get(callback, answer).status_code == 200
    with open_store(store.pk):
        assert MetaAccount.objects.get().connected_by == manager


def test_connecting_again_asks_for_what_somebody_left_out(api: Api, store: Store) -> None:
    with open_store(store.pk):
        account = make_account()
        account.missing_scopes = ["leads_retrieval"]
        account.save()
    dialog = api.post("/connect", {"account_id": account.meta_user_id}).json()["dialog_url"]

    assert parse_qs(urlsplit(dialog).query)["scope"] == ["leads_retrieval"]
    assert api.post("/connect", {"account_id": "404"}).status_code == 404


def test_without_a_facebook_app_nobody_can_connect(api: Api, settings: LazySettings) -> None:
    settings.FACEBOOK_APP_ID = ""
    response = api.post("/connect")

    assert response.status_code == 503
    assert OAuthAttempt.unscoped.count() == 0


def test_a_key_connects_nothing_when_its_maker_has_lost_the_role(api: Api, manager: User) -> None:
    Membership.objects.filter(user=manager).update(role=Role.AGENT)
    assert api.post("/connect").status_code == 401
    assert OAuthAttempt.unscoped.count() == 0


def test_a_page_that_is_gone_is_not_looked_at(api: Api, store: Store) -> None:
    with open_store(store.pk):
        page = make_page(make_account(), state=AssetState.DISCONNECTED)
    assert api.post("/leads/sync", {"page_id": page.page_id}).status_code == 404
    assert SyncRun.unscoped.count() == 0
