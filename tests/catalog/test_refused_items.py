"""An item that Meta shows, and of which it refused the last version: its stock goes on, its words wait."""

from __future__ import annotations

from django.test import Client
from django.utils import timezone

from catalog import services
from catalog.comparing import adopting
from catalog.comparing.tasks import adopt_items
from catalog.models import Catalog, Product, PushBatch, Reason, Variant
from catalog.product_data import ProductData, VariantData
from catalog.push import tasks
from catalog.push.runs import JOB
from catalog.stock import ledger
from integrations.models import SyncRun
from tenancy.models import User
from tests.catalog.sample import (
    PICTURE,
    finish,
    item_of,
    make_variant,
    push,
    remote_items,
    sent_batches,
)
from tests.catalog.test_reconcile import behind, compare_now, foreign
from tests.sandbox_process import Sandbox

REFUSED = "Meta does not accept the title. Change it and we will send it again."
META_SAID = "title is invalid: refused."


def save(variant: Variant, *, title: str) -> None:
    rows = (VariantData(pk=variant.pk, price_minor=999),)
    data = ProductData(title=title, image_urls=[PICTURE], variants=rows)
    services.update_product(variant.product, data, actor=None)


def sell(variant: Variant, pieces: int) -> None:
    ledger.take([(variant, pieces)], reason=Reason.ORDER, reference=f"order:{timezone.now()}")


def push_done(catalog: Catalog) -> PushBatch:
    batch = push(catalog)
    assert batch is not None
    return finish(batch)


def push_stock() -> PushBatch:
    last = PushBatch.objects.latest("pk")
    tasks.push_stock()
    newest = PushBatch.objects.latest("pk")
    assert newest != last
    return finish(newest)


def make_refused(catalog: Catalog, sandbox: Sandbox, *, on_hand: int = 5) -> Variant:
    """Make an item that is live, and of which Meta refuses the next version."""
    variant = make_variant(on_hand=on_hand)
    push_done(catalog)
    sandbox.fault("row_refusal", retailer_id=variant.retailer_id)
    save(variant, title="A title that Meta refuses")
    assert push_done(catalog).failed_count == 1
    return variant


def stands(variant: Variant) -> tuple[str, str, str, object]:
    item = item_of(variant)
    return item.state, item.error, item.meta_message, item.waiting_since


def test_what_is_sold_of_a_refused_item_reaches_meta(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_refused(catalog, sandbox)
    assert stands(variant) == ("failed", REFUSED, META_SAID, None)
    sell(variant, 3)
    assert push_stock().failed_count == 0
    there = remote_items(sandbox)[variant.retailer_id]
    assert (there["quantity_to_sell_on_facebook"], there["availability"]) == (2, "in stock")
    assert (there["title"], there["price"]) == ("Linen cushion", "12.50 GBP")
    assert stands(variant) == ("failed", REFUSED, META_SAID, None)
    assert item_of(variant).confirmed_quantity == 2
    sell(variant, 2)
    push_stock()
    assert remote_items(sandbox)[variant.retailer_id]["availability"] == "out of stock"
    assert item_of(variant).confirmed_quantity == 0


def test_the_stock_that_was_refused_with_the_rest_goes_alone(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant(on_hand=5)
    push_done(catalog)
    sandbox.fault("row_refusal")
    save(variant, title="A title that Meta refuses")
    sell(variant, 5)
    push_stock()  # carries the new title, too
    assert remote_items(sandbox)[variant.retailer_id]["availability"] == "in stock"
    push_stock()
    assert remote_items(sandbox)[variant.retailer_id]["availability"] == "out of stock"
    assert stands(variant) == ("failed", REFUSED, META_SAID, None)
    tasks.push_stock()
    assert push(catalog) is None


def test_what_is_refused_at_the_door_is_told_its_stock_too(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant(on_hand=5)
    push_done(catalog)
    sandbox.fault("row_refusal", at="door")
    save(variant, title="A title that Meta refuses")
    sell(variant, 5)
    tasks.push_stock()
    push_stock()
    assert remote_items(sandbox)[variant.retailer_id]["availability"] == "out of stock"
    assert stands(variant) == ("failed", REFUSED, META_SAID, None)


def test_the_next_good_edit_sends_everything(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_refused(catalog, sandbox)
    sell(variant, 3)
    push_stock()
    sandbox.post("faults", {"name": "row_refusal", "on": False})
    save(variant, title="Linen cushion, washed")
    assert push_done(catalog).live_count == 1
    there = remote_items(sandbox)[variant.retailer_id]
    assert (there["title"], there["price"]) == ("Linen cushion, washed", "9.99 GBP")
    assert there["quantity_to_sell_on_facebook"] == 2
    assert stands(variant) == ("live", "", "", None)


def test_an_edit_that_meta_refuses_again_is_sent_whole_once(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_refused(catalog, sandbox)
    save(variant, title="Another title that Meta refuses")
    assert push_done(catalog).failed_count == 1
    count = sent_batches(sandbox)
    save(variant, title="Another title that Meta refuses")  # saved again, with nothing changed
    assert push(catalog) is None
    assert stands(variant) == ("failed", REFUSED, META_SAID, None)
    assert sent_batches(sandbox) == count


def test_an_edit_that_is_taken_back_needs_no_call(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant(on_hand=5, price_minor=999)
    push_done(catalog)
    sandbox.fault("row_refusal")
    save(variant, title="A title that Meta refuses")
    push_done(catalog)
    count = sent_batches(sandbox)
    save(variant, title="Linen cushion")
    assert push(catalog) is None
    assert stands(variant) == ("live", "", "", None)
    assert sent_batches(sandbox) == count


def test_to_send_it_now_sends_it_whole(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_refused(catalog, sandbox)
    sandbox.post("faults", {"name": "row_refusal", "on": False})
    services.send_now(variant.product)
    assert push_done(catalog).live_count == 1
    assert remote_items(sandbox)[variant.retailer_id]["title"] == "A title that Meta refuses"


def test_of_what_meta_never_took_no_stock_is_sent(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant(on_hand=5)
    sandbox.fault("row_refusal")
    assert push_done(catalog).failed_count == 1
    sell(variant, 1)
    count = sent_batches(sandbox)
    tasks.push_stock()
    assert sent_batches(sandbox) == count
    assert stands(variant) == ("failed", REFUSED, META_SAID, None)
    assert remote_items(sandbox) == {}


def test_a_refusal_is_told_again_after_calls_that_failed(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_refused(catalog, sandbox)
    sell(variant, 3)
    sandbox.fault("server_error", edge="items_batch", times=3)
    for _ in range(3):
        tasks.push_stock()
        Catalog.objects.update(not_before=timezone.now())
        item = item_of(variant)
        type(item).objects.update(not_before=timezone.now())
    assert item_of(variant).error.startswith("We tried 3 times")
    type(item).objects.update(waiting_since=timezone.now(), stock_changed=True)
    push_stock()
    assert stands(variant) == ("failed", REFUSED, META_SAID, None)
    assert remote_items(sandbox)[variant.retailer_id]["quantity_to_sell_on_facebook"] == 2


def test_a_full_push_counts_a_refused_item_once(catalog: Catalog, sandbox: Sandbox, manager: User) -> None:
    variant = make_variant(on_hand=5)
    push_done(catalog)
    sandbox.fault("row_refusal", retailer_id=variant.retailer_id)
    services.hold_back(catalog, actor=manager)
    save(variant, title="A title that Meta refuses")
    sell(variant, 5)
    other = make_variant(title="Wool rug")
    services.let_go(catalog, actor=manager)
    push_done(catalog)
    run = SyncRun.objects.get(job=JOB)
    assert (run.state, run.rows_total, run.rows_done, run.rows_failed) == ("running", 2, 1, 0)
    push_stock()
    run.refresh_from_db()
    assert (run.state, run.rows_total, run.rows_done, run.rows_failed) == ("done", 2, 1, 1)
    assert (item_of(other).state, item_of(variant).state) == ("live", "failed")
    assert remote_items(sandbox)[variant.retailer_id]["availability"] == "out of stock"
    assert Product.objects.count() == 2


def test_of_an_item_taken_over_from_meta_stock_goes_although_our_version_is_refused(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    behind(sandbox, "cup-1", data=foreign("Blue cup", quantity_to_sell_on_facebook=7))
    compare_now(catalog)
    adopting.ask_to_adopt(catalog, pieces=3, actor=None)
    adopt_items(catalog.store_id, catalog.pk)
    sandbox.fault("row_refusal")
    assert push_done(catalog).failed_count == 1
    variant = Variant.objects.get()
    sell(variant, 6)
    push_stock()
    there = remote_items(sandbox)["cup-1"]
    assert (there["title"], there["quantity_to_sell_on_facebook"]) == ("Blue cup", 1)
    assert stands(variant) == ("failed", REFUSED, META_SAID, None)


def test_the_page_says_what_buyers_see_of_a_refused_item(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    variant = make_refused(catalog, sandbox)
    sell(variant, 3)
    push_stock()
    client.force_login(manager)
    page = client.get(f"/s/hazel-home/catalog/{variant.product_id}/").content.decode()
    assert REFUSED in page
    assert "Buyers still see the version before; only its stock is kept up." in page
    assert "Facebook and Instagram show 2, as you have." in page
