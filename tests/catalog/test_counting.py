"""A worker counts what would be sent, and what a choice changes, in a large shop; the page follows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog import services
from catalog.counting import counts
from catalog.counting.tasks import count_for_pages
from catalog.linking.choosing import make_rule
from catalog.models import Catalog, CatalogCount, Product, Variant
from tenancy.models import User
from tests.catalog.sample import make_product

META = "/s/hazel-home/catalog/meta/"
POLLS = 'hx-trigger="every 2s"'


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the tasks that pages start; and take more than two of anything for many."""
    asked: list[int] = []
    monkeypatch.setattr("ui.counting.MOST", 2)
    monkeypatch.setattr(count_for_pages, "delay_on_commit", lambda store, catalog: asked.append(catalog))
    return asked


@pytest.fixture
def held(catalog: Catalog, manager: User) -> Catalog:
    """A catalog that is held, in which three items wait."""
    services.hold_back(catalog, actor=manager)
    for title in ("Oak lamp", "Ash stool", "Clay pot"):
        make_product(title=title, description="For the house.", tags=[title.split()[0]])
    return catalog


def push_page(client: Client, catalog: Catalog) -> str:
    return client.get(f"{META}{catalog.pk}/push/").content.decode()


def look_at(client: Client, catalog: Catalog, *tags: str) -> str:
    said = {"choice": "tags", "tags": list(tags), "step": "look"}
    return str(client.post(f"{META}{catalog.pk}/choose/", said).content.decode())


def stats(page: str) -> list[str]:
    return [part.split("<")[0] for part in page.split('class="stat__value">')[1:]]


def pass_time(**by: Any) -> None:
    """Have all counts begun and asked for so much earlier."""
    for row in CatalogCount.objects.all():
        row.counted_at = row.counted_at and row.counted_at - timedelta(**by)
        row.asked_at = row.asked_at and row.asked_at - timedelta(**by)
        row.save()


def test_what_would_be_sent_is_counted_by_a_worker_and_followed_by_the_page(
    held: Catalog, client: Client, asked: list[int]
) -> None:
    page = push_page(client, held)
    assert "We are counting what would be sent" in page
    assert POLLS in page
    assert stats(page) == []
    assert "/push/go/" not in page  # nobody agrees to what was not shown
    push_page(client, held)
    assert asked == [held.pk]  # once, however often the page looks

    count_for_pages(held.store_id, held.pk)
    page = push_page(client, held)
    assert (stats(page), "3 items wait." in page, "/push/go/" in page) == (["3", "0", "0"], True, True)
    assert "Counted <time" in page
    assert POLLS not in page
    assert asked == [held.pk]


def test_few_items_are_counted_by_the_page_itself(
    catalog: Catalog, manager: User, client: Client, asked: list[int]
) -> None:
    services.hold_back(catalog, actor=manager)
    make_product(title="Oak lamp")
    page = push_page(client, catalog)
    assert "1 item waits." in page
    assert "Counted <time" not in page
    assert (asked, CatalogCount.objects.count()) == ([], 0)


def test_numbers_that_are_old_are_shown_with_their_time_while_they_are_counted_anew(
    held: Catalog, client: Client, asked: list[int]
) -> None:
    push_page(client, held)
    count_for_pages(held.store_id, held.pk)
    Product.objects.update(readiness="blocked", causes=["no_image"])
    pass_time(seconds=61)
    page = push_page(client, held)
    assert stats(page) == ["3", "0", "0"]
    assert "We are counting again; the new numbers replace these." in page
    assert POLLS in page
    count_for_pages(held.store_id, held.pk)
    page = push_page(client, held)
    assert (stats(page), "No picture" in page, POLLS in page) == (["0", "0", "3"], True, False)
    assert len(asked) == 2


def test_numbers_from_before_another_choice_are_not_taken_for_the_present_ones(
    held: Catalog, client: Client, asked: list[int]
) -> None:
    push_page(client, held)
    count_for_pages(held.store_id, held.pk)
    Catalog.objects.update(looked_at=timezone.now())
    assert "We are counting again" in push_page(client, held)


def test_a_count_whose_task_was_lost_is_asked_for_again_as_long_as_somebody_looks(
    held: Catalog, client: Client, asked: list[int]
) -> None:
    push_page(client, held)
    pass_time(seconds=11)
    push_page(client, held)
    assert len(asked) == 2


def test_one_worker_counts_for_a_catalog_and_one_that_died_is_followed_by_another(
    held: Catalog, client: Client, asked: list[int]
) -> None:
    push_page(client, held)
    look_at(client, held, "Oak")
    first = CatalogCount.objects.order_by("asked_at")[0]
    CatalogCount.objects.filter(pk=first.pk).update(lease_until=timezone.now() + timedelta(minutes=1))
    assert not counts.count_next(held.pk)
    CatalogCount.objects.filter(pk=first.pk).update(lease_until=timezone.now())
    count_for_pages(held.store_id, held.pk)
    assert CatalogCount.objects.filter(asked_at=None, counted_at__isnull=False).count() == 2
    assert not counts.count_next(held.pk)


@pytest.mark.parametrize("kept", [{"ready": 3}, {"ready": 3, "unheard_of": 1}], ids=["fewer", "others"])
def test_numbers_that_another_version_of_this_program_kept_are_counted_anew(
    held: Catalog, client: Client, asked: list[int], kept: dict[str, int]
) -> None:
    push_page(client, held)
    look_at(client, held, "Oak")
    count_for_pages(held.store_id, held.pk)
    CatalogCount.objects.update(numbers=kept)
    page = push_page(client, held)
    assert "We are counting what would be sent" in page
    assert stats(page) == []
    assert "We are counting it" in look_at(client, held, "Oak")
    count_for_pages(held.store_id, held.pk)
    assert stats(push_page(client, held)) == ["3", "0", "0"]
    assert stats(look_at(client, held, "Oak")) == ["1", "0", "2"]


def test_what_a_choice_changes_is_counted_by_a_worker_before_anybody_can_save_it(
    held: Catalog, client: Client, asked: list[int]
) -> None:
    page = look_at(client, held, "Oak")
    assert "We are counting it" in page
    assert ("Show these" in page, 'name="seen"' in page) == (False, False)
    address = page.split('id="preview" hx-get="')[1].split('"')[0]
    assert "Show these" not in client.get(address).content.decode()
    assert asked == [held.pk]

    count_for_pages(held.store_id, held.pk)
    part = client.get(address).content.decode()
    assert (stats(part), POLLS in part) == (["1", "0", "2"], False)  # shown then, added, taken out
    assert part.startswith("\n<div") or part.startswith("<div")  # the part alone, not the page
    page = look_at(client, held, "Oak")
    assert stats(page) == ["1", "0", "2"]
    seen = make_rule("tags", ["Oak"]).key
    said = {"choice": "tags", "tags": ["Oak"], "step": "save", "seen": seen}
    assert client.post(f"{META}{held.pk}/choose/", said).status_code == 302
    held.refresh_from_db()
    assert (held.choice, held.choice_words) == ("tags", ["Oak"])


def test_another_choice_has_numbers_of_its_own_and_the_old_ones_go_after_a_day(
    held: Catalog, client: Client, asked: list[int]
) -> None:
    look_at(client, held, "Oak")
    count_for_pages(held.store_id, held.pk)
    Variant.objects.filter(product__title="Ash stool").update(status="archived")
    pass_time(days=2)
    look_at(client, held, "Ash", "Clay")
    count_for_pages(held.store_id, held.pk)
    assert stats(look_at(client, held, "Ash", "Clay")) == ["1", "0", "2"]
    assert [row.rule for row in CatalogCount.objects.all()] == [["tags", "Ash", "Clay"]]


def test_the_page_of_a_count_that_is_gone_is_not_found(held: Catalog, client: Client) -> None:
    assert client.get(f"{META}{held.pk}/choose/4711/").status_code == 404
