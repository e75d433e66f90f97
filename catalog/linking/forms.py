"""The only readers of what a person says about making a catalog and letting one go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogSearch
from integrations.graph.catalogs import BusinessFacts
from integrations.models import MetaAccount


class NewCatalogForm(forms.Form):
    """A name, and one of the businesses that Meta named."""

    business = forms.ChoiceField(label=_("Business"), help_text=_("It will own the catalog at Meta."))
    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Only your team and Meta see it, such as: Summer shop.")
    )

    def __init__(self, data: Any, *, searches: Iterable[CatalogSearch]) -> None:
        super().__init__(data)
        self.found: dict[str, tuple[MetaAccount, BusinessFacts]] = {}
        for search in searches:
            for facts in search.businesses:
                key = f"{search.account_id}:{facts['business_id']}"
                self.found[key] = (search.account, BusinessFacts(**facts))
        choices = [
            (key, _("%(business)s, through %(name)s") % {"business": business.name, "name": account.name})
            for key, (account, business) in self.found.items()
        ]
        self.fields["business"].choices = choices  # type: ignore[attr-defined]

    def chosen(self) -> tuple[MetaAccount, BusinessFacts]:
        return self.found[self.cleaned_data["business"]]


class UnlinkForm(forms.Form):
    """What becomes of the items at Meta."""

    items = forms.ChoiceField(
        label=_("The items at Meta"),
        widget=forms.RadioSelect,
        initial="leave",
        choices=[
            ("leave", _("Leave them as they are: buyers still see them, with the prices and stock of today")),
            ("remove", _("Take them out first: the catalog is let go when Meta has removed them all")),
        ],
    )
