"""Batches of which Meta tells too little: none waits for ever, and nothing is live that nobody knows of."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Catalog, CatalogItem, PushBatch
from catalog.push import batches
from integrations.graph import catalogs
from integrations.graph.catalogs import BatchResult
from integrations.graph.errors import RetryLater
from tests.catalog.sample import item_of, make_variant, push


def age(batch: PushBatch, **by: int) -> None:
    now = timezone.now()
    PushBatch.objects.filter(pk=batch.pk).update(not_before=now, sent_at=now - timedelta(**by))


def answer(monkeypatch: pytest.MonkeyPatch, **values: object) -> None:
    facts = {"is_known": True, "is_finished": True, "refused": {}, "is_complete": True} | values
    result = BatchResult(**facts)  # type: ignore[arg-type]
    monkeypatch.setattr(catalogs, "check_batch", lambda *args, **kwargs: result)


def test_errors_that_meta_counts_and_does_not_name_make_nothing_live(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, unknown = make_variant(title="A lamp"), make_variant(title="A rug")
    batch = push(catalog)
    assert batch is not None
    answer(monkeypatch, refused={bad.retailer_id: "price is invalid"}, is_complete=False)
    age(batch, seconds=5)
    batches.poll(batch.pk)
    assert (item_of(bad).state, item_of(bad).meta_message) == ("failed", "price is invalid")
    left = item_of(unknown)
    assert (left.state, left.batch, left.confirmed_fingerprint, left.attempts) == ("waiting", None, "", 1)
    batch.refresh_from_db()
    assert (batch.state, batch.live_count, batch.failed_count) == ("failed", 0, 1)


def test_what_the_next_answer_does_not_count_is_live(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The errors that were not named were those of the item that was."""
    bad, good = make_variant(title="A lamp"), make_variant(title="A rug")
    batch = push(catalog)
    assert batch is not None
    answer(monkeypatch, refused={bad.retailer_id: "price is invalid"}, is_complete=False)
    age(batch, seconds=5)
    batches.poll(batch.pk)
    CatalogItem.objects.update(not_before=timezone.now())
    again = push(catalog)
    assert again is not None
    assert again.row_count == 1
    answer(monkeypatch)
    age(again, seconds=5)
    batches.poll(again.pk)
    assert (item_of(good).state, item_of(bad).state) == ("live", "failed")


def test_a_batch_that_meta_does_not_know_is_sent_again_after_a_while(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = make_variant()
    batch = push(catalog)
    assert batch is not None
    answer(monkeypatch, is_known=False, is_finished=False)
    age(batch, minutes=2)  # its list may be behind its own answer
    polled = batches.poll(batch.pk)
    assert polled is not None
    assert polled.again_seconds is not None
    age(batch, minutes=11)
    batches.poll(batch.pk)
    batch.refresh_from_db()
    assert batch.state == "failed"
    assert (item_of(variant).state, item_of(variant).batch) == ("waiting", None)


def test_a_batch_that_nobody_may_ask_about_any_more_ends_after_a_day(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = make_variant()
    batch = push(catalog)
    assert batch is not None

    def check_batch(*args: object, **kwargs: object) -> BatchResult:
        raise RetryLater("Meta answered HTTP 500.")

    monkeypatch.setattr(catalogs, "check_batch", check_batch)
    age(batch, hours=1)
    batches.poll(batch.pk)
    batch.refresh_from_db()
    assert batch.state == "sent"
    age(batch, hours=25)
    batches.poll(batch.pk)
    batch.refresh_from_db()
    assert batch.state == "failed"
    assert (item_of(variant).state, item_of(variant).batch) == ("waiting", None)
