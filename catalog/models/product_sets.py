"""The store's collections as product sets of a catalog at Meta."""

from __future__ import annotations

from django.db import models
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from catalog.models.catalogs import Catalog
from catalog.models.products import OPAQUE_LETTERS
from tenancy.owned import StoreForeignKey, StoreOwned


def make_set_id() -> str:
    """Return a new retailer_id for a set, by which it is found again whatever its name becomes."""
    return f"s{get_random_string(15, OPAQUE_LETTERS)}"


class ProductSet(StoreOwned):
    """A tag or a category of the store in one catalog, and what Meta has confirmed of it."""

    class Kind(models.TextChoices):
        CATEGORY = "category", _("Category")
        TAG = "tag", _("Tag")

    catalog = StoreForeignKey(Catalog, on_delete=models.CASCADE, related_name="product_sets")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=100)
    retailer_id = models.CharField(max_length=100, default=make_set_id, editable=False)
    set_id = models.CharField(max_length=64, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, help_text="Of what Meta has confirmed.")
    item_count = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["kind", "name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "catalog", "kind", "name"], name="catalog_set_once"),
            models.UniqueConstraint(fields=["store", "retailer_id"], name="catalog_set_retailer_id_once"),
        ]

    def __str__(self) -> str:
        return self.name
