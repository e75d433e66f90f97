from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Catalog, CatalogItem
from integrations.models import AssetState
from leads.models import LeadForm, MetaLead
from messaging.models import Message
from operations.checklist import list_steps
from operations.home import look_around
from operations.week import last_week
from tenancy.models import Membership, Store, User
from tests.catalog.sample import make_variant
from tests.leads.sample import make_lead
from tests.messaging.sample import make_conversation
from tests.messaging.sample import make_page as make_speaking_page
from tests.operations.sample import make_account, make_assets, make_page
from tests.orders.sample import make_order

ClientOf = Callable[[User], Client]
HOME = "/s/hazel-home/"


def test_a_new_store_shows_five_steps_and_the_first_is_the_next(shop: Store, owner: User) -> None:
    home = look_around(shop, for_manager=True)
    assert home.sentence == "Connect your Page, and your shop comes alive here."
    assert [step.done for step in home.steps] == [False] * 5
    assert [step.next for step in home.steps] == [True, False, False, False, False]
    assert home.is_new


def test_each_step_is_done_by_what_it_names(shop: Store, owner: User, agent: User) -> None:
    page = make_speaking_page()
    assert _done(shop) == [True, False, False, False, True]
    conversation = make_conversation(page)
    facts = {"conversation": conversation, "direction": "out", "happened_at": conversation.last_message_at}
    sent = Message.objects.create(**facts, state="failed", reference="5a0cb8a2-52a5-4d6b-8a0c-4d6a3b1f7a10")
    assert _done(shop) == [True, False, False, False, True]
    Message.objects.filter(pk=sent.pk).update(state="sent")
    assert _done(shop) == [True, False, True, False, True]
    form = LeadForm.objects.create(page=page, form_id="300100")
    MetaLead.objects.create(page=page, form=form, leadgen_id="1")
    assert _done(shop) == [True, False, True, True, True]
    Catalog.objects.create(account=page.account, catalog_id="800100", state=AssetState.ACTIVE)
    make_variant()
    assert _done(shop) == [True, False, True, True, True]
    CatalogItem.objects.update(state=CatalogItem.State.LIVE)
    assert _done(shop) == [True] * 5
    assert look_around(shop, for_manager=True).steps == []


@pytest.mark.parametrize(
    ("state", "done"), [("disabled", True), ("needs_reconnect", True), ("disconnected", False)]
)
def test_a_page_that_rests_is_no_step_back(state: str, done: bool, shop: Store) -> None:
    make_page(make_account(), state=state)
    assert _done(shop)[0] is done


def _done(shop: Store) -> list[bool]:
    return [step.done for step in list_steps(shop)]


def test_a_store_of_one_person_has_nobody_invited(shop: Store, owner: User) -> None:
    assert Membership.objects.filter(store=shop).count() == 1
    assert _done(shop)[4] is False


def test_only_a_manager_is_asked_to_set_the_store_up(
    shop: Store, agent: User, manager: User, client_of: ClientOf
) -> None:
    assert "Set up your store" in client_of(manager).get(HOME).content.decode()
    assert "Set up your store" not in client_of(agent).get(HOME).content.decode()


def test_the_numbers_lead_to_their_rows(shop: Store, viewer: User, client_of: ClientOf) -> None:
    page = make_speaking_page()
    make_conversation(page)
    make_order()
    make_order()
    make_lead()
    home = look_around(shop, for_manager=True)
    assert [(stat.value, stat.url) for stat in home.stats] == [
        ("1", "/s/hazel-home/inbox/"),
        ("2", "/s/hazel-home/orders/?status=new"),
        ("1", "/s/hazel-home/leads/?status=new"),
        ("0", "/s/hazel-home/catalog/?show=refused"),
    ]
    assert home.sentence == "4 things are waiting for you."
    client = client_of(viewer)
    assert [client.get(stat.url).status_code for stat in home.stats] == [200] * 4


def test_nothing_waits_is_said_in_words(shop: Store) -> None:
    make_page(make_account())
    assert look_around(shop, for_manager=True).sentence == "Nothing is waiting for you."


def test_a_page_in_trouble_stands_on_the_home_page(shop: Store, viewer: User, client_of: ClientOf) -> None:
    make_page(make_account(), state=AssetState.NEEDS_RECONNECT)
    page = client_of(viewer).get(HOME).content.decode()
    assert page.count("Facebook no longer lets us in to Hazel Home.") == 1
    assert "Facebook Page Hazel Home needs reconnecting." not in page


@time_machine.travel(datetime(2026, 7, 15, 22, 30, tzinfo=UTC), tick=False)
def test_the_week_is_counted_in_the_stores_time_zone(shop: Store) -> None:
    at = [datetime(2026, 7, 14, 23, 15, tzinfo=UTC), datetime(2026, 7, 14, 22, 45, tzinfo=UTC)]
    for moment in at:
        make_order(placed_at=moment)
    make_order(placed_at=datetime(2026, 7, 8, 22, 30, tzinfo=UTC))
    week = last_week(shop)
    assert week.orders_by_day == [
        ("Thu", 0),
        ("Fri", 0),
        ("Sat", 0),
        ("Sun", 0),
        ("Mon", 0),
        ("Tue", 1),
        ("Wed", 1),
    ]
    assert (week.orders, week.revenue_minor, week.today.orders) == (2, 500, 1)


@pytest.mark.parametrize("path", ["", "health/"])
def test_every_page_of_the_store_has_its_counts_in_the_rail(
    shop: Store, viewer: User, client_of: ClientOf, path: str
) -> None:
    make_conversation(make_speaking_page())
    make_order()
    make_lead()
    rail = client_of(viewer).get(HOME + path).context["rail"]
    assert (rail["inbox"], rail["orders"], rail["leads"], rail["health"]) == (1, 1, 1, "success")
    assert rail["stores"] == [("Hazel Home", HOME, True)]


def test_home_costs_the_same_with_more_rows(shop: Store, viewer: User, client_of: ClientOf) -> None:
    client = client_of(viewer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(HOME).status_code == 200
        return len(seen)

    def fill(times: int) -> None:
        make_assets(times)
        for _ in range(times):
            make_order()
            make_lead()

    fill(1)
    client.get(HOME)
    few = queries()
    fill(9)
    assert queries() == few
    assert few <= 24
