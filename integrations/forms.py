from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.models import MetaAccount
from integrations.permissions import can_connect


class PickPagesForm(forms.Form):
    """Which of an account's Pages to connect; only those that can be connected are choices."""

    pages = forms.MultipleChoiceField(
        label=_("Pages to connect"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick at least one Page."),
            "invalid_choice": _("One of the Pages cannot be connected any more. Look at the list again."),
        },
    )

    def __init__(self, *args: Any, account: MetaAccount, taken: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.MultipleChoiceField, self.fields["pages"])
        field.choices = [
            (page["page_id"], page["name"])
            for page in account.available_pages
            if can_connect(page["tasks"]) and page["page_id"] not in taken
        ]


class EraseForm(forms.Form):
    """Nothing is erased before its name was typed."""

    name = forms.CharField(
        label=_("Type its name to confirm"),
        max_length=200,
        error_messages={"required": _("Type its name first. Nothing was erased.")},
    )

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name = name

    def clean_name(self) -> str:
        typed = str(self.cleaned_data["name"])
        if typed.casefold() != self._name.strip().casefold():
            raise forms.ValidationError(_("That is not its name. Nothing was erased."))
        return typed
