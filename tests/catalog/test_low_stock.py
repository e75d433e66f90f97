"""What runs low is kept however stock changes, listed, and told to the owners once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.utils import timezone

from catalog import services
from catalog.models import Reason, Variant
from catalog.product_data import VariantData
from catalog.stock import holds, ledger, low_stock
from catalog.stock.tasks import follow_low_stock, sweep_low_stock, tell_of_low_stock
from stormcom.celery import app
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tests.catalog.sample import make_product, make_variant, race

HOME = "/s/hazel-home/catalog/"
DOWN = "tests.catalog.mail_down.DownBackend"
SETTINGS = f"{HOME}stock/"


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


def sell(variant: Variant, pieces: int) -> None:
    ledger.take([(variant, pieces)], reason=Reason.ORDER, reference=f"order:{uuid.uuid4()}")


def bring(variant: Variant, pieces: int) -> None:
    ledger.give_back([(variant, pieces)], reason=Reason.DELIVERED, reference="")


def is_low(variant: Variant) -> bool:
    return Variant.objects.get(pk=variant.pk).low_since is not None


def low_titles() -> set[str]:
    return set(Variant.objects.filter(low_since__isnull=False).values_list("product__title", flat=True))


def count_told() -> int:
    low = low_stock.claim_untold()
    return len(low.claimed) if low else 0


def tell(store: Store) -> list[str]:
    """Do what the worker does; return the subjects of the e-mails that this sent."""
    before = len(mail.outbox)
    tell_of_low_stock(store.pk)
    return [str(message.subject) for message in mail.outbox[before:]]


# --- Whether something runs low ---------------------------------------------------------------------------


def test_something_runs_low_from_the_stores_number_on(shop: Store) -> None:
    variant = make_variant(on_hand=4)
    assert not is_low(variant)
    sell(variant, 1)
    assert not is_low(variant)
    sell(variant, 1)
    assert is_low(variant)
    bring(variant, 1)
    assert not is_low(variant)


@pytest.mark.parametrize(("own", "low"), [(None, False), (0, False), (2, False), (4, True), (5, True)])
def test_a_variants_own_number_wins(shop: Store, own: int | None, low: bool) -> None:
    variant = make_variant(on_hand=4)
    Variant.objects.filter(pk=variant.pk).update(low_stock_at=own)
    assert is_low(variant) is low


def test_what_is_held_or_kept_back_cannot_be_sold_and_counts_as_gone(shop: Store) -> None:
    variant = make_variant(on_hand=5)
    until = timezone.now() + timedelta(hours=1)
    holds.hold([(variant, 3)], reference="hand:1", until=until)
    assert is_low(variant)
    holds.release("hand:1")
    assert not is_low(variant)
    Variant.objects.filter(pk=variant.pk).update(safety_stock=3)
    assert is_low(variant)


def test_without_a_number_nothing_runs_low(shop: Store) -> None:
    Store.objects.filter(pk=shop.pk).update(low_stock_at=None)
    variant = make_variant(on_hand=1)
    sell(variant, 1)
    assert not is_low(variant)
    Variant.objects.filter(pk=variant.pk).update(low_stock_at=0)
    assert is_low(variant)


def test_a_variant_that_is_not_for_sale_does_not_run_low(shop: Store) -> None:
    variant = make_variant(on_hand=1)
    assert is_low(variant)
    Variant.objects.filter(pk=variant.pk).update(status="archived")
    assert not is_low(variant)


def test_a_row_written_as_it_was_read_earlier_changes_nothing(shop: Store) -> None:
    """A whole row that is saved late carries what was true when it was read."""
    variant = make_variant(on_hand=3)
    late = Variant.objects.get(pk=variant.pk)
    sell(variant, 1)
    Variant.objects.update(is_low_told=True)
    late.on_hand = 2
    late.save()
    again = Variant.objects.get(pk=variant.pk)
    assert (again.low_since is not None, again.is_low_told) == (True, True)


# --- The e-mail -------------------------------------------------------------------------------------------


def test_owners_get_one_e_mail_of_all_that_has_fallen(shop: Store, owner: User, manager: User) -> None:
    lamp, vase, rug = (make_variant(title=title, on_hand=9) for title in ("Lamp", "Vase", "Rug"))
    sell(lamp, 7)
    sell(vase, 9)
    sell(rug, 1)
    assert tell(shop) == ["Hazel Home: 2 items run low"]
    letter = mail.outbox[-1]
    assert letter.to == [owner.email]
    assert "- Vase: none left\n- Lamp: 2 left\n" in letter.body
    assert "Rug" not in letter.body
    assert "/s/hazel-home/catalog/?show=low" in letter.body
    assert tell(shop) == []


def test_what_the_mail_server_did_not_take_is_told_later(
    shop: Store, owner: User, settings: LazySettings
) -> None:
    variant = make_variant(title="Vase", on_hand=3)
    sell(variant, 3)
    works, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, DOWN
    with pytest.raises(OSError, match="down"):
        tell_of_low_stock(shop.pk)
    assert Variant.objects.filter(low_stock.UNTOLD).get() == variant
    settings.EMAIL_BACKEND = works
    assert tell(shop) == ["Hazel Home: 1 item runs low"]
    assert tell(shop) == []


def test_nobody_is_told_again_until_there_was_enough_in_between(shop: Store, owner: User) -> None:
    variant = make_variant(on_hand=3)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sell(variant, 1)
        assert tell(shop) == ["Hazel Home: 1 item runs low"]
        clock.shift(timedelta(days=2))
        sell(variant, 1)
        assert tell(shop) == []
        bring(variant, 5)
        assert tell(shop) == []
        sell(variant, 5)
        assert tell(shop) == ["Hazel Home: 1 item runs low"]


def test_nobody_is_told_twice_a_day_and_nothing_is_forgotten(shop: Store, owner: User) -> None:
    lamp, vase = make_variant(title="Lamp", on_hand=3), make_variant(title="Vase", on_hand=3)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sell(lamp, 1)
        assert len(tell(shop)) == 1
        clock.shift(timedelta(hours=23))
        sell(vase, 1)
        assert tell(shop) == []
        clock.shift(timedelta(hours=2))
        assert len(tell(shop)) == 1
        assert "Vase" in mail.outbox[-1].body
        assert "Lamp" not in mail.outbox[-1].body


def test_a_new_variant_has_not_fallen(shop: Store, owner: User) -> None:
    make_variant(on_hand=1)
    make_variant(title="Vase", on_hand=0)
    assert low_titles() == {"Linen cushion", "Vase"}
    assert tell(shop) == []


def test_what_is_not_on_sale_is_told_to_nobody(shop: Store, owner: User) -> None:
    variant = make_variant(on_hand=3)
    sell(variant, 2)
    services.archive_product(variant.product, actor=None)
    assert tell(shop) == []
    assert Store.objects.get(pk=shop.pk).low_stock_told_at is None


def test_a_long_list_names_the_scarcest_and_counts_the_rest(shop: Store, owner: User) -> None:
    variants = tuple(VariantData(title=f"V{n:02}", price_minor=100, on_hand=5) for n in range(23))
    rows = list(make_product(variants=variants).variants.all())
    ledger.take([(row, 3) for row in rows], reason=Reason.ORDER, reference="order:1")
    sell(rows[22], 2)
    assert tell(shop) == ["Hazel Home: 23 items run low"]
    body = mail.outbox[-1].body
    assert body.index("V22: none left") < body.index("V00: 2 left")
    assert "and 3 more" in body
    assert "V20" not in body


def test_a_flood_is_one_e_mail_that_counts_all_of_it(
    shop: Store, owner: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(low_stock, "SLICE", 10)
    variants = tuple(VariantData(title=f"V{n:02}", price_minor=100, on_hand=5) for n in range(40))
    rows = list(make_product(variants=variants).variants.all())
    ledger.take([(row, 3) for row in rows], reason=Reason.ORDER, reference="order:1")
    works, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, DOWN
    with pytest.raises(OSError, match="down"):
        tell_of_low_stock(shop.pk)
    assert Variant.objects.filter(low_stock.UNTOLD).count() == 40
    settings.EMAIL_BACKEND = works
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert tell(shop) == ["Hazel Home: 40 items run low"]
        assert "and 20 more" in mail.outbox[-1].body
        clock.shift(timedelta(days=2))
        assert tell(shop) == []


def test_what_goes_up_and_down_round_the_number_is_told_once_a_day(shop: Store, owner: User) -> None:
    variant = make_variant(on_hand=3)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        told = 0
        for _hour in range(48):
            sell(variant, 1)
            told += len(tell(shop))
            bring(variant, 1)
            clock.shift(timedelta(hours=1))
        assert told == 2


def test_what_ran_low_while_it_was_archived_is_told_when_it_is_on_sale_again(
    shop: Store, owner: User
) -> None:
    variant = make_variant(title="Vase", on_hand=3)
    sell(variant, 2)
    services.archive_product(variant.product, actor=None)
    assert tell(shop) == []
    services.restore_product(variant.product, actor=None)
    assert tell(shop) == ["Hazel Home: 1 item runs low"]


def test_the_sweep_waits_a_while_and_leaves_stores_in_peace(
    shop: Store, other_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    monkeypatch.setattr(tell_of_low_stock, "delay", started.append)
    with time_machine.travel(timezone.now(), tick=False):
        sell(make_variant(on_hand=3), 1)
        sweep_low_stock()
        assert started == []
        Variant.objects.update(low_since=timezone.now() - low_stock.GATHER)
        sweep_low_stock()
        assert started == [shop.pk]
        Store.objects.update(low_stock_told_at=timezone.now() - timedelta(hours=1))
        sweep_low_stock()
        assert started == [shop.pk]
    assert "catalog.stock.tasks.sweep_low_stock" in app.tasks


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_moment_send_one_e_mail(store: Store, owner: User) -> None:
    with open_store(store.pk):
        sell(make_variant(on_hand=3), 1)
    claimed: list[int] = []
    assert race(store, [lambda: claimed.append(count_told())] * 6) == [None] * 6
    assert sorted(claimed) == [0, 0, 0, 0, 0, 1]


# --- Where people see and say it --------------------------------------------------------------------------


def test_the_list_has_a_filter_and_a_badge_and_the_product_says_so(client: Client, shop: Store) -> None:
    low, enough = make_variant(title="Lamp", on_hand=2), make_variant(title="Vase", on_hand=9)
    page = client.get(f"{HOME}?show=low").content.decode()
    assert ("Lamp" in page, "Vase" in page) == (True, False)
    lines = client.get(HOME).content.decode().split("<tbody")[1].split("<tr")
    assert ["</svg>Low<" in line for line in lines if "Lamp" in line or "Vase" in line] == [False, True]
    assert "Running low" in client.get(f"{HOME}{low.product_id}/").content.decode().split("<main")[1]
    assert "Running low" not in client.get(f"{HOME}{enough.product_id}/").content.decode().split("<main")[1]
    bring(low, 9)
    assert "Nothing runs low" in client.get(f"{HOME}?show=low").content.decode()


def test_home_and_health_say_what_runs_low_without_calling_it_broken(
    client: Client, shop: Store, connected_page: Any
) -> None:
    make_variant(on_hand=2)
    for address in ("/s/hazel-home/", "/s/hazel-home/health/"):
        page = client.get(address).content.decode()
        assert "1 product runs low." in page
        assert 'href="/s/hazel-home/catalog/?show=low"' in page
    assert "Everything works." in page
    Variant.objects.update(low_stock_at=0)
    assert "runs low" not in client.get("/s/hazel-home/health/").content.decode()


def test_a_new_number_of_the_store_is_followed_and_told_to_nobody(
    client: Client, shop: Store, owner: User
) -> None:
    make_variant(title="Lamp", on_hand=5)
    own = make_variant(title="Vase", on_hand=5)
    Variant.objects.filter(pk=own.pk).update(low_stock_at=1)
    body = {"when_sold_out": "show", "low_stock_at": "5"}
    assert client.post(SETTINGS, body).status_code == 302
    follow_low_stock(shop.pk)
    assert low_titles() == {"Lamp"}
    assert tell(shop) == []
    client.post(SETTINGS, body | {"low_stock_at": ""})
    follow_low_stock(shop.pk)
    assert Store.objects.get(pk=shop.pk).low_stock_at is None
    assert low_titles() == set()


def test_many_variants_follow_slice_by_slice(shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(low_stock, "SLICE", 2)
    rows = [make_variant(title=f"Lamp {n}", on_hand=5) for n in range(3)]
    Store.objects.filter(pk=shop.pk).update(low_stock_at=5)
    after = low_stock.follow_slice(after=0)
    assert after == rows[1].pk
    assert low_stock.follow_slice(after=after) is None
    assert low_stock.follow_slice(after=0) is None
    assert len(low_titles()) == 3


@pytest.mark.parametrize("bad", ["-1", "many", "1000001"])
def test_a_number_that_cannot_be_is_refused(client: Client, shop: Store, bad: str) -> None:
    answer = client.post(SETTINGS, {"when_sold_out": "hide", "low_stock_at": bad})
    assert answer.status_code == 422
    saved = Store.objects.get(pk=shop.pk)
    assert (saved.when_sold_out, saved.low_stock_at) == ("show", 2)


def test_a_variant_has_its_own_number_on_its_stock_page(client: Client, shop: Store, owner: User) -> None:
    variant = make_variant(on_hand=5)
    address = f"{HOME}variants/{variant.pk}/limits/"
    page = client.get(f"{HOME}variants/{variant.pk}/ledger/").content.decode()
    assert "as the store says" in page
    assert client.post(address, {"safety_stock": "1", "low_stock_at": "4"}).status_code == 302
    saved = Variant.objects.get(pk=variant.pk)
    assert (saved.safety_stock, saved.low_stock_at, is_low(saved)) == (1, 4, True)
    entry = AuditEntry.objects.get(action="stock.threshold_changed")
    assert entry.details == {"before": None, "after": 4}
    assert client.post(address, {"safety_stock": "1", "low_stock_at": ""}).status_code == 302
    assert not is_low(saved)
    assert client.post(address, {"safety_stock": "1", "low_stock_at": "-3"}).status_code == 422
    assert Variant.objects.get(pk=variant.pk).low_stock_at is None
