"""Meta's list of a catalog's items on bad days: cut short, in circles, with items that fit nowhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from catalog.comparing import adopting, mending, reconcile
from catalog.comparing.tasks import WEEK, adopt_items, compare_catalog, start_weekly
from catalog.linking import services as linking
from catalog.models import (
    Catalog,
    CatalogFinding,
    Comparison,
    Product,
    RemoteItem,
    StockMovement,
    Variant,
)
from integrations.graph.catalog_items import ItemsPage, fetch_items
from tests.catalog.sample import race
from tests.catalog.test_adopting import adopt
from tests.catalog.test_reconcile import behind, compare_now, findings, foreign, make_live
from tests.sandbox_process import Sandbox

OURS = f"{settings.APP_BASE_URL}/shop/hazel-home/g1"


def take_steps(comparison: Comparison) -> Comparison:
    """Do all steps that follow at once, as if any wait was over."""
    Comparison.objects.update(not_before=timezone.now())
    while reconcile.take_step(comparison.pk):
        pass
    comparison.refresh_from_db()
    return comparison


def start(catalog: Catalog, *, is_scheduled: bool = False) -> Comparison:
    comparison = reconcile.start_comparison(catalog, is_scheduled=is_scheduled)
    assert comparison is not None
    return comparison


# --- A list that is not whole -----------------------------------------------------------------------------


@pytest.mark.parametrize("part", [0, 2], ids=["empty", "half"])
def test_a_list_that_breaks_off_is_read_again_and_nothing_counts_as_gone(
    catalog: Catalog, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    make_live(catalog, "Lamp", "Vase", "Rug")
    behind(sandbox, "cup-1", data=foreign())
    compare_now(catalog)
    mending.keep(CatalogFinding.objects.get(), is_kept=True)
    whole = fetch_items

    def cut(*args: Any, **options: Any) -> ItemsPage:
        return ItemsPage(items=whole(*args, **options).items[:part], place=None)

    comparison = start(catalog, is_scheduled=True)
    with monkeypatch.context() as patch:
        patch.setattr(reconcile, "fetch_items", cut)
        take_steps(comparison)
        assert (comparison.state, comparison.restarts) == ("running", 1)
        words = f"Meta lists {part} of the 4 items that it counts, so nothing is said of the others."
        assert comparison.error == words
        assert RemoteItem.objects.count() == 4
        assert findings() == {"cup-1": ("orphaned", "kept")}
    take_steps(comparison)
    assert (comparison.state, comparison.rows_done) == ("done", 4)
    assert findings() == {"cup-1": ("orphaned", "kept")}


def test_a_list_that_breaks_off_each_time_ends_the_comparison(
    catalog: Catalog, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_live(catalog, "Lamp")
    monkeypatch.setattr(reconcile, "count_items", lambda *_args: 900)
    comparison = start(catalog, is_scheduled=True)
    for _try in reconcile.RETRY_SECONDS:
        assert take_steps(comparison).state == "running"
    assert take_steps(comparison).state == "failed"
    assert findings() == {}


@pytest.mark.parametrize("turn", [1, 2, 3], ids=lambda turn: f"from page {turn} on")
def test_a_list_that_goes_round_in_circles_ends_the_comparison(
    catalog: Catalog, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, turn: int
) -> None:
    make_live(catalog, "Lamp")
    behind(sandbox, "cup-1", data=foreign())
    compare_now(catalog)
    asked: list[int] = []
    whole = fetch_items

    def go_round(*args: Any, place: dict[str, str], **options: Any) -> ItemsPage:
        """Six pages, of which the last one says that another one follows: one that was read before."""
        page = whole(*args, place={}, **options)
        asked.append(int(place.get("after", "1")))
        following = asked[-1] + 1 if asked[-1] < 6 else turn + 1
        return ItemsPage(items=page.items[:1], place={"after": str(following)})

    monkeypatch.setattr(reconcile, "fetch_items", go_round)
    comparison = start(catalog, is_scheduled=True)
    for _try in range(len(reconcile.RETRY_SECONDS) + 1):
        assert comparison.state == "running"
        take_steps(comparison)
    assert (comparison.state, comparison.restarts) == ("failed", len(reconcile.RETRY_SECONDS))
    assert comparison.error == "Meta's list of items goes round in circles, so it is read again later."
    assert len(asked) <= 3 * 6 * 5
    assert RemoteItem.objects.count() == 2
    assert findings() == {"cup-1": ("orphaned", "open")}


def test_a_place_that_meta_forgets_each_time_ends_the_comparison(
    catalog: Catalog, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.graph.catalog_items.ITEMS_PER_PAGE", 1)
    make_live(catalog, "Lamp", "Vase")
    comparison = start(catalog)
    for _try in range(len(reconcile.RETRY_SECONDS) + 1):
        assert comparison.state == "running"
        Comparison.objects.update(not_before=timezone.now())
        assert reconcile.take_step(comparison.pk)
        Comparison.objects.update(place={"after": "bm90aGluZw"})
        assert not reconcile.take_step(comparison.pk)
        comparison.refresh_from_db()
    assert comparison.state == "failed"


def test_items_that_leave_while_they_are_read_are_no_reason_to_begin_anew(
    catalog: Catalog, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_live(catalog, "Lamp")
    behind(sandbox, "cup-1", data=foreign())
    whole = fetch_items

    def leave(*args: Any, **options: Any) -> ItemsPage:
        behind(sandbox, "cup-1", gone=True)
        return whole(*args, **options)

    monkeypatch.setattr(reconcile, "fetch_items", leave)
    comparison = compare_now(catalog)
    assert (comparison.state, comparison.rows_done, comparison.restarts) == ("done", 1, 0)


# --- What is mended without a person ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "others", "asked"), [(2, 98, 2), (3, 97, 0), (1, 48, 0), (1, 49, 1)], ids=str
)
def test_the_cap_is_two_of_a_hundred(
    catalog: Catalog, sandbox: Sandbox, ours: int, others: int, asked: int
) -> None:
    """Items of the store's variants fill the catalog; `ours` are left from products that are gone."""
    rows = [RemoteItem(catalog=catalog, retailer_id=f"r{n}") for n in range(ours + others)]
    RemoteItem.objects.bulk_create(rows)
    CatalogFinding.objects.bulk_create(
        CatalogFinding(catalog=catalog, retailer_id=f"r{n}", kind=CatalogFinding.Kind.ORPHANED)
        for n in range(ours)
    )
    assert mending.mend_by_itself(catalog) == asked
    assert CatalogFinding.objects.filter(state="asked").count() == asked


@pytest.mark.parametrize("rest", [{"is_held": True}, {"is_automatic": False}], ids=["held", "by hand"])
def test_nothing_is_mended_by_itself_while_nothing_is_sent(
    catalog: Catalog, sandbox: Sandbox, rest: dict[str, Any]
) -> None:
    make_live(catalog, *[f"Lamp {n}" for n in range(49)])
    behind(sandbox, "left-1", data=foreign(link=OURS))
    Catalog.objects.filter(pk=catalog.pk).update(**rest)
    comparison = compare_now(catalog, is_scheduled=True)
    compare_catalog(catalog.store_id, comparison.pk)
    assert findings() == {"left-1": ("orphaned", "open")}
    Catalog.objects.filter(pk=catalog.pk).update(is_held=False, is_automatic=True)
    compare_now(catalog, is_scheduled=True)
    assert findings() == {"left-1": ("orphaned", "asked")}


def test_a_weekly_comparison_that_was_asked_for_twice_is_done_once(
    catalog: Catalog, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare_catalog, "delay", lambda *_args: None)
    for _late in range(3):
        start_weekly(catalog.store_id, catalog.pk)
        for comparison in Comparison.objects.all():
            take_steps(comparison)
    assert Comparison.objects.count() == 1
    Comparison.objects.update(started_at=timezone.now() - WEEK)
    start_weekly(catalog.store_id, catalog.pk)
    assert Comparison.objects.count() == 2


# --- Items that fit nowhere -------------------------------------------------------------------------------


def test_numbers_that_are_longer_than_meta_takes_stop_nothing(catalog: Catalog, sandbox: Sandbox) -> None:
    for end in ("1", "2"):
        behind(sandbox, "x" * 200 + end, data=foreign())
    behind(sandbox, "cup-1", data=foreign())
    assert compare_now(catalog).state == "done"
    assert findings() == {"cup-1": ("orphaned", "open")}


def test_numbers_that_differ_by_capitals_or_blanks_are_items_of_their_own(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    numbers = ["cup-1", "CUP-1", " cup-1"]
    for number in numbers:
        behind(sandbox, number, data=foreign())
    compare_now(catalog)
    assert adopt(catalog) == 3
    assert sorted(Variant.objects.values_list("retailer_id", flat=True)) == sorted(numbers)
    compare_now(catalog)
    assert not RemoteItem.objects.filter(variant=None).exists()


def test_an_item_whose_price_no_product_can_have_holds_up_no_other(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    behind(sandbox, "cup-1", data=foreign(price="99999999999999999999.00 GBP"))
    behind(sandbox, "cup-2", data=foreign(price="999999999.00 GBP"))
    compare_now(catalog)
    assert RemoteItem.objects.get(retailer_id="cup-1").obstacle == "too_dear"
    assert adopt(catalog) == 1
    assert Variant.objects.get().price_minor == 99_999_999_900


@pytest.mark.django_db(transaction=True)
def test_two_catalogs_with_the_same_items_are_taken_over_at_the_same_moment(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    other = linking.link_catalog(catalog.account, catalog_id="800101", name="Second", actor=None)
    for one in (catalog, other):
        for n in range(20):
            values = {"title": f"Cup {n}", "price": "9.50 GBP", "item_group_id": f"cups-{n % 4}"}
            RemoteItem.objects.create(
                catalog=one, retailer_id=f"cup-{n}", facts={"values": values, "quantity": 2}
            )
        adopting.ask_to_adopt(one, pieces=0, actor=None)
    jobs: list[Callable[[], None]] = [
        partial(adopt_items, catalog.store_id, one.pk) for one in (catalog, other)
    ]
    assert race(catalog.store, jobs * 2) == [None] * 4
    assert (Variant.objects.count(), Product.objects.count()) == (20, 4)
    assert StockMovement.objects.count() == 20
    assert not RemoteItem.objects.filter(variant=None).exists()
