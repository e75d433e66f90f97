from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from catalog.comparing import reconcile
from catalog.comparing.tasks import compare_catalog, mirror_sets
from catalog.models import Catalog, CatalogItem, Product, ProductSet, Variant
from catalog.push import tasks
from catalog.services import archive_product
from catalog.sets import product_sets
from integrations.graph.product_sets import delete_set, update_set
from integrations.logins import LoginClient
from integrations.models import SyncRun
from tenancy.models import AuditEntry, User
from tests.catalog.sample import HAZEL_CATALOG, make_product
from tests.sandbox_process import Sandbox

ClientOf = Callable[[User], Client]


def mirror(catalog: Catalog) -> None:
    Catalog.objects.update(sets_not_before=timezone.now() - timedelta(seconds=1))
    mirror_sets(catalog.store_id, catalog.pk)


def remote_sets(sandbox: Sandbox) -> dict[str, list[str]]:
    """Return name → the numbers of its items, as Meta has the sets."""
    rows = [row for row in sandbox.get("world")["product_sets"] if row["catalog_id"] == HAZEL_CATALOG]
    return {row["name"]: row["filter"]["retailer_id"]["is_any"] for row in rows}


def numbers(*products: Product) -> list[str]:
    rows = Variant.objects.filter(product__in=products)
    return sorted(rows.values_list("retailer_id", flat=True))


def set_calls(sandbox: Sandbox) -> int:
    return sum(call["node"] in ("ProductCatalog", "ProductSet") for call in sandbox.get("calls"))


def test_each_tag_and_category_is_a_set_of_just_its_items(catalog: Catalog, sandbox: Sandbox) -> None:
    lamp = make_product(title="Lamp", category="Light", tags=["new", "oak"])
    vase = make_product(title="New vase", category="Home", tags=["oak"])
    make_product(title="New rug")
    mirror(catalog)
    assert remote_sets(sandbox) == {
        "Light": numbers(lamp),
        "Home": numbers(vase),
        "new": numbers(lamp),  # not the vase and the rug that have the word in their titles
        "oak": numbers(lamp, vase),
    }
    assert ProductSet.objects.filter(set_id="").count() == 0
    assert ProductSet.objects.get(name="oak").item_count == 2
    run = SyncRun.objects.get(job="catalog.sets")
    assert (run.state, run.rows_done) == ("done", 4)


def test_what_meta_has_already_costs_no_call(catalog: Catalog, sandbox: Sandbox) -> None:
    make_product(tags=["oak"])
    mirror(catalog)
    made = set_calls(sandbox)
    mirror(catalog)
    assert set_calls(sandbox) == made
    assert len(remote_sets(sandbox)) == 1


def test_a_set_follows_its_collection_and_goes_with_it(catalog: Catalog, sandbox: Sandbox) -> None:
    lamp, vase = make_product(tags=["oak"]), make_product(tags=["oak"])
    mirror(catalog)
    set_id = ProductSet.objects.get().set_id
    archive_product(vase, actor=None)
    mirror(catalog)
    assert remote_sets(sandbox) == {"oak": numbers(lamp)}
    assert ProductSet.objects.get().set_id == set_id
    Product.objects.filter(pk=lamp.pk).update(tags=[])
    mirror(catalog)
    assert (remote_sets(sandbox), ProductSet.objects.count()) == ({}, 0)


def test_a_set_whose_making_was_not_written_down_is_taken_up(catalog: Catalog, sandbox: Sandbox) -> None:
    lamp = make_product(tags=["oak"])
    mirror(catalog)
    ProductSet.objects.update(set_id="", fingerprint="")
    mirror(catalog)
    assert remote_sets(sandbox) == {"oak": numbers(lamp)}
    assert len(sandbox.get("world")["product_sets"]) == 1


def test_a_set_that_somebody_removed_at_meta_is_made_again(catalog: Catalog, sandbox: Sandbox) -> None:
    lamp = make_product(tags=["oak"])
    mirror(catalog)
    ProductSet.objects.update(set_id="404404", fingerprint="old")
    mirror(catalog)
    assert remote_sets(sandbox)["oak"] == numbers(lamp)
    assert ProductSet.objects.get().set_id != "404404"


def test_a_person_who_asks_for_the_sets_gets_one_back_that_was_removed_at_meta(
    catalog: Catalog, sandbox: Sandbox, manager: User, client_of: ClientOf
) -> None:
    lamp = make_product(tags=["oak"])
    mirror(catalog)
    delete_set(LoginClient(catalog.account), ProductSet.objects.get().set_id)
    path = f"/s/hazel-home/catalog/meta/{catalog.pk}/sets/update/"
    client_of(manager).post(path, {"mirrors_sets": "on"})
    mirror(catalog)
    assert remote_sets(sandbox) == {"oak": numbers(lamp)}


def test_a_comparison_notices_sets_that_were_removed_or_renamed_at_meta(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    lamp = make_product(tags=["oak", "ash", "elm"])
    mirror(catalog)
    gone, renamed = ProductSet.objects.get(name="oak"), ProductSet.objects.get(name="ash")
    client = LoginClient(catalog.account)
    delete_set(client, gone.set_id)
    update_set(client, renamed.set_id, name="Aschenholz", item_ids=numbers(lamp))
    assert set(remote_sets(sandbox)) == {"Aschenholz", "elm"}
    comparison = reconcile.start_comparison(catalog)
    assert comparison is not None
    while reconcile.take_step(comparison.pk):
        pass
    compare_catalog(catalog.store_id, comparison.pk)
    catalog.refresh_from_db()
    assert catalog.sets_wanted_at is not None
    mirror(catalog)
    assert remote_sets(sandbox) == dict.fromkeys(("oak", "ash", "elm"), numbers(lamp))
    assert ProductSet.objects.get(name="ash").set_id == renamed.set_id


def test_a_fault_leaves_the_rest_for_the_next_round(catalog: Catalog, sandbox: Sandbox) -> None:
    make_product(tags=["oak", "ash"])
    sandbox.fault("rate_limit", bucket="catalog_management", minutes=3)
    mirror(catalog)
    catalog.refresh_from_db()
    assert remote_sets(sandbox) == {}
    assert catalog.sets_wanted_at is not None
    assert catalog.sets_not_before > timezone.now() + timedelta(minutes=2)
    assert not product_sets.mirror_sets(catalog.pk)


def test_a_variant_that_left_the_catalog_is_in_no_set(catalog: Catalog, sandbox: Sandbox) -> None:
    lamp, vase = make_product(tags=["oak"]), make_product(tags=["oak"])
    CatalogItem.objects.filter(variant__product=vase).update(delete_wanted=True)
    mirror(catalog)
    assert remote_sets(sandbox) == {"oak": numbers(lamp)}


def test_a_push_asks_for_the_sets_to_be_looked_at(catalog: Catalog, sandbox: Sandbox) -> None:
    mirror(catalog)
    catalog.refresh_from_db()
    assert catalog.sets_wanted_at is None
    make_product(tags=["oak"])
    tasks.push_catalog(catalog.store_id, catalog.pk)
    catalog.refresh_from_db()
    assert catalog.sets_wanted_at is not None


def test_the_name_of_a_set_leads_to_its_products(
    catalog: Catalog, sandbox: Sandbox, viewer: User, client_of: ClientOf
) -> None:
    make_product(title="Lamp", category="Light & shade", tags=["oak/ash"])
    make_product(title="Vase", category="Light", tags=["oak"])
    mirror(catalog)
    client = client_of(viewer)
    page: Any = client.get(f"/s/hazel-home/catalog/meta/{catalog.pk}/sets/")
    for query in ("?category=Light%20%26%20shade", "?tag=oak%2Fash"):
        assert f'href="/s/hazel-home/catalog/{query}"' in page.content.decode()
        listed: Any = client.get(f"/s/hazel-home/catalog/{query}")
        assert ("Lamp" in listed.content.decode(), "Vase" in listed.content.decode()) == (True, False)


def test_a_manager_switches_the_sets_off_and_on(
    catalog: Catalog, sandbox: Sandbox, manager: User, viewer: User, client_of: ClientOf
) -> None:
    lamp = make_product(tags=["oak"])
    mirror(catalog)
    path, client = f"/s/hazel-home/catalog/meta/{catalog.pk}/sets/", client_of(manager)
    assert client_of(viewer).post(f"{path}update/").status_code == 403
    page: Any = client.get(path)
    assert "Up to date" in page.content.decode()
    client.post(f"{path}update/")
    mirror(catalog)
    assert remote_sets(sandbox) == {}
    page = client.get(path)
    assert "Sets are switched off" in page.content.decode()
    client.post(f"{path}update/", {"mirrors_sets": "on"})
    mirror(catalog)
    assert remote_sets(sandbox) == {"oak": numbers(lamp)}
    assert AuditEntry.objects.filter(action="catalog.sets_switched").count() == 2
