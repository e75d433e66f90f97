"""What a store sells. A price is in the currency's smallest unit; the currency is the store's."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest, Upper
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from tenancy.models import Store
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
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    ARCHIVED = "archived", _("Archived")


class Readiness(models.TextChoices):
    """What Meta would make of a product, as far as can be known before it is sent."""

    READY = "ready", _("Ready")
    WARNING = "warning", _("Can be better")
    BLOCKED = "blocked", _("Meta would refuse it")


class Product(StoreOwned):
    """Something a store sells, in one or more variants, which differ by the values of `option_names`.

    What all variants share stands here; a value of an option of the same kind wins over it. `readiness` and
    `causes` are what the pre-flight check found at the last change, `picture_causes` what a look at the
    pictures did. `image_urls` is the summary of its ProductImages that a push needs; `pictures.py` writes it.
    """

    class Condition(models.TextChoices):
        NEW = "new", _("New")
        REFURBISHED = "refurbished", _("Refurbished")
        USED = "used", _("Used")

    class Gender(models.TextChoices):
        FEMALE = "female", _("Women")
        MALE = "male", _("Men")
        UNISEX = "unisex", _("Everybody")

    class AgeGroup(models.TextChoices):
        ADULT = "adult", _("Adults")
        ALL_AGES = "all ages", _("All ages")
        TEEN = "teen", _("Teenagers")
        KIDS = "kids", _("Children")
        TODDLER = "toddler", _("Toddlers")
        INFANT = "infant", _("Infants")
        NEWBORN = "newborn", _("Newborns")

    class WhenSoldOut(models.TextChoices):
        INHERIT = "inherit", _("As the store says")
        SHOW = Store.SoldOut.SHOW.value, Store.SoldOut.SHOW.label
        HIDE = Store.SoldOut.HIDE.value, Store.SoldOut.HIDE.label

    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), max_length=5000, blank=True)
    brand = models.CharField(_("brand"), max_length=100, blank=True)
    condition = models.CharField(_("condition"), max_length=12, choices=Condition, default=Condition.NEW)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    category = models.CharField(_("category"), max_length=100, blank=True)
    google_category = models.CharField(_("Google category"), max_length=250, blank=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    image_urls = ArrayField(
        models.CharField(max_length=2000),
        default=list,
        blank=True,
        help_text="Addresses of its pictures in their order, the main one first; files of ours as paths.",
    )
    picture_causes = ArrayField(models.CharField(max_length=40), default=list, blank=True, editable=False)
    option_names = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    colour = models.CharField(_("colour"), max_length=100, blank=True)
    size = models.CharField(_("size"), max_length=100, blank=True)
    material = models.CharField(_("material"), max_length=100, blank=True)
    pattern = models.CharField(_("pattern"), max_length=100, blank=True)
    gender = models.CharField(_("for whom"), max_length=10, choices=Gender, blank=True)
    age_group = models.CharField(_("age"), max_length=10, choices=AgeGroup, blank=True)
    when_sold_out = models.CharField(
        _("when nothing is left"), max_length=7, choices=WhenSoldOut, default=WhenSoldOut.INHERIT
    )
    readiness = models.CharField(max_length=10, choices=Readiness, default=Readiness.READY, editable=False)
    causes = ArrayField(models.CharField(max_length=40), default=list, blank=True, editable=False)
    variant_words = models.TextField(
        blank=True, editable=False, help_text="What its variants are called, to find the product by."
    )
    search = models.GeneratedField(
        expression=SearchVector("title", "brand", "category", "variant_words", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    item_group_id = models.CharField(max_length=100, default=make_group_id, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "item_group_id"], name="catalog_product_group_once"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="catalog_product_status"),
        ]
        indexes = [
            models.Index(
                fields=["store", "status", "-id"], include=["readiness"], name="catalog_product_newest"
            ),
            models.Index(fields=["store", "category", "-id"], name="catalog_product_category"),
            models.Index(
                F("store"),
                F("status"),
                F("readiness"),
                F("id").desc(),
                condition=~Q(readiness="ready"),
                name="catalog_product_unready",
            ),
            GinIndex(fields=["search"], name="catalog_product_search"),
            GinIndex(fields=["tags"], name="catalog_product_tags"),
        ]

    def __str__(self) -> str:
        return self.title

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Leave them to PostgreSQL, which refuses what breaks one. The fields of a form have looked already.

        Django would ask it beforehand, in a savepoint and a query for each product of a file.
        """

    def when_sold_out_in(self, store: Store) -> str:
        """Return what buyers see of a variant of which nothing is left. `store` is its own, loaded once."""
        follows = self.when_sold_out == self.WhenSoldOut.INHERIT
        return store.when_sold_out if follows else self.when_sold_out


class Variant(StoreOwned):
    """One thing a buyer can order: what Meta calls an item. `retailer_id` is given once and never changes."""

    product = StoreForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    title = models.CharField(_("options"), max_length=100, blank=True, help_text=_("Such as: Blue, large."))
    option_values = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    sku = models.CharField(_("SKU"), max_length=100, blank=True)
    gtin = models.CharField(_("GTIN"), max_length=14, blank=True)
    mpn = models.CharField(_("MPN"), max_length=70, blank=True)
    retailer_id = models.CharField(max_length=100, default=make_retailer_id, editable=False)
    image_url = models.CharField(
        _("picture"), max_length=2000, blank=True, help_text=_("One of the product's, shown first for it.")
    )
    price_minor = models.BigIntegerField(_("price"))
    sale_price_minor = models.BigIntegerField(_("sale price"), null=True, blank=True)
    sale_starts_at = models.DateTimeField(_("sale from"), null=True, blank=True)
    sale_ends_at = models.DateTimeField(_("sale until"), null=True, blank=True)
    sale_edge_at = models.DateTimeField(
        null=True, editable=False, help_text="When its sale next begins or ends: then it is sent again."
    )
    on_hand = models.IntegerField(
        _("on hand"), default=0, editable=False, help_text=_("Changed by movements only.")
    )
    reserved = models.IntegerField(
        _("held"), default=0, editable=False, help_text=_("The sum of what is held of it.")
    )
    safety_stock = models.PositiveIntegerField(
        _("safety stock"), default=0, help_text=_("So many pieces are kept back and not offered.")
    )
    low_stock_at = models.PositiveIntegerField(
        _("running low from"), null=True, blank=True, help_text=_("Without a number, the store's counts.")
    )
    low_since = models.DateTimeField(
        null=True,
        editable=False,
        help_text="Since when it runs low. PostgreSQL keeps it, however stock changes.",
    )
    is_low_told = models.BooleanField(
        default=False, editable=False, help_text="Owners know that it runs low. PostgreSQL takes it back."
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
            models.CheckConstraint(
                condition=Q(sale_price_minor__gt=0, sale_price_minor__lt=F("price_minor"))
                | Q(sale_price_minor__isnull=True),
                name="catalog_variant_sale_below_price",
            ),
            models.CheckConstraint(
                condition=Q(sale_ends_at__gt=F("sale_starts_at"))
                | Q(sale_starts_at__isnull=True)
                | Q(sale_ends_at__isnull=True),
                name="catalog_variant_sale_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="catalog_variant_status"),
        ]
        indexes = [
            models.Index(F("store"), Upper("sku"), name="catalog_variant_sku_any_case"),
            models.Index(
                fields=["store", "product"],
                condition=Q(status="active", on_hand__lte=F("reserved") + F("safety_stock")),
                name="catalog_variant_sold_out",
            ),
            models.Index(
                fields=["store", "product"],
                condition=Q(low_since__isnull=False),
                name="catalog_variant_low",
            ),
            models.Index(
                fields=["low_since"],
                condition=Q(low_since__isnull=False, is_low_told=False),
                name="catalog_variant_low_untold",
            ),
            models.Index(
                fields=["sale_edge_at"],
                condition=Q(sale_edge_at__isnull=False),
                name="catalog_variant_sale_edge",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product.title}, {self.title}" if self.title else self.product.title

    @property
    def currency(self) -> str:
        """The store's currency; select_related("store") where many are read."""
        currency: str = self.store.currency
        return currency

    def is_on_sale(self, now: datetime) -> bool:
        """Say whether the sale price counts at this moment."""
        has_begun = self.sale_starts_at is None or self.sale_starts_at <= now
        is_over = self.sale_ends_at is not None and self.sale_ends_at <= now
        return self.sale_price_minor is not None and has_begun and not is_over

    def find_sale_edge(self, now: datetime) -> datetime | None:
        """Return when its sale next begins or ends; None when it will do neither."""
        edges = (self.sale_starts_at, self.sale_ends_at)
        ahead = [edge for edge in edges if edge is not None and edge > now]
        return min(ahead, default=None) if self.sale_price_minor is not None else None

    def price_at(self, now: datetime) -> int:
        """Return what a buyer pays at this moment."""
        sale = self.sale_price_minor
        return sale if sale is not None and self.is_on_sale(now) else self.price_minor

    @property
    def available(self) -> int:
        """What can be sold: on hand, less what is held and the safety stock. In queries: AVAILABLE."""
        return max(0, self.on_hand - self.reserved - self.safety_stock)

    @property
    def is_hidden(self) -> bool:
        """Say whether buyers shall not see it now: nothing is left, and then it is hidden."""
        return not self.available and self.product.when_sold_out_in(self.store) == Store.SoldOut.HIDE

    @property
    def is_for_sale(self) -> bool:
        return self.status == Status.ACTIVE and self.product.status == Status.ACTIVE


AVAILABLE = Greatest(F("on_hand") - F("reserved") - F("safety_stock"), Value(0))
"""`Variant.available` as PostgreSQL computes it, for querysets of variants."""
