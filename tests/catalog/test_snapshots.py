"""What each channel shows of the stock of a variant, against what there is: on its pages and for staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.models import Catalog, CatalogItem, InventorySnapshot, PushBatch, Reason, Variant
from catalog.push import tasks
from catalog.stock import ledger
from integrations.models import AssetState
from tenancy.models import User
from tests.catalog.sample import finish, make_variant, push
from tests.sandbox_process import Sandbox

HOME = "/s/hazel-home/catalog/"


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


@pytest.fixture
def staff(client_of: Callable[[User], Client], db: None) -> Client:
    return client_of(User.objects.create_superuser("staff@stormcom.example", "pass-phrase-77"))


def make_live(catalog: Catalog, on_hand: int = 5) -> Variant:
    variant = make_variant(on_hand=on_hand)
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    return variant


def sell(variant: Variant, pieces: int) -> None:
    ledger.take([(variant, pieces)], reason=Reason.ORDER, reference=f"order:{pieces}")


def snapshot(variant: Variant) -> tuple[int | None, int | None, int, bool]:
    row = InventorySnapshot.objects.get(variant=variant)
    return (row.sent_quantity, row.confirmed_quantity, row.available, row.differs)


def pages(client: Client, variant: Variant) -> list[str]:
    """Return the page of the product and that of the variant's stock, as words."""
    addresses = (f"{HOME}{variant.product_id}/", f"{HOME}variants/{variant.pk}/ledger/")
    return [" ".join(client.get(address).content.decode().split()) for address in addresses]


def test_a_snapshot_follows_a_change_from_here_to_meta(
    catalog: Catalog, sandbox: Sandbox, client: Client
) -> None:
    variant = make_variant(on_hand=5)
    assert snapshot(variant) == (None, None, 5, True)
    for page in pages(client, variant):
        assert "Facebook and Instagram show none yet, you have 5. The change is on its way." in page
    batch = push(catalog)
    assert batch is not None
    assert snapshot(variant) == (5, None, 5, True)
    finish(batch)
    assert snapshot(variant) == (5, 5, 5, False)
    for page in pages(client, variant):
        assert "Facebook and Instagram show 5, as you have." in page

    sell(variant, 2)
    assert snapshot(variant) == (5, 5, 3, True)
    tasks.push_stock()
    assert snapshot(variant) == (3, 5, 3, True)
    for page in pages(client, variant):
        assert "Facebook and Instagram show 5, you have 3." in page
        assert "Sent <time" in page
    finish(PushBatch.objects.latest("pk"))
    assert snapshot(variant) == (3, 3, 3, False)
    row = InventorySnapshot.objects.get()
    assert row.last_sync_at == CatalogItem.objects.get().answered_at
    assert row.last_error == ""


def test_what_cannot_be_sold_is_not_in_the_number(catalog: Catalog) -> None:
    variant = make_live(catalog)
    Variant.objects.filter(pk=variant.pk).update(safety_stock=2, on_hand=4, reserved=1)
    assert snapshot(variant) == (5, 5, 1, True)
    Variant.objects.filter(pk=variant.pk).update(safety_stock=9)
    assert snapshot(variant) == (5, 5, 0, True)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"is_held": True}, "Nothing is sent until you go on sending."),
        ({"state": AssetState.NEEDS_RECONNECT}, "Connect Facebook again, and it is sent."),
    ],
)
def test_a_change_that_cannot_leave_says_why(
    catalog: Catalog, client: Client, values: dict[str, Any], words: str
) -> None:
    variant = make_live(catalog)
    Catalog.objects.update(**values)
    sell(variant, 1)
    for page in pages(client, variant):
        assert f"Facebook and Instagram show 5, you have 4. {words}" in page


def test_a_refused_change_says_so_with_the_reason(catalog: Catalog, sandbox: Sandbox, client: Client) -> None:
    variant = make_live(catalog)
    sell(variant, 1)
    CatalogItem.objects.update(state="failed", waiting_since=None, error="The picture is too small.")
    for page in pages(client, variant):
        assert "Facebook and Instagram show 5, you have 4. Meta did not take the change." in page
        assert "The picture is too small." in page


def test_what_left_a_catalog_has_no_stock_there(catalog: Catalog, client: Client) -> None:
    variant = make_live(catalog)
    CatalogItem.objects.update(delete_wanted=True)
    assert not InventorySnapshot.objects.get().differs
    product_page, stock_page = pages(client, variant)
    assert "Facebook and Instagram show" not in product_page
    assert "Not in this catalog." in stock_page


def test_staff_see_all_stores_and_filter_by_what_differs(catalog: Catalog, staff: Client) -> None:
    same, other = make_live(catalog), make_live(catalog, on_hand=7)
    sell(other, 1)
    address = "/admin/catalog/inventorysnapshot/"

    def found(query: str) -> set[int]:
        answer: Any = staff.get(f"{address}?{query}")
        assert answer.status_code == 200
        return {row.variant_id for row in answer.context["cl"].queryset}

    assert found("") == {same.pk, other.pk}
    assert found("differs=yes") == {other.pk}
    assert found("differs=no") == {same.pk}
    pk = InventorySnapshot.objects.get(variant=same).pk
    assert staff.get(f"{address}{pk}/change/").status_code == 200
    assert staff.post(f"{address}{pk}/change/", {"sent_quantity": "1"}).status_code == 403
    assert staff.get(f"{address}add/").status_code == 403
