"""Which catalogs there are, making one, and letting one go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog import services
from catalog.comparing.tasks import look_at_reviews, mirror_sets
from catalog.linking import look_tasks, looking, tasks
from catalog.models import Catalog, CatalogCreation, CatalogItem, CatalogSearch, ProductSet, RemoteItem
from integrations.models import MetaAccount
from operations.rail import count_rail
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tests.catalog.sample import HAZEL_CATALOG, finish, make_product, push, remote_items, sent_batches
from tests.sandbox_process import Sandbox

META = "/s/hazel-home/catalog/meta/"
BUSINESS = "900100"


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


def words_of(response: Any) -> str:
    return str(response.content.decode())


def search(account: MetaAccount) -> CatalogSearch:
    look_tasks.discover_catalogs(account.store_id, account.pk)
    return CatalogSearch.objects.get()


def named(sandbox: Sandbox, name: str) -> list[dict[str, Any]]:
    return [row for row in sandbox.get("world")["catalogs"] if row["name"] == name]


def push_all(catalog: Catalog) -> None:
    batch = push(catalog)
    assert batch is not None
    finish(batch)


# --- Which there are --------------------------------------------------------------------------------------


def test_all_catalogs_of_all_businesses_are_listed_the_shared_ones_too(
    meta_account: MetaAccount, open_scope: Store, sandbox: Sandbox, client: Client
) -> None:
    for number in range(120):  # more than a page
        sandbox.post("catalog", {"business_id": BUSINESS, "name": f"Catalog {number}"})
    sandbox.post("catalog", {"catalog_id": "800200", "shared_with": [BUSINESS]})
    sandbox.post("catalog", {"business_id": BUSINESS, "name": "Rooms", "vertical": "hotels"})
    found = search(meta_account).found
    assert len(found) == 123
    assert [one["catalog_id"] for one in found if one["is_shared"]] == ["800200"]
    page = words_of(client.get(META))
    assert "shared by another business" in page
    assert "Not for products" in page
    rooms = next(one["catalog_id"] for one in found if one["name"] == "Rooms")
    body = {"account": meta_account.pk, "catalog_id": rooms}
    assert client.post(f"{META}connect/", body).status_code == 404
    assert not Catalog.objects.exists()


def test_a_list_that_meta_refuses_hides_no_other(
    meta_account: MetaAccount, open_scope: Store, sandbox: Sandbox, client: Client
) -> None:
    sandbox.fault("refusal", code=200, edge="client_product_catalogs")
    found = search(meta_account)
    assert [one["catalog_id"] for one in found.found] == [HAZEL_CATALOG]
    assert found.error == "Hazel Home Ltd: (#200) Refused on demand. (200)"
    page = words_of(client.get(META))
    assert "Meta did not name all catalogs of Ada Hazel" in page
    assert "What Meta said" in page


def test_an_account_without_a_business_is_told_where_to_make_one(
    meta_account: MetaAccount, open_scope: Store, client: Client
) -> None:
    CatalogSearch.objects.create(account=meta_account, answered_at=timezone.now())
    assert "belongs to no business portfolio" in words_of(client.get(META))
    assert "No business to make it in" in words_of(client.get(f"{META}new/"))


# --- Making one -------------------------------------------------------------------------------------------


def ask(client: Client, account: MetaAccount, name: str = "Summer") -> CatalogCreation:
    search(account)
    body = {"business": f"{account.pk}:{BUSINESS}", "name": name}
    assert client.post(f"{META}new/", body).status_code == 302
    creation: CatalogCreation = CatalogCreation.objects.get()
    return creation


def try_to_make(creation: CatalogCreation) -> None:
    CatalogCreation.objects.update(not_before=timezone.now())
    tasks.make_catalog(creation.store_id, creation.pk)
    creation.refresh_from_db()


def test_a_catalog_is_made_connected_and_left_alone_until_it_is_chosen_what_it_shows(
    meta_account: MetaAccount, open_scope: Store, sandbox: Sandbox, client: Client
) -> None:
    creation = ask(client, meta_account)
    assert "Being made" in words_of(client.get(META))
    client.post(f"{META}new/", {"business": f"{meta_account.pk}:{BUSINESS}", "name": "Summer"})
    assert CatalogCreation.objects.count() == 1  # a second press makes no second one
    try_to_make(creation)
    try_to_make(creation)
    (row,) = named(sandbox, "Summer")
    catalog = Catalog.objects.get()
    assert (catalog.catalog_id, catalog.is_held, catalog.choice) == (row["id"], True, "")
    assert (creation.state, creation.catalog_id) == ("done", row["id"])
    assert row["vertical"] == "commerce"
    page = words_of(client.get(META))
    assert "Being made" not in page
    assert "Choose products" in page


@pytest.mark.parametrize("fault", [{"form": "empty"}, {"form": "half"}])
def test_a_lost_answer_makes_no_second_catalog(
    meta_account: MetaAccount, open_scope: Store, sandbox: Sandbox, client: Client, fault: dict[str, str]
) -> None:
    sandbox.post("catalog", {"business_id": BUSINESS, "name": "Summer"})  # of the same name, from before
    creation = ask(client, meta_account)
    sandbox.fault("odd_answer", times=1, edge="owned_product_catalogs", method="POST", **fault)
    try_to_make(creation)
    assert (creation.state, creation.tries, Catalog.objects.count()) == ("asked", 1, 0)
    assert "Meta did not answer" in words_of(client.get(META))
    tasks.make_catalog(creation.store_id, creation.pk)  # too early: Meta's list needs a moment
    assert Catalog.objects.count() == 0
    try_to_make(creation)
    older, newer = named(sandbox, "Summer")
    assert Catalog.objects.get().catalog_id == newer["id"] == creation.catalog_id != older["id"]


def test_a_refusal_says_who_has_to_do_what(
    meta_account: MetaAccount, open_scope: Store, sandbox: Sandbox, client: Client
) -> None:
    creation = ask(client, meta_account)
    sandbox.fault("refusal", code=200, edge="owned_product_catalogs", method="POST")
    try_to_make(creation)
    assert creation.state == "failed"
    assert "Ada Hazel may not make catalogs in Hazel Home Ltd." in words_of(client.get(META))
    assert named(sandbox, "Summer") == []


def test_meta_being_down_for_long_ends_in_words(
    meta_account: MetaAccount, open_scope: Store, sandbox: Sandbox, client: Client
) -> None:
    creation = ask(client, meta_account)
    sandbox.fault("server_error", edge="owned_product_catalogs")
    for _ in range(5):
        try_to_make(creation)
    assert (creation.state, creation.tries) == ("failed", 4)
    assert "may have made it all the same" in creation.error


def test_a_name_and_a_business_are_needed(
    meta_account: MetaAccount, open_scope: Store, client: Client, agent: User, client_of: Any
) -> None:
    search(meta_account)
    for body in ({"name": "Summer"}, {"business": f"{meta_account.pk}:1", "name": "Summer"}):
        assert client.post(f"{META}new/", body).status_code == 422
    body = {"business": f"{meta_account.pk}:{BUSINESS}", "name": "x" * 101}
    assert client.post(f"{META}new/", body).status_code == 422
    assert client_of(agent).post(f"{META}new/", body | {"name": "Summer"}).status_code == 403
    assert CatalogCreation.objects.count() == 0


# --- Letting one go ---------------------------------------------------------------------------------------


def listens(sandbox: Sandbox) -> bool:
    return any(row["subscribed"] for row in sandbox.get("world")["catalogs"] if row["id"] == HAZEL_CATALOG)


def test_a_catalog_is_let_go_and_its_items_stay_at_meta(
    catalog: Catalog, sandbox: Sandbox, client: Client
) -> None:
    make_product()
    push_all(catalog)
    look_tasks.resync_catalog(catalog.store_id, catalog.pk)
    assert listens(sandbox)
    page = words_of(client.get(f"{META}{catalog.pk}/disconnect/"))
    assert "Your items in it" in page
    assert client.post(f"{META}{catalog.pk}/disconnect/", {"items": "burn"}).status_code == 422
    assert client.post(f"{META}{catalog.pk}/disconnect/", {"items": "leave"}).status_code == 302
    tasks.stop_listening(catalog.store_id, catalog.pk)
    catalog.refresh_from_db()
    assert (catalog.state, catalog.is_listening, listens(sandbox)) == ("disconnected", False, False)
    make_product(title="Oak lamp")
    assert push(catalog) is None
    assert (len(remote_items(sandbox)), CatalogItem.objects.count()) == (1, 1)
    assert client.get(f"{META}{catalog.pk}/disconnect/").status_code == 404
    assert AuditEntry.objects.filter(action="catalog.disconnected").count() == 1


@pytest.fixture
def theirs(other_store: Store) -> Catalog:
    """The same catalog in another store, which has let it go."""
    with open_store(other_store.pk):
        account = MetaAccount.objects.create(meta_user_id="70001", name="Ada Hazel")
        there: Catalog = Catalog.objects.create(
            account=account, catalog_id=HAZEL_CATALOG, state="disconnected"
        )
        return there


def test_meta_goes_on_telling_what_another_store_needs(
    theirs: Catalog, catalog: Catalog, sandbox: Sandbox, client: Client
) -> None:
    look_tasks.resync_catalog(catalog.store_id, catalog.pk)
    client.post(f"{META}{catalog.pk}/disconnect/", {"items": "leave"})
    Catalog.unscoped.filter(pk=theirs.pk).update(state="active")
    tasks.stop_listening(catalog.store_id, catalog.pk)
    assert listens(sandbox)


def test_a_goodbye_that_meta_did_not_hear_is_said_again(
    catalog: Catalog, sandbox: Sandbox, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_tasks.resync_catalog(catalog.store_id, catalog.pk)
    client.post(f"{META}{catalog.pk}/disconnect/", {"items": "leave"})
    sandbox.fault("server_error", times=1, edge="subscribed_apps")
    tasks.stop_listening(catalog.store_id, catalog.pk)
    assert listens(sandbox)
    started: list[int] = []
    monkeypatch.setattr(tasks.stop_listening, "delay", lambda store, pk: started.append(pk))
    monkeypatch.setattr(look_tasks.discover_catalogs, "delay", lambda store, pk: None)
    tasks.sweep_links()
    assert started == []
    Catalog.objects.update(not_before=timezone.now())
    tasks.sweep_links()
    assert started == [catalog.pk]
    tasks.stop_listening(catalog.store_id, catalog.pk)
    assert not listens(sandbox)


def empty_it(catalog: Catalog) -> None:
    look_tasks.look_on(catalog.store_id, catalog.pk)
    while batch := push(catalog):
        finish(batch)
    Catalog.objects.update(sets_not_before=timezone.now() - timedelta(seconds=1))
    tasks.finish_leaving(catalog.store_id, catalog.pk)
    catalog.refresh_from_db()


def test_the_stores_items_are_taken_out_before_the_catalog_is_let_go(
    catalog: Catalog, sandbox: Sandbox, client: Client, manager: User
) -> None:
    for number in range(3):
        make_product(title=f"Lamp {number}", tags=["oak"])
    push_all(catalog)
    mirror_sets(catalog.store_id, catalog.pk)
    sandbox.post(
        "catalog-item",
        {"catalog_id": HAZEL_CATALOG, "retailer_id": "theirs", "data": {"title": "Somebody else's"}},
    )
    services.hold_back(catalog, actor=manager)  # the yes to the removal is a yes, whatever is held
    client.post(f"{META}{catalog.pk}/disconnect/", {"items": "remove"})
    tasks.finish_leaving(catalog.store_id, catalog.pk)
    catalog.refresh_from_db()
    assert (catalog.state, catalog.is_leaving) == ("active", True)  # not before they are out
    page = words_of(client.get(f"{META}{catalog.pk}/push/"))
    assert "Your items are being taken out" in page
    assert "Being emptied" in words_of(client.get(META))
    assert "Nothing is sent to" not in words_of(client.get("/s/hazel-home/health/"))
    assert count_rail(catalog.store_id)["health"] == "success"
    make_product(title="New meanwhile")
    empty_it(catalog)
    assert (catalog.state, catalog.is_leaving) == ("disconnected", False)
    assert set(remote_items(sandbox)) == {"theirs"}
    assert sandbox.get("world")["product_sets"] == []
    assert (CatalogItem.objects.count(), ProductSet.objects.filter(set_id="").count()) == (3, 1)
    live = client.get(f"{META}{catalog.pk}/push/", headers={"HX-Request": "true"})
    assert live.headers["HX-Redirect"] == META


def test_a_removal_that_meta_refuses_keeps_the_catalog_until_a_person_says_otherwise(
    catalog: Catalog, sandbox: Sandbox, client: Client
) -> None:
    for number in range(2):
        make_product(title=f"Lamp {number}")
    push_all(catalog)
    client.post(f"{META}{catalog.pk}/disconnect/", {"items": "remove"})
    sandbox.fault("half_batch", times=1)
    empty_it(catalog)
    assert (catalog.state, len(remote_items(sandbox))) == ("active", 1)
    assert "left: 1" in words_of(client.get(f"{META}{catalog.pk}/push/"))
    client.post(f"{META}{catalog.pk}/disconnect/", {"items": "leave"})
    catalog.refresh_from_db()
    assert (catalog.state, len(remote_items(sandbox))) == ("disconnected", 1)


def test_emptying_is_stopped_and_what_is_out_comes_back_after_a_yes(
    catalog: Catalog, sandbox: Sandbox, client: Client
) -> None:
    make_product()
    push_all(catalog)
    client.post(f"{META}{catalog.pk}/disconnect/", {"items": "remove"})
    look_tasks.look_on(catalog.store_id, catalog.pk)
    push_all(catalog)
    assert remote_items(sandbox) == {}
    client.post(f"{META}{catalog.pk}/keep/")
    look_tasks.look_on(catalog.store_id, catalog.pk)
    assert push(catalog) is None
    assert "1 item waits." in words_of(client.get(f"{META}{catalog.pk}/push/"))
    client.post(f"{META}{catalog.pk}/push/go/")
    push_all(catalog)
    assert len(remote_items(sandbox)) == 1


def test_linked_again_it_is_the_same_row_and_nothing_is_sent_before_a_yes(
    catalog: Catalog, sandbox: Sandbox, client: Client
) -> None:
    make_product()
    push_all(catalog)
    client.post(f"{META}{catalog.pk}/disconnect/", {"items": "leave"})
    (retailer_id,) = remote_items(sandbox)
    gone = {"catalog_id": HAZEL_CATALOG, "retailer_id": retailer_id, "gone": True}
    sandbox.post("catalog-item", gone)  # somebody else took it out meanwhile
    search(catalog.account)
    client.post(f"{META}connect/", {"account": catalog.account_id, "catalog_id": HAZEL_CATALOG})
    again = Catalog.objects.get()
    assert (again.pk, again.is_held, again.choice, again.state) == (catalog.pk, True, "all", "active")
    looking.look_through(catalog.pk)
    assert push(catalog) is None
    client.post(f"{META}{catalog.pk}/push/go/")
    push_all(catalog)  # what was known from before the connection is no proof
    assert (set(remote_items(sandbox)), sent_batches(sandbox)) == ({retailer_id}, 2)


def test_a_choice_comes_before_the_yes(catalog: Catalog, client: Client) -> None:
    Catalog.objects.update(choice="", is_held=True)
    client.post(f"{META}{catalog.pk}/push/go/")
    catalog.refresh_from_db()
    assert catalog.is_held


# --- How each stands --------------------------------------------------------------------------------------


def standing(client: Client) -> str:
    return words_of(client.get(META)).split('class="badge ')[1].split("</svg>")[1].split("<")[0].strip()


def test_a_catalog_is_live_only_after_meta_has_reviewed_something(
    catalog: Catalog, sandbox: Sandbox, client: Client
) -> None:
    assert standing(client) == "Empty"
    assert "buyers see nothing of yours there" in words_of(client.get(f"{META}{catalog.pk}/push/"))
    make_product()
    assert standing(client) == "Sending"
    push_all(catalog)
    look_at_reviews(catalog.store_id, catalog.pk)
    assert standing(client) == "Meta is reviewing it"
    page = words_of(client.get(f"{META}{catalog.pk}/push/"))
    assert "Meta is reviewing it" in page
    assert "Meta has your products as they are here" not in page
    sandbox.post("clock", {"advance_seconds": 5})
    RemoteItem.objects.update(seen_at=timezone.now() - timedelta(minutes=10))
    look_at_reviews(catalog.store_id, catalog.pk)
    assert standing(client) == "Live"
    Catalog.objects.update(is_automatic=False)
    make_product(title="Oak lamp")
    assert standing(client) == "Changes wait for you"
    Catalog.objects.update(is_held=True)
    assert standing(client) == "Nothing is sent"
    Catalog.objects.update(state="needs_reconnect")
    assert standing(client) == "Needs reconnecting"
