from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.gtin import is_gtin
from catalog.items import DELETED, build_row, item_data
from catalog.models import Product, Variant
from catalog.preflight import check, sum_up
from catalog.push.refusals import explain, says_it_is_gone
from catalog.texts import plain
from integrations.graph.catalogs import price_text
from tenancy.models import Store

BASE = "https://shop.example"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def variant(*, currency: str = "GBP", product: dict[str, Any] | None = None, **over: Any) -> Variant:
    store = Store(name="Hazel Home", slug="hazel-home", currency=currency, timezone="Europe/London")
    facts = {
        "title": "Linen cushion",
        "item_group_id": "g1",
        "image_urls": ["https://p.example/1.jpg"],
    } | (product or {})
    values = {"retailer_id": "v1", "title": "Blue", "price_minor": 1250, "on_hand": 3} | over
    return Variant(store=store, product=Product(store=store, **facts), **values)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1250, "GBP", "12.50 GBP"),
        (5, "USD", "0.05 USD"),
        (1250, "JPY", "1250 JPY"),
        (1250, "KRW", "1250 KRW"),
        (123450, "HUF", "1235 HUF"),  # two decimals in ISO 4217, none at Meta
        (1250, "KWD", "1.250 KWD"),
        (100_000_000, "EUR", "1000000.00 EUR"),
        (1250, "gbp", "12.50 GBP"),
    ],
)
def test_a_price_is_written_as_meta_wants_it(minor: int, currency: str, text: str) -> None:
    assert price_text(minor, currency) == text


def test_an_item_says_everything_meta_requires() -> None:
    assert item_data(variant(), base_url=BASE, now=NOW) == {
        "id": "v1",
        "item_group_id": "g1",
        "title": "Linen cushion, Blue",
        "description": "Linen cushion",
        "availability": "in stock",
        "visibility": "published",
        "condition": "new",
        "price": "12.50 GBP",
        "link": "https://shop.example/shop/hazel-home/g1?variant=v1",
        "brand": "Hazel Home",
        "gtin": "",
        "mpn": "",
        "google_product_category": "",
        "product_type": "",
        "sale_price": "",
        "sale_price_effective_date": "",
        "color": "",
        "size": "",
        "material": "",
        "pattern": "",
        "gender": "",
        "age_group": "",
        "additional_variant_attribute": "",
        "quantity_to_sell_on_facebook": 3,
        "image": [{"url": "https://p.example/1.jpg"}],
    }


def test_what_is_sold_out_says_so_and_names_no_quantity() -> None:
    data = item_data(variant(on_hand=0), base_url=BASE, now=NOW)
    assert data["availability"] == "out of stock"
    assert "quantity_to_sell_on_facebook" not in data


def test_a_long_text_is_cut_at_a_word() -> None:
    long = variant(title="")
    long.product.title = "soft " * 100
    title = item_data(long, base_url=BASE, now=NOW)["title"]
    assert len(title) <= 200
    assert title.endswith("soft…")


def test_the_fingerprint_follows_the_content_and_nothing_else() -> None:
    first = build_row(variant(), base_url=BASE, now=NOW, delete=False)
    assert build_row(variant(), base_url=BASE, now=NOW, delete=False).fingerprint == first.fingerprint
    assert (
        build_row(variant(on_hand=2), base_url=BASE, now=NOW, delete=False).fingerprint != first.fingerprint
    )


def test_a_removal_names_the_id_only() -> None:
    row = build_row(variant(), base_url=BASE, now=NOW, delete=True)
    assert row.request == {"method": "DELETE", "data": {"id": "v1"}}
    assert row.fingerprint == DELETED


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            "A required field is missing: image_link.",
            "Meta needs a picture. Add one and we will send it again.",
        ),
        ("A required field is missing: gtin.", "Meta needs a GTIN. Add one and we will send it again."),
        ("title is longer than 200 characters.", "The title is too long for Meta: at most 200 characters."),
        ('price is invalid: "x".', "Meta does not accept the price. Change it and we will send it again."),
        ("Nobody knows.", "Meta refused this item: “Nobody knows.”"),
        ("", "Meta refused this item and gave no reason. Check its picture, price and description."),
    ],
)
def test_a_refusal_is_explained(message: str, words: str) -> None:
    assert explain(message) == words


def test_only_a_missing_item_counts_as_removed() -> None:
    assert says_it_is_gone("The item does not exist.")
    assert not says_it_is_gone("The item could not be processed. Send it again.")


SUMMER = datetime(2026, 7, 1, 8, tzinfo=UTC)
WINTER = datetime(2026, 12, 24, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("over", "price", "window"),
    [
        ({}, "", ""),
        ({"sale_price_minor": 1000}, "10.00 GBP", ""),
        (
            {"sale_price_minor": 1000, "sale_starts_at": SUMMER, "sale_ends_at": WINTER},
            "10.00 GBP",
            "2026-07-01T09:00+0100/2026-12-24T18:00+0000",
        ),
        (
            {"sale_price_minor": 1000, "sale_starts_at": WINTER},
            "10.00 GBP",
            "2026-12-24T18:00+0000/2099-12-31T00:00+0000",
        ),
        ({"sale_price_minor": 1000, "sale_ends_at": NOW}, "", ""),
        (
            {"sale_price_minor": 1000, "sale_starts_at": SUMMER, "sale_ends_at": NOW - timedelta(days=1)},
            "",
            "",
        ),
        ({"sale_price_minor": 1000, "currency": "JPY"}, "1000 JPY", ""),
    ],
)
def test_a_sale_is_announced_with_its_window_and_cleared_when_over(
    over: dict[str, Any], price: str, window: str
) -> None:
    data = item_data(variant(**over), base_url=BASE, now=NOW)
    assert (data["sale_price"], data["sale_price_effective_date"]) == (price, window)


@pytest.mark.parametrize(
    ("names", "values", "expected"),
    [
        (["Colour", "Size"], ["Blue", "L"], {"color": "Blue", "size": "L"}),
        (["COLOR"], ["Red"], {"color": "Red"}),
        (
            ["Finish", "Grade"],
            ["Matte, fine", "A:1"],
            {"additional_variant_attribute": "Finish:Matte fine,Grade:A 1"},
        ),
        (["Gender"], ["Women"], {"gender": "female"}),
        (["Age group"], ["Children"], {"age_group": "kids"}),
        (["Material", "Scent"], ["Oak", ""], {"material": "Oak", "additional_variant_attribute": ""}),
    ],
)
def test_options_become_what_meta_calls_them(
    names: list[str], values: list[str], expected: dict[str, str]
) -> None:
    one = variant(option_values=values, product={"option_names": names, "colour": "White"})
    data = item_data(one, base_url=BASE, now=NOW)
    assert {name: data[name] for name in expected} == expected


def test_an_options_value_wins_over_what_all_variants_share() -> None:
    shared = {"option_names": ["Colour"], "colour": "White", "gender": "unisex"}
    data = item_data(variant(option_values=["Blue"], product=shared), base_url=BASE, now=NOW)
    assert (data["color"], data["gender"]) == ("Blue", "unisex")


@pytest.mark.parametrize(
    ("text", "length", "clean"),
    [
        ("<p>Soft &amp; warm.</p><p>Washable.</p>", 100, "Soft & warm. Washable."),
        ("Salt &amp; pepper, 5&#37; off", 100, "Salt & pepper, 5% off"),
        ("AT&T and R&D;", 100, "AT&T and R&D;"),
        ("a  b\n\tc\u200b", 100, "a b c"),
        ("Fits 3 < 4 and 5 > 2", 100, "Fits 3 < 4 and 5 > 2"),
        ("one two three", 9, "one two…"),
        ("x" * 20, 5, "xxxx…"),
        ("", 5, ""),
    ],
)
def test_a_text_is_made_plain_and_short(text: str, length: int, clean: str) -> None:
    assert plain(text, length).text == clean


def test_a_shouted_title_is_lowered_and_an_abbreviation_is_not() -> None:
    assert plain("HUGE SUMMER SALE", 99, calm=True).text == "Huge summer sale"
    assert plain("USB-C", 99, calm=True).text == "USB-C"


def test_meta_gets_the_main_picture_first_and_no_more_than_it_takes() -> None:
    urls = [f"https://p.example/{number}.jpg" for number in range(25)]
    data = item_data(variant(product={"image_urls": urls}), base_url=BASE, now=NOW)
    assert data["image"] == [{"url": url} for url in urls[:21]]


@pytest.mark.parametrize(
    ("digits", "good"),
    [
        ("4006381333931", True),
        ("4006381333932", False),
        ("96385074", True),
        ("036000291452", True),
        ("00012345600012", True),
        ("1234567", False),
        ("400638133393X", False),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", False),
    ],
)
def test_the_last_digit_of_a_gtin_checks_the_others(digits: str, good: bool) -> None:
    assert is_gtin(digits) is good


@pytest.mark.parametrize(
    ("over", "codes"),
    [
        ({}, ["no_description"]),
        ({"product": {"description": "Soft."}}, []),
        ({"product": {"description": "Soft.", "image_urls": []}}, ["no_image"]),
        ({"product": {"description": "<b>Soft.</b>"}}, ["markup"]),
        ({"product": {"description": "soft " * 1100}}, ["description_cut"]),
        ({"product": {"description": "Soft.", "title": "HUGE CUSHION"}}, ["title_shouted"]),
        ({"product": {"description": "Soft.", "title": "soft " * 38}, "title": "blue " * 10}, ["title_cut"]),
        ({"product": {"description": "Soft.", "title": "<b></b>"}, "title": ""}, ["no_title", "markup"]),
        ({"product": {"description": "Soft."}, "price_minor": 0}, ["no_price"]),
        ({"product": {"description": "Soft."}, "status": "archived"}, ["no_variant"]),
        ({"product": {"description": "Soft."}, "currency": "XAU"}, ["currency"]),
        ({"product": {"description": "Soft."}, "currency": "HUF", "price_minor": 123450}, ["price_rounded"]),
        ({"product": {"description": "Soft."}, "currency": "HUF", "price_minor": 40}, ["no_price"]),
        ({"product": {"description": "Soft."}, "currency": "HUF", "price_minor": 123400}, []),
        ({"product": {"description": "Soft."}, "currency": "JPY"}, []),
        (
            {"product": {"description": "Soft.", "image_urls": ["https://p.example/1.jpg"] * 22}},
            ["too_many_images"],
        ),
    ],
)
def test_what_meta_would_refuse_or_dislike_is_known_beforehand(
    over: dict[str, Any], codes: list[str]
) -> None:
    one = variant(**over)
    assert [finding.code for finding in check(one.product, [one])] == codes


def test_what_blocks_comes_first_and_decides() -> None:
    one = variant(product={"image_urls": [], "title": "HUGE CUSHION"})
    findings = check(one.product, [one])
    assert sum_up(findings) == ("blocked", ["no_image", "title_shouted", "no_description"])
    assert findings[0].words == "Meta shows no product without a picture. Add one of at least 500 × 500."
    assert sum_up(check(one.product, [])) == ("blocked", ["no_image", "no_variant"])
    assert sum_up([]) == ("ready", [])


@pytest.mark.parametrize(
    ("price", "sale", "currency", "sent", "codes"),
    [
        (123450, 123449, "HUF", "1234 HUF", {"price_rounded"}),
        (123500, 123460, "HUF", "", {"sale_rounded_away"}),  # both are 1235 at Meta
        (123449, 123410, "HUF", "", {"sale_rounded_away", "price_rounded"}),
        (123500, 40, "HUF", "", {"sale_rounded_away"}),  # nothing is left of it
        (123500, 123400, "HUF", "1234 HUF", set()),
        (1235, 1234, "JPY", "1234 JPY", set()),
        (1235, 1234, "GBP", "12.34 GBP", set()),
    ],
)
def test_what_is_no_sale_in_whole_units_is_not_sent_as_one(
    price: int, sale: int, currency: str, sent: str, codes: set[str]
) -> None:
    one = variant(currency=currency, price_minor=price, sale_price_minor=sale, sale_starts_at=SUMMER)
    data = item_data(one, base_url=BASE, now=NOW)
    assert data["sale_price"] == sent
    assert bool(data["sale_price_effective_date"]) is bool(sent)
    found = {finding.code: finding for finding in check(one.product, [one])}
    assert set(found) & {"price_rounded", "sale_rounded_away"} == codes
    if "sale_rounded_away" in codes:
        assert found["sale_rounded_away"].anchor == "id_variants-0-sale_price_field"
