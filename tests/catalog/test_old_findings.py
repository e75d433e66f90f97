"""What a comparison found and somebody wants mended, when the world has gone on since."""

from __future__ import annotations

import time

from django.utils import timezone

from catalog.comparing import adopting, mending
from catalog.comparing.tasks import adopt_items, mend_catalog
from catalog.models import Catalog, CatalogFinding, Variant
from catalog.services import archive_product, restore_product
from tests.catalog.sample import finish, item_of, push, remote_items
from tests.catalog.test_adopting import adopt
from tests.catalog.test_reconcile import behind, compare_now, findings, foreign, make_live
from tests.sandbox_process import Sandbox


def test_a_product_that_is_on_sale_again_is_not_taken_out_for_what_was_found_before(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    lamp, vase = make_live(catalog, "Lamp", "Vase")
    data = remote_items(sandbox)
    for variant in (lamp, vase):
        archive_product(variant.product, actor=None)
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    for variant in (lamp, vase):
        behind(sandbox, variant.retailer_id, data=data[variant.retailer_id])
    compare_now(catalog)
    assert set(findings().values()) == {("orphaned", "open")}
    restore_product(lamp.product, actor=None)
    mending.ask_for(CatalogFinding.objects.all(), catalog=catalog, actor=None)
    mend_catalog(catalog.store_id, catalog.pk)
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    assert list(remote_items(sandbox)) == [lamp.retailer_id]
    assert (item_of(lamp).state, item_of(vase).state) == ("live", "removed")


def test_an_item_that_is_just_being_taken_out_is_not_taken_over(catalog: Catalog, sandbox: Sandbox) -> None:
    for number in ("cup-1", "cup-2"):
        behind(sandbox, number, data=foreign())
    compare_now(catalog)
    leaving = CatalogFinding.objects.filter(retailer_id="cup-1")
    mending.ask_for(leaving, catalog=catalog, actor=None)
    mending.mend_slice(catalog)
    assert leaving.get().handle
    assert adopt(catalog) == 2
    assert list(Variant.objects.values_list("retailer_id", flat=True)) == ["cup-2"]
    for _try in range(50):
        time.sleep(0.1)
        leaving.update(not_before=timezone.now())
        if not mending.ask_how_it_went(catalog):
            break
    adopt_items(catalog.store_id, catalog.pk)
    assert Variant.objects.count() == 1
    assert list(remote_items(sandbox)) == ["cup-2"]
    assert adopting.count_wanted(catalog) == 0


def test_who_takes_an_item_over_before_it_leaves_keeps_it(catalog: Catalog, sandbox: Sandbox) -> None:
    behind(sandbox, "cup-1", data=foreign())
    compare_now(catalog)
    mending.ask_for(CatalogFinding.objects.all(), catalog=catalog, actor=None)
    adopt(catalog)
    mend_catalog(catalog.store_id, catalog.pk)
    assert Variant.objects.get().retailer_id == "cup-1"
    assert not CatalogFinding.objects.exists()
    assert "cup-1" in remote_items(sandbox)
