"""Pictures of products: files that merchants gave us, and addresses at which others keep them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.products import Product
from catalog.pictures.addresses import MEDIUM, THUMBNAIL, is_own, sized
from tenancy.owned import StoreForeignKey, StoreOwned


class Picture(StoreOwned):
    """One picture at one address, whatever number of products show it, and what we found there.

    A file of ours is named by its content and looked at when it comes: a changed picture is another row. What
    is elsewhere is looked at in the background, again and again: `not_before` is when.
    """

    class Finding(models.TextChoices):
        """What is wrong; `picture_words.py` has the sentences."""

        NONE = "", _("Fits")
        PRIVATE = "private", _("Picture is not public")
        UNREACHABLE = "unreachable", _("Picture is not reachable")
        EMPTY = "empty", _("Picture is an empty file")
        WEB_PAGE = "web_page", _("Picture is a web page")
        DRAWING = "drawing", _("Picture is an SVG drawing")
        UNKNOWN = "unknown", _("Not a picture")
        BROKEN = "broken", _("Picture is damaged")
        MOVING = "moving", _("Picture moves")
        KIND = "kind", _("Picture is neither JPEG nor PNG")
        TOO_MANY_BYTES = "too_many_bytes", _("Picture larger than 8 MB")
        TOO_MANY_PIXELS = "too_many_pixels", _("Picture has too many pixels")
        TOO_SMALL = "too_small", _("Picture too small")
        NARROW = "narrow", _("Picture long and narrow")

    address = models.CharField(max_length=2000)
    digest = models.CharField(max_length=64)
    finding = models.CharField(max_length=16, choices=Finding, blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    byte_count = models.PositiveIntegerField(default=0)
    status_code = models.PositiveSmallIntegerField(default=0, help_text="Of the last answer; 0 for none.")
    failures = models.PositiveSmallIntegerField(default=0, help_text="Looks without an answer, in a row.")
    checked_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True, default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "digest"], name="catalog_picture_once"),
        ]
        indexes = [
            models.Index(
                fields=["not_before"], condition=Q(not_before__isnull=False), name="catalog_picture_due"
            ),
            models.Index(fields=["created_at"], name="catalog_picture_age"),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def is_own(self) -> bool:
        return is_own(self.address)

    @property
    def thumbnail(self) -> str:
        """The address of its small copy; '' for what is not ours, which no page of ours loads."""
        return sized(self.address, THUMBNAIL) if self.is_own else ""

    @property
    def medium(self) -> str:
        return sized(self.address, MEDIUM) if self.is_own else ""


class ProductImage(StoreOwned):
    """One picture of one product; the one with the lowest `position` is the main one.

    A picture that was taken out keeps its row with `removed_at` until no item at Meta can show it any more.
    """

    product = StoreForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    picture = StoreForeignKey(Picture, on_delete=models.RESTRICT, related_name="uses")
    position = models.PositiveSmallIntegerField(default=0)
    alt = models.CharField(_("what it shows"), max_length=200, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "product", "picture"], name="catalog_image_once"),
        ]
        indexes = [
            models.Index(
                fields=["removed_at"], condition=Q(removed_at__isnull=False), name="catalog_image_removed"
            ),
        ]

    def __str__(self) -> str:
        return f"picture {self.position + 1} of {self.product_id}"
