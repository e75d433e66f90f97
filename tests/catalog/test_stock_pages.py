"""The page of a variant's stock: every change, undoing one, holding pieces, keeping some back."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.models import Reason, Reservation, StockMovement, Variant
from catalog.stock import ledger
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tests.catalog.sample import ledger_sum, make_variant

HOME = "/s/hazel-home/catalog/"


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


def text(response: Any) -> str:
    return str(response.content.decode())


def again(variant: Variant) -> Variant:
    return Variant.objects.get(pk=variant.pk)


def hold_body(**over: str) -> dict[str, str]:
    return {"key": str(uuid.uuid4()), "quantity": "2", "hours": "24"} | over


def test_the_ledger_says_what_came_and_went_and_links_to_the_order(client: Client, shop: Store) -> None:
    variant = make_variant(on_hand=5)
    ledger.take([(variant, 2)], reason=Reason.ORDER, reference="order:1001")
    page = text(client.get(f"{HOME}variants/{variant.pk}/ledger/"))
    assert "3 pieces can be sold." in page
    assert 'href="/s/hazel-home/orders/1001/"' in page
    assert page.index(">-2<") < page.index(">+5<")


def test_a_long_ledger_is_read_page_by_page(client: Client, shop: Store) -> None:
    variant = make_variant(on_hand=0)
    for number in range(1, 46):
        ledger.adjust(variant, number, reason=Reason.DELIVERED, actor=None)
    address = f"{HOME}variants/{variant.pk}/ledger/"
    first = client.get(address)
    assert ">+45<" in text(first)
    assert ">+5<" not in text(first)
    second = text(client.get(address + first.context["page"].next_url))
    assert ">+5<" in second
    assert ">+6<" not in second


def test_the_ledger_as_csv_cannot_carry_a_formula(client: Client, shop: Store, manager: User) -> None:
    User.objects.filter(pk=manager.pk).update(name="=cmd()")
    variant = make_variant(on_hand=5)
    ledger.adjust(variant, -1, reason=Reason.DAMAGED, actor=manager)
    response = client.get(f"{HOME}variants/{variant.pk}/ledger.csv")
    rows = list(csv.reader(io.StringIO(text(response))))
    assert response["Content-Disposition"] == f'attachment; filename="stock-{variant.retailer_id}.csv"'
    assert rows[0] == ["When", "Why", "Change", "On hand after it", "Reference", "Who"]
    assert [row[1:] for row in rows[1:]] == [
        ["Damaged or lost", "-1", "4", "", "'=cmd()"],
        ["Opening stock", "5", "5", "opening", ""],
    ]


def test_a_change_by_hand_is_undone_on_the_page(client: Client, shop: Store, manager: User) -> None:
    variant = make_variant(on_hand=5)
    ledger.adjust(variant, -2, reason=Reason.COUNTED, actor=manager)
    movement = StockMovement.objects.filter(variant=variant).latest("pk")
    for _ in range(2):
        answer = client.post(f"{HOME}movements/{movement.pk}/undo/")
        assert answer.status_code == 302
    assert again(variant).on_hand == ledger_sum(variant) == 5
    page = text(client.get(f"{HOME}variants/{variant.pk}/ledger/"))
    assert f"movements/{movement.pk}/undo/" not in page
    assert AuditEntry.objects.filter(action="stock.adjusted").count() == 2


def test_what_an_order_took_is_not_undone_here(client: Client, shop: Store) -> None:
    variant = make_variant(on_hand=5)
    ledger.take([(variant, 2)], reason=Reason.ORDER, reference="order:1")
    movement = StockMovement.objects.filter(variant=variant).latest("pk")
    answer = client.post(f"{HOME}movements/{movement.pk}/undo/", follow=True)
    assert "This change was not made by hand" in text(answer)
    assert again(variant).on_hand == ledger_sum(variant) == 3


def test_pieces_are_held_for_a_buyer_and_released(client: Client, shop: Store, manager: User) -> None:
    variant = make_variant(on_hand=3)
    body = hold_body()
    for _ in range(2):  # a form that is sent twice holds once
        assert client.post(f"{HOME}variants/{variant.pk}/holds/", body).status_code == 302
    hold = Reservation.objects.get()
    assert (hold.quantity, hold.actor, again(variant).available) == (2, manager, 1)
    assert "1 piece can be sold." in text(client.get(f"{HOME}variants/{variant.pk}/ledger/"))
    assert client.post(f"{HOME}holds/{hold.pk}/release/").status_code == 302
    assert not Reservation.objects.exists()
    assert again(variant).available == 3
    actions = AuditEntry.objects.filter(action__startswith="stock.").values_list("action", flat=True)
    assert set(actions) == {"stock.held", "stock.released"}


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"quantity": "4"}, "Only 3 can be held"),
        ({"quantity": "0"}, "Enter 1 at least."),
        ({"quantity": "two"}, "Enter a whole number, such as 12."),
        ({"hours": "100000"}, "Select a valid choice."),
        ({"key": "nonsense"}, "Hold pieces for a buyer"),
    ],
)
def test_a_bad_hold_holds_nothing(client: Client, shop: Store, over: dict[str, str], words: str) -> None:
    variant = make_variant(on_hand=3)
    answer = client.post(f"{HOME}variants/{variant.pk}/holds/", hold_body(**over))
    assert answer.status_code == 422
    assert words in text(answer)
    assert not Reservation.objects.exists()
    assert again(variant).reserved == 0


def test_safety_stock_is_kept_back(client: Client, shop: Store) -> None:
    variant = make_variant(on_hand=3)
    address = f"{HOME}variants/{variant.pk}/limits/"
    for _ in range(2):
        assert client.post(address, {"safety_stock": "2"}).status_code == 302
    assert (again(variant).safety_stock, again(variant).available) == (2, 1)
    assert AuditEntry.objects.filter(action="stock.safety_changed").count() == 1
    answer = client.post(address, {"safety_stock": "-1"})
    assert answer.status_code == 422
    assert "Enter 0 at least." in text(answer)
    assert again(variant).safety_stock == 2


def test_a_viewer_reads_and_changes_nothing(
    shop: Store, viewer: User, client_of: Callable[[User], Client]
) -> None:
    variant = make_variant(on_hand=3)
    client = client_of(viewer)
    page = text(client.get(f"{HOME}variants/{variant.pk}/ledger/"))
    assert "/holds/" not in page
    assert "/limits/" not in page
    assert client.post(f"{HOME}variants/{variant.pk}/holds/", hold_body()).status_code == 403
    assert not Reservation.objects.exists()


def test_another_stores_ledger_is_not_there(client: Client, store: Store, other_store: Store) -> None:
    with open_store(other_store.pk):
        theirs = make_variant(on_hand=3)
    assert client.get(f"{HOME}variants/{theirs.pk}/ledger/").status_code == 404
    assert client.get(f"{HOME}variants/{theirs.pk}/ledger.csv").status_code == 404


def test_a_change_by_hand_that_is_sent_twice_is_one_change(client: Client, shop: Store) -> None:
    variant = make_variant(on_hand=5)
    page = text(client.get(f"{HOME}{variant.product_id}/"))
    (key,) = set(re.findall(r'name="key" value="([0-9a-f-]{36})"', page))
    address = f"{HOME}variants/{variant.pk}/stock/"
    for delta, there in (("3", 8), ("-2", 6)):
        body = {"key": key, "delta": delta, "reason": "counted"}
        for _press in range(2):
            assert client.post(address, body).status_code == 302
        assert (again(variant).on_hand, ledger_sum(variant)) == (there, there)
        key = str(uuid.uuid4())
    assert AuditEntry.objects.filter(action="stock.adjusted").count() == 2
    assert client.post(address, body | {"key": "no key"}).status_code == 422
    assert again(variant).on_hand == 6
