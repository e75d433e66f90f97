"""What Meta advises about a catalog, and whether Instagram may tag its products."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.catalogs import Catalog
from integrations.models import InstagramAccount
from tenancy.owned import StoreForeignKey, StoreOwned


class Severity(models.TextChoices):
    """How much something matters to Meta."""

    MUST_FIX = "must_fix", _("Must be mended")
    OPPORTUNITY = "opportunity", _("Could be better")


class CatalogDiagnostic(StoreOwned):
    """One thing that Meta finds wrong with some items of a catalog, as it last answered."""

    catalog = StoreForeignKey(Catalog, on_delete=models.CASCADE, related_name="diagnostics")
    severity = models.CharField(max_length=12, choices=Severity)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    subtitle = models.TextField(blank=True)
    item_count = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.title


class InstagramTagging(StoreOwned):
    """Whether an Instagram account may tag products, and from which catalogs, as Meta last answered."""

    instagram = StoreForeignKey(InstagramAccount, on_delete=models.CASCADE, related_name="taggings")
    may_tag = models.BooleanField(null=True, blank=True)
    catalog_ids = models.JSONField(default=list, blank=True)
    error = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "instagram"], name="catalog_tagging_once")]

    def __str__(self) -> str:
        return f"tagging of {self.instagram_id}"
