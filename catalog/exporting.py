"""Products as a CSV file that a spreadsheet opens, and that changes nothing when it is imported again."""

from __future__ import annotations

import csv
import io

from catalog.csv_file import COLUMNS, harmless
from catalog.models import Product, Status, Variant
from tenancy.models import Store
from ui.currency import decimals, to_major

BOM = "\ufeff"
"""Without it, Excel reads UTF-8 as something else."""


def write_products_csv(store: Store) -> str:
    """Return every variant of the open store as CSV; 1 query."""
    text = io.StringIO(newline="")
    text.write(BOM)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    rows = Variant.objects.select_related("product").order_by("product_id", "pk")
    for variant in rows.iterator(chunk_size=2000):
        cells = export_row(variant, currency=store.currency)
        writer.writerow([harmless(cells[name]) for name in COLUMNS])
    return text.getvalue()


def export_row(variant: Variant, *, currency: str) -> dict[str, str]:
    """Return what stands under each heading for a variant. Needs `variant.product`."""
    product, sale = variant.product, variant.sale_price_minor
    starts, ends = variant.sale_starts_at, variant.sale_ends_at
    options = zip(product.option_names, variant.option_values, strict=False)
    return {
        **product_cells(product),
        "id": variant.retailer_id,
        "options": "; ".join(f"{name}: {value}" for name, value in options) or variant.title,
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
        "image_link": product.image_urls[0] if product.image_urls else "",
        "additional_image_link": " ".join(product.image_urls[1:]),
        "color": product.colour,
        "size": product.size,
        "material": product.material,
        "pattern": product.pattern,
        "gender": product.gender,
        "age_group": product.age_group,
    }


def _amount(minor: int, currency: str) -> str:
    return f"{to_major(minor, currency):.{decimals(currency)}f}"
