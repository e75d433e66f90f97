"""The row of one press on "Connect Facebook"."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenancy.owned import StoreOwned


class OAuthAttempt(StoreOwned):
    """One press on "Connect Facebook": a state that can be used once, by this user, for ten minutes."""

    class Display(models.TextChoices):
        """How Meta shows its dialog; Meta's words."""

        PAGE = "page", _("In this window")
        POPUP = "popup", _("In a window of its own")

    state_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    display = models.CharField(max_length=10, choices=Display, default=Display.PAGE)
    return_to = models.CharField(max_length=500, blank=True, help_text="Where to go when Pages are chosen.")

    def __str__(self) -> str:
        return f"attempt {self.pk}"
