"""What a store sells. A price is in the currency's smallest unit; the currency is the store's."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from tenancy.owned import StoreForeignKey, StoreOwned

OPAQUE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without `,` and `:` (Meta's checkout address cannot carry them) and without letters that look alike."""


def make_retailer_id() -> str:
    """Return a new id for a variant: opaque, so that nothing a merchant edits can ever change it."""
    return f"v{get_random_string(15, OPAQUE_LETTERS)}"


def make_group_id() -> str:
    """Return a new `item_group_id`; it never equals a retailer_id, which Meta would refuse."""
    return f"g{get_random_string(15, OPAQUE_LETTERS)}"


class Status(models.TextChoices):
    ACTIVE = "active", _("Active")
    ARCHIVED = "archived", _("Archived")


class Product(StoreOwned):
    """Something a store sells, in one or more variants."""

    class Condition(models.TextChoices):
        NEW = "new", _("New")
        REFURBISHED = "refurbished", _("Refurbished")
        USED = "used", _("Used")

    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), max_length=5000, blank=True)
    brand = models.CharField(_("brand"), max_length=100, blank=True)
    condition = models.CharField(_("condition"), max_length=12, choices=Condition, default=Condition.NEW)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    image_url = models.URLField(_("picture address"), max_length=2000, blank=True)
    item_group_id = models.CharField(max_length=100, default=make_group_id, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "item_group_id"], name="catalog_product_group_once"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="catalog_product_status"),
        ]
        indexes = [models.Index(fields=["store", "status", "-id"], name="catalog_product_newest")]

    def __str__(self) -> str:
        return self.title


class Variant(StoreOwned):
    """One thing a buyer can order: what Meta calls an item. `retailer_id` is given once and never changes."""

    product = StoreForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    title = models.CharField(_("options"), max_length=100, blank=True, help_text=_("Such as: Blue, large."))
    sku = models.CharField(_("SKU"), max_length=100, blank=True)
    retailer_id = models.CharField(max_length=100, default=make_retailer_id, editable=False)
    price_minor = models.BigIntegerField(_("price"))
    on_hand = models.IntegerField(
        _("on hand"), default=0, editable=False, help_text=_("Changed by movements only.")
    )
    reserved = models.IntegerField(
        _("held"), default=0, editable=False, help_text=_("The sum of what is held of it.")
    )
    safety_stock = models.PositiveIntegerField(
        _("safety stock"), default=0, help_text=_("So many pieces are kept back and not offered.")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "retailer_id"], name="catalog_variant_retailer_id_once"),
            models.UniqueConstraint(
                fields=["store", "sku"], condition=~Q(sku=""), name="catalog_variant_sku_once"
            ),
            models.CheckConstraint(
                condition=Q(retailer_id__regex=r"^[^,:]+$"), name="catalog_variant_retailer_id_fits"
            ),
            models.CheckConstraint(
                condition=Q(price_minor__gte=0), name="catalog_variant_price_not_negative"
            ),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="catalog_variant_on_hand_not_negative"),
            models.CheckConstraint(
                condition=Q(reserved__gte=0), name="catalog_variant_reserved_not_negative"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="catalog_variant_status"),
        ]

    def __str__(self) -> str:
        return f"{self.product.title}, {self.title}" if self.title else self.product.title

    @property
    def currency(self) -> str:
        """The store's currency; select_related("store") where many are read."""
        currency: str = self.store.currency
        return currency

    @property
    def available(self) -> int:
        """What can be sold: on hand, less what is held and the safety stock. In queries: AVAILABLE."""
        return max(0, self.on_hand - self.reserved - self.safety_stock)

    @property
    def is_for_sale(self) -> bool:
        return self.status == Status.ACTIVE and self.product.status == Status.ACTIVE


AVAILABLE = Greatest(F("on_hand") - F("reserved") - F("safety_stock"), Value(0))
"""`Variant.available` as PostgreSQL computes it, for querysets of variants."""
