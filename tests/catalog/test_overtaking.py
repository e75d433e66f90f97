"""Stock does not wait for the answer about an older batch; whatever Meta makes of the two, it ends right."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from catalog import services
from catalog.items import DELETED, build_row
from catalog.models import Catalog, CatalogItem, PushBatch, Reason, Variant
from catalog.push import claiming, settling, tasks, waiting
from catalog.push.marking import mark_waiting
from catalog.stock import ledger
from integrations.graph.catalogs import BatchReceipt, BatchResult
from integrations.graph.errors import GraphError, NoAnswer, RateLimited
from tests.catalog.sample import finish, item_of, make_product, make_variant, push, remote_items, sent_batches
from tests.sandbox_process import Sandbox


def push_stock(catalog: Catalog) -> PushBatch:
    """Do what the worker of the fast lane does for one nudge; return the batch it made."""
    tasks.push_stock()
    return PushBatch.objects.latest("pk")


def sell_one(variant: Variant) -> None:
    ledger.take([(variant, 1)], reason=Reason.ORDER, reference=f"order:{random.random()}")


def test_stock_goes_at_once_whatever_is_unanswered(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant(on_hand=1)
    first = push(catalog)
    assert first is not None
    sell_one(variant)
    second = push_stock(catalog)
    item = item_of(variant)
    assert (item.batch, item.overtook, item.sent_quantity) == (second, first, 0)
    assert sent_batches(sandbox) == 2


@pytest.mark.parametrize("older_first", [True, False])
def test_what_overtook_a_batch_is_sent_again_when_both_are_over(
    catalog: Catalog, sandbox: Sandbox, older_first: bool
) -> None:
    variant = make_variant(on_hand=1)
    first = push(catalog)
    assert first is not None
    sell_one(variant)
    second = push_stock(catalog)
    one, other = (first, second) if older_first else (second, first)
    finish(one)
    assert waiting.find_lane(catalog.pk) is None
    assert item_of(variant).state != "live"
    finish(other)
    item = item_of(variant)
    assert (item.state, item.stock_changed, item.overtook, item.confirmed_fingerprint) == (
        "waiting",
        True,
        None,
        "",
    )
    third = push_stock(catalog)
    assert third != second
    finish(third)
    item = item_of(variant)
    assert (item.state, item.waiting_since, item.confirmed_quantity) == ("live", None, 0)
    assert remote_items(sandbox)[variant.retailer_id]["availability"] == "out of stock"
    assert waiting.find_lane(catalog.pk) is None


def test_the_answer_about_an_overtaken_batch_does_not_touch_the_item(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    make_product(title="A lamp")
    variant = make_variant(on_hand=2)
    sandbox.fault("half_batch", times=1)  # refuses each second row of the first batch
    first = push(catalog)
    assert first is not None
    sell_one(variant)
    push_stock(catalog)
    before = item_of(variant)
    first = finish(first)
    assert (first.live_count, first.failed_count) == (1, 0)
    after = item_of(variant)
    assert (after.state, after.batch, after.error) == (before.state, before.batch, "")


def test_pieces_held_and_given_back_meanwhile_cost_no_call(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant(on_hand=3)
    batch = push(catalog)
    assert batch is not None
    sell_one(variant)
    ledger.give_back([(variant, 1)], reason=Reason.CANCELLED, reference="order:1", actor=None)
    assert push_stock(catalog) == batch
    assert (item_of(variant).batch, waiting.find_lane(catalog.pk)) == (batch, None)
    finish(batch)
    assert item_of(variant).state == "live"


def test_an_edit_of_the_words_waits_for_the_answer(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant(on_hand=3)
    first = push(catalog)
    assert first is not None
    Variant.objects.filter(pk=variant.pk).update(price_minor=999)
    mark_waiting([variant.pk])
    assert push(catalog) is None
    assert push_stock(catalog) == first
    finish(first)
    second = push(catalog)
    assert second is not None
    assert item_of(variant).overtook is None


def test_stock_that_did_not_get_through_goes_back_into_the_fast_lane(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    variant = make_variant(on_hand=3)
    first = push(catalog)
    assert first is not None
    finish(first)
    sell_one(variant)
    sandbox.fault("server_error", edge="items_batch", times=1)
    assert push_stock(catalog).state == "failed"
    Catalog.objects.update(not_before=timezone.now())
    assert waiting.find_lane(catalog.pk) is True


Content = dict[str, Any]


@dataclass
class PretendMeta:
    """Takes batches, and carries them out when it likes, in an order that nobody knows."""

    has: dict[str, Content] = field(default_factory=dict)
    in_flight: dict[int, list[Content]] = field(default_factory=dict)
    unread: dict[int, dict[str, str]] = field(default_factory=dict)

    def carry_out(self, batch_pk: int, *, refused: str = "") -> None:
        for request in self.in_flight.pop(batch_pk):
            retailer_id = request["data"]["id"]
            if retailer_id == refused:
                continue
            if request["method"] == "DELETE":
                self.has.pop(retailer_id, None)
            else:
                self.has[retailer_id] = request["data"]
        self.unread[batch_pk] = {refused: "price is invalid"} if refused else {}


class Play:
    """One play of a store, its workers and Meta: each step is an event that may come at any time."""

    def __init__(self, catalog: Catalog, variants: list[Variant], seed: int) -> None:
        self.catalog, self.variants, self.dice = catalog, variants, random.Random(seed)
        self.meta = PretendMeta()
        self.calling: dict[int, claiming.Claimed] = {}
        self.log: list[str] = []

    @property
    def events(self) -> list[Callable[[], None]]:
        stock_events = [self.change_stock] * 4
        work = [self.claim_stock, self.claim_slow, self.answer_call, self.carry_out, self.answer_batch] * 3
        rare = [self.edit, self.archive_or_restore, self.hold_or_let_go, self.lose_call, self.be_limited]
        return [*stock_events, *work, *rare]

    def step(self) -> None:
        event = self.dice.choice(self.events)
        self.log.append(event.__name__)
        event()
        self.check()

    def change_stock(self) -> None:
        variant = self.dice.choice(self.variants)
        ledger.adjust(variant, self.dice.choice((1, 2)), reason=Reason.DELIVERED, actor=None)

    def edit(self) -> None:
        variant = self.dice.choice(self.variants)
        Variant.objects.filter(pk=variant.pk).update(price_minor=self.dice.randint(100, 102))
        mark_waiting([variant.pk])

    def archive_or_restore(self) -> None:
        product = self.dice.choice(self.variants).product
        product.refresh_from_db()
        change = services.archive_product if product.status == "active" else services.restore_product
        change(product, actor=None)

    def hold_or_let_go(self) -> None:
        is_held = Catalog.objects.get().is_held
        (services.let_go if is_held else services.hold_back)(self.catalog, actor=None)

    def claim_stock(self) -> None:
        self._claim(stock_only=True)

    def claim_slow(self) -> None:
        self._claim(stock_only=False)

    def _claim(self, *, stock_only: bool) -> None:
        claimed, _more = claiming.claim_batch(self.catalog.pk, stock_only=stock_only)
        if claimed is not None:
            self.calling[claimed.batch.pk] = claimed

    def answer_call(self) -> None:
        if claimed := self._pick(self.calling):
            self.meta.in_flight[claimed.batch.pk] = claimed.requests
            receipt = BatchReceipt(handle=f"h{claimed.batch.pk}", refused={})
            settling.settle_receipt(claimed.batch, receipt, poll_at=timezone.now())

    def lose_call(self) -> None:
        if claimed := self._pick(self.calling):
            if self.dice.random() < 0.5:  # Meta got it, but its answer was lost
                self.meta.in_flight[claimed.batch.pk] = claimed.requests
                self.meta.carry_out(claimed.batch.pk)
                self.meta.unread.pop(claimed.batch.pk)
            self._release(claimed.batch, NoAnswer("Meta could not be reached."))

    def be_limited(self) -> None:
        if claimed := self._pick(self.calling):
            self._release(claimed.batch, RateLimited("Too many calls.", code=80014, seconds=60))

    def _release(self, batch: PushBatch, error: GraphError) -> None:
        settling.release(batch, error)
        Catalog.objects.update(not_before=timezone.now())
        CatalogItem.objects.update(not_before=timezone.now(), attempts=0)

    def carry_out(self) -> None:
        if self.meta.in_flight:
            batch_pk = self.dice.choice(list(self.meta.in_flight))
            names = [request["data"]["id"] for request in self.meta.in_flight[batch_pk]]
            refused = self.dice.choice(names) if self.dice.random() < 0.1 else ""
            self.meta.carry_out(batch_pk, refused=refused)

    def answer_batch(self) -> None:
        if self.meta.unread:
            batch_pk = self.dice.choice(list(self.meta.unread))
            refused = self.meta.unread.pop(batch_pk)
            result = BatchResult(is_known=True, is_finished=True, refused=refused, is_complete=True)
            settling.settle_finished(PushBatch.objects.select_related("catalog").get(pk=batch_pk), result)

    def _pick(self, calling: dict[int, claiming.Claimed]) -> claiming.Claimed | None:
        return calling.pop(self.dice.choice(list(calling))) if calling else None

    def check(self) -> None:
        """What is at rest is as Meta has it, and nothing waits for something that will not come."""
        open_batches = set(PushBatch.objects.filter(state__in=settling.OPEN).values_list("pk", flat=True))
        for item in CatalogItem.objects.select_related("variant__product", "variant__store"):
            assert item.waiting_since is not None or not item.stock_changed, self.log
            if item.batch_id is not None:
                assert item.batch_id in open_batches, self.log
            elif item.overtook_id is not None:
                assert any(pk <= item.overtook_id for pk in open_batches), self.log
            elif item.waiting_since is None and item.state != "failed":
                self._compare(item)

    def _compare(self, item: CatalogItem) -> None:
        variant = item.variant
        gone = item.delete_wanted or not variant.is_for_sale
        row = build_row(variant, base_url=settings.APP_BASE_URL, now=timezone.now(), delete=gone)
        assert item.state == ("removed" if gone else "live"), self.log
        if row.fingerprint == DELETED:
            assert variant.retailer_id not in self.meta.has, self.log
        else:
            assert self.meta.has.get(variant.retailer_id) == row.request["data"], self.log

    def come_to_rest(self) -> None:
        services.let_go(self.catalog, actor=None)
        mark_waiting(list(CatalogItem.objects.filter(state="failed").values_list("variant_id", flat=True)))
        for _ in range(8):
            for work in (self.claim_stock, self.claim_slow):
                work()
            while self.calling:
                self.answer_call()
            for batch_pk in list(self.meta.in_flight):
                self.meta.carry_out(batch_pk)
            while self.meta.unread:
                self.answer_batch()
        self.check()
        states = CatalogItem.objects.filter(waiting_since=None, batch=None, overtook=None)
        assert set(states.values_list("state", flat=True)) <= {"live", "removed"}, self.log
        assert states.count() == len(self.variants), self.log


@pytest.mark.parametrize("seed", range(8))
def test_in_whatever_order_things_happen_meta_has_in_the_end_what_the_store_has(
    catalog: Catalog, seed: int
) -> None:
    play = Play(catalog, [make_variant(title=f"Lamp {number}") for number in range(2)], seed)
    for _ in range(30):
        play.step()
    play.come_to_rest()
