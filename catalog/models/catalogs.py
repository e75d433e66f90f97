"""The Meta catalogs that show what a store sells."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from integrations.models import AssetState, MetaAccount, MetaAsset
from tenancy.owned import StoreForeignKey, StoreOwned


class Catalog(MetaAsset):
    """A Meta catalog that shows the store's products. It speaks through its account's token."""

    PUSHED: ClassVar[tuple[str, ...]] = (AssetState.ACTIVE, AssetState.NEEDS_RECONNECT)
    """One that has to be connected again keeps collecting what waits: nothing is lost meanwhile."""

    account = StoreForeignKey(MetaAccount, on_delete=models.PROTECT, related_name="catalogs")
    catalog_id = models.CharField(max_length=64)
    not_before = models.DateTimeField(
        default=timezone.now, help_text="Nothing is sent earlier: Meta asked us to wait, or a call failed."
    )

    is_held = models.BooleanField(
        default=False, help_text="Nothing is sent until a person agrees: before the first push, or stopped."
    )
    told_at = models.DateTimeField(
        null=True, blank=True, help_text="When people were last told that items do not get through."
    )
    mirrors_sets = models.BooleanField(
        default=True, help_text="Tags and categories are product sets at Meta."
    )
    sets_wanted_at = models.DateTimeField(
        null=True,
        blank=True,
        default=timezone.now,
        help_text="Products changed since the sets were looked at.",
    )
    sets_not_before = models.DateTimeField(
        default=timezone.now, help_text="When the sets may be looked at next; the lease of who is at it."
    )

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "catalog_id"], name="catalog_catalog_once_a_store"),
            models.UniqueConstraint(
                fields=["catalog_id"], name="catalog_catalog_in_one_store", condition=~Q(state="disconnected")
            ),
        ]

    @property
    def meta_id(self) -> str:
        return self.catalog_id


class CatalogSearch(StoreOwned):
    """Which catalogs an account may use, as Meta last answered: what "Connect a catalog" offers."""

    account = StoreForeignKey(MetaAccount, on_delete=models.CASCADE, related_name="catalog_searches")
    found = models.JSONField(default=list, help_text="catalog_id, name, business: one object per catalog.")
    error = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "catalog searches"
        constraints = [models.UniqueConstraint(fields=["store", "account"], name="catalog_search_once")]

    def __str__(self) -> str:
        return f"catalogs of {self.account_id}"
