"""What a page does not count itself, because that takes longer the more there is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from catalog.models.catalogs import Catalog
from tenancy.owned import StoreForeignKey, StoreOwned


class CatalogCount(StoreOwned):
    """Numbers about a catalog that a worker counted for a page: what would be sent, or what a choice changes.

    `asked_at` set means that somebody wants them anew; `lease_until` is that of the worker who counts.
    """

    REHEARSAL: ClassVar[str] = "rehearsal"

    catalog = StoreForeignKey(Catalog, on_delete=models.CASCADE, related_name="counts")
    subject = models.CharField(
        max_length=64, help_text="“rehearsal” for what would be sent now; the digest of a choice otherwise."
    )
    rule = models.JSONField(default=list, blank=True, help_text="That choice: what it shows, and its words.")
    numbers = models.JSONField(default=dict, blank=True)
    counted_at = models.DateTimeField(
        null=True, blank=True, help_text="When the count began; changes since are not in it."
    )
    asked_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "catalog", "subject"], name="catalog_count_once")
        ]

    def __str__(self) -> str:
        return f"count {self.pk}"
