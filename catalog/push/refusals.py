"""Meta's refusal of an item in a merchant's words. Pure."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_FIELDS = {
    "image": gettext_lazy("picture"),
    "image_link": gettext_lazy("picture"),
    "price": gettext_lazy("price"),
    "sale_price": gettext_lazy("sale price"),
    "title": gettext_lazy("title"),
    "description": gettext_lazy("description"),
    "brand": gettext_lazy("brand"),
    "link": gettext_lazy("web address"),
    "availability": gettext_lazy("availability"),
    "condition": gettext_lazy("condition"),
}
_MISSING = re.compile(r"required field is missing: (\w+)", re.IGNORECASE)
_TOO_LONG = re.compile(r"(\w+) is longer than (\d+) characters", re.IGNORECASE)
_INVALID = re.compile(r"(\w+) (?:is invalid|has an unsupported value|is not a URL)", re.IGNORECASE)
_GONE = re.compile(r"item does not exist", re.IGNORECASE)


def explain(message: str) -> str:
    """Say what Meta refused and what to do; an unknown message is quoted."""
    if not message:
        return _("Meta refused this item and gave no reason. Check its picture, price and description.")
    if found := _MISSING.search(message):
        return _("Meta needs a %(field)s. Add one and we will send it again.") % {"field": _field(found[1])}
    if found := _TOO_LONG.search(message):
        return _("The %(field)s is too long for Meta: at most %(most)s characters.") % {
            "field": _field(found[1]),
            "most": found[2],
        }
    if found := _INVALID.search(message):
        return _("Meta does not accept the %(field)s. Change it and we will send it again.") % {
            "field": _field(found[1])
        }
    return _("Meta refused this item: “%(message)s”") % {"message": message}


def says_it_is_gone(message: str) -> bool:
    """Say whether a refused removal means that the item is not there, which is what was wanted."""
    return bool(_GONE.search(message))


def _field(name: str) -> str:
    return str(_FIELDS.get(name.lower(), name.replace("_", " ")))
