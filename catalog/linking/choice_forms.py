"""The only readers of what a person says of a catalog: what it shows, and how it is kept up to date."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from catalog.filter_words import by_alphabet
from catalog.linking.choosing import Rule, make_rule
from catalog.models import Catalog, Choice, Pace, ProductSet
from catalog.sets.collections import list_collections

Kind = ProductSet.Kind
WORDS = {Choice.TAGS: "tags", Choice.CATEGORIES: "categories"}
"""Choice → the field with its words."""
SWITCHES = {"always": True, "never": False, "choice": None}
"""What a person says of a product in a catalog → `CatalogSwitch.is_shown`; None takes the switch away."""
SAID = [
    ("choice", _("As chosen for the catalog")),
    ("always", _("Always show it here")),
    ("never", _("Never show it here")),
]


class ChoiceForm(forms.Form):
    """Which products a catalog shows. The tags and categories are those of the store's products."""

    choice = forms.ChoiceField(
        label=_("It shows"),
        widget=forms.RadioSelect,
        choices=[(one.value, one.label) for one in Choice if one != Choice.UNDECIDED],
        error_messages={"required": _("Choose which products it shows.")},
    )
    tags = forms.MultipleChoiceField(
        label=_("Which tags"), required=False, widget=forms.CheckboxSelectMultiple
    )
    categories = forms.MultipleChoiceField(
        label=_("Which categories"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any, *, catalog: Catalog) -> None:
        chosen = {name: catalog.choice_words for choice, name in WORDS.items() if choice == catalog.choice}
        super().__init__(data, initial={"choice": catalog.choice} | chosen)
        found = list_collections()
        for kind, name in ((Kind.TAG, "tags"), (Kind.CATEGORY, "categories")):
            there = [word for one, word in found if one == kind]
            self._offer(name, by_alphabet({*there, *chosen.get(name, [])}))

    def _offer(self, name: str, words: Iterable[str]) -> None:
        choices = [(word, word) for word in words]
        self.fields[name].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields[name]

    def clean(self) -> None:
        name = WORDS.get(self.cleaned_data.get("choice", ""))
        if name is None or self.cleaned_data.get(name):
            return
        if name in self.fields:
            missing = {
                "tags": _("Choose at least one tag, or show all products."),
                "categories": _("Choose at least one category, or show all products."),
            }
            self.add_error(name, ValidationError(missing[name]))
        else:
            words = {
                "tags": _("No product has a tag yet. Give your products tags first."),
                "categories": _("No product has a category yet. Give your products categories first."),
            }[name]
            self.add_error("choice", ValidationError(words))

    def rule(self) -> Rule:
        choice = self.cleaned_data["choice"]
        return make_rule(choice, self.cleaned_data.get(WORDS.get(choice, ""), ()))


class RhythmForm(forms.Form):
    """Whether changes are sent by themselves, and how often all products are looked through."""

    is_automatic = forms.BooleanField(
        label=_("Send changes by themselves"),
        required=False,
        help_text=_(
            "Prices and stock reach Meta within seconds. Otherwise they wait until you press “Send now”, and "
            "buyers may order what is sold out."
        ),
    )
    look_every_minutes = forms.TypedChoiceField(
        label=_("Look through all products"),
        coerce=int,
        choices=Pace.choices,
        help_text=_("It finds changes that went past us. What Meta has as it is here is not sent again."),
    )


class SwitchForm(forms.Form):
    """What a catalog makes of one product, or one variant of it."""

    catalog = forms.TypedChoiceField(coerce=int)
    variant = forms.IntegerField(required=False)
    said = forms.ChoiceField(choices=SAID)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.found = {one.pk: one for one in Catalog.objects.filter(state__in=Catalog.PUSHED)}
        self.fields["catalog"].choices = [(pk, pk) for pk in self.found]  # type: ignore[attr-defined]

    def clean_catalog(self) -> Catalog:
        return self.found[self.cleaned_data["catalog"]]
