"""An item that Meta shows, and whose product it would refuse by now: buyers never order what is sold."""

from __future__ import annotations

from django.utils import timezone

from catalog import services
from catalog.models import Catalog, Product, PushBatch, Reason, Variant
from catalog.product_data import ProductData, VariantData
from catalog.push import tasks
from catalog.stock import ledger
from tests.catalog.sample import PICTURE, finish, item_of, make_variant, push, remote_items, sent_batches
from tests.sandbox_process import Sandbox

NO_PICTURE = "Meta shows no product without a picture. Add one of at least 500 × 500."


def save(variant: Variant, *, pictures: list[str]) -> None:
    rows = (VariantData(pk=variant.pk, price_minor=999),)
    data = ProductData(title="Linen cushion", image_urls=pictures, variants=rows)
    services.update_product(variant.product, data, actor=None)


def make_live(catalog: Catalog, *, on_hand: int) -> Variant:
    variant = make_variant(on_hand=on_hand)
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    return variant


def sell(catalog: Catalog, variant: Variant, pieces: int) -> PushBatch:
    ledger.take([(variant, pieces)], reason=Reason.ORDER, reference=f"order:{timezone.now()}")
    tasks.push_stock()
    return PushBatch.objects.latest("pk")


def test_the_stock_of_what_is_held_back_still_reaches_meta(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_live(catalog, on_hand=3)
    save(variant, pictures=[])
    assert push(catalog) is None  # of this version Meta hears what is left, and that it knows
    assert (item_of(variant).state, item_of(variant).error) == ("failed", NO_PICTURE)
    finish(sell(catalog, variant, 3))
    there = remote_items(sandbox)[variant.retailer_id]
    assert (there["availability"], there["price"]) == ("out of stock", "12.50 GBP")
    assert there["image"] == [{"url": PICTURE}]
    item = item_of(variant)
    assert (item.state, item.error, item.confirmed_quantity) == ("failed", NO_PICTURE, 0)
    assert item.waiting_since is None


def test_what_meta_knows_of_the_stock_already_costs_no_call(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_live(catalog, on_hand=3)
    save(variant, pictures=[])
    finish(sell(catalog, variant, 1))
    count = sent_batches(sandbox)
    services.send_now(Product.objects.get())
    assert push(catalog) is None
    assert (item_of(variant).state, item_of(variant).error) == ("failed", NO_PICTURE)
    assert sent_batches(sandbox) == count


def test_what_is_put_right_is_sent_whole(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_live(catalog, on_hand=3)
    save(variant, pictures=[])
    finish(sell(catalog, variant, 1))
    save(variant, pictures=[PICTURE])
    second = push(catalog)
    assert second is not None
    finish(second)
    assert (item_of(variant).state, item_of(variant).error) == ("live", "")
    assert remote_items(sandbox)[variant.retailer_id]["price"] == "9.99 GBP"


def test_of_what_meta_never_had_nothing_is_sent(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant(on_hand=3, image_urls=[])
    assert push(catalog) is None
    ledger.take([(variant, 1)], reason=Reason.ORDER, reference="order:1")
    tasks.push_stock()
    assert sent_batches(sandbox) == 0
    assert (item_of(variant).state, item_of(variant).error) == ("failed", NO_PICTURE)
