"""Meta's word that a batch is finished: forged, early, late, twice, about somebody else, in odd shapes.

It is a reason to ask at once and nothing more: whatever it says, only the answer to our own question counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextvars import Context
from typing import Any

import pytest
from django.http import HttpResponse
from django.utils import timezone

from catalog.linking import leaving
from catalog.linking import services as linking
from catalog.models import Catalog, CatalogItem, PushBatch
from catalog.push import batches, claiming, tasks
from integrations.models import MetaAccount, WebhookDelivery, WebhookEvent
from tenancy.models import Store
from tenancy.scope import open_store
from tests.catalog.sample import HAZEL_CATALOG, finish, item_of, make_variant, push
from tests.conftest import post_webhook
from tests.sandbox_process import Sandbox

Deliver = Callable[[dict[str, Any] | bytes], HttpResponse]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> list[tuple[int, ...]]:
    """Return which batches a worker is asked to look at."""
    found: list[tuple[int, ...]] = []

    def note(task: Any, *args: int, seconds: float = 0) -> None:
        if task is tasks.poll_batch:
            found.append(args)

    monkeypatch.setattr("catalog.push.nudges.ask", note)
    monkeypatch.setattr("django.db.transaction.on_commit", lambda job, **_options: job())
    return found


@pytest.fixture
def batch(catalog: Catalog, sandbox: Sandbox) -> PushBatch:
    """A batch that Meta works on."""
    sandbox.fault("drop_webhooks")
    make_variant()
    made = push(catalog)
    assert made is not None
    return PushBatch.objects.get()


def connect_elsewhere(store: Store, catalog_id: str) -> None:
    """Connect a catalog to another store than the one that is open."""

    def connect() -> None:
        with open_store(store.pk):
            account = MetaAccount.objects.create(meta_user_id="70002", name="Bo")
            linking.link_catalog(account, catalog_id=catalog_id, name="Bolt", actor=None)

    Context().run(connect)


def about(handle: Any, *, catalog_id: Any = HAZEL_CATALOG, status: Any = "Finished") -> dict[str, Any]:
    value = {"catalog_id": catalog_id, "handle": handle, "status": status}
    return told(value, catalog_id=catalog_id)


def told(value: Any, *, catalog_id: Any = HAZEL_CATALOG) -> dict[str, Any]:
    entry = {"id": catalog_id, "time": 1764150000, "changes": [{"field": "items_batch", "value": value}]}
    return {"object": "catalog", "entry": [entry]}


def outcomes() -> list[str]:
    return list(WebhookEvent.objects.order_by("pk").values_list("state", flat=True))


def facts_of(batch: PushBatch) -> tuple[Any, ...]:
    batch.refresh_from_db()
    return (batch.state, batch.live_count, batch.not_before, batch.finished_at, batch.poll_count)


def test_it_has_the_batch_asked_about_and_says_nothing_of_its_items(
    batch: PushBatch, asked: list[tuple[int, ...]], deliver: Deliver
) -> None:
    deliver(about(batch.handle))
    assert asked == [(batch.store_id, batch.pk)]
    assert outcomes() == ["done"]
    batch.refresh_from_db()
    assert (batch.state, batch.live_count) == ("sent", 0)
    assert CatalogItem.objects.get().state == "sent"


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "sha1=" + "0" * 40])
def test_a_forged_one_is_refused_and_changes_nothing(
    batch: PushBatch, asked: list[tuple[int, ...]], signature: str
) -> None:
    before = facts_of(batch)
    response = post_webhook(json.dumps(about(batch.handle)).encode(), **{"X-Hub-Signature-256": signature})
    assert response.status_code in (401, 403)
    assert (asked, facts_of(batch), WebhookDelivery.objects.count()) == ([], before, 0)


def test_twice_it_asks_once(batch: PushBatch, asked: list[tuple[int, ...]], deliver: Deliver) -> None:
    deliver(about(batch.handle))
    deliver(about(batch.handle))
    assert len(asked) == len(outcomes()) == 1


def test_late_it_changes_nothing(batch: PushBatch, asked: list[tuple[int, ...]], deliver: Deliver) -> None:
    finish(batch)
    before, item = facts_of(batch), CatalogItem.objects.values().get()
    deliver(about(batch.handle))
    assert (asked, outcomes(), facts_of(batch)) == ([], ["ignored"], before)
    assert CatalogItem.objects.values().get() == item


def test_before_the_answer_to_our_own_call_it_is_no_matter(
    catalog: Catalog, sandbox: Sandbox, asked: list[tuple[int, ...]], deliver: Deliver
) -> None:
    variant = make_variant()
    claimed, _more = claiming.claim_batch(catalog.pk, stock_only=False)
    assert claimed is not None
    deliver(about("h-early"))
    assert (asked, outcomes()) == ([], ["ignored"])
    claimed.batch.refresh_from_db()
    assert (claimed.batch.state, item_of(variant).batch) == ("claimed", claimed.batch)


def test_newer_batches_may_be_finished_before_older_ones(
    catalog: Catalog, batch: PushBatch, asked: list[tuple[int, ...]], deliver: Deliver
) -> None:
    make_variant(title="Second")
    newer = push(catalog)
    assert newer is not None
    newer.refresh_from_db()
    deliver(about(newer.handle))
    deliver(about(batch.handle))
    assert asked == [(batch.store_id, newer.pk), (batch.store_id, batch.pk)]
    for one in (newer, batch):
        assert finish(one).live_count == 1


@pytest.mark.parametrize("status", ["Failed", "in_progress", "", None, 7, ["Finished"]], ids=str)
def test_whatever_status_it_names_meta_is_asked(
    batch: PushBatch, asked: list[tuple[int, ...]], deliver: Deliver, status: Any
) -> None:
    deliver(about(batch.handle, status=status))
    assert asked == [(batch.store_id, batch.pk)]
    batch.refresh_from_db()
    assert batch.state == "sent"


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "Finished",
        7,
        {},
        {"handle": None},
        {"handle": ""},
        {"handle": 7},
        {"handle": ["h1"]},
        {"handle": {"id": "h1"}},
        {"handle": "a\0b"},
        {"handle": "x" * 20_000},
        {"handle": "\ud800"},
        {"handle": "nobody's", "catalog_id": None},
        {"handles": ["h1"], "status": "Finished"},
    ],
    ids=lambda value: repr(value)[:40],
)
def test_odd_shapes_end_and_change_nothing(
    batch: PushBatch, asked: list[tuple[int, ...]], deliver: Deliver, value: Any
) -> None:
    before = facts_of(batch)
    assert deliver(told(value)).status_code == 200
    assert asked == []
    assert facts_of(batch) == before
    (event,) = WebhookEvent.objects.all()
    assert (event.state, event.traceback) == ("ignored", "")


def test_an_id_that_is_a_number_is_the_same_catalog(
    batch: PushBatch, asked: list[tuple[int, ...]], deliver: Deliver
) -> None:
    deliver(about(batch.handle, catalog_id=int(HAZEL_CATALOG)))
    assert asked == [(batch.store_id, batch.pk)]


def test_a_handle_of_another_stores_batch_asks_about_nothing(
    batch: PushBatch, other_store: Store, asked: list[tuple[int, ...]], deliver: Deliver
) -> None:
    connect_elsewhere(other_store, "800999")
    before = facts_of(batch)
    Context().run(deliver, about(batch.handle, catalog_id="800999"))
    body = about(batch.handle)
    body["entry"][0]["id"] = "800999"  # about ours, in the mailbox of the other one
    Context().run(deliver, body)
    assert (asked, facts_of(batch)) == ([], before)
    assert set(outcomes()) == {"ignored"}


def test_a_catalog_that_nobody_connected_is_kept_for_a_look(
    asked: list[tuple[int, ...]], deliver: Deliver
) -> None:
    assert deliver(about("h1", catalog_id="800777")).status_code == 200
    (event,) = WebhookEvent.objects.all()
    assert (event.store, asked) == (None, [])
    assert event.state in ("ignored", "parked")


def test_a_catalog_that_moved_to_another_store_leaves_the_first_ones_batch_to_its_own_question(
    catalog: Catalog, batch: PushBatch, other_store: Store, asked: list[tuple[int, ...]], deliver: Deliver
) -> None:
    leaving.unlink_catalog(catalog, actor=None)
    connect_elsewhere(other_store, HAZEL_CATALOG)
    Context().run(deliver, about(batch.handle))
    assert (asked, outcomes()) == ([], ["ignored"])
    event = WebhookEvent.objects.get()
    assert event.store == other_store
    PushBatch.objects.update(not_before=timezone.now())
    batches.poll(batch.pk)
    assert finish(batch).live_count == 1
