"""What Meta refused, what is kept back, what got no answer: three names, and counts that add up."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.utils import timezone

from catalog.comparing.tasks import look_at_reviews, mend_catalog
from catalog.models import Catalog, CatalogItem, Product, PushBatch, Reason, RemoteItem, Variant
from catalog.push import tasks
from catalog.push.mail import tell_of_given_up
from catalog.push.marking import mark_waiting
from catalog.stock import ledger
from tenancy.models import User
from tests.catalog.sample import finish, make_product, make_variant, push, remote_items
from tests.catalog.test_reconcile import behind, compare_now, make_live
from tests.sandbox_process import Sandbox

HOME = "/s/hazel-home/catalog/"


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


def read(client: Client, path: str) -> str:
    """Return what a page says, each run of spaces as one."""
    response: Any = client.get(path)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def tab_counts(page: str) -> dict[str, str]:
    tabs = page[page.index('class="tabs"') : page.index("</nav>", page.index('class="tabs"'))]
    return dict(re.findall(r'>([^<>]+) <span class="badge">([^<]+)</span>', tabs))


def rows_of(page: str) -> int:
    return page.count("<tr>") - 1 if "<tbody>" in page else 0


@pytest.fixture
def mixed(catalog: Catalog, sandbox: Sandbox, settings: LazySettings) -> Catalog:
    """A catalog with one product that is live, two that Meta refused, and three that are not ready."""
    live = make_product(title="Live lamp")
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    settings.APP_BASE_URL = "nowhere"
    for number in range(2):
        make_product(title=f"Refused rug {number}")
    for number in range(3):
        make_product(title=f"Bare box {number}", image_urls=[])
    batch = push(catalog)
    assert batch is not None
    assert finish(batch).failed_count == 2
    assert CatalogItem.objects.get(variant__product=live).state == "live"
    return catalog


def test_the_tabs_of_the_list_count_what_they_show(client: Client, mixed: Catalog) -> None:
    page = read(client, HOME)
    assert (tab_counts(page)["Refused by Meta"], tab_counts(page)["Not ready"]) == ("2", "3")
    assert "No answer from Meta" not in tab_counts(page)
    refused, unready = read(client, f"{HOME}?show=refused"), read(client, f"{HOME}?show=blocked")
    assert (rows_of(refused), refused.count("Refused rug")) == (2, refused.count("Refused rug"))
    assert "Bare box" not in refused
    assert (rows_of(unready), "Refused rug" in unready) == (3, False)
    assert unready.count("</svg>Not ready</span>") == 3 * 2  # in its column, and on phones under the title


def test_list_product_and_catalog_say_the_same_of_metas_review(
    client: Client, catalog: Catalog, sandbox: Sandbox
) -> None:
    lamp, rug = make_live(catalog, "Lamp", "Rug")

    def said(words: str) -> list[bool]:
        pages = (HOME, f"{HOME}{lamp.product_id}/", f"{HOME}meta/", f"{HOME}meta/{catalog.pk}/items/")
        return [f"</svg>{words}</span>" in read(client, page) for page in pages]

    reviewing, live, rejected = "Meta is reviewing it", "Live", "Rejected by Meta"
    assert (said(reviewing), said(live)) == ([True] * 4, [False] * 4)  # we have not asked yet
    look_at_reviews(catalog.store_id, catalog.pk)
    assert (said(reviewing), said(live)) == ([True] * 4, [False] * 4)
    sandbox.post("clock", {"advance_seconds": 5})
    RemoteItem.objects.update(seen_at=timezone.now() - timedelta(minutes=10))
    behind(sandbox, rug.retailer_id, rejected_for=["Weapons"])
    look_at_reviews(catalog.store_id, catalog.pk)
    assert (said(reviewing), said(live)) == ([False] * 4, [True] * 4)
    assert said(rejected) == [True, False, False, True]


def test_the_home_page_tells_the_two_apart(client: Client, mixed: Catalog) -> None:
    page = read(client, "/s/hazel-home/")
    assert re.search(r'show=refused">Refused by Meta</a>.*?stat__value">2<', page)
    assert "3 products are not ready for Meta." in page
    assert f'href="{HOME}?show=blocked">See what is missing' in page


def test_nothing_is_said_of_meta_on_the_home_page_of_a_shop_without_a_catalog(
    client: Client, mixed: Catalog
) -> None:
    Catalog.objects.update(state="disconnected")
    assert "not ready for Meta" not in read(client, "/s/hazel-home/")


def test_a_catalogs_numbers_lead_to_just_those_items(client: Client, mixed: Catalog) -> None:
    card = read(client, f"{HOME}meta/")
    items = f"{HOME}meta/{mixed.pk}/items/"
    assert f'<a href="{items}?show=refused">2 refused by Meta</a>' in card
    assert f'<a href="{items}?show=unready">3 not ready</a>' in card
    assert f'<a href="{items}">1 confirmed</a>' in card
    for query, rows, words in (
        ("", 1, "Live lamp"),
        ("?show=refused", 2, "Refused rug"),
        ("?show=unready", 3, "Bare box"),
    ):
        page = read(client, items + query)
        assert (rows_of(page), words in page) == (rows, True), query
    assert tab_counts(page) == {
        "Confirmed": "1",
        "On their way": "0",
        "In review": "1",
        "Refused by Meta": "2",
        "Rejected in review": "0",
        "Not ready": "3",
    }
    assert "Meta shows no product without a picture. Add one of at least 500 × 500." in page


def test_the_catalog_says_how_many_are_missing_and_why(client: Client, mixed: Catalog) -> None:
    card = read(client, f"{HOME}meta/")
    assert "1 confirmed" in card
    CatalogItem.objects.filter(state="live").delete()
    assert (
        "Meta shows none of your products: 2 items it refused and 3 items that are not ready. See why."
        in read(client, f"{HOME}meta/")
    )


def test_what_got_no_answer_is_not_said_to_be_refused(client: Client, catalog: Catalog, owner: User) -> None:
    make_product(title="Lost lamp")
    CatalogItem.objects.update(state="failed", attempts=3, waiting_since=None, error="We tried 3 times.")
    page = read(client, HOME)
    assert (tab_counts(page)["Refused by Meta"], tab_counts(page)["No answer from Meta"]) == ("0", "1")
    assert "Lost lamp" in read(client, f"{HOME}?show=unanswered")
    items = f"{HOME}meta/{catalog.pk}/items/?show=unanswered"
    assert "We tried 3 times." in read(client, items)
    tell_of_given_up(catalog.pk)
    assert items in mail.outbox[0].body


def test_the_rows_of_a_call_add_up_and_lead_to_what_became_of_them(
    client: Client, catalog: Catalog, sandbox: Sandbox, settings: LazySettings
) -> None:
    calm, sold = make_variant(title="Calm lamp", sku="A"), make_variant(title="Sold rug", sku="B")
    first = push(catalog)
    assert first is not None
    ledger.take([(sold, 1)], reason=Reason.ORDER, reference="order:1")
    tasks.push_stock()
    finish(first)
    page = read(client, f"{HOME}meta/")
    again = f"{HOME}meta/{catalog.pk}/items/?batch={first.pk}&amp;show=again"
    taken = again.replace("again", "taken")
    assert f'<a href="{taken}">1 taken</a> · <a href="{again}">1 sent again after a change</a>' in page
    shown = read(client, taken.replace("&amp;", "&"))
    assert ("Calm lamp" in shown, "Sold rug" in shown) == (True, False)
    behind = read(client, again.replace("&amp;", "&"))
    assert ("Sold rug" in behind, "Calm lamp" in behind) == (True, False)
    assert calm.pk != sold.pk


def test_what_a_call_was_refused_is_listed_also_when_it_is_put_right(client: Client, mixed: Catalog) -> None:
    batch = PushBatch.objects.filter(failed_count=2).get()
    page = read(client, f"{HOME}meta/")
    behind = f"{HOME}meta/{mixed.pk}/items/?batch={batch.pk}&amp;show=refused"
    assert f'<a href="{behind}">2 refused</a>' in page
    CatalogItem.objects.filter(pk__in=batch.refused_items).update(state="live")
    assert rows_of(read(client, behind.replace("&amp;", "&"))) == 2


@pytest.mark.parametrize("number", ["0", "x", "99999999999999999999", "-1"])
def test_a_call_that_there_is_not_is_not_found(client: Client, catalog: Catalog, number: str) -> None:
    assert client.get(f"{HOME}meta/{catalog.pk}/items/?batch={number}&show=again").status_code == 404


def behind_part(client: Client, catalog: Catalog, batch: PushBatch, words: str, *, show: str = "left") -> str:
    """Return the page to which the words of a call lead."""
    query = f"?batch={batch.pk}&amp;show={show}"
    assert f'<a href="{HOME}meta/{catalog.pk}/items/{query}">{words}</a>' in read(client, f"{HOME}meta/")
    return read(client, f"{HOME}meta/{catalog.pk}/items/" + query.replace("&amp;", "&"))


def test_what_did_not_get_through_leads_to_just_the_rows_of_that_call(
    client: Client, catalog: Catalog, sandbox: Sandbox
) -> None:
    make_variant(title="Lost lamp")
    sandbox.fault("server_error")
    push(catalog)
    make_variant(title="Later rug")  # waits, too, but was in no call
    failed = PushBatch.objects.get(state="failed")
    page = behind_part(client, catalog, failed, "1 did not get through")
    assert ("Lost lamp" in page, "Later rug" in page, rows_of(page)) == (True, False, 1)
    CatalogItem.objects.update(state="live", waiting_since=None)
    assert "Lost lamp" in behind_part(client, catalog, failed, "1 did not get through")


def test_what_was_kept_back_leads_to_just_the_rows_of_that_call(
    client: Client, catalog: Catalog, sandbox: Sandbox
) -> None:
    make_product(title="Never ready", image_urls=[])
    make_variant(title="Calm lamp")
    bare = make_variant(title="Bare box")
    batch = push(catalog)
    assert batch is not None
    make_unready(bare)
    ledger.take([(bare, 1)], reason=Reason.ORDER, reference="order:1")
    tasks.push_stock()
    page = behind_part(client, catalog, batch, "2 being checked", show="waiting")
    assert (rows_of(page), "Bare box" in page) == (2, True)
    finish(batch)
    page = behind_part(client, catalog, batch, "1 kept back, as not ready")
    assert ("Bare box" in page, "Calm lamp" in page, "Never ready" in page) == (True, False, False)


def make_unready(variant: Variant) -> None:
    """Have a product become what Meta would refuse, as if a file had said so."""
    Product.objects.filter(pk=variant.product_id).update(readiness="blocked", causes=["no_image"])


def test_what_was_kept_back_and_is_sent_before_the_answer_counts_once(
    client: Client, catalog: Catalog, sandbox: Sandbox
) -> None:
    bare = make_variant(title="Bare box")
    batch = push(catalog)
    assert batch is not None
    make_unready(bare)
    ledger.take([(bare, 1)], reason=Reason.ORDER, reference="order:1")
    tasks.push_stock()
    Product.objects.update(readiness="ready", causes=[])
    ledger.take([(bare, 1)], reason=Reason.ORDER, reference="order:2")
    tasks.push_stock()
    finish(batch)
    page = behind_part(client, catalog, batch, "1 sent again after a change", show="again")
    assert "Bare box" in page
    assert "kept back" not in read(client, f"{HOME}meta/")


def test_a_call_from_before_its_items_were_noted_leads_nowhere(client: Client, catalog: Catalog) -> None:
    PushBatch.objects.create(
        catalog=catalog, state="finished", handle="x", row_count=3, live_count=2, not_before=timezone.now()
    )
    page = read(client, f"{HOME}meta/")
    assert "2 taken · 1 kept back, as not ready" in re.sub("<[^>]*>", "", page)


def test_what_the_review_rejected_has_a_list_with_the_reason_and_the_field(
    client: Client, catalog: Catalog, sandbox: Sandbox
) -> None:
    _lamp, rug = make_live(catalog, "Lamp", "Rug")
    items = f"{HOME}meta/{catalog.pk}/items/"
    look_at_reviews(catalog.store_id, catalog.pk)
    assert rows_of(read(client, f"{items}?show=reviewing")) == 2
    sandbox.post("clock", {"advance_seconds": 5})
    RemoteItem.objects.update(seen_at=timezone.now() - timedelta(minutes=10))
    behind(sandbox, rug.retailer_id, rejected_for=["Weapons"])
    look_at_reviews(catalog.store_id, catalog.pk)

    card = read(client, f"{HOME}meta/")
    assert f'<a href="{items}?show=rejected">1 rejected in review</a>' in card
    assert "as they are here. Its review rejected 1 item, which buyers do not see." in card
    page = read(client, f"{items}?show=rejected")
    assert (rows_of(page), "Rug" in page, "Lamp" in page) == (1, True, False)
    assert f'Weapons <a href="{HOME}{rug.product_id}/edit/#id_title_field">Fix it</a>' in page
    assert f'<a href="{HOME}meta/{catalog.pk}/advice/">All that Meta says of this catalog</a>' in page
    assert (tab_counts(page)["Rejected in review"], tab_counts(page)["Refused by Meta"]) == ("1", "0")
    assert "In review" not in tab_counts(page)
    tab = '<a href="?show=rejected">Rejected in review</a>'
    assert tab in read(client, HOME)
    assert rows_of(read(client, f"{HOME}?show=rejected")) == 1

    mark_waiting([rug.pk], delete=True)
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    assert tab_counts(read(client, f"{items}?show=rejected"))["Rejected in review"] == "0"
    assert "rejected" not in read(client, f"{HOME}meta/")
    assert tab not in read(client, HOME)


def test_the_numbers_of_the_review_lead_to_their_rows_before_meta_was_asked(
    client: Client, catalog: Catalog, sandbox: Sandbox
) -> None:
    make_live(catalog, "Lamp", "Rug")
    items = f"{HOME}meta/{catalog.pk}/items/"
    assert f'<a href="{items}?show=reviewing">2 in review</a>' in read(client, f"{HOME}meta/")
    assert rows_of(read(client, f"{items}?show=reviewing")) == 2


def test_an_item_knows_the_product_of_its_variant_whoever_makes_it(catalog: Catalog) -> None:
    variant = make_variant()
    by_us = CatalogItem.objects.get(variant=variant)
    CatalogItem.objects.filter(pk=by_us.pk).delete()
    by_hand = CatalogItem.objects.create(variant=variant, catalog=catalog)

    by_hand.refresh_from_db()
    assert (by_us.product_id, by_hand.product_id) == (variant.product_id, variant.product_id)


def test_a_catalog_that_meta_has_emptied_is_not_said_to_be_as_it_is_here(
    catalog: Catalog, sandbox: Sandbox, client: Client
) -> None:
    variants = make_live(catalog, "Lamp", "Vase")
    compare_now(catalog)
    assert "Meta has your" in read(client, f"{HOME}meta/")
    for variant in variants:
        behind(sandbox, variant.retailer_id, gone=True)
    compare_now(catalog)

    page = read(client, f"{HOME}meta/")
    assert "Meta took 2 items that were not there any more when we compared." in page
    assert "Meta has your" not in page
    assert f'href="{HOME}meta/{catalog.pk}/compare/?kind=missing"' in page

    client.post(f"{HOME}meta/{catalog.pk}/compare/mend/", {"kind": "missing"})
    mend_catalog(catalog.store_id, catalog.pk)
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    page = read(client, f"{HOME}meta/")
    assert "not there any more" not in page
    assert "Meta has your" in page
    assert set(remote_items(sandbox)) >= {variant.retailer_id for variant in variants}
