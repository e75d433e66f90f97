"""Which products a catalog shows: chosen, seen before it happens, and kept true whatever changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import product as combinations
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog import services
from catalog.comparing import mending
from catalog.comparing.reconcile import start_comparison, take_step
from catalog.comparing.tasks import mend_catalog, mirror_sets, mirror_wanted_sets
from catalog.linking import look_tasks, looking
from catalog.linking.choosing import Rule, belonging, belongs, make_rule
from catalog.linking.services import choose_products, link_catalog, switch_products
from catalog.models import Catalog, CatalogFinding, CatalogItem, CatalogSwitch, Choice, Product, Variant
from catalog.product_data import ProductData, VariantData
from catalog.push.tasks import sweep_catalog
from integrations.models import MetaAccount
from tenancy.models import AuditEntry, User
from tests.catalog.sample import finish, item_of, make_product, make_variant, push, remote_items, sent_batches
from tests.sandbox_process import Sandbox

META = "/s/hazel-home/catalog/meta/"


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


def words_of(response: Any) -> str:
    return str(response.content.decode())


def shown_titles(catalog: Catalog) -> list[str]:
    rows = CatalogItem.objects.filter(catalog=catalog, delete_wanted=False)
    return sorted(rows.values_list("variant__product__title", flat=True))


def push_all(catalog: Catalog) -> None:
    batch = push(catalog)
    assert batch is not None
    finish(batch)


def choose(client: Client, catalog: Catalog, step: str = "save", **said: Any) -> Any:
    words = said.get("tags") or said.get("categories") or ()
    seen = make_rule(said.get("choice", ""), words).key
    return client.post(f"{META}{catalog.pk}/choose/", {"step": step, "seen": seen, **said})


def test_the_rule_is_the_same_in_sql_and_in_python(catalog: Catalog) -> None:
    switches = (None, True, False)
    kinds = combinations(switches, switches, (["oak"], []), ("Light", ""), ("active", "archived"))
    for own, whole, tags, category, status in kinds:
        product = make_product(tags=tags, category=category)
        Product.objects.filter(pk=product.pk).update(status=status)
        for variant, word in ((None, whole), (product.variants.get(), own)):
            if word is not None:
                CatalogSwitch.objects.create(catalog=catalog, product=product, variant=variant, is_shown=word)
    variants = list(Variant.objects.select_related("product"))
    assert len(variants) == 72
    said = {(row.product_id, row.variant_id): row.is_shown for row in CatalogSwitch.objects.all()}
    counts = []
    for choice, words in (("", ()), ("all", ()), ("tags", ("ash", "oak")), ("categories", ("Light",))):
        rule = Rule(choice, words)
        in_sql = set(belonging(catalog, rule).values_list("pk", flat=True))
        in_python = {
            one.pk
            for one in variants
            if belongs(
                one,
                rule,
                own=said.get((one.product_id, one.pk)),
                of_product=said.get((one.product_id, None)),
            )
        }
        assert in_sql == in_python
        counts.append(len(in_sql))
    # Of the 36 for sale 12 are always shown and 12 never; of the rest their products' switches decide alike.
    assert counts == [0, 20, 18, 18]


def test_a_new_catalog_shows_nothing_until_somebody_chose_and_agreed(
    meta_account: MetaAccount, open_scope: Any, sandbox: Sandbox, client: Client
) -> None:
    lamp = make_product(title="Oak lamp", tags=["oak"])
    make_product(title="Wool rug", tags=["wool"])
    look_tasks.discover_catalogs(meta_account.store_id, meta_account.pk)
    response = client.post(f"{META}connect/", {"account": meta_account.pk, "catalog_id": "800100"})
    catalog = Catalog.objects.get()
    assert response.headers["Location"] == f"{META}{catalog.pk}/choose/"
    look_tasks.resync_catalog(catalog.store_id, catalog.pk)
    assert (catalog.choice, catalog.is_held, CatalogItem.objects.count()) == ("", True, 0)
    assert "Choose what it shows first" in words_of(client.get(f"{META}{catalog.pk}/push/"))

    page = words_of(choose(client, catalog, "look", choice="tags", tags=["oak"]))
    assert "Items added" in page
    catalog.refresh_from_db()
    assert catalog.choice == ""  # looking changes nothing

    changed = choose(client, catalog, choice="tags", tags=["oak"], seen=make_rule("all").key)
    assert "Items added" in words_of(changed)  # another choice than the one that was seen is shown first
    catalog.refresh_from_db()
    assert catalog.choice == ""
    assert choose(client, catalog, choice="tags", tags=["oak"]).status_code == 302
    assert "We are looking through your products" in words_of(client.get(f"{META}{catalog.pk}/push/"))
    look_tasks.look_on(catalog.store_id, catalog.pk)
    assert shown_titles(catalog) == ["Oak lamp"]
    assert push(catalog) is None
    assert "1 item waits." in words_of(client.get(f"{META}{catalog.pk}/push/"))

    client.post(f"{META}{catalog.pk}/push/go/")
    push_all(catalog)
    assert set(remote_items(sandbox)) == {lamp.variants.get().retailer_id}
    entry = AuditEntry.objects.get(action="catalog.chosen")
    assert entry.details == {"name": "Hazel Home", "choice": "tags", "words": ["oak"]}


def test_another_choice_says_first_what_it_takes_out_and_then_takes_it_out(
    catalog: Catalog, sandbox: Sandbox, client: Client
) -> None:
    lamp = make_product(title="Oak lamp", category="Light")
    for number in range(3):
        make_product(title=f"Rug {number}", category="Floor")
    make_product(title="Draft", category="Light", status="draft")
    push_all(catalog)
    page = words_of(choose(client, catalog, "look", choice="categories", categories=["Light"]))
    stats = [part.split("<")[0] for part in page.split('class="stat__value">')[1:]]
    assert stats == ["1", "0", "3"]  # shown then, added, taken out
    assert len(remote_items(sandbox)) == 4

    choose(client, catalog, choice="categories", categories=["Light"])
    look_tasks.look_on(catalog.store_id, catalog.pk)
    push_all(catalog)
    assert set(remote_items(sandbox)) == {lamp.variants.get().retailer_id}
    assert sorted(CatalogItem.objects.values_list("state", flat=True)) == ["live"] + ["removed"] * 3

    choose(client, catalog, choice="all")
    look_tasks.look_on(catalog.store_id, catalog.pk)
    push_all(catalog)
    assert len(remote_items(sandbox)) == 4


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Choose which products it shows."),
        ({"choice": "some"}, "Select a valid choice."),
        ({"choice": "tags"}, "Choose at least one tag, or show all products."),
        ({"choice": "tags", "tags": ["pine"]}, "Select a valid choice."),
        ({"choice": "categories"}, "No product has a category yet."),
    ],
)
def test_a_choice_that_chooses_nothing_is_refused(
    catalog: Catalog, client: Client, said: dict[str, Any], words: str
) -> None:
    make_product(tags=["oak"])
    response = choose(client, catalog, **said)
    assert response.status_code == 422
    assert words in words_of(response)
    catalog.refresh_from_db()
    assert (catalog.choice, catalog.is_looking) == ("all", False)


def test_a_new_tag_moves_a_product_in_the_edit_that_gives_it(catalog: Catalog, sandbox: Sandbox) -> None:
    product = make_product(tags=["oak"])
    variant = product.variants.get()
    choose_now(catalog, make_rule(Choice.TAGS, ["oak"]))
    push_all(catalog)
    rows = (VariantData(pk=variant.pk, price_minor=1250),)
    data = ProductData(title="Linen cushion", image_urls=product.image_urls, variants=rows)
    services.update_product(product, data, actor=None)
    assert item_of(variant).delete_wanted
    push_all(catalog)
    assert remote_items(sandbox) == {}
    make_product(title="Ash lamp", tags=["ash"])
    assert CatalogItem.objects.count() == 1  # what never belonged has no row


def choose_now(catalog: Catalog, rule: Rule) -> None:
    choose_products(catalog, rule, actor=None)
    while looking.take_slice(catalog.pk):
        pass
    catalog.refresh_from_db()


def test_many_products_move_with_their_tags_at_once(catalog: Catalog, client: Client) -> None:
    products = [make_product(title=f"Rug {number}") for number in range(3)]
    choose_now(catalog, make_rule(Choice.TAGS, ["wool"]))
    assert shown_titles(catalog) == []
    body = {"action": "save", "product": [one.pk for one in products[:2]], "add_tags": "wool"}
    client.post("/s/hazel-home/catalog/many/", body)
    assert shown_titles(catalog) == ["Rug 0", "Rug 1"]


def test_a_product_and_a_variant_have_switches_of_their_own(catalog: Catalog, client: Client) -> None:
    rows = (VariantData(title="Blue", price_minor=100), VariantData(title="Red", price_minor=100))
    product = make_product(variants=rows)
    blue, red = product.variants.order_by("pk")
    path = f"/s/hazel-home/catalog/{product.pk}/shown/"
    assert client.post(path, {"catalog": catalog.pk, "said": "never"}).status_code == 302
    assert shown_titles(catalog) == []
    client.post(path, {"catalog": catalog.pk, "variant": red.pk, "said": "always"})
    assert list(CatalogItem.objects.filter(delete_wanted=False).values_list("variant", flat=True)) == [red.pk]
    page = words_of(client.get(f"/s/hazel-home/catalog/{product.pk}/"))
    assert "Where it is shown" in page
    assert "Always shown" in words_of(client.get(f"{META}{catalog.pk}/choose/"))
    client.post(path, {"catalog": catalog.pk, "said": "choice"})
    client.post(path, {"catalog": catalog.pk, "variant": red.pk, "said": "choice"})
    assert (CatalogSwitch.objects.count(), item_of(blue).delete_wanted) == (0, False)
    assert client.post(path, {"catalog": 4711, "said": "never"}).status_code == 302
    assert client.post(path, {"catalog": catalog.pk, "variant": 4711, "said": "never"}).status_code == 404
    assert CatalogSwitch.objects.count() == 0


def test_hand_picked_products_are_picked_in_the_list(catalog: Catalog, client: Client) -> None:
    products = [make_product(title=f"Rug {number}") for number in range(3)]
    choose_now(catalog, make_rule(Choice.PICKED))
    assert shown_titles(catalog) == []
    body: dict[str, Any] = {"action": "save", "product": [one.pk for one in products[1:]]}
    refused = client.post("/s/hazel-home/catalog/many/", body | {"said": "always"})
    assert (refused.status_code, "Choose the catalog, too." in words_of(refused)) == (422, True)
    client.post("/s/hazel-home/catalog/many/", body | {"said": "always", "catalog": catalog.pk})
    assert shown_titles(catalog) == ["Rug 1", "Rug 2"]


def test_what_belongs_nowhere_here_may_belong_elsewhere(catalog: Catalog) -> None:
    other = link_catalog(catalog.account, catalog_id="800999", name="Second", actor=None)
    product = make_product(tags=["oak"])
    assert CatalogItem.objects.count() == 2
    switch_products([product], other, is_shown=False, actor=None)
    assert (shown_titles(catalog), shown_titles(other)) == (["Linen cushion"], [])


def test_an_item_left_out_here_is_mended_here_and_stays_elsewhere(catalog: Catalog, sandbox: Sandbox) -> None:
    other = link_catalog(catalog.account, catalog_id="800999", name="Second", actor=None)
    variant = make_variant(tags=["oak"])
    push_all(catalog)
    choose_now(catalog, make_rule(Choice.TAGS, ["ash"]))
    # Somebody lost its row: the comparison finds at Meta what the choice leaves out.
    CatalogItem.objects.filter(catalog=catalog).delete()
    comparison = start_comparison(catalog)
    assert comparison is not None
    while take_step(comparison.pk):
        pass
    finding = CatalogFinding.objects.get()
    assert (finding.kind, finding.variant) == ("orphaned", variant)
    mending.ask_for(CatalogFinding.objects.all(), catalog=catalog, actor=None)
    mend_catalog(catalog.store_id, catalog.pk)
    assert CatalogItem.objects.get(catalog=catalog).delete_wanted
    assert not CatalogItem.objects.get(catalog=other).delete_wanted


# --- The look at everything -------------------------------------------------------------------------------


def test_a_look_at_what_is_as_it_should_be_writes_no_item(catalog: Catalog, sandbox: Sandbox) -> None:
    for number in range(4):
        make_product(title=f"Lamp {number}")
    push_all(catalog)
    before = list(CatalogItem.objects.order_by("pk").values())
    looking.look_through(catalog.pk)
    assert list(CatalogItem.objects.order_by("pk").values()) == before
    catalog.refresh_from_db()
    assert (catalog.look_position, catalog.looked_at is not None) == (None, True)
    assert push(catalog) is None


def test_a_look_goes_on_where_its_worker_died(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "SLICE", 2)
    pks = [make_variant(title=f"Lamp {number}").pk for number in range(5)]
    CatalogItem.objects.all().delete()
    looking.start_look(catalog.pk)
    assert looking.take_slice(catalog.pk)
    catalog.refresh_from_db()
    assert (catalog.look_position, CatalogItem.objects.count()) == (pks[1], 2)
    Catalog.objects.update(look_not_before=timezone.now() + timedelta(minutes=1))
    assert not looking.take_slice(catalog.pk)  # another worker is at it
    Catalog.objects.update(look_not_before=timezone.now())
    look_tasks.look_on(catalog.store_id, catalog.pk)
    assert CatalogItem.objects.count() == 5


def test_another_choice_in_the_middle_of_a_look_begins_it_anew(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "SLICE", 1)
    make_product(title="Oak lamp", tags=["oak"])
    make_product(title="Ash lamp", tags=["ash"])
    looking.start_look(catalog.pk)
    looking.take_slice(catalog.pk)
    choose_products(catalog, make_rule(Choice.TAGS, ["ash"]), actor=None)
    while looking.take_slice(catalog.pk):
        pass
    assert shown_titles(catalog) == ["Ash lamp"]


def test_a_look_finds_edits_that_nothing_announced(catalog: Catalog, sandbox: Sandbox) -> None:
    cheap, gone, stays = (make_variant(title=title, tags=["oak"]) for title in ("Cheap", "Gone", "Stays"))
    choose_now(catalog, make_rule(Choice.TAGS, ["oak"]))
    push_all(catalog)
    Variant.objects.filter(pk=cheap.pk).update(price_minor=900)
    Product.objects.filter(pk=gone.product_id).update(tags=[])
    looking.look_through(catalog.pk)
    assert item_of(stays).waiting_since is None
    push_all(catalog)
    prices = {name: row["price"] for name, row in remote_items(sandbox).items()}
    assert prices == {cheap.retailer_id: "9.00 GBP", stays.retailer_id: "12.50 GBP"}


def test_a_slice_costs_the_same_whatever_it_looks_at(catalog: Catalog) -> None:
    costs = []
    for count in (2, 20):
        for number in range(count):
            make_product(title=f"Lamp {number}")
        looking.start_look(catalog.pk)
        with CaptureQueriesContext(connection) as captured:
            looking.take_slice(catalog.pk)
        costs.append(len(captured))
    assert costs[0] == costs[1]


def test_each_catalog_is_looked_at_in_its_own_rhythm(
    catalog: Catalog, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    monkeypatch.setattr(look_tasks.resync_catalog, "delay", lambda store, pk: started.append(pk))
    look_tasks.start_due_looks()
    assert started == []  # it was just looked at
    Catalog.objects.update(look_due_at=timezone.now() + timedelta(minutes=1))
    look_tasks.start_due_looks()
    assert started == [catalog.pk]
    path = f"{META}{catalog.pk}/rhythm/"
    assert client.post(path, {"is_automatic": "on", "look_every_minutes": "7"}).status_code == 422
    assert client.post(path, {"is_automatic": "on", "look_every_minutes": "1440"}).status_code == 302
    looking.start_look(catalog.pk)
    catalog.refresh_from_db()
    assert catalog.look_due_at > timezone.now() + timedelta(hours=23)


def test_without_sending_by_itself_changes_wait_for_a_person(
    catalog: Catalog, sandbox: Sandbox, client: Client
) -> None:
    client.post(f"{META}{catalog.pk}/rhythm/", {"look_every_minutes": "60"})
    make_product()
    assert push(catalog) is None
    page = words_of(client.get(f"{META}{catalog.pk}/push/"))
    assert "Items that wait: 1." in page
    assert client.post(f"{META}{catalog.pk}/send/").status_code == 302
    push_all(catalog)
    assert len(remote_items(sandbox)) == 1
    sweep_catalog()
    make_product(title="Oak lamp")
    assert push(catalog) is None
    assert sent_batches(sandbox) == 1
    client.post(f"{META}{catalog.pk}/rhythm/", {"is_automatic": "on", "look_every_minutes": "60"})
    push_all(catalog)
    assert len(remote_items(sandbox)) == 2


def test_a_catalog_that_is_held_gets_no_sets_and_nothing_mended(
    catalog: Catalog, sandbox: Sandbox, client: Client, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_product(tags=["oak"])
    services.hold_back(catalog, actor=manager)
    assert client.post(f"{META}{catalog.pk}/sets/update/", {"mirrors_sets": "on"}).status_code == 302
    mirror_sets(catalog.store_id, catalog.pk)
    started: list[int] = []
    monkeypatch.setattr(mirror_sets, "delay", lambda store, pk: started.append(pk))
    mirror_wanted_sets()
    CatalogFinding.objects.create(
        catalog=catalog, kind="orphaned", retailer_id="cup", state="asked", is_ours=False
    )
    mend_catalog(catalog.store_id, catalog.pk)
    assert (sandbox.get("world")["product_sets"], started, sent_batches(sandbox)) == ([], [], 0)
    assert CatalogFinding.objects.get().state == "asked"


def test_an_agent_may_not_choose(catalog: Catalog, agent: User, client_of: Callable[[User], Client]) -> None:
    assert choose(client_of(agent), catalog, choice="picked").status_code == 403
    catalog.refresh_from_db()
    assert catalog.choice == "all"
