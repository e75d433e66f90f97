"""What a merchant reads of a product and its catalog is true in each state of both."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from catalog import services
from catalog.linking.leaving import unlink_catalog
from catalog.linking.standing import read_card
from catalog.models import Catalog, CatalogItem
from catalog.product_data import VariantData
from catalog.product_selectors import Wanted, count_matching, list_products
from tenancy.models import Store, User
from tests.catalog.sample import finish, make_product, push
from tests.sandbox_process import Sandbox

HOME = "/s/hazel-home/catalog/"


def read(client: Client, path: str) -> str:
    response: Any = client.get(path)
    assert response.status_code == 200
    text: str = response.content.decode()
    return text


def make_live(catalog: Catalog) -> int:
    """Make a product that Meta shows; return its number."""
    product = make_product(description="Soft and warm.")
    batch = push(catalog)
    assert batch is not None
    assert finish(batch).live_count == 1
    return product.pk


def test_a_change_in_a_catalog_that_is_held_is_not_said_to_be_on_its_way(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    pk = make_live(catalog)
    client.force_login(manager)
    CatalogItem.objects.update(state="waiting", waiting_since=timezone.now())
    assert "A change is on its way; buyers still see the version before." in read(client, f"{HOME}{pk}/")
    services.hold_back(catalog, actor=manager)
    page = read(client, f"{HOME}{pk}/")
    assert "It waits until you let this catalog be sent." in page
    assert "on its way; buyers" not in page


def test_what_was_taken_out_has_no_version_before(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    pk = make_live(catalog)
    CatalogItem.objects.update(state="waiting", waiting_since=timezone.now(), confirmed_fingerprint="deleted")
    client.force_login(manager)
    assert "buyers still see the version before" not in read(client, f"{HOME}{pk}/")


def test_nothing_is_live_in_a_catalog_that_is_disconnected(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    make_live(catalog)
    make_product(title="Wool rug")
    CatalogItem.objects.filter(variant__product__title="Wool rug").update(state="failed")
    assert count_matching("refused") == 1
    unlink_catalog(catalog, actor=manager)
    assert [row.standing for row in list_products(Wanted(), params={}).rows] == [None, None]
    assert count_matching("refused") == 0
    client.force_login(manager)
    page = read(client, HOME)
    assert "No Meta catalog is connected" in page
    assert "In no catalog" in page


def test_what_we_kept_back_is_not_said_to_be_refused_by_meta(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    product = make_product(title="Wool rug", image_urls=[])
    push(catalog)
    assert CatalogItem.objects.get().state == "failed"
    (row,) = list_products(Wanted(), params={}).rows
    assert row.standing is not None
    assert row.standing.words == "Not ready"
    client.force_login(manager)
    assert "Not ready" in read(client, f"{HOME}{product.pk}/")


def test_what_is_sold_out_and_hidden_is_not_said_to_be_live(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    pk = make_live(catalog)
    Store.objects.update(when_sold_out="hide")
    CatalogItem.objects.get().variant.product.variants.update(on_hand=0)
    client.force_login(manager)
    assert "Hidden from buyers" in read(client, f"{HOME}{pk}/")


def test_items_wait_for_a_review_until_one_was_seen(catalog: Catalog, sandbox: Sandbox) -> None:
    make_live(catalog)
    card = read_card(catalog)
    assert (card.standing.words, card.live, card.reviewing) == ("Meta is reviewing it", "1", "1")


def test_nothing_is_said_of_meta_before_it_was_asked(catalog: Catalog, manager: User, client: Client) -> None:
    client.force_login(manager)
    page = read(client, f"{HOME}meta/{catalog.pk}/advice/")
    assert "Meta was not asked yet" in page
    assert "every item of yours is fine" not in page
    assert "Connect an Instagram account" not in page


def test_a_search_that_finds_nothing_leads_back_to_everything(
    shop: Store, manager: User, client: Client
) -> None:
    client.force_login(manager)
    page = read(client, f"{HOME}?q=zzz")
    assert f'href="{HOME}">Show all products' in page.replace("\n", "")


def test_a_catalog_that_shuts_us_out_says_that_nothing_is_on_its_way(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    make_live(catalog)
    client.force_login(manager)
    CatalogItem.objects.update(state="waiting", waiting_since=timezone.now())
    assert "Changes are on their way" in read(client, f"{HOME}meta/{catalog.pk}/push/")
    Catalog.objects.update(state="needs_reconnect")
    page = read(client, f"{HOME}meta/{catalog.pk}/push/")
    assert "What you change waits here, and is sent after you connect again." in page
    assert f'href="{HOME}meta/{catalog.pk}/items/?show=waiting">1</a>' in page
    assert "on their way" not in page
    assert "goes to Meta by itself" not in page
    card = read(client, f"{HOME}meta/")
    assert "1 waiting" in card
    assert "on their way" not in card


def test_a_catalog_at_its_limit_says_when_it_goes_on(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    make_live(catalog)
    client.force_login(manager)
    CatalogItem.objects.update(state="waiting", waiting_since=timezone.now())
    later = timezone.now() + timedelta(minutes=40, seconds=30)
    Catalog.objects.update(not_before=later, last_error="(#80014) There have been too many calls.")
    page = strip_tags(read(client, f"{HOME}meta/{catalog.pk}/push/"))
    assert "Meta did not take the last call. We go on where we stopped in 40 min." in page
    card = read_card(catalog)
    assert (card.standing.words, card.text.split(". ")[1]) == (
        "Waiting for Meta",
        "We go on where we stopped in 40 min.",
    )


def test_the_list_of_a_call_without_an_answer_holds_its_items_alone(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    make_product(title="Sent cushion")
    batch = push(catalog)
    assert batch is not None
    make_product(title="Later cushion")
    client.force_login(manager)
    query = f"{HOME}meta/{catalog.pk}/items/?batch={batch.pk}&amp;show=waiting"
    assert f'<a href="{query}">1 being checked</a>' in read(client, f"{HOME}meta/")
    page = read(client, query.replace("&amp;", "&"))
    assert "has no answer yet." in page
    assert "Sent cushion" in page
    assert "Later cushion" not in page


def test_of_many_variants_each_is_a_line_that_unfolds(
    catalog: Catalog, manager: User, client: Client
) -> None:
    client.force_login(manager)
    few, many = (
        make_product(variants=tuple(VariantData(title=f"V{n}", price_minor=100) for n in range(count)))
        for count in (8, 9)
    )
    for product, folded in ((few, 0), (many, 9)):
        page = read(client, f"{HOME}{product.pk}/")
        assert page.count('role="heading" aria-level="2">V') == folded
        for variant in product.variants.all():
            assert page.count(f'id="variant-{variant.pk}"') == 1


def test_no_catalog_is_made_before_facebook_is_connected(shop: Store, manager: User, client: Client) -> None:
    client.force_login(manager)
    page = read(client, f"{HOME}meta/new/")
    assert "Connect Facebook first" in page
    assert "No business to make it in" not in page
