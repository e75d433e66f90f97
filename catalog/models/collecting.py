"""The store's collections: the tags and categories that its products have."""

from __future__ import annotations

from django.db import models
from django.db.models import F

from catalog.models.product_sets import ProductSet
from tenancy.owned import StoreOwned


class Collection(StoreOwned):
    """A tag or category of products on sale, so that no page reads all products to name them.

    PostgreSQL writes a row when a product on sale first has the word (migration 0039). A look at all products
    counts them and takes out what no product has any more. Two edits at once may both write a new word: none
    waits for the other, so none is ever in the other's way, and the next look leaves one of them.
    """

    kind = models.CharField(max_length=10, choices=ProductSet.Kind)
    name = models.CharField(max_length=100)
    product_count = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Products on sale at the last look; 0 for a word that is new."
    )

    class Meta:
        indexes = [
            models.Index(fields=["store", "kind", "name"], name="catalog_collection_word"),
            models.Index(
                F("store"),
                F("product_count").desc(),
                F("kind"),
                F("name"),
                name="catalog_collection_largest",
            ),
        ]

    def __str__(self) -> str:
        return self.name
