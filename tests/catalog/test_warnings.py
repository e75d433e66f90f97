"""What Meta remarks of items that it took, and refusals of which it does not say whose they are."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from catalog import services
from catalog.models import Catalog, CatalogItem, PushBatch
from catalog.push.refusals import explain_warning, find_anchor
from integrations.graph import catalogs
from integrations.graph.catalogs import BatchResult, check_batch, send_batch
from tenancy.models import User
from tests.catalog.sample import finish, item_of, make_variant, push, remote_items
from tests.sandbox_process import Sandbox

LONG = "The title is longer than Meta likes: buyers may not see what is after 65 signs."
META_SAID = "title is longer than 65 characters."


def push_done(catalog: Catalog) -> PushBatch:
    batch = push(catalog)
    assert batch is not None
    return finish(batch)


def read(client: Client, user: User, path: str) -> str:
    client.force_login(user)
    answer = client.get(f"/s/hazel-home/catalog/{path}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.mark.parametrize("at", ["end", "door"])
def test_a_warning_is_kept_with_an_item_that_is_live(catalog: Catalog, sandbox: Sandbox, at: str) -> None:
    warned, clean = make_variant(title="A lamp"), make_variant(title="A rug")
    sandbox.fault("row_warning", retailer_id=warned.retailer_id, at=at)
    batch = push_done(catalog)
    assert (batch.live_count, batch.failed_count) == (2, 0)
    assert batch.warned_items == [item_of(warned).pk]
    assert (item_of(warned).state, item_of(warned).meta_warnings) == ("live", META_SAID)
    assert (item_of(clean).state, item_of(clean).meta_warnings) == ("live", "")


def test_the_next_answer_without_a_warning_clears_it(catalog: Catalog, sandbox: Sandbox) -> None:
    variant = make_variant()
    sandbox.fault("row_warning", times=1)
    push_done(catalog)
    assert item_of(variant).meta_warnings == META_SAID
    CatalogItem.objects.update(confirmed_fingerprint="")
    services.send_now(variant.product)
    batch = push_done(catalog)
    assert (batch.warned_items, item_of(variant).meta_warnings) == ([], "")


def test_a_page_says_what_to_mend_and_leads_to_the_field(
    catalog: Catalog, sandbox: Sandbox, manager: User, viewer: User, client: Client
) -> None:
    variant = make_variant()
    sandbox.fault("row_warning")
    batch = push_done(catalog)
    product = read(client, manager, f"{variant.product_id}/")
    edit = f"/s/hazel-home/catalog/{variant.product_id}/edit/"
    assert f'{LONG} <a href="{edit}#id_title_field">Fix it</a>' in product
    assert 'id="id_title_field"' in read(client, manager, f"{variant.product_id}/edit/")
    catalogs = read(client, manager, "meta/")
    items = f"/s/hazel-home/catalog/meta/{catalog.pk}/items/"
    of_batch = f"?batch={batch.pk}&amp;show=warned"
    assert f'1 taken</a> (<a href="{items}{of_batch}">1 of them with a warning</a>)' in catalogs
    assert f'<a href="{items}?show=warned">1 with a warning</a>' in catalogs
    for query in ("?show=warned", of_batch.replace("&amp;", "&")):
        assert LONG in read(client, manager, f"meta/{catalog.pk}/items/{query}")
    seen = read(client, viewer, f"{variant.product_id}/")
    assert (LONG in seen, "Fix it" in seen) == (True, False)


def test_a_refusal_leads_to_its_field_too(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    variant = make_variant()
    sandbox.fault("row_refusal", field="price", text="price is invalid.")
    push_done(catalog)
    edit = f"/s/hazel-home/catalog/{variant.product_id}/edit/"
    assert f'<a href="{edit}#id_variants-0-price_field">Fix it</a>' in read(
        client, manager, f"{variant.product_id}/"
    )


@pytest.mark.parametrize(
    ("message", "words", "anchor"),
    [
        (META_SAID, LONG, "id_title_field"),
        (
            "A recommended field is missing: google_product_category.",
            "Meta would like a Google category, and shows the item without one.",
            "id_google_category_field",
        ),
        (
            "Unrecognized field: price_band.",
            "Meta does not know “price_band” and left it out. There is nothing for you to do.",
            "",
        ),
        (
            "sale_price is invalid",
            "Meta took the item, but does not like its sale price. Change it, and it is sent again.",
            "id_variants-2-sale_price_field",
        ),
        (
            "The image link is slow.",
            "Meta took this item with a remark: “The image link is slow.”",
            "id_image_urls_field",
        ),
        ("Strange.", "Meta took this item with a remark: “Strange.”", ""),
    ],
)
def test_a_warning_is_explained(message: str, words: str, anchor: str) -> None:
    assert (explain_warning(message), find_anchor(message, row=2)) == (words, anchor)


class Answers:
    """A client of Graph that is told what to answer."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def get(self, path: str, **params: Any) -> Any:
        return self.answer

    post = get


def warned(warnings: Any) -> Any:
    client: Any = Answers({"data": [{"status": "finished", "warnings": warnings}]})
    return dict(check_batch(client, "1", handle="h").warned)


def test_warnings_of_any_shape_are_read_and_bounded() -> None:
    assert warned(None) == warned("many") == warned([None, 7, "text", {}, {"id": "a"}]) == {}
    assert warned([{"id": 5, "message": "a \n b"}, {"id": 5, "message": "a b"}]) == {"5": ["a b"]}
    assert warned([{"retailer_id": "v", "message": {"text": "x"}}]) == {"v": ["{'text': 'x'}"]}
    many = warned([{"id": "a", "message": f"{n} {'x' * 1000}"} for n in range(9000)])
    assert (len(many["a"]), max(map(len, many["a"]))) == (5, 300)


def test_thousands_of_warnings_about_items_of_others_touch_nothing(
    catalog: Catalog, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = make_variant()
    batch = push(catalog)
    assert batch is not None
    foreign = [{"id": f"other-{n}", "message": "strange"} for n in range(9000)]
    ours = [{"id": variant.retailer_id, "message": "size is invalid"}]
    client: Any = Answers({"data": [{"status": "finished", "warnings": foreign + ours}]})
    result = check_batch(client, "1", handle="h")
    monkeypatch.setattr("catalog.push.batches.catalogs.check_batch", lambda *args, **kwargs: result)
    batch = finish(batch)
    assert (batch.live_count, batch.warned_items) == (1, [item_of(variant).pk])
    assert item_of(variant).meta_warnings == "size is invalid"


ROWS = [{"method": "UPDATE", "data": {"id": name}} for name in ("a", "b")]
BAD: dict[str, Any] = {"errors": [{"message": "price is invalid"}]}


@pytest.mark.parametrize(
    ("status", "refused", "nameless"),
    [
        ([{"retailer_id": "a", "errors": []}, BAD], {"b": "price is invalid"}, []),
        ([BAD], {}, ["price is invalid"]),
        ([{"id": "b"} | BAD], {"b": "price is invalid"}, []),
        ([{"retailer_id": "b"} | BAD, BAD], {"b": "price is invalid"}, ["price is invalid"]),
    ],
)
def test_a_row_without_a_name_has_that_of_its_place(
    status: list[Any], refused: dict[str, str], nameless: list[str]
) -> None:
    client: Any = Answers({"handles": ["h"], "validation_status": status})
    receipt = send_batch(client, "1", requests=ROWS)
    assert (dict(receipt.refused), list(receipt.nameless)) == (refused, nameless)


def test_what_is_refused_at_the_door_without_a_name_is_found_and_its_neighbours_go_through(
    catalog: Catalog, sandbox: Sandbox
) -> None:
    """The rows in doubt are halved until the one that is meant goes alone."""
    bad, *good = (make_variant(title=f"Lamp {number}") for number in range(9))
    words = "title is invalid: refused."
    sandbox.fault("row_refusal", retailer_id=bad.retailer_id, text=words, at="unnamed")
    sizes = []
    while CatalogItem.objects.filter(waiting_since__isnull=False).exists():
        batch = push_done(catalog)
        sizes.append(batch.row_count)
        if batch.row_count == 9:
            assert batch.error == "Meta refused some of it and did not say which."
            assert {item_of(one).attempts for one in (bad, *good)} == {0}
        assert bad.retailer_id not in remote_items(sandbox)
    assert sorted(sizes, reverse=True) == [9, 4, 4, 2, 2, 1, 1, 1]
    assert {item_of(one).state for one in good} == {"live"}
    assert set(remote_items(sandbox)) == {one.retailer_id for one in good}
    item = item_of(bad)
    assert (item.state, item.meta_message, item.attempts) == ("failed", words, 0)
    assert set(CatalogItem.objects.values_list("most_beside", flat=True)) == {None}


def test_an_error_that_meta_counts_without_a_name_is_found_too(
    catalog: Catalog, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, *good = (make_variant(title=f"Lamp {number}") for number in range(4))
    sandbox.fault("row_refusal", retailer_id=bad.retailer_id, at="end")
    honest = catalogs.check_batch

    def hide_name(*args: Any, **options: Any) -> BatchResult:
        result = honest(*args, **options)
        return replace(
            result, refused={}, is_complete=not result.refused, nameless=list(result.refused.values())
        )

    monkeypatch.setattr(catalogs, "check_batch", hide_name)
    calls = 0
    while CatalogItem.objects.filter(waiting_since__isnull=False).exists():
        push_done(catalog)
        calls += 1
    assert calls <= 2 * 4
    assert {item_of(one).state for one in good} == {"live"}
    assert (item_of(bad).state, item_of(bad).meta_message) == ("failed", "title is invalid: refused.")


def test_who_is_left_alone_was_meant(catalog: Catalog, sandbox: Sandbox) -> None:
    bad = make_variant(title="A lamp")
    sandbox.fault("row_refusal", retailer_id=bad.retailer_id, at="unnamed")
    batch = push(catalog)
    assert batch is not None
    batch.refresh_from_db()
    assert (batch.state, batch.failed_count, batch.refused_items) == ("finished", 1, [item_of(bad).pk])
    item = item_of(bad)
    assert (item.state, item.meta_message) == ("failed", "title is invalid: refused.")
