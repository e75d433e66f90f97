"""What a store sells, how many pieces of it, and what Meta has been told about each.

A price is in the currency's smallest unit; the currency is the store's.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from integrations.models import AssetState, MetaAccount, MetaAsset
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
    def is_for_sale(self) -> bool:
        return self.status == Status.ACTIVE and self.product.status == Status.ACTIVE


class Reason(models.TextChoices):
    """Why stock changed."""

    OPENING = "opening", _("Opening stock")
    ORDER = "order", _("Sold")
    CANCELLED = "cancelled", _("Order cancelled")
    RETURNED = "returned", _("Returned by a buyer")
    DELIVERED = "delivered", _("Delivery from a supplier")
    COUNTED = "counted", _("Count corrected")
    DAMAGED = "damaged", _("Damaged or lost")


class StockMovement(StoreOwned):
    """One change of a variant's stock. The sum of a variant's movements is what is on hand.

    A movement with a reference happens once: the same order event twice changes nothing.
    """

    variant = StoreForeignKey(Variant, on_delete=models.CASCADE, related_name="movements")
    delta = models.IntegerField()
    on_hand_after = models.IntegerField()
    reason = models.CharField(max_length=12, choices=Reason)
    reference = models.CharField(max_length=100, blank=True, help_text="What caused it, such as order:17.")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "reason", "reference", "variant"],
                condition=~Q(reference=""),
                name="catalog_movement_once",
            ),
            models.CheckConstraint(condition=~Q(delta=0), name="catalog_movement_moves"),
            models.CheckConstraint(condition=Q(on_hand_after__gte=0), name="catalog_movement_not_below_zero"),
        ]
        indexes = [models.Index(fields=["store", "variant", "-id"], name="catalog_movement_newest")]

    def __str__(self) -> str:
        return f"{self.delta:+d} ({self.reason})"


class Catalog(MetaAsset):
    """A Meta catalog that shows the store's products. It speaks through its account's token."""

    PUSHED: ClassVar[tuple[str, ...]] = (AssetState.ACTIVE, AssetState.NEEDS_RECONNECT)
    """One that has to be connected again keeps collecting what waits: nothing is lost meanwhile."""

    account = StoreForeignKey(MetaAccount, on_delete=models.PROTECT, related_name="catalogs")
    catalog_id = models.CharField(max_length=64)
    not_before = models.DateTimeField(
        default=timezone.now, help_text="Nothing is sent earlier: Meta asked us to wait, or a call failed."
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


class PushBatch(StoreOwned):
    """One call of items_batch and what became of it.

    `not_before` is the time of the next step: until the call has answered it is the lease of the worker that
    makes it, after that it is when to ask for the result.
    """

    class State(models.TextChoices):
        CLAIMED = "claimed", _("Being sent")
        SENT = "sent", _("Meta is working on it")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Not sent")

    catalog = StoreForeignKey(Catalog, on_delete=models.CASCADE, related_name="batches")
    handle = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.CLAIMED)
    row_count = models.PositiveIntegerField(default=0)
    live_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    poll_count = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField()
    claimed_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "push batches"
        constraints = [
            models.UniqueConstraint(
                fields=["store", "catalog", "handle"],
                condition=~Q(handle=""),
                name="catalog_batch_handle_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["not_before"], condition=Q(state__in=["claimed", "sent"]), name="catalog_batch_due"
            ),
            models.Index(fields=["store", "catalog", "-id"], name="catalog_batch_newest"),
        ]

    def __str__(self) -> str:
        return f"batch {self.pk}"


class CatalogItem(StoreOwned):
    """One variant in one catalog: what Meta has confirmed, and whether something waits to be sent.

    `waiting_since` set means that there is something to send; it is looked at only when it is sent, so many
    edits make one row. `batch` set means that an answer is outstanding. Both may be true at once.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be sent")
        SENT = "sent", _("Sent, Meta is checking")
        LIVE = "live", _("Live")
        FAILED = "failed", _("Refused by Meta")
        REMOVED = "removed", _("Removed")

    variant = StoreForeignKey(Variant, on_delete=models.CASCADE, related_name="items")
    catalog = StoreForeignKey(Catalog, on_delete=models.CASCADE, related_name="items")
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    waiting_since = models.DateTimeField(null=True, blank=True, default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now)
    stock_changed = models.BooleanField(default=False, help_text="It waits in the fast lane.")
    delete_wanted = models.BooleanField(default=False)
    batch = StoreForeignKey(PushBatch, on_delete=models.SET_NULL, null=True, blank=True, related_name="items")
    sent_fingerprint = models.CharField(max_length=64, blank=True, help_text="What Meta may have by now.")
    confirmed_fingerprint = models.CharField(max_length=64, blank=True, help_text="What Meta has confirmed.")
    attempts = models.PositiveIntegerField(
        default=0, help_text="Failed tries since the last answer about it."
    )
    error = models.TextField(blank=True, help_text="In the merchant's words.")
    meta_message = models.TextField(blank=True, help_text="In Meta's words.")
    sent_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "variant", "catalog"], name="catalog_item_once"),
        ]
        indexes = [
            models.Index(
                F("catalog"),
                F("stock_changed").desc(),
                F("waiting_since"),
                condition=Q(waiting_since__isnull=False, batch__isnull=True),
                name="catalog_item_waiting",
            ),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="catalog_item_in_batch"),
            models.Index(fields=["store", "state"], name="catalog_item_state"),
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"
