from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.models import Lead


class StatusForm(forms.Form):
    """How far the store has come with a lead."""

    status = forms.ChoiceField(
        label=_("Status"),
        choices=Lead.Status.choices,
        error_messages={"invalid_choice": _("Choose one of the four statuses.")},
    )


class FilterForm(forms.Form):
    """What the list shows; a value nobody offered shows everything."""

    status = forms.ChoiceField(choices=Lead.Status.choices, required=False)
    q = forms.CharField(max_length=100, required=False)

    def read(self) -> tuple[str, str]:
        """Return status and search words, '' for what was left out or cannot be."""
        self.is_valid()
        return self.cleaned_data.get("status", ""), self.cleaned_data.get("q", "")
