from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.comparing import advice
from catalog.comparing.review_words import anchor_of, readable
from catalog.comparing.tasks import ask_for_advice, compare_catalog, look_at_reviews
from catalog.models import (
    Catalog,
    CatalogDiagnostic,
    CatalogItem,
    Comparison,
    InstagramTagging,
    PushBatch,
    RemoteItem,
)
from catalog.product_data import VariantData
from integrations.graph.errors import GraphError
from integrations.models import InstagramAccount, SyncRun
from tenancy.models import User
from tests.catalog.sample import finish, make_product, push
from tests.catalog.test_reconcile import behind, make_live
from tests.sandbox_process import Sandbox

ClientOf = Callable[[User], Client]
HAZEL_INSTAGRAM = "17841400000000501"


def read(client: Client, path: str) -> str:
    response: Any = client.get(path)
    assert response.status_code == 200
    text: str = response.content.decode()
    return text


def test_a_review_is_followed_until_it_is_over(catalog: Catalog, sandbox: Sandbox) -> None:
    (variant,) = make_live(catalog, "Lamp")
    look_at_reviews(catalog.store_id, catalog.pk)
    item = RemoteItem.objects.get()
    assert (item.variant_id, item.review_status) == (variant.pk, "pending")
    sandbox.post("clock", {"advance_seconds": 5})
    assert advice.look_at_reviews(catalog) == 0  # not again at once
    RemoteItem.objects.update(seen_at=timezone.now() - timedelta(minutes=10))
    assert advice.look_at_reviews(catalog) == 1
    item.refresh_from_db()
    assert (item.review_status, item.tagging_status) == ("approved", "approved")
    RemoteItem.objects.update(seen_at=timezone.now() + timedelta(minutes=1))
    made = len(sandbox.get("calls"))
    assert advice.look_at_reviews(catalog) == 0
    assert len(sandbox.get("calls")) == made


def test_many_that_meta_took_are_asked_about_some_at_a_time_each_once(
    catalog: Catalog, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advice, "MOST_NEW", 2)
    variants = make_live(catalog, "Lamp", "Vase", "Rug", "Bowl", "Desk")
    seen = []
    for _look in range(4):
        seen.append(advice.look_at_reviews(catalog))
        assert RemoteItem.objects.count() == sum(seen)
    assert seen == [2, 2, 1, 0]
    assert set(RemoteItem.objects.values_list("variant", flat=True)) == {one.pk for one in variants}


def test_the_many_batches_of_a_busy_hour_are_looked_at_together(catalog: Catalog, sandbox: Sandbox) -> None:
    lamps = make_live(catalog, "Lamp", "Vase", "Rug")
    batch = PushBatch.objects.get()
    pks = [CatalogItem.objects.get(variant=lamp).pk for lamp in lamps]
    for pk in pks * 40:
        PushBatch.objects.create(
            catalog=catalog, state="finished", row_count=1, unreviewed_items=[pk], not_before=timezone.now()
        )
    assert advice.look_at_reviews(catalog) == 3
    assert not PushBatch.objects.exclude(unreviewed_items=[]).exists()
    PushBatch.objects.filter(pk=batch.pk).update(unreviewed_items=pks, row_count=5000)
    PushBatch.objects.exclude(pk=batch.pk).update(unreviewed_items=pks[:1])
    RemoteItem.objects.all().delete()
    assert advice.look_at_reviews(catalog) == 3
    assert PushBatch.objects.exclude(unreviewed_items=[]).count() == 120  # their turn is the next one


def test_what_waits_to_be_sent_again_is_asked_about_and_what_left_is_not(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    lamp, vase, rug = make_live(catalog, "Lamp", "Vase", "Rug")
    CatalogItem.objects.filter(variant=vase).update(
        state=CatalogItem.State.WAITING, waiting_since=timezone.now()
    )
    CatalogItem.objects.filter(variant=rug).update(state=CatalogItem.State.REMOVED)
    assert advice.look_at_reviews(catalog) == 2
    assert set(RemoteItem.objects.values_list("variant", flat=True)) == {lamp.pk, vase.pk}


def test_what_meta_took_is_asked_about_again_when_meta_did_not_answer(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    make_live(catalog, "Lamp")
    sandbox.fault("server_error", times=1)
    with pytest.raises(GraphError):
        advice.look_at_reviews(catalog)
    assert advice.look_at_reviews(catalog) == 1
    assert advice.look_at_reviews(catalog) == 0


def test_what_was_never_sent_costs_a_look_nothing(catalog: Catalog, sandbox: Sandbox) -> None:
    make_live(catalog, "Lamp")
    PushBatch.objects.update(unreviewed_items=[])
    with CaptureQueriesContext(connection) as queries:
        assert advice.look_at_reviews(catalog) == 0
    assert len(queries) == 2
    assert not [one for one in queries if "catalog_catalogitem" in one["sql"]]


def test_a_rejection_is_said_in_words_with_the_field_to_mend(
    catalog: Catalog, sandbox: Sandbox, manager: User, client_of: ClientOf
) -> None:
    (variant,) = make_live(catalog, "Lamp")
    behind(sandbox, variant.retailer_id, rejected_for=["ADULT_PRODUCTS"])
    look_at_reviews(catalog.store_id, catalog.pk)
    item = RemoteItem.objects.get()
    assert (item.review_status, item.severity) == ("rejected", "must_fix")
    product = f"/s/hazel-home/catalog/{variant.product_id}/"
    text = read(client_of(manager), product)
    assert "Rejected by Meta" in text
    assert "Adult products" in text
    assert "Instagram may not tag it." in text
    assert f'{product}edit/#id_title_field">Fix it' in text
    assert f'{product}edit/#id_google_category_field">Fix it' in text
    listed = read(client_of(manager), f"/s/hazel-home/catalog/meta/{catalog.pk}/advice/")
    assert "Adult products" in listed


def test_what_meta_says_of_all_variants_of_a_product_is_said_once(
    catalog: Catalog, sandbox: Sandbox, manager: User, client_of: ClientOf
) -> None:
    trio = tuple(VariantData(title=title, price_minor=100, on_hand=3) for title in ("S", "M", "L"))
    product = make_product(title="Rug", description="Soft.", variants=trio)
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    small = product.variants.get(title="S")
    behind(sandbox, small.retailer_id, rejected_for=["Weapons"])
    look_at_reviews(catalog.store_id, catalog.pk)
    page = read(client_of(manager), f"/s/hazel-home/catalog/{product.pk}/")
    assert page.count("The item has no category.") == 1
    assert re.search(r"Rejected by Meta</span>\s*<span class=\"meta\">S: ", page)
    assert re.search(r"Meta is reviewing it</span>\s*<span class=\"meta\">M, L: ", page)
    advice = f"/s/hazel-home/catalog/meta/{catalog.pk}/advice/"
    listed = read(client_of(manager), f"{advice}?show=opportunity")
    assert listed.count("The item has no category.") == 1
    assert re.search(r">Rug</a></td>\s*<td class=\"table__number\">2</td>", listed)
    assert re.search(r">Rug</a></td>\s*<td class=\"table__number\">1</td>", read(client_of(manager), advice))


def test_a_viewer_reads_reviews_and_is_offered_no_edit(
    catalog: Catalog, sandbox: Sandbox, viewer: User, client_of: ClientOf
) -> None:
    (variant,) = make_live(catalog, "Lamp")
    look_at_reviews(catalog.store_id, catalog.pk)
    text = read(client_of(viewer), f"/s/hazel-home/catalog/{variant.product_id}/")
    assert "Meta is reviewing it" in text
    assert "#id_google_category_field" not in text


def test_advice_is_kept_in_place_of_the_last_one(
    catalog: Catalog, sandbox: Sandbox, manager: User, client_of: ClientOf
) -> None:
    lamp, _vase = make_live(catalog, "Lamp", "Vase")
    behind(sandbox, lamp.retailer_id, rejected_for=["Weapons"])
    for _twice in range(2):
        ask_for_advice(catalog.store_id, catalog.pk)
    found = CatalogDiagnostic.objects.order_by("severity", "kind")
    assert [(one.severity, one.kind, one.item_count) for one in found] == [
        ("must_fix", "POLICY_VIOLATION", 1),
        ("opportunity", "CATEGORY", 2),
        ("opportunity", "LOW_QUALITY_TITLE_AND_DESCRIPTION", 2),
    ]
    text = read(client_of(manager), f"/s/hazel-home/catalog/meta/{catalog.pk}/advice/?show=opportunity")
    assert "Items don&#x27;t follow our commerce policies" in text
    behind(sandbox, lamp.retailer_id, rejected_for=[])
    ask_for_advice(catalog.store_id, catalog.pk)
    assert not CatalogDiagnostic.objects.filter(severity="must_fix").exists()


def test_what_meta_rejects_later_is_found_when_it_counts_more_than_we_know(
    catalog: Catalog, sandbox: Sandbox, viewer: User, client_of: ClientOf
) -> None:
    lamp, _vase = make_live(catalog, "Lamp", "Vase")
    sandbox.post("clock", {"advance_seconds": 5})
    look_at_reviews(catalog.store_id, catalog.pk)
    assert RemoteItem.objects.get(variant=lamp).review_status == "approved"
    ask_for_advice(catalog.store_id, catalog.pk)
    assert not Comparison.objects.exists()

    behind(sandbox, lamp.retailer_id, rejected_for=["Weapons"])
    ask_for_advice(catalog.store_id, catalog.pk)
    path = f"/s/hazel-home/catalog/meta/{catalog.pk}/advice/"
    assert "What Meta has is being read." in read(client_of(viewer), path)
    compare_catalog(catalog.store_id, Comparison.objects.get().pk)
    while Comparison.objects.get().state == "running":
        compare_catalog(catalog.store_id, Comparison.objects.get().pk)
    assert RemoteItem.objects.get(variant=lamp).review_status == "rejected"
    text = read(client_of(viewer), path)
    assert ("Weapons" in text, "is being read" in text) == (True, False)
    ask_for_advice(catalog.store_id, catalog.pk)
    assert Comparison.objects.count() == 1


def test_a_failed_question_keeps_what_was_known(catalog: Catalog, sandbox: Sandbox) -> None:
    make_live(catalog, "Lamp")
    ask_for_advice(catalog.store_id, catalog.pk)
    before = CatalogDiagnostic.objects.count()
    sandbox.fault("refusal", code=200, status=403, edge="diagnostics")
    ask_for_advice(catalog.store_id, catalog.pk)
    assert CatalogDiagnostic.objects.count() == before == 2
    assert list(
        SyncRun.objects.filter(job="catalog.advice").order_by("pk").values_list("state", flat=True)
    ) == [
        "done",
        "failed",
    ]


@pytest.mark.parametrize(
    ("may_tag", "has_catalog", "words"),
    [
        (True, True, "It may tag the products of this catalog."),
        (False, False, "It may not tag products."),
        (True, False, "It may tag products, but its shop uses another catalog."),
    ],
)
def test_whether_instagram_may_tag_is_said(
    catalog: Catalog,
    instagram_account: InstagramAccount,
    sandbox: Sandbox,
    viewer: User,
    client_of: ClientOf,
    may_tag: bool,
    has_catalog: bool,
    words: str,
) -> None:
    sandbox.post("instagram", {"instagram_id": HAZEL_INSTAGRAM, "may_tag": may_tag})
    ask_for_advice(catalog.store_id, catalog.pk)
    tagging = InstagramTagging.objects.get()
    assert (tagging.may_tag, tagging.error) == (may_tag, "")
    if may_tag and not has_catalog:
        InstagramTagging.objects.update(catalog_ids=["1"])
    text = read(client_of(viewer), f"/s/hazel-home/catalog/meta/{catalog.pk}/advice/")
    assert words in text


def test_a_refused_question_about_tags_is_said_so(
    catalog: Catalog, instagram_account: InstagramAccount, sandbox: Sandbox, viewer: User, client_of: ClientOf
) -> None:
    sandbox.fault("refusal", code=10, status=403, edge="available_catalogs")
    ask_for_advice(catalog.store_id, catalog.pk)
    text = read(client_of(viewer), f"/s/hazel-home/catalog/meta/{catalog.pk}/advice/")
    assert "Meta did not tell whether it may tag products." in text


def test_a_manager_has_meta_asked_again(
    catalog: Catalog, manager: User, viewer: User, client_of: ClientOf
) -> None:
    path = f"/s/hazel-home/catalog/meta/{catalog.pk}/advice/ask/"
    assert client_of(viewer).post(path).status_code == 403
    response: Any = client_of(manager).post(path, follow=True)
    assert "Meta is being asked." in response.content.decode()


@pytest.mark.parametrize(
    ("kind", "anchor"),
    [
        ("IMAGE_FETCH_FAILED", "id_image_urls_field"),
        ("INVALID_SALE_PRICE", "id_variants-0-price_field"),
        ("LOW_QUALITY_TITLE_AND_DESCRIPTION", "id_description_field"),
        ("EMPTY_CATEGORY", "id_google_category_field"),
        ("SHADOW_IMPLICIT", ""),
    ],
)
def test_an_error_type_of_meta_leads_to_the_field_to_mend(kind: str, anchor: str) -> None:
    assert anchor_of(kind) == anchor


def test_a_constant_of_meta_is_read_as_words() -> None:
    assert (readable("ADULT_PRODUCTS"), readable("Some text.")) == ("Adult products", "Some text.")
