"""The Meta catalogs that show what a store sells."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models import AssetState, MetaAccount, MetaAsset, SyncRun
from tenancy.owned import StoreForeignKey, StoreOwned


class Choice(models.TextChoices):
    """Which products a catalog shows, before what is said of single ones."""

    UNDECIDED = "", _("Not chosen yet")
    ALL = "all", _("All products")
    TAGS = "tags", _("Products with certain tags")
    CATEGORIES = "categories", _("Products of certain categories")
    PICKED = "picked", _("Only products that you pick one by one")


class Pace(models.IntegerChoices):
    """After how many minutes everything in a catalog is compared with the products again."""

    QUARTER = 15, _("Every 15 minutes")
    HOUR = 60, _("Every hour")
    SIX_HOURS = 360, _("Every 6 hours")
    DAY = 1440, _("Once a day")


class Catalog(MetaAsset):
    """A Meta catalog that shows the store's products. It speaks through its account's token."""

    PUSHED: ClassVar[tuple[str, ...]] = (AssetState.ACTIVE, AssetState.NEEDS_RECONNECT)
    """One that has to be connected again keeps collecting what waits: nothing is lost meanwhile."""
    SENDING: ClassVar[Q] = Q(state__in=PUSHED) & (
        Q(leaving_since__isnull=False)
        | Q(is_held=False) & (Q(is_automatic=True) | Q(send_asked_at__isnull=False))
    )
    """Those to which something may be sent now. In Python: `is_sending`."""

    account = StoreForeignKey(MetaAccount, on_delete=models.PROTECT, related_name="catalogs")
    catalog_id = models.CharField(max_length=64)
    not_before = models.DateTimeField(
        default=timezone.now, help_text="Nothing is sent earlier: Meta asked us to wait, or a call failed."
    )

    is_held = models.BooleanField(
        default=False, help_text="Nothing is sent until a person agrees: before the first push, or stopped."
    )
    is_automatic = models.BooleanField(
        default=True, help_text="Changes are sent by themselves; otherwise when somebody asks for it."
    )
    push_run = StoreForeignKey(
        SyncRun,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The full push that is on its way.",
    )
    send_all_since = models.DateTimeField(
        null=True,
        blank=True,
        help_text="What Meta answered before this is sent again, whatever we know of it.",
    )
    send_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="Somebody asked to send what waits; until nothing waits any more."
    )
    leaving_since = models.DateTimeField(
        null=True, blank=True, help_text="Our items are taken out of it; then it is disconnected."
    )
    is_listening = models.BooleanField(default=False, help_text="Meta was asked to send us its events.")
    choice = models.CharField(max_length=10, choices=Choice, blank=True, default=Choice.ALL)
    choice_words = ArrayField(
        models.CharField(max_length=100), default=list, blank=True, help_text="The tags, or the categories."
    )
    look_every_minutes = models.PositiveSmallIntegerField(choices=Pace, default=Pace.HOUR)
    look_due_at = models.DateTimeField(
        default=timezone.now, help_text="When each variant is looked at again."
    )
    look_position = models.BigIntegerField(
        null=True, blank=True, help_text="The variant up to which the present look has come."
    )
    look_not_before = models.DateTimeField(
        default=timezone.now, help_text="The lease of who is looking; after it another worker goes on."
    )
    looked_at = models.DateTimeField(null=True, blank=True, help_text="When the last look was over.")
    told_at = models.DateTimeField(
        null=True, blank=True, help_text="When people were last told that items do not get through."
    )
    refused_calls = models.PositiveIntegerField(
        default=0, help_text="Calls with items since the last one taken, of which Meta says that we may not."
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

    @property
    def is_sending(self) -> bool:
        is_let = self.is_automatic or self.send_asked_at is not None
        return self.state in self.PUSHED and (self.is_leaving or (not self.is_held and is_let))

    @property
    def is_leaving(self) -> bool:
        """Say whether the store's items are being taken out of it, before it is let go."""
        return self.leaving_since is not None

    @property
    def is_looking(self) -> bool:
        """Say whether its products are being looked through."""
        return self.look_position is not None


class CatalogSearch(StoreOwned):
    """Which catalogs an account may use, as Meta last answered: what "Connect a catalog" offers."""

    account = StoreForeignKey(MetaAccount, on_delete=models.CASCADE, related_name="catalog_searches")
    found = models.JSONField(
        default=list, help_text="catalog_id, name, vertical, business, is_shared: one object per catalog."
    )
    businesses = models.JSONField(default=list, help_text="business_id, name: those the account may see.")
    error = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "catalog searches"
        constraints = [models.UniqueConstraint(fields=["store", "account"], name="catalog_search_once")]

    def __str__(self) -> str:
        return f"catalogs of {self.account_id}"


class CatalogCreation(StoreOwned):
    """The wish for a new catalog in a business, and what became of it. A lost answer doubles nothing.

    `known_ids` are the business's catalogs before the first try: after an answer that was lost, one of this
    name that is not among them is the one we made.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Being made")
        DONE = "done", _("Made")
        FAILED = "failed", _("Not made")

    account = StoreForeignKey(MetaAccount, on_delete=models.CASCADE, related_name="catalog_creations")
    business_id = models.CharField(max_length=64)
    business = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    known_ids = models.JSONField(null=True, blank=True)
    catalog_id = models.CharField(max_length=64, blank=True)
    error = models.TextField(blank=True)
    tries = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "business_id", "name"],
                condition=Q(state="asked"),
                name="catalog_creation_asked_once",
            )
        ]
        indexes = [
            models.Index(fields=["not_before"], condition=Q(state="asked"), name="catalog_creation_due")
        ]

    def __str__(self) -> str:
        return self.name
