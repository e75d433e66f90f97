"""What is connected to Meta, what Meta sent, and what our jobs did.

Deliveries, mailboxes and events are not StoreOwned: they are stored before anybody knows whose they are.
An event carries its store once it is routed, and pages read it through `webhooks.selectors` only.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.asset_rows import AssetPicture, PageTransfer
from integrations.graph.budgets import GraphUsage
from integrations.graph.records import GraphCall
from integrations.oauth.attempts import OAuthAttempt
from integrations.sealed import Login, TokenOwner
from integrations.webhooks.records import ConnectionTest, EventReplay
from integrations.webhooks.wording import KINDS
from tenancy.owned import StoreForeignKey, StoreOwned

__all__ = [
    "AssetPicture",
    "AssetState",
    "ConnectedPage",
    "ConnectionTest",
    "EventReplay",
    "GraphCall",
    "GraphUsage",
    "InstagramAccount",
    "Mailbox",
    "MetaAccount",
    "MetaAsset",
    "OAuthAttempt",
    "PageTransfer",
    "SyncRun",
    "WebhookDelivery",
    "WebhookEvent",
]


class MetaAccount(Login):
    """A Facebook user (app-scoped id) who let a store use Pages of theirs."""

    meta_user_id = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)
    token_kind = models.CharField(max_length=20, blank=True, help_text="In Meta's words: USER, SYSTEM_USER.")
    granted_scopes = models.JSONField(default=list)
    missing_scopes = models.JSONField(default=list)
    refused_scopes = models.JSONField(default=dict, help_text="Permission: declined or expired.")
    scope_targets = models.JSONField(
        default=dict, help_text="Permission: the ids it covers. One that is not here covers all."
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    data_access_expires_at = models.DateTimeField(null=True, blank=True)
    available_pages = models.JSONField(default=list, help_text="What the picker offers; holds no token.")
    connected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    connected_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True, blank=True, help_text="When Meta last said what it allows.")

    expiry_warning = models.CharField(
        max_length=20, blank=True, help_text="The last warning sent: day of the end / days before it."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "meta_user_id"], name="integrations_account_once")
        ]

    def __str__(self) -> str:
        return self.name or self.meta_user_id


class AssetState(models.TextChoices):
    CONNECTING = "connecting", _("Connecting")
    ACTIVE = "active", _("Connected")
    NEEDS_RECONNECT = "needs_reconnect", _("Needs reconnecting")
    DISABLED = "disabled", _("Paused")
    DISCONNECTED = "disconnected", _("Disconnected")


class MetaAsset(TokenOwner):
    """What ConnectedPage and InstagramAccount share: a name, a state, and how the last sync went."""

    name = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=16, choices=AssetState, default=AssetState.CONNECTING)
    connected_at = models.DateTimeField(default=timezone.now)
    last_event_at = models.DateTimeField(null=True, blank=True)
    last_synced_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)
    error_count = models.PositiveIntegerField(default=0, help_text="Errors since the last success.")

    class Meta(TokenOwner.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def receives(self) -> bool:
        """Whether its events are worked on: everything but a paused or disconnected asset."""
        return self.state not in (AssetState.DISABLED, AssetState.DISCONNECTED)

    def note_event(self, received_at: datetime) -> None:
        """Remember that Meta sent something, to the minute: a busy asset is not written for each event."""
        a_minute_ago = received_at - timedelta(minutes=1)
        if self.last_event_at and self.last_event_at >= a_minute_ago:
            return
        stale = models.Q(last_event_at=None) | models.Q(last_event_at__lt=a_minute_ago)
        type(self).objects.filter(stale, pk=self.pk).update(last_event_at=received_at)


SILENCE_FADES = timedelta(days=30)
"""How long a long silence is remembered: after so much time of lively traffic it counts nothing any more."""


class PolicyAction(models.TextChoices):
    """Meta's own words for what it does to an account that broke its rules."""

    WARNING = "warning", _("Meta warned")
    BLOCK = "block", _("Meta blocked")
    UNBLOCK = "unblock", _("No complaint")


class TalkingAsset(MetaAsset):
    """What customers write to: what Meta tells about it, how often, and whether it warned or blocked."""

    policy_action = models.CharField(max_length=10, choices=PolicyAction, blank=True, default="")
    policy_reason = models.TextField(blank=True, default="", help_text="Meta's own words.")
    policy_at = models.DateTimeField(null=True, blank=True, help_text="When Meta said so last.")
    details = models.JSONField(default=dict, blank=True, help_text="Facts in Meta's names, as text.")
    longest_silence = models.DurationField(
        default=timedelta(0), help_text="Between two events of Meta; slowly forgotten."
    )
    erase_requested_at = models.DateTimeField(null=True, blank=True)

    class Meta(MetaAsset.Meta):
        abstract = True

    def note_event(self, received_at: datetime) -> None:
        """Also remember the silence before it: the asset's own rhythm tells when one is unusual."""
        silence = received_at - self.last_event_at if self.last_event_at else timedelta(0)
        if silence > timedelta(minutes=1):
            faded = self.longest_silence * max(0.0, 1 - silence / SILENCE_FADES)
            type(self).objects.filter(pk=self.pk).update(longest_silence=max(silence, faded))
        super().note_event(received_at)

    def note_stray(self) -> None:
        """Count an event that came although nothing is connected any more, on the Page that it came by."""
        raise NotImplementedError


class ConnectedPage(Login, TalkingAsset):
    """A Facebook Page of a store. A Page belongs to one store at a time."""

    account = StoreForeignKey(MetaAccount, on_delete=models.PROTECT, related_name="pages")
    page_id = models.CharField(max_length=64)
    category = models.CharField(max_length=200, blank=True)
    tasks = models.JSONField(default=list)
    subscribed_fields = models.JSONField(default=list)
    stray_events = models.PositiveIntegerField(
        default=0, help_text="Sent since it was disconnected; see `strays`."
    )

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "page_id"], name="integrations_page_once_a_store"),
            models.UniqueConstraint(
                fields=["page_id"],
                name="integrations_page_in_one_store",
                condition=~models.Q(state="disconnected"),
            ),
        ]

    @property
    def meta_id(self) -> str:
        return self.page_id

    def note_stray(self) -> None:
        gone = ConnectedPage.objects.filter(pk=self.pk, state=AssetState.DISCONNECTED)
        gone.update(stray_events=models.F("stray_events") + 1)


class InstagramAccount(TalkingAsset):
    """A professional Instagram account linked to a Page; it speaks through the Page's token."""

    page = StoreForeignKey(ConnectedPage, on_delete=models.CASCADE, related_name="instagram_accounts")
    instagram_id = models.CharField(max_length=64)
    username = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["username", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "instagram_id"], name="integrations_instagram_once_a_store"
            ),
            models.UniqueConstraint(
                fields=["instagram_id"],
                name="integrations_instagram_in_one_store",
                condition=~models.Q(state="disconnected"),
            ),
        ]

    @property
    def meta_id(self) -> str:
        return self.instagram_id

    def note_stray(self) -> None:
        self.page.note_stray()


class WebhookDelivery(models.Model):
    """One signed POST of Meta, byte for byte. Stored before it is answered, unpacked after."""

    class State(models.TextChoices):
        RECEIVED = "received", _("Received")
        UNPACKED = "unpacked", _("Unpacked")
        IGNORED = "ignored", _("Ignored")
        PARKED = "parked", _("Needs a look")

    received_at = models.DateTimeField(db_default=Now())
    body = models.BinaryField()
    signed_by = models.CharField(max_length=10, help_text="Which app secret fitted: facebook or instagram.")
    state = models.CharField(max_length=10, choices=State, db_default=State.RECEIVED)
    reason = models.TextField(db_default="", blank=True)
    event_count = models.PositiveIntegerField(db_default=0)
    duplicate_count = models.PositiveIntegerField(db_default=0)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        indexes = [
            models.Index(
                fields=["id"], name="integrations_delivery_waiting", condition=models.Q(state="received")
            ),
            models.Index(fields=["received_at"], name="integrations_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class Mailbox(models.Model):
    """The queue of one asset: its events are worked on one after the other, mailboxes beside each other.

    `due_at` is when somebody should look next; null means nothing waits. A worker that dies gives its
    claim back by itself at `claimed_until`.
    """

    name = models.CharField(max_length=100, primary_key=True, help_text="The asset's id, or object:….")
    due_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "mailboxes"
        indexes = [
            models.Index(
                fields=["due_at"], name="integrations_mailbox_due", condition=models.Q(due_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.name


class WebhookEvent(models.Model):
    """One inner event of a delivery, with its outcome. Only one row per dedupe key ever exists."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        IGNORED = "ignored", _("Ignored")
        PARKED = "parked", _("Needs a look")

    OPEN: ClassVar[tuple[str, ...]] = (State.WAITING, State.PARKED)

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="events")
    mailbox = models.CharField(max_length=100)
    lane = models.CharField(
        max_length=200,
        blank=True,
        db_default="",
        help_text="The conversation or order whose events wait for each other; empty when nobody has to.",
    )
    store = models.ForeignKey("tenancy.Store", on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=40)
    object = models.CharField(max_length=40)
    channel = models.CharField(max_length=20, help_text="messaging, standby, changes, …: where it stood.")
    asset_id = models.CharField(max_length=64, blank=True)
    dedupe_key = models.CharField(max_length=64, unique=True, help_text="SHA-256 over what makes it one.")
    item = models.TextField(help_text="The inner event as JSON text: jsonb refuses some of what Meta sends.")
    entry_time = models.BigIntegerField(null=True, blank=True)
    happened_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.TextField(blank=True, default="")
    traceback = models.TextField(blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["mailbox", "not_before", "id"],
                name="integrations_event_due",
                condition=models.Q(state="waiting"),
            ),
            models.Index(
                fields=["mailbox", "lane"],
                name="integrations_event_lane",
                condition=models.Q(state="waiting") & ~models.Q(lane=""),
            ),
            models.Index(fields=["store", "-received_at", "-id"], name="integrations_event_newest"),
            models.Index(
                fields=["store", "-received_at", "-id"],
                name="integrations_event_open",
                condition=models.Q(state__in=("waiting", "parked"), store__isnull=False),
            ),
            models.Index(fields=["state", "-id"], name="integrations_event_state"),
            models.Index(fields=["mailbox", "-id"], name="integrations_event_mailbox"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def kind_in_words(self) -> str | Promise:
        return KINDS.get(self.kind, self.kind)


class SyncRun(StoreOwned):
    """One run of a job against Meta for one asset: what the health page shows.

    A run that waits was asked for; the next run of that job for that asset takes it up.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to start")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Stopped")

    job = models.CharField(max_length=40, help_text="catalog.push, leads.sync, page.refresh, …")
    asset_id = models.CharField(max_length=64, help_text="Meta's id of the Page, account or catalog.")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    rows_total = models.PositiveIntegerField(
        null=True, blank=True, help_text="What was to be done when it began; null when nobody can know."
    )
    rows_done = models.PositiveIntegerField(default=0)
    rows_failed = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "job", "asset_id"],
                name="integrations_run_waits_once",
                condition=models.Q(state="waiting"),
            )
        ]
        indexes = [
            models.Index(fields=["store", "asset_id", "-id"], name="integrations_run_newest"),
            models.Index(fields=["store", "job", "-id"], name="integrations_run_of_job"),
            models.Index(fields=["finished_at"], name="integrations_run_over"),
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.asset_id}"
