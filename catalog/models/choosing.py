"""What is said of single products about a catalog, whatever the catalog shows otherwise."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from catalog.models.catalogs import Catalog
from catalog.models.products import Product, Variant
from tenancy.owned import StoreForeignKey, StoreOwned


class CatalogSwitch(StoreOwned):
    """A product, or one variant of it, that a catalog always or never shows. The variant's own word wins."""

    catalog = StoreForeignKey(Catalog, on_delete=models.CASCADE, related_name="switches")
    product = StoreForeignKey(Product, on_delete=models.CASCADE, related_name="switches")
    variant = StoreForeignKey(
        Variant, on_delete=models.CASCADE, null=True, blank=True, related_name="switches"
    )
    is_shown = models.BooleanField()

    class Meta:
        verbose_name_plural = "catalog switches"
        constraints = [
            models.UniqueConstraint(
                fields=["store", "catalog", "product"],
                condition=Q(variant=None),
                name="catalog_switch_product_once",
            ),
            models.UniqueConstraint(
                fields=["store", "catalog", "variant"],
                condition=Q(variant__isnull=False),
                name="catalog_switch_variant_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{'always' if self.is_shown else 'never'} {self.variant_id or self.product_id}"
