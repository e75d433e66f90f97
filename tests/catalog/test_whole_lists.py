"""The same change to all that a list shows, on every page of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.bulk import changes, tasks, whole_lists
from catalog.models import BulkChange, Catalog, CatalogItem, CatalogSwitch, Product, Variant
from catalog.product_selectors import PAGE_ROWS
from tenancy.models import AuditEntry, Store, User
from tests.catalog.sample import make_product

HOME = "/s/hazel-home/catalog/"
MANY = f"{HOME}many/"
WHOLE = "All of this list, on every page"


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_lists, "SLICE", 2)
    monkeypatch.setattr(whole_lists, "TURN", 4)


def ask(client: Client, action: str, **values: str) -> Any:
    return client.post(MANY, {"action": action, "everything": "yes", **values})


def work(change: BulkChange) -> BulkChange:
    """Do what the worker does, to the end."""
    while whole_lists.take_steps(change.pk):
        pass
    change.refresh_from_db()
    return change


def read(client: Client, path: str) -> str:
    response: Any = client.get(path)
    assert response.status_code == 200
    return str(response.content.decode())


def prices() -> list[int]:
    return list(Variant.objects.order_by("pk").values_list("price_minor", flat=True))


def test_all_of_a_list_are_changed_on_whatever_page_and_nothing_else(
    client: Client, catalog: Catalog, manager: User
) -> None:
    for number in range(7):
        make_product(title=f"Rug {number}", price_minor=1000, tags=["wool"])
    make_product(title="Lamp", price_minor=1000)
    CatalogItem.objects.update(waiting_since=None, state="live")
    values = {"price_percent": "10", "remove_tags": "wool", "brand": "Hazel"}
    response = ask(client, "save", list="tag=wool", **values)
    change = work(BulkChange.objects.get())
    assert response.headers["Location"] == f"{MANY}{change.pk}/"
    assert prices() == [1100] * 7 + [1000]  # each once, though the first step took it off the list
    assert Product.objects.filter(brand="Hazel", tags=[]).count() == 7
    waiting = CatalogItem.objects.filter(state="waiting").exclude(product__title="Lamp")
    assert (waiting.count(), CatalogItem.objects.get(product__title="Lamp").state) == (7, "live")
    assert (change.state, change.rows_total, change.rows_done, change.changed_products) == ("done", 7, 7, 7)
    assert AuditEntry.objects.filter(action="products.changed_together", actor=manager).count() == 1


@pytest.mark.parametrize("query", ["q=rug", "category=Floor", "show=draft", "show=blocked"])
def test_it_is_the_list_that_was_looked_at(client: Client, shop: Store, query: str) -> None:
    wanted: dict[str, dict[str, Any]] = {
        "q=rug": {},
        "category=Floor": {"category": "Floor"},
        "show=draft": {"status": "draft"},
        "show=blocked": {"image_urls": []},
    }
    make_product(title="Rug", **wanted[query])
    make_product(title="Lamp")
    ask(client, "save", list=query, brand="Hazel")
    work(BulkChange.objects.get())
    assert [one.title for one in Product.objects.filter(brand="Hazel")] == ["Rug"]


def test_the_question_says_which_list_and_how_many(client: Client, catalog: Catalog) -> None:
    for number in range(3):
        make_product(title=f"Rug {number}", tags=["wool"], category="Floor")
    for action, button in (("edit", "Change them all"), ("archive", "Archive them all")):
        page = ask(client, action, list="tag=wool&category=Floor&q=rug").content.decode()
        assert "On sale · Category: Floor · Tag: wool · “rug”" in page
        assert "<dt>Products</dt><dd>3</dd>" in page
        assert button in page
    assert f"What the catalog {catalog.name} has of them leaves it." in page
    assert BulkChange.objects.count() == 0
    assert Product.objects.filter(status="active").count() == 3


def test_all_are_archived_and_put_on_sale_again(client: Client, catalog: Catalog) -> None:
    for number in range(3):
        make_product(title=f"Rug {number}", tags=["wool"])
    make_product(title="Lamp")
    ask(client, "archive", list="tag=wool", sure="yes")
    work(BulkChange.objects.get(action="archive"))
    assert [one.title for one in Product.objects.filter(status="active")] == ["Lamp"]
    page = ask(client, "restore", list="show=archived").content.decode()
    assert "Put them all on sale again" in page
    ask(client, "restore", list="show=archived", sure="yes")
    change = work(BulkChange.objects.get(action="restore"))
    assert Product.objects.filter(status="active").count() == 4
    assert "On sale again" in read(client, f"{MANY}{change.pk}/")


def test_a_switch_for_a_catalog_goes_with_it(client: Client, catalog: Catalog) -> None:
    for number in range(3):
        make_product(title=f"Rug {number}")
    ask(client, "save", catalog=str(catalog.pk), said="never")
    work(BulkChange.objects.get())
    assert CatalogSwitch.objects.filter(catalog=catalog, is_shown=False).count() == 3


def test_what_cannot_be_changed_is_left_as_it_is_and_named(client: Client, shop: Store) -> None:
    make_product(title="Rug", price_minor=1000)
    bead = make_product(title="Bead", price_minor=2, tags=["glass"])
    make_product(title="Mat", price_minor=1000)
    ask(client, "save", price_percent="-80", add_tags="sale")
    change = work(BulkChange.objects.get())
    assert prices() == [200, 2, 200]
    assert Product.objects.get(pk=bead.pk).tags == ["glass"]
    assert (change.changed_products, change.left_out, change.rows_done) == (2, 1, 3)
    page = read(client, f"{MANY}{change.pk}/")
    assert "The price of Bead would be zero. Choose a smaller change." in page
    assert f'href="{HOME}{bead.pk}/"' in page


def test_killed_in_a_step_it_goes_on_where_it_was(
    client: Client, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        make_product(title=f"Rug {number}", price_minor=1000)
    ask(client, "save", price_percent="10")
    change, whole = BulkChange.objects.get(), changes.place_changed
    calls: list[int] = []

    def die_in_the_second(*args: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise SystemExit
        whole(*args)

    monkeypatch.setattr(whole_lists, "place_changed", die_in_the_second)
    with pytest.raises(SystemExit):
        whole_lists.take_steps(change.pk)
    assert prices() == [1100, 1100, 1000, 1000, 1000]
    work(change)
    assert prices() == [1100] * 5


def test_a_lost_task_is_found_again_and_a_second_worker_does_nothing(client: Client, shop: Store) -> None:
    for number in range(3):
        make_product(title=f"Rug {number}", price_minor=1000)
    ask(client, "save", price_percent="10")
    change = BulkChange.objects.get()
    stale = BulkChange.objects.get(pk=change.pk)
    BulkChange.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    tasks.sweep_bulk_changes()
    work(change)
    first_two = list(Product.objects.order_by("pk").values_list("pk", flat=True)[:2])
    assert not whole_lists._take_slice(stale, first_two, whole_lists._read(stale.change))
    assert prices() == [1100] * 3


def test_one_at_a_time_and_it_can_be_stopped(client: Client, shop: Store) -> None:
    for number in range(6):
        make_product(title=f"Rug {number}", price_minor=1000)
    ask(client, "save", price_percent="10")
    response: Any = client.post(
        MANY, {"action": "save", "everything": "yes", "price_percent": "50"}, follow=True
    )
    assert "Another change to many products is under way." in response.content.decode()
    change = BulkChange.objects.get()
    assert whole_lists.take_steps(change.pk)
    assert "4 of 6" in read(client, f"{MANY}{change.pk}/")
    assert "Many products are being changed" in read(client, HOME)
    client.post(f"{MANY}{change.pk}/stop/")
    assert not whole_lists.take_steps(change.pk)
    assert prices() == [1100] * 4 + [1000] * 2
    assert "It was stopped" in read(client, f"{MANY}{change.pk}/")
    assert "Many products are being changed" not in read(client, HOME)


def test_products_made_later_are_left_alone(client: Client, shop: Store) -> None:
    make_product(title="Rug")
    ask(client, "save", brand="Hazel")
    make_product(title="Mat")
    work(BulkChange.objects.get())
    assert [one.title for one in Product.objects.filter(brand="Hazel")] == ["Rug"]


def test_a_bad_change_begins_nothing(client: Client, shop: Store) -> None:
    make_product()
    response = ask(client, "save", price_percent="-95", list="q=linen")
    assert response.status_code == 422
    assert "On sale · “linen”" in response.content.decode()
    assert BulkChange.objects.count() == 0


def test_the_list_offers_it_where_there_are_more_pages(client: Client, shop: Store) -> None:
    for number in range(PAGE_ROWS):
        make_product(title=f"Rug {number}")
    assert WHOLE not in read(client, HOME)
    make_product(title="Lamp")
    assert WHOLE in read(client, HOME)


def test_a_viewer_neither_begins_nor_sees_nor_stops_it(
    client: Client, shop: Store, viewer: User, client_of: Callable[[User], Client]
) -> None:
    make_product()
    stranger = client_of(viewer)
    assert ask(stranger, "save", brand="Evil").status_code == 403
    ask(client, "save", brand="Hazel")
    change = BulkChange.objects.get()
    assert stranger.get(f"{MANY}{change.pk}/").status_code == 403
    assert stranger.post(f"{MANY}{change.pk}/stop/").status_code == 403
    assert work(change).state == "done"
