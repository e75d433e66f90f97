"""The forms of stores and teams."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenancy.currencies import CURRENCIES
from tenancy.models import Invitation, Store, User
from tenancy.roles import ApiScope, Role


def currency_choices() -> list[tuple[str, str]]:
    return [(code, f"{code} · {name}") for code, name in CURRENCIES]


def timezone_choices() -> list[tuple[str, str]]:
    """Return the zones people live in; those without a place (EST5EDT, Etc/GMT+3) only confuse."""
    zones = [name for name in available_timezones() if "/" in name and not name.startswith("Etc/")]
    return [(name, name.replace("_", " ")) for name in ["UTC", *sorted(zones)]]


class StoreForm(forms.ModelForm):  # type: ignore[type-arg]
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=currency_choices,
        help_text=_("Prices and orders are in this currency. It stays once there are any."),
    )
    timezone = forms.ChoiceField(
        label=_("Time zone"), choices=timezone_choices, help_text=_("Days and times are shown in it.")
    )

    class Meta:
        model = Store
        fields = ["name", "currency", "timezone"]
        labels = {"name": _("Name of the store")}
        help_texts = {"name": _("What customers know it by. You can change it later.")}
        error_messages = {"name": {"required": _("Give the store a name.")}}


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]
    """An address and a role that the inviting member may give."""

    def __init__(self, *args: Any, giver: Role, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"] = forms.ChoiceField(
            label=_("Role"),
            choices=[(role.value, role.label) for role in giver.manageable()],
            initial=Role.AGENT,
        )

    class Meta:
        model = Invitation
        fields = ["email", "role"]
        labels = {"email": _("E-mail address")}
        error_messages = {
            "email": {
                "required": _("Say whom to invite: an e-mail address."),
                "invalid": _("This does not look like an e-mail address. An example: ada@hazelhome.example."),
            }
        }
        widgets = {"email": forms.EmailInput(attrs={"autocomplete": "off"})}


class RoleForm(forms.Form):
    """The new role of a member; which ones may be given is the service's to say."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class ApiTokenForm(forms.Form):
    """A new key for a program."""

    name = forms.CharField(
        label=_("What it is for"),
        max_length=80,
        help_text=_("The program or person that will use it, such as “Warehouse”."),
        error_messages={"required": _("Say what the key is for.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=ApiScope.choices,
        initial=[ApiScope.READ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one, else the key is good for nothing.")},
    )
    days = forms.TypedChoiceField(
        label=_("How long it works"),
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("A year")), (0, _("Until you revoke it"))],
        initial=90,
        coerce=int,
    )

    def expires_at(self) -> datetime | None:
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=days) if days else None


class SignupForm(forms.Form):
    """What sign-up asks beside e-mail and password (ACCOUNT_SIGNUP_FORM_CLASS)."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        required=False,
        help_text=_("Your team sees it beside what you do."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        if name := self.cleaned_data["name"].strip():
            user.name = name
            user.save(update_fields=["name"])
