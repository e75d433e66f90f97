"""Products as a CSV file that a spreadsheet opens, and that changes nothing when it is imported again."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections

from catalog.models import Product, Status, Variant
from catalog.pictures.addresses import absolute
from catalog.spreadsheets.csv_file import COLUMNS, harmless
from tenancy.models import Store
from tenancy.scope import open_store
from ui.currency import decimals, to_major

BOM = "\ufeff"
"""Without it, Excel reads UTF-8 as something else."""
SLICE = 100
"""Products that are in memory at once, with up to a hundred variants each."""


async def stream_products_csv(store: Store) -> AsyncIterator[bytes]:
    """Yield every variant of a store as CSV, a slice of products at a time; 2 queries for each.

    A slice is read in a thread of its own that gives its connection back before the slice is sent: a slow
    reader holds neither, and the memory it takes does not depend on the number of products.
    """
    yield (BOM + _written([COLUMNS])).encode()
    last: int | None = 0
    while last is not None:
        rows, last = await sync_to_async(_read_slice, thread_sensitive=False)(store, after=last)
        yield _written(rows).encode()


def _read_slice(store: Store, *, after: int) -> tuple[list[list[str]], int | None]:
    """Return the rows of the products after a key, and the key after which to go on."""
    try:
        with open_store(store.pk):
            products = Product.objects.filter(pk__gt=after).order_by("pk")[:SLICE]
            by_pk = {product.pk: product for product in products}
            variants = list(Variant.objects.filter(product__in=by_pk).order_by("product_id", "pk"))
    finally:
        connections.close_all()
    for variant in variants:
        variant.product = by_pk[variant.product_id]
    return [_row(variant, store) for variant in variants], max(by_pk, default=None)


def _row(variant: Variant, store: Store) -> list[str]:
    cells = export_row(variant, currency=store.currency)
    return [harmless(cells[name]) for name in COLUMNS]


def _written(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def export_row(variant: Variant, *, currency: str) -> dict[str, str]:
    """Return what stands under each heading for a variant. Needs `variant.product`."""
    product, sale = variant.product, variant.sale_price_minor
    starts, ends = variant.sale_starts_at, variant.sale_ends_at
    own = variant.image_url if variant.image_url in product.image_urls else ""
    options = zip(product.option_names, variant.option_values, strict=False)
    return {
        **product_cells(product),
        "id": variant.retailer_id,
        "options": "; ".join(f"{name}: {value}" for name, value in options) or variant.title,
        "variant_image_link": absolute(own, base_url=settings.APP_BASE_URL),
        "for_sale": "yes" if variant.status == Status.ACTIVE else "no",
        "sku": variant.sku,
        "gtin": variant.gtin,
        "mpn": variant.mpn,
        "price": _amount(variant.price_minor, currency),
        "currency": currency,
        "sale_price": "" if sale is None else _amount(sale, currency),
        "sale_starts": starts.isoformat() if starts else "",
        "sale_ends": ends.isoformat() if ends else "",
        "quantity": str(variant.on_hand),
    }


def product_cells(product: Product) -> dict[str, str]:
    """Return what stands under the headings that all variants of a product share."""
    pictures = [absolute(url, base_url=settings.APP_BASE_URL) for url in product.image_urls]
    return {
        "item_group_id": product.item_group_id,
        "title": product.title,
        "description": product.description,
        "status": product.status,
        "brand": product.brand,
        "condition": product.condition,
        "product_type": product.category,
        "google_product_category": product.google_category,
        "tags": ", ".join(product.tags),
        "when_sold_out": product.when_sold_out,
        "image_link": pictures[0] if pictures else "",
        "additional_image_link": " ".join(pictures[1:]),
        "color": product.colour,
        "size": product.size,
        "material": product.material,
        "pattern": product.pattern,
        "gender": product.gender,
        "age_group": product.age_group,
    }


def _amount(minor: int, currency: str) -> str:
    return f"{to_major(minor, currency):.{decimals(currency)}f}"
