"""What the store has of the goods that some rows of a file name. Reads, never writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.db.models.functions import Upper

from catalog.models import Product, Variant
from catalog.spreadsheets.csv_file import Row


class Known:
    """What the store has of some rows; 3 queries.

    `given_up` are SKUs that rows before gave up for new ones. The store has them still while a file is
    checked, and no more while it is taken over; both decide the same.
    """

    def __init__(self, rows: Iterable[Row], *, given_up: dict[str, int]) -> None:
        rows = list(rows)
        self.given_up = given_up
        ids = {row.cells.get("id", "") for row in rows} - {""}
        skus = ids | ({row.cells.get("sku", "") for row in rows} - {""})
        variants = Variant.objects.select_related("product", "store")
        self.by_id = {one.retailer_id: one for one in variants.filter(retailer_id__in=ids)}
        alike = variants.alias(upper=Upper("sku")).filter(
            Q(sku__in=skus) | Q(upper__in={sku.upper() for sku in skus})
        )
        self.by_upper_sku = {one.sku.upper(): one for one in alike.order_by("-pk")}
        self.by_sku = {one.sku: one for one in alike if one.sku in skus}
        groups = {row.cells.get("item_group_id", "") for row in rows} - {""}
        self.by_group = {one.item_group_id: one for one in Product.objects.filter(item_group_id__in=groups)}

    @property
    def product_ids(self) -> set[int]:
        """Return the products that these rows may change."""
        variants = (*self.by_id.values(), *self.by_sku.values())
        return {one.product_id for one in variants} | {one.pk for one in self.by_group.values()}

    def find(self, cells: Mapping[str, str]) -> Variant | None:
        """Return the variant with this id, or with this SKU. An id that is not ours is taken as a SKU."""
        return self.by_id.get(cells.get("id", "")) or self.by_sku.get(sku_of(cells, self.by_id))


def sku_of(cells: Mapping[str, str], ours: Mapping[str, Variant]) -> str:
    given = cells.get("id", "")
    return cells.get("sku", "") or ("" if given in ours else given)
