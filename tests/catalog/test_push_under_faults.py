from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.utils import timezone

from catalog import services
from catalog.linking import looking
from catalog.linking.refresh import refresh_catalog
from catalog.models import Catalog, CatalogItem, PushBatch
from catalog.product_data import ProductData, VariantData
from catalog.push import batches, claiming, settling, tasks
from catalog.push.runs import JOB
from integrations.graph import catalogs
from integrations.models import GraphUsage, MetaAccount, SyncRun
from integrations.oauth.flow import claim_attempt, finish_attempt, start_attempt
from integrations.tasks import check_account
from operations.demo.consent import consent
from tenancy.models import User
from tests.catalog import sample
from tests.catalog.sample import finish, item_of, make_product, make_variant, push, remote_items, sent_batches
from tests.sandbox_process import Sandbox


def test_a_rate_limit_keeps_the_rows_waiting_until_meta_says(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant()
    sandbox.fault("rate_limit", bucket="catalog_batch", minutes=5)
    before = timezone.now()
    batch = push(catalog)
    assert batch is not None
    batch.refresh_from_db()
    assert batch.state == "failed"
    item = item_of(variant)
    assert (item.state, item.batch) == ("waiting", None)
    assert timedelta(minutes=5) <= item.not_before - before < timedelta(minutes=6)
    catalog.refresh_from_db()
    assert catalog.not_before >= item.not_before - timedelta(seconds=5)
    assert "too many calls" in catalog.last_error.lower()
    make_product(title="A new lamp")
    assert push(catalog) is None  # to go on calling would lengthen the block


def test_after_a_rate_limit_the_rows_are_sent(catalog: Catalog, sandbox: Sandbox) -> None:
    make_product()
    sandbox.fault("rate_limit", bucket="catalog_batch", minutes=5, times=1)
    push(catalog)
    past = timezone.now() - timedelta(seconds=1)
    Catalog.objects.update(not_before=past)
    CatalogItem.objects.update(not_before=past)
    GraphUsage.objects.update(blocked_until=past)
    batch = push(catalog)
    assert batch is not None
    assert finish(batch).live_count == 1
    catalog.refresh_from_db()
    assert (catalog.last_error, catalog.error_count) == ("", 0)


def test_a_limit_that_is_nearly_reached_is_not_reached(catalog: Catalog, sandbox: Sandbox) -> None:
    make_product()
    sandbox.fault("usage", bucket="catalog_batch", percent=98, times=1)
    first = push(catalog)
    assert first is not None
    make_product(title="A new lamp")
    push(catalog)
    assert sent_batches(sandbox) == 1  # it has not left
    assert list(CatalogItem.objects.order_by("pk").values_list("state", "attempts")) == [
        ("sent", 0),
        ("waiting", 0),
    ]
    GraphUsage.objects.update(blocked_until=timezone.now())
    second = push_past_rests(catalog)
    assert second is not None
    assert (finish(first).live_count, finish(second).live_count) == (1, 1)
    assert sent_batches(sandbox) == 2


def test_a_server_error_is_tried_again_later(catalog: Catalog, sandbox: Sandbox) -> None:
    make_product()
    sandbox.fault("server_error", edge="items_batch", times=1)
    push(catalog)
    catalog.refresh_from_db()
    assert catalog.error_count == 1
    assert catalog.not_before > timezone.now()
    assert CatalogItem.objects.get().state == "waiting"
    Catalog.objects.update(not_before=timezone.now())
    batch = push(catalog)
    assert batch is not None
    assert finish(batch).live_count == 1


def test_an_error_while_asking_leaves_the_batch_to_be_asked_again(catalog: Catalog, sandbox: Sandbox) -> None:
    make_product()
    batch = push(catalog)
    assert batch is not None
    sandbox.fault("server_error", edge="check_batch_request_status", times=1)
    PushBatch.objects.update(not_before=timezone.now())
    tasks.poll_batch(catalog.store_id, batch.pk)
    batch.refresh_from_db()
    assert batch.state == "sent"
    assert batch.not_before > timezone.now()
    assert finish(batch).live_count == 1


def test_a_dead_login_keeps_the_rows_and_is_shown(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant()
    sandbox.fault("expired_token")
    push(catalog)
    catalog.refresh_from_db()
    assert (catalog.state, catalog.error_count) == ("active", 1)
    check_account(catalog.store_id, catalog.account_id)  # the second refusal in a row
    catalog.refresh_from_db()
    assert catalog.state == "needs_reconnect"
    assert item_of(variant).state == "waiting"
    assert push(catalog) is None
    sandbox.post("faults", {"name": "expired_token", "on": False})
    MetaAccount.objects.update(connected_at=timezone.now())  # a person connects again
    batch = push(catalog)
    assert batch is not None
    assert finish(batch).live_count == 1
    catalog.refresh_from_db()
    assert (catalog.state, catalog.last_error) == ("active", "")


def test_a_login_that_dies_in_the_middle_of_a_push_goes_on_where_it_stopped_once_it_is_back(
    catalog: Catalog, sandbox: Sandbox, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogs, "ROWS_PER_BATCH", 2)
    services.hold_back(catalog, actor=owner)
    for number in range(6):
        make_product(title=f"Lamp {number}")
    services.let_go(Catalog.objects.get(), actor=owner)
    first = push(catalog)
    assert first is not None
    sandbox.fault("expired_token")
    push(catalog)
    PushBatch.objects.update(not_before=timezone.now())
    batches.poll(first.pk)
    assert Catalog.objects.get().state == "needs_reconnect"
    assert push(catalog) is None

    sandbox.post("faults", {"name": "expired_token", "on": False})
    answer = consent(start_attempt(owner))
    attempt = claim_attempt(answer["state"], user=owner)
    assert attempt is not None
    finish_attempt(attempt, code=answer["code"])
    PushBatch.objects.update(not_before=timezone.now())
    finish(first)
    while (batch := push(catalog)) is not None:  # at once, whatever rest the refusal asked for
        finish(batch)
    run = SyncRun.objects.get(job=JOB)
    assert (run.state, run.rows_total, run.rows_done, run.rows_failed) == ("done", 6, 6, 0)
    assert Catalog.objects.get().state == "active"
    sizes = PushBatch.objects.order_by("pk").values_list("state", "row_count", "live_count")
    assert list(sizes) == [("finished", 2, 2), ("failed", 2, 0), ("finished", 2, 2), ("finished", 2, 2)]


def test_a_worker_killed_before_the_call_loses_nothing(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant()
    claimed, _more = claiming.claim_batch(catalog.pk, stock_only=False)
    assert claimed is not None
    assert push(catalog) is None
    batches.release_lost(claimed.batch.pk)
    assert item_of(variant).batch is not None  # the lease still runs
    PushBatch.objects.update(not_before=timezone.now())
    tasks.recover_batch(catalog.store_id, claimed.batch.pk)
    tasks.recover_batch(catalog.store_id, claimed.batch.pk)
    item = item_of(variant)
    assert (item.state, item.batch, item.attempts) == ("waiting", None, 1)
    batch = push(catalog)
    assert batch is not None
    assert finish(batch).live_count == 1


def test_a_worker_killed_after_the_call_sends_it_again(catalog: Catalog, sandbox: Sandbox) -> None:
    product = make_product()
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    rows = (VariantData(pk=product.variants.get().pk, price_minor=1300),)
    dearer = ProductData(title="Linen cushion", image_urls=[sample.PICTURE], variants=rows)
    services.update_product(product, dearer, actor=None)
    claimed, _more = claiming.claim_batch(catalog.pk, stock_only=False)  # sent, say, and then the worker died
    assert claimed is not None
    PushBatch.objects.filter(pk=claimed.batch.pk).update(not_before=timezone.now())
    batches.release_lost(claimed.batch.pk)
    old_rows = (VariantData(pk=rows[0].pk, price_minor=1250),)
    services.update_product(
        product,
        ProductData(title="Linen cushion", image_urls=[sample.PICTURE], variants=old_rows),
        actor=None,
    )
    again = push(catalog)  # equal to what was last confirmed, but Meta may have the dearer one
    assert again is not None
    assert finish(again).live_count == 1


def push_past_rests(catalog: Catalog) -> PushBatch | None:
    """Push as if all waits were over."""
    Catalog.objects.update(not_before=timezone.now())
    CatalogItem.objects.update(not_before=timezone.now())
    return push(catalog)


@pytest.mark.parametrize(
    ("module", "step"),
    [(settling, "_refuse"), (catalogs, "check_batch"), (settling, "_confirm"), (settling, "_end_doubts")],
    ids=["as it notes the receipt", "with the result", "as it confirms", "as it ends the batch"],
)
def test_a_worker_killed_at_any_step_loses_and_doubles_nothing(
    catalog: Catalog,
    sandbox: Sandbox,
    manager: User,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    step: str,
) -> None:
    services.hold_back(catalog, actor=manager)
    titles = ["Lamp", "Rug", "Vase"]
    for title in titles:
        make_product(title=title)
    services.let_go(catalog, actor=manager)
    whole = getattr(module, step)

    def die(*args: Any, **kwargs: Any) -> None:
        whole(*args, **kwargs)
        monkeypatch.setattr(module, step, whole)
        raise SystemExit(9)

    monkeypatch.setattr(module, step, die)
    with pytest.raises(SystemExit):
        push_to_its_end(catalog)
    PushBatch.objects.update(not_before=timezone.now())
    for batch in PushBatch.objects.filter(state="claimed"):
        tasks.recover_batch(catalog.store_id, batch.pk)
    push_past_rests(catalog)
    for batch in PushBatch.objects.filter(state="sent"):
        finish(batch)
    assert sorted(data["title"] for data in remote_items(sandbox).values()) == titles
    at_rest = CatalogItem.objects.filter(state="live", batch=None, waiting_since=None)
    assert at_rest.count() == CatalogItem.objects.count() == 3
    run = SyncRun.objects.get(job=JOB)
    assert (run.state, run.rows_total, run.rows_done, run.rows_failed) == ("done", 3, 3, 0)
    assert sum(PushBatch.objects.values_list("live_count", flat=True)) == 3


def push_to_its_end(catalog: Catalog) -> None:
    batch = push(catalog)
    assert batch is not None
    finish(batch)


def test_after_three_tries_an_item_stops_and_the_owner_is_told_once(
    catalog: Catalog, sandbox: Sandbox, owner: User, settings: LazySettings
) -> None:
    variant = make_variant()
    sandbox.fault("server_error", edge="items_batch")
    for tries in (1, 2):
        push_past_rests(catalog)
        item = item_of(variant)
        assert (item.state, item.attempts) == ("waiting", tries)
    assert list(tasks.find_untold()) == []
    push_past_rests(catalog)
    item = item_of(variant)
    assert (item.state, item.attempts, item.waiting_since, item.batch) == ("failed", 3, None, None)
    assert item.error.startswith(
        "We tried 3 times without success, and go on trying from time to time. The reason: "
    )
    assert push_past_rests(catalog) is None
    assert list(tasks.find_untold()) == [(catalog.store_id, catalog.pk)]
    works, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "tests.catalog.mail_down.DownBackend"
    with pytest.raises(OSError, match="down"):
        tasks.tell_of_given_up(catalog.store_id, catalog.pk)
    assert list(tasks.find_untold()) == [(catalog.store_id, catalog.pk)]
    settings.EMAIL_BACKEND = works
    for _ in range(2):
        tasks.tell_of_given_up(catalog.store_id, catalog.pk)
    (letter,) = mail.outbox
    assert letter.to == [owner.email]
    assert "1 item does not get through to Meta" in letter.subject
    assert "- Linen cushion" in letter.body
    assert item.error in letter.body
    assert list(tasks.find_untold()) == []


@pytest.mark.parametrize("code", [200, 368], ids=["no permission", "blocked"])
def test_owners_are_told_once_of_a_catalog_that_meta_does_not_let_us_change(
    catalog: Catalog, sandbox: Sandbox, owner: User, client_of: Callable[[User], Client], code: int
) -> None:
    variant = make_variant()
    sandbox.fault("refusal", code=code, edge="items_batch")
    for _try in range(2):
        push_past_rests(catalog)
        check_account_of(catalog)  # that Meta lets us read says nothing
    assert list(tasks.find_untold()) == []
    push_past_rests(catalog)
    assert list(tasks.find_untold()) == [(catalog.store_id, catalog.pk)]
    for _time in range(2):
        tasks.tell_of_given_up(catalog.store_id, catalog.pk)
    (letter,) = mail.outbox
    assert letter.to == [owner.email]
    assert letter.subject == "Hazel Home: Meta does not let us change the catalog Hazel Home"
    assert f"(#{code}) Refused on demand." in letter.body
    assert "what waits (1)" in letter.body
    page = client_of(owner).get("/s/hazel-home/catalog/meta/").content.decode()
    assert "Nothing gets through" in page

    sandbox.post("faults", {"name": "refusal", "on": False})
    batch = push_past_rests(catalog)
    assert batch is not None
    finish(batch)
    Catalog.objects.update(told_at=None)
    assert (item_of(variant).state, item_of(variant).attempts, list(tasks.find_untold())) == ("live", 0, [])


def check_account_of(catalog: Catalog) -> None:
    refresh_catalog(Catalog.objects.select_related("account").get(pk=catalog.pk))


def test_the_hourly_look_gives_an_item_that_was_given_up_another_try(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    variant = make_variant()
    sandbox.fault("server_error", edge="items_batch")
    for _ in range(3):
        push_past_rests(catalog)
    sandbox.post("faults", {"name": "server_error", "on": False})
    looking.look_through(catalog.pk)
    batch = push_past_rests(catalog)
    assert batch is not None
    assert finish(batch).live_count == 1
    item = item_of(variant)
    assert (item.state, item.attempts, item.error) == ("live", 0, "")


def test_an_edit_gives_an_item_that_was_given_up_its_tries_again(catalog: Catalog, sandbox: Sandbox) -> None:
    product = make_product()
    sandbox.fault("server_error", edge="items_batch")
    for _ in range(3):
        push_past_rests(catalog)
    assert services.send_now(product) == 1
    item = CatalogItem.objects.get()
    assert (item.state, item.attempts) == ("waiting", 0)


def test_to_be_told_to_wait_is_no_try(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant()
    sandbox.fault("rate_limit", bucket="catalog_batch", minutes=5)
    for _ in range(4):
        GraphUsage.objects.update(blocked_until=timezone.now())
        push_past_rests(catalog)
    item = item_of(variant)
    assert (item.state, item.attempts) == ("waiting", 0)
