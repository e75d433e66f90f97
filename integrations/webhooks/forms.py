"""What a person may ask of the log of Meta's messages."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models import EventReplay, WebhookEvent
from integrations.webhooks.selectors import Filters
from integrations.webhooks.since import NotAMoment, read_moment
from integrations.webhooks.wording import KINDS
from tenancy.models import Store


class MomentField(forms.CharField):
    """A moment in the past, in the time zone that is in force."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if not text:
            return None
        zone: tzinfo = timezone.get_current_timezone()
        try:
            return read_moment(text, now=timezone.now(), zone=zone)
        except NotAMoment as error:
            raise forms.ValidationError(str(error)) from None


class FilterForm(forms.Form):
    """What the log shows. A kind, state or asset that nobody offered finds nothing, which the page says."""

    state = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
    kind = forms.CharField(label=_("What"), required=False, max_length=40)
    asset = forms.CharField(label=_("About"), required=False, max_length=64)
    since = MomentField(label=_("Arrived since"), required=False)

    def __init__(self, *args: Any, assets: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind, str(words)) for kind, words in KINDS.items()]
        self._offer("kind", _("Everything"), sorted(kinds, key=lambda choice: choice[1]))
        self._offer("asset", _("All"), assets)

    def _offer(self, name: str, nothing: Any, choices: list[tuple[str, str]]) -> None:
        chosen = str(self.data.get(name, ""))[:64]
        extra = [(chosen, chosen)] if chosen and chosen not in dict(choices) else []
        self.fields[name].widget = forms.Select(choices=[("", nothing), *choices, *extra])

    def read(self) -> Filters:
        """Return the filters; what could not be read filters nothing, and has its error beside it."""
        self.is_valid()
        known = self.cleaned_data
        state = known.get("state", "")
        return Filters(
            state=state if state in WebhookEvent.State.values else "",
            kind=known.get("kind", ""),
            asset=known.get("asset", ""),
            since=known.get("since"),
        )


class RecoverForm(forms.Form):
    """Try again everything that failed since a time."""

    since = MomentField(
        label=_("Everything that arrived since"),
        help_text=_("In your store's time zone."),
        error_messages={"required": _("Choose the time from which on it failed.")},
    )


class ReplayForm(forms.Form):
    """The same for staff: of one store or all, and not only what failed."""

    since = MomentField(label="Arrived since", help_text="14:00, 2026-11-25 14:00, 2h, 1d; in UTC.")
    until = MomentField(label="Until", required=False)
    store = forms.ModelChoiceField(
        Store.objects.all(), label="Store", required=False, empty_label="All stores"
    )
    kind = forms.CharField(
        label="Kind", required=False, max_length=40, help_text="Such as message or leadgen."
    )
    pick = forms.ChoiceField(label="Which", choices=EventReplay.Pick.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("since", "until"):
            self.fields[name].widget = forms.TextInput()
