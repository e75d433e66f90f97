"""The pieces of the demo store; that the whole of it comes alive is shown in tests/e2e."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.conf import LazySettings
from django.test import Client

from catalog.linking.looking import look_through
from catalog.models import Catalog, CatalogItem, Choice, Product, StockMovement, Variant
from integrations.models import AssetState, ConnectedPage, InstagramAccount, OAuthAttempt
from operations.demo import scenes
from operations.demo.cast import bring_people
from operations.demo.goods import SHELF, fill_shelf
from operations.demo.seed import connect, seed, show_products
from operations.demo.sign_ins import SIGN_INS
from tenancy.models import Membership, Store, User
from tenancy.roles import Role
from tenancy.scope import open_store
from tests.operations.sample import make_account
from tests.orders.sample import make_order
from tests.sandbox_process import Sandbox


@pytest.mark.parametrize("sign_in", SIGN_INS, ids=lambda sign_in: sign_in.email)
def test_everybody_printed_can_sign_in(db: None, sign_in: tuple[str, str, str]) -> None:
    bring_people()
    email, password, _who = sign_in
    answer = Client().post("/accounts/login/", {"login": email, "password": password})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/home/")
    assert EmailAddress.objects.get(email=email).verified


def test_the_team_has_one_of_each_role_and_a_stranger_next_door(db: None) -> None:
    store, owner = bring_people()
    roles = Membership.objects.filter(store=store).values_list("role", flat=True)
    assert sorted(roles) == sorted(Role.values)
    assert (store.currency, store.timezone, owner.email) == ("GBP", "Europe/London", "ada@hazelhome.example")
    assert Membership.objects.get(store__slug="bolt-bikes").user.email == "ben@boltbikes.example"


def test_bringing_people_again_leaves_them_as_they_were_made(db: None) -> None:
    store, owner = bring_people()
    Membership.objects.filter(store=store, role=Role.VIEWER).delete()
    Store.objects.filter(pk=store.pk).update(name="Hazel House")
    User.objects.filter(pk=owner.pk).update(email="ada@elsewhere.example")
    again, same_owner = bring_people()
    assert (again.pk, again.name, same_owner.pk) == (store.pk, "Hazel House", owner.pk)
    assert (User.objects.count(), Store.objects.count(), Membership.objects.count()) == (6, 2, 4)


def test_the_shelf_is_filled_once(db: None) -> None:
    store, owner = bring_people()
    with open_store(store.pk):
        fill_shelf(owner)
        Product.objects.filter(title="Hearth mug").update(title="Morning mug")
        fill_shelf(owner)
        assert Product.objects.count() == len(SHELF) == 9
        assert Variant.objects.count() == 14
        assert StockMovement.objects.count() == Variant.objects.filter(on_hand__gt=0).count() == 13


def test_page_and_catalog_are_connected_once(sandbox: Sandbox, db: None) -> None:
    store, owner = bring_people()
    with open_store(store.pk):
        fill_shelf(owner)
        for _time in range(2):
            show_products(connect(store, owner), owner)
        page, instagram = ConnectedPage.objects.get(), InstagramAccount.objects.get()
        assert (page.name, page.state, instagram.state) == (
            "Hazel Home",
            AssetState.ACTIVE,
            AssetState.ACTIVE,
        )
        catalog = Catalog.objects.get()
        assert catalog.catalog_id == "800100"
        look_through(catalog.pk)  # as the worker does
        assert CatalogItem.objects.count() == 14
        assert OAuthAttempt.objects.count() == 1


def test_buyers_wait_until_meta_shows_every_product(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    store, owner = bring_people()
    monkeypatch.setattr(scenes, "WAIT_SECONDS", 0.0)
    with open_store(store.pk):
        fill_shelf(owner)
        catalog = Catalog.objects.create(
            account=make_account(), catalog_id="1", choice=Choice.ALL, state=AssetState.ACTIVE
        )
        with pytest.raises(scenes.SceneError):
            scenes.wait_for_products()  # nothing was looked through yet
        look_through(catalog.pk)
        with pytest.raises(scenes.SceneError):
            scenes.wait_for_products()
        CatalogItem.objects.update(state=CatalogItem.State.LIVE)
        scenes.wait_for_products()


def test_a_demo_that_has_sold_starts_again_whatever_its_merchant_did_to_the_products(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, owner = bring_people()
    monkeypatch.setattr(scenes, "WAIT_SECONDS", 0.0)
    with open_store(store.pk):
        fill_shelf(owner)
        make_order()
        scenes.wait_for_products()


@pytest.mark.parametrize(("sandbox_mode", "debug"), [(False, True), (True, False)])
def test_no_demo_people_are_made_where_this_is_no_demo(
    db: None, settings: LazySettings, sandbox_mode: bool, debug: bool
) -> None:
    settings.SANDBOX, settings.DEBUG = sandbox_mode, debug
    assert seed() == ()
    assert User.objects.count() == 0
