from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog import services
from catalog.items import build_row
from catalog.linking import look_tasks, looking
from catalog.linking import tasks as link_tasks
from catalog.models import Catalog, CatalogItem, PushBatch, Reason, Variant
from catalog.product_data import ProductData, VariantData
from catalog.push import claiming, nudges, tasks
from catalog.stock import ledger
from integrations.models import MetaAccount
from tenancy.models import Store
from tenancy.scope import open_store
from tests.catalog import sample
from tests.catalog.sample import finish, item_of, make_product, make_variant, push, remote_items, sent_batches
from tests.sandbox_process import Sandbox


def test_a_product_is_live_only_after_the_handles_answer(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant()
    assert item_of(variant).state == "waiting"
    batch = push(catalog)
    assert batch is not None
    assert (batch.state, batch.row_count, bool(batch.handle)) == ("sent", 1, True)
    assert item_of(variant).state == "sent"
    batch = finish(batch)
    assert (batch.state, batch.live_count, batch.failed_count) == ("finished", 1, 0)
    item = item_of(variant)
    assert (item.state, item.waiting_since, item.batch, item.error) == ("live", None, None, "")
    assert remote_items(sandbox)[variant.retailer_id]["price"] == "12.50 GBP"


def test_products_from_before_the_connection_are_sent_too(
    meta_account: MetaAccount, sandbox: Sandbox
) -> None:
    with open_store(meta_account.store_id):
        variants = [make_variant(title=f"Lamp {number}") for number in range(3)]
        catalog = sample.link(meta_account)
        batch = push(catalog)
        assert batch is not None
        assert finish(batch).live_count == 3
    assert set(remote_items(sandbox)) == {variant.retailer_id for variant in variants}
    assert sent_batches(sandbox) == 1


def test_what_meta_has_already_is_not_sent_again(catalog: Catalog, sandbox: Sandbox) -> None:
    product = make_product()
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    assert services.send_now(product) == 1
    assert push(catalog) is None
    assert sent_batches(sandbox) == 1
    assert CatalogItem.objects.get().state == "live"


def test_many_edits_are_one_row_with_the_newest_content(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant(on_hand=5)
    for number in range(4):
        ledger.take([(variant, 1)], reason=Reason.ORDER, reference=f"order:{number}")
    batch = push(catalog)
    assert batch is not None
    assert batch.row_count == 1
    finish(batch)
    assert remote_items(sandbox)[variant.retailer_id]["quantity_to_sell_on_facebook"] == 1


def test_selling_the_last_piece_reaches_meta_by_the_fast_lane(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant(on_hand=1)
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    make_product(title="A new lamp")
    ledger.take([(variant, 1)], reason=Reason.ORDER, reference="order:1")
    tasks.push_stock()
    newest = PushBatch.objects.latest("pk")
    assert newest.row_count == 1  # the new lamp waits for its own turn
    finish(newest)
    assert remote_items(sandbox)[variant.retailer_id]["availability"] == "out of stock"


def test_a_change_while_a_batch_is_out_is_sent_after_it(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant(on_hand=2)
    first = push(catalog)
    assert first is not None
    ledger.take([(variant, 2)], reason=Reason.ORDER, reference="order:1")
    assert push(catalog) is None  # two batches about one item could overtake each other
    finish(first)
    item = item_of(variant)
    assert item.state == "waiting"
    assert item.stock_changed
    second = push(catalog)
    assert second is not None
    finish(second)
    assert item_of(variant).state == "live"
    assert remote_items(sandbox)[variant.retailer_id]["availability"] == "out of stock"


def test_what_was_sent_and_what_is_confirmed_is_known_in_pieces(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant(on_hand=5)
    assert pieces(variant) == (None, None)
    first = push(catalog)
    assert first is not None
    assert pieces(variant) == (5, None)
    finish(first)
    assert pieces(variant) == (5, 5)
    ledger.take([(variant, 5)], reason=Reason.ORDER, reference="order:1")
    second = push(catalog)
    assert second is not None
    assert pieces(variant) == (0, 5)
    finish(second)
    assert pieces(variant) == (0, 0)
    services.archive_product(variant.product, actor=None)
    third = push(catalog)
    assert third is not None
    assert pieces(variant) == (None, 0)
    finish(third)
    assert pieces(variant) == (None, None)


def test_a_refusal_leaves_the_confirmed_pieces_as_they_were(catalog: Catalog, sandbox: Sandbox) -> None:
    make_variant(title="A lamp")
    variant = make_variant(on_hand=5)
    sandbox.fault("half_batch", times=1)  # refuses each second row
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    assert item_of(variant).state == "failed"
    assert pieces(variant) == (5, None)


def pieces(variant: Variant) -> tuple[int | None, int | None]:
    item = item_of(variant)
    return item.sent_quantity, item.confirmed_quantity


def test_half_a_batch_failing_leaves_the_other_half_live(catalog: Catalog, sandbox: Sandbox) -> None:
    variants = [make_variant(title=f"Lamp {number}") for number in range(4)]
    sandbox.fault("half_batch", times=1)
    batch = push(catalog)
    assert batch is not None
    batch = finish(batch)
    assert (batch.live_count, batch.failed_count) == (2, 2)
    items = [item_of(variant) for variant in variants]
    assert sorted(item.state for item in items) == ["failed", "failed", "live", "live"]
    failed = next(item for item in items if item.state == "failed")
    assert failed.meta_message == "The item could not be processed. Send it again."
    assert failed.error == "Meta refused this item: “The item could not be processed. Send it again.”"
    assert push(catalog) is None  # refused data is not sent again by itself
    services.send_now(failed.variant.product)
    again = push(catalog)
    assert again is not None
    assert finish(again).live_count == 1


def test_what_meta_would_refuse_is_not_sent_until_it_is_put_right(catalog: Catalog, sandbox: Sandbox) -> None:
    product = make_product(image_urls=[])
    assert push(catalog) is None
    item = CatalogItem.objects.get()
    words = "Meta shows no product without a picture. Add one of at least 500 × 500."
    assert (item.state, item.error, item.waiting_since) == ("failed", words, None)
    rows = (VariantData(pk=item.variant_id, price_minor=1250),)
    data = ProductData(title="Linen cushion", image_urls=[sample.PICTURE], variants=rows)
    services.update_product(product, data, actor=None)
    batch = push(catalog)
    assert batch is not None
    assert finish(batch).live_count == 1
    assert CatalogItem.objects.get().error == ""


def test_what_was_never_sent_leaves_without_a_call(catalog: Catalog, sandbox: Sandbox) -> None:
    product = make_product(image_urls=[])
    push(catalog)
    services.archive_product(product, actor=None)
    assert push(catalog) is None
    assert CatalogItem.objects.get().state == "removed"


def test_a_refused_item_is_sent_again_when_its_product_changes(
    catalog: Catalog, sandbox: Sandbox, settings: LazySettings
) -> None:
    ours, settings.APP_BASE_URL = settings.APP_BASE_URL, "nowhere"
    product = make_product()
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    settings.APP_BASE_URL = ours
    item = CatalogItem.objects.get()
    words = "Meta does not accept the web address. Change it and we will send it again."
    assert (item.state, item.error) == ("failed", words)
    assert remote_items(sandbox) == {}
    rows = (VariantData(pk=item.variant_id, price_minor=1250),)
    services.update_product(
        product, ProductData(title="Linen cushion", image_urls=[sample.PICTURE], variants=rows), actor=None
    )
    again = push(catalog)
    assert again is not None
    finish(again)
    assert CatalogItem.objects.get().state == "live"


def test_an_archived_product_leaves_the_catalog(catalog: Catalog, sandbox: Sandbox) -> None:
    product = make_product()
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    services.archive_product(product, actor=None)
    removal = push(catalog)
    assert removal is not None
    finish(removal)
    assert CatalogItem.objects.get().state == "removed"
    assert remote_items(sandbox) == {}
    services.restore_product(product, actor=None)
    back = push(catalog)
    assert back is not None
    finish(back)
    assert CatalogItem.objects.get().state == "live"
    assert len(remote_items(sandbox)) == 1


def test_what_never_was_at_meta_is_removed_without_a_call(catalog: Catalog, sandbox: Sandbox) -> None:
    services.archive_product(make_product(), actor=None)
    assert push(catalog) is None
    assert sent_batches(sandbox) == 0
    assert CatalogItem.objects.get().state == "removed"


def test_removing_what_is_gone_already_is_no_refusal(
    catalog: Catalog, sandbox: Sandbox, settings: LazySettings
) -> None:
    settings.APP_BASE_URL = "nowhere"
    product = make_product()
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    services.archive_product(product, actor=None)
    removal = push(catalog)
    assert removal is not None
    finish(removal)
    assert CatalogItem.objects.get().state == "removed"


def test_metas_message_about_a_batch_has_it_asked_about(
    catalog: Catalog, deliver: Callable[[dict[str, Any]], Any], sandbox: Sandbox
) -> None:
    make_product()
    batch = push(catalog)
    assert batch is not None
    PushBatch.objects.update(not_before=timezone.now() + timedelta(hours=1))
    value = {"catalog_id": sample.HAZEL_CATALOG, "handle": batch.handle, "status": "Finished"}
    entry = {"id": sample.HAZEL_CATALOG, "time": 1, "changes": [{"field": "items_batch", "value": value}]}
    deliver({"object": "catalog", "entry": [entry]})
    batch.refresh_from_db()
    assert batch.not_before <= timezone.now()
    assert batch.state == "sent"  # the message alone makes nothing live
    assert finish(batch).state == "finished"


def test_the_sweep_starts_what_was_lost(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    make_product()
    started: list[tuple[str, int, int]] = []
    for task in (tasks.recover_batch, look_tasks.discover_catalogs, look_tasks.look_on):
        monkeypatch.setattr(
            task, "delay", lambda store, pk, name=task.__name__: started.append((name, store, pk))
        )
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(nudges, "ask", lambda task, *args, seconds=0: asked.append((task, *args)))
    tasks.sweep_catalog()
    assert asked == [(tasks.push_catalog, catalog.store_id, catalog.pk)]
    CatalogItem.objects.update(stock_changed=True)
    tasks.sweep_catalog()
    assert (tasks.push_stock,) in asked
    batch = PushBatch.objects.create(catalog=catalog, not_before=timezone.now())
    CatalogItem.objects.update(batch=batch)
    started.clear()
    tasks.sweep_catalog()
    assert [name for name, _, _ in started] == ["recover_batch"]
    PushBatch.objects.update(state="sent")
    tasks.sweep_catalog()
    assert (tasks.poll_batches,) in asked
    started.clear()
    looking.start_look(catalog.pk)
    look_tasks.sweep_looks()
    link_tasks.sweep_links()
    assert started == [
        ("look_on", catalog.store_id, catalog.pk),
        ("discover_catalogs", catalog.store_id, catalog.account_id),
    ]


def test_the_hourly_look_finds_what_no_edit_announced(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant()
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    type(variant).objects.filter(pk=variant.pk).update(price_minor=900)
    assert push(catalog) is None
    look_tasks.resync_catalog(catalog.store_id, catalog.pk)
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    assert remote_items(sandbox)[variant.retailer_id]["price"] == "9.00 GBP"


def test_a_call_holds_no_more_than_its_bytes(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        make_product(title=f"Lamp {number}")
    monkeypatch.setattr("integrations.graph.catalogs.BYTES_PER_BATCH", 700)
    claimed, more = claiming.claim_batch(catalog.pk, stock_only=False)
    assert claimed is not None
    assert (claimed.batch.row_count, more) == (1, True)
    assert CatalogItem.objects.filter(batch=None, waiting_since__isnull=False).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_claim_the_same_item(store: Store) -> None:
    with open_store(store.pk):
        sample.link(MetaAccount.objects.create(meta_user_id="70001", name="Ada Hazel"))
        for number in range(10):
            make_product(title=f"Lamp {number}")
        catalog_pk = Catalog.objects.get().pk

    def claim() -> None:
        claiming.claim_batch(catalog_pk, stock_only=False)

    assert sample.race(store, [claim] * 4) == [None] * 4
    with open_store(store.pk):
        assert [batch.row_count for batch in PushBatch.objects.all()] == [10]


def test_a_claim_reads_the_stock_behind_its_locks(catalog: Catalog) -> None:
    """The statement that takes the locks reads everything else as it was before them."""
    make_variant()
    with CaptureQueriesContext(connection) as seen:
        claimed, _more = claiming.claim_batch(catalog.pk, stock_only=True)
        assert claimed is None
        claimed, _more = claiming.claim_batch(catalog.pk, stock_only=False)
    assert claimed is not None
    asked = [query["sql"] for query in seen.captured_queries if "catalog_catalogitem" in query["sql"]]
    locking = [sql for sql in asked if "FOR NO KEY UPDATE" in sql]
    reading = [sql for sql in asked if '"catalog_variant"."on_hand"' in sql]
    assert len(locking) == 2
    assert not set(locking) & set(reading)
    assert asked.index(locking[-1]) < asked.index(reading[-1])


@pytest.mark.django_db(transaction=True)
def test_a_sale_while_its_item_is_claimed_is_not_lost(store: Store) -> None:
    with open_store(store.pk):
        sample.link(MetaAccount.objects.create(meta_user_id="70001", name="Ada Hazel"))
        variant = make_variant(on_hand=40)
        catalog_pk = Catalog.objects.get().pk

    def claim() -> None:
        claiming.claim_batch(catalog_pk, stock_only=False)

    def sell() -> None:
        ledger.take([(variant, 1)], reason=Reason.ORDER, reference="order:1")

    assert sample.race(store, [claim, sell]) == [None] * 2
    with open_store(store.pk):
        item = item_of(variant)
        variant.refresh_from_db()
        wanted = build_row(variant, base_url=settings.APP_BASE_URL, now=timezone.now(), delete=False)
        # Either the batch carries the sale, or the item waits for the next one.
        assert item.waiting_since is not None or item.sent_fingerprint == wanted.fingerprint
