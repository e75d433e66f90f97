"""The store's tags and categories, kept so that no page reads all products to name them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client

from catalog.linking import looking
from catalog.models import Catalog, Collection, Product
from catalog.services import archive_product
from catalog.sets import collections
from tenancy.models import User
from tests.catalog.sample import make_product, race


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


def offered(client: Client, catalog: Catalog) -> set[str]:
    return set(offered_in_order(client, catalog))


def offered_in_order(client: Client, catalog: Catalog) -> list[str]:
    """Return the words that the page offers to choose by."""
    page = client.get(f"/s/hazel-home/catalog/meta/{catalog.pk}/choose/").content.decode()
    boxes = [part for part in page.split("<input ") if 'type="checkbox"' in part[:200]]
    return [box.split('value="')[1].split('"')[0] for box in boxes]


def test_a_new_word_is_offered_at_once_and_one_that_is_gone_no_longer_after_the_next_look(
    catalog: Catalog, client: Client
) -> None:
    lamp = make_product(title="Lamp", category="Light", tags=["oak", "new"])
    draft = make_product(title="Draft", category="Later", tags=["secret"], status="draft")
    assert offered(client, catalog) == {"Light", "oak", "new"}
    Product.objects.filter(pk=draft.pk).update(status="active")
    assert offered(client, catalog) == {"Light", "oak", "new", "Later", "secret"}

    Product.objects.filter(pk=lamp.pk).update(tags=["oak"], category="")
    archive_product(draft, actor=None)
    looking.look_through(catalog.pk)
    assert offered(client, catalog) == {"oak"}
    assert list(Collection.objects.values_list("kind", "name", "product_count")) == [("tag", "oak", 1)]


def test_the_largest_collections_are_offered_and_what_is_chosen_always(
    catalog: Catalog, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        make_product(title=f"Lamp {number}", tags=["oak", "ash"][: 1 + number % 2] + ["rare"][number:])
    Catalog.objects.update(choice="tags", choice_words=["gone"])
    looking.look_through(catalog.pk)
    monkeypatch.setattr(collections, "MOST", 1)
    assert offered(client, catalog) == {"oak", "gone"}


def test_words_are_offered_by_the_alphabet(catalog: Catalog, client: Client) -> None:
    for tags in (["wool", "Ash"], ["wool", "linen"], ["wool"]):
        make_product(tags=tags)
    assert offered_in_order(client, catalog) == ["Ash", "linen", "wool"]


def test_a_word_that_went_by_mistake_comes_back_with_the_next_look(catalog: Catalog) -> None:
    make_product(tags=["oak"])
    Collection.objects.all().delete()
    looking.look_through(catalog.pk)
    assert list(Collection.objects.values_list("name", "product_count")) == [("oak", 1)]


@pytest.mark.django_db(transaction=True)
def test_edits_that_bring_the_same_new_words_at_once_wait_for_nobody(
    catalog: Catalog, client: Client
) -> None:
    def edit(words: list[str]) -> Callable[[], None]:
        def job() -> None:
            with transaction.atomic():
                for word in words:
                    make_product(title=word, tags=[word])

        return job

    assert race(catalog.store, [edit(["ash", "oak"]), edit(["oak", "ash"])] * 3) == [None] * 6
    assert offered(client, catalog) == {"ash", "oak"}
    looking.look_through(catalog.pk)
    assert list(Collection.objects.order_by("name").values_list("name", "product_count")) == [
        ("ash", 6),
        ("oak", 6),
    ]
