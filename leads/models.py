"""People who left their details in a lead form, and what became of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models import ConnectedPage
from tenancy.owned import StoreForeignKey, StoreOwned


class LeadForm(StoreOwned):
    """A lead form of a Page. Known by its id alone until Meta has told us its name."""

    page = StoreForeignKey(ConnectedPage, on_delete=models.CASCADE, related_name="lead_forms")
    form_id = models.CharField(max_length=64)
    name = models.CharField(_("name"), max_length=200, blank=True)
    status = models.CharField(max_length=20, blank=True, help_text="Meta's word: ACTIVE, ARCHIVED, …")
    questions = models.JSONField(default=dict, blank=True, help_text="Label by key.")
    options = models.JSONField(
        default=dict, blank=True, help_text="Words of the answers to choose from, by question and by key."
    )
    newest_lead_at = models.DateTimeField(
        null=True, blank=True, help_text="The newest lead that a check has read: where the next one starts."
    )

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["store", "form_id"], name="leads_form_once")]

    def __str__(self) -> str:
        return self.name or self.form_id


class MetaLead(StoreOwned):
    """A lead as Meta has it: announced by its id, its answers fetched after."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Being fetched")
        FETCHED = "fetched", _("Fetched")
        FAILED = "failed", _("Could not be fetched")

    page = StoreForeignKey(ConnectedPage, on_delete=models.CASCADE, related_name="meta_leads")
    form = StoreForeignKey(
        LeadForm, on_delete=models.SET_NULL, null=True, blank=True, related_name="meta_leads"
    )
    leadgen_id = models.CharField(max_length=64)
    ad_id = models.CharField(max_length=64, blank=True)
    adset_id = models.CharField(max_length=64, blank=True)
    campaign_id = models.CharField(max_length=64, blank=True)
    platform = models.CharField(max_length=20, blank=True, help_text="Meta's word: fb or ig.")
    answers = models.JSONField(default=dict, blank=True, help_text="Values by question.")
    created_at_meta = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    fetched_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.TextField(blank=True, help_text="Why it could not be fetched, in the merchant's words.")
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "leadgen_id"], name="leads_meta_lead_once"),
            models.CheckConstraint(condition=~Q(leadgen_id=""), name="leads_meta_lead_has_id"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "fetched", "failed"]), name="leads_meta_lead_state"
            ),
        ]
        indexes = [
            models.Index(fields=["not_before"], condition=Q(state="waiting"), name="leads_meta_lead_due"),
            models.Index(fields=["store", "-id"], condition=Q(state="failed"), name="leads_meta_lead_failed"),
        ]

    def __str__(self) -> str:
        return self.leadgen_id


class Lead(StoreOwned):
    """A person who asked to hear from the store, and how far the store has come with them."""

    class Status(models.TextChoices):
        NEW = "new", _("New")
        CONTACTED = "contacted", _("Contacted")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    class Source(models.TextChoices):
        LEAD_FORM = "lead_form", _("Lead form")
        MANUAL = "manual", _("Added by hand")

    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True, help_text="As the person wrote it.")
    phone_digits = models.CharField(max_length=40, blank=True, help_text="For search and for comparing.")
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.NEW)
    source = models.CharField(max_length=10, choices=Source, default=Source.LEAD_FORM)
    meta_lead = StoreForeignKey(
        MetaLead, on_delete=models.SET_NULL, null=True, blank=True, related_name="leads"
    )
    submitted_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-submitted_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "meta_lead"], name="leads_lead_of_meta_lead_once"),
            models.CheckConstraint(
                condition=Q(status__in=["new", "contacted", "won", "lost"]), name="leads_lead_status"
            ),
        ]
        indexes = [
            models.Index(fields=["store", "-submitted_at", "-id"], name="leads_lead_newest"),
            models.Index(
                fields=["store", "status", "-submitted_at", "-id"], name="leads_lead_newest_of_status"
            ),
        ]

    @property
    def tone(self) -> str:
        """The colour of its status."""
        return TONES[self.status]

    def __str__(self) -> str:
        return self.name or self.email or self.phone or str(_("Somebody without a name"))


TONES: dict[str, str] = {
    Lead.Status.NEW: "info",
    Lead.Status.CONTACTED: "warning",
    Lead.Status.WON: "success",
    Lead.Status.LOST: "neutral",
}
