"""What a look through the products finds while batches are unanswered and people edit."""

from __future__ import annotations

import time
from typing import Any

import pytest

from catalog.linking import leaving, looking, placing, services
from catalog.linking.placing import place_products
from catalog.models import Catalog, CatalogItem, Reason
from catalog.product_data import VariantData
from catalog.stock import ledger
from integrations.models import MetaAccount
from tests.catalog.sample import (
    HAZEL_CATALOG,
    finish,
    item_of,
    make_product,
    make_variant,
    push,
    race,
    remote_items,
)
from tests.sandbox_process import Sandbox


def test_what_is_sold_while_a_catalog_is_disconnected_goes_when_it_is_back(
    catalog: Catalog, sandbox: Sandbox, meta_account: MetaAccount
) -> None:
    variant = make_variant(on_hand=3)
    first = push(catalog)
    assert first is not None
    leaving.unlink_catalog(catalog, actor=None)
    ledger.take([(variant, 3)], reason=Reason.ORDER, reference="order:1")
    services.link_catalog(meta_account, catalog_id=HAZEL_CATALOG, name="Hazel Home", actor=None)
    looking.look_through(catalog.pk)  # while the batch from before is still unanswered
    finish(first)
    second = push(catalog)
    assert second is not None
    finish(second)
    assert remote_items(sandbox)[variant.retailer_id]["availability"] == "out of stock"
    assert (item_of(variant).state, item_of(variant).waiting_since) == ("live", None)


def test_what_is_on_its_way_as_it_is_here_waits_for_nothing(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant(on_hand=3)
    assert push(catalog) is not None
    looking.look_through(catalog.pk)
    assert item_of(variant).waiting_since is None


@pytest.mark.django_db(transaction=True)
def test_a_look_and_an_edit_of_the_same_product_never_wait_for_each_other(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    variants = tuple(VariantData(title=title, price_minor=1250) for title in ("Blue", "Red"))
    product = make_product(variants=variants)
    CatalogItem.objects.filter(variant__title="Red").delete()

    def insert_slowly(*args: Any) -> int:
        count = placing.insert_items(*args)
        time.sleep(0.5)
        return count

    monkeypatch.setattr(looking, "insert_items", insert_slowly)
    looking.start_look(catalog.pk)

    def look() -> None:
        looking.take_slice(catalog.pk)

    def edit() -> None:
        time.sleep(0.2)
        place_products([product.pk])

    assert race(catalog.store, [look, edit]) == [None, None]
    assert CatalogItem.objects.filter(catalog=catalog).count() == 2
