"""The picture that is a variant's own: chosen in the form, named in files, first at Meta and for buyers."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from catalog.items import item_data
from catalog.models import Product, Variant
from catalog.product_data import VariantData
from tenancy.models import Store
from tests.catalog.sample import make_product
from tests.catalog.test_import import accept, client, exported, send
from tests.catalog.test_pages import HOME, form_body, text

__all__ = ["client"]

BLUE, RED, BOTH = (f"https://p.example/{name}.jpg" for name in ("blue", "red", "both"))
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def make_rug() -> Product:
    rows = (
        VariantData(title="Blue", option_values=["Blue"], price_minor=1000, image_url=BLUE, on_hand=1),
        VariantData(title="Red", option_values=["Red"], price_minor=1000, image_url=RED, on_hand=1),
        VariantData(title="Grey", option_values=["Grey"], price_minor=1000, on_hand=1),
    )
    return make_product(
        title="Rug", option_names=["Colour"], variants=rows, image_urls=[BOTH, BLUE, RED], description="Soft."
    )


def sent(variant: Variant) -> list[str]:
    found = Variant.objects.select_related("product", "store").get(pk=variant.pk)
    return [one["url"] for one in item_data(found, base_url="https://s.example", now=NOW)["image"]]


def own_pictures() -> dict[str, str]:
    return dict(Variant.objects.values_list("title", "image_url"))


def test_a_variants_own_picture_is_first_at_meta_and_for_buyers(shop: Store) -> None:
    rug = make_rug()
    blue, red, grey = rug.variants.order_by("pk")
    assert sent(blue) == [BLUE, BOTH, RED]
    assert sent(red) == [RED, BOTH, BLUE]
    assert sent(grey) == [BOTH, BLUE, RED]
    page = text(Client().get(f"/shop/hazel-home/{rug.item_group_id}?variant={red.retailer_id}"))
    shown = page.split("<h1>")[1]
    assert shown.index(RED) < shown.index(BOTH) < shown.index(BLUE)
    assert f'<meta property="og:image" content="{RED}">' in page
    assert (
        "img-src 'self' data: https://p.example"
        in Client().get(f"/shop/hazel-home/{rug.item_group_id}").headers["Content-Security-Policy"]
    )


def test_it_is_chosen_in_the_form_and_goes_with_its_picture(client: Client, shop: Store) -> None:
    rug = make_rug()
    address = f"{HOME}{rug.pk}/edit/"
    page = text(client.get(address))
    assert f'<option value="{RED}" selected>Picture 3</option>' in page
    body: dict[str, Any] = form_body(
        title="Rug", options="Colour: Blue, Red, Grey", image_urls="", picture=[BOTH, RED], alt=["", ""]
    )
    body |= {"variants-TOTAL_FORMS": "3", "variants-INITIAL_FORMS": "3"}
    for number, (one, url) in enumerate(zip(rug.variants.order_by("pk"), (BLUE, "", RED), strict=True)):
        body |= {
            f"variants-{number}-{name}": value
            for name, value in {
                "pk": one.pk,
                "title": one.title,
                "price": "10",
                "sku": "",
                "is_for_sale": "on",
                "image_url": url,
            }.items()
        }
    assert client.post(address, body).status_code == 302
    assert own_pictures() == {"Blue": "", "Red": "", "Grey": RED}


def test_rows_of_a_file_name_their_own_pictures(client: Client, shop: Store) -> None:
    head = "item_group_id,title,price,color,image_link,additional_image_link\n"
    rows = f"rugs,Rug,10,Blue,{BLUE},{BOTH}\nrugs,Rug,10,Red,{RED},\nrugs,Rug,10,Grey,,\n"
    row = accept(client, send(client, head + rows))
    assert (row.problems, row.new_products) == ([], 1)
    assert Product.objects.get().image_urls == [BLUE, BOTH, RED]
    assert own_pictures() == {"Blue": "", "Red": RED, "Grey": ""}


@pytest.mark.django_db(transaction=True)
def test_own_pictures_come_back_as_they_went_out(client: Client, shop: Store) -> None:
    rug = make_rug()
    content = exported(client)
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [line["variant_image_link"] for line in lines] == [BLUE, RED, ""]
    row = accept(client, send(client, content))
    assert (row.problems, row.unchanged_products, row.changed_products) == ([], 1, 0)
    rug.refresh_from_db()
    assert rug.image_urls == [BOTH, BLUE, RED]
    # The word of another shop for the same column.
    red = rug.variants.get(title="Red")
    accept(client, send(client, f"id,Variant Image\n{red.retailer_id},{BLUE}\n"))
    assert own_pictures() == {"Blue": BLUE, "Red": BLUE, "Grey": ""}
