"""What Meta says of an item it refused, or took with a warning, in a merchant's words. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


@dataclass(frozen=True)
class Field:
    """A field of Meta's: its label, and where a merchant mends it in the product form, '' for nowhere."""

    label: object
    form: str = ""
    is_variants: bool = False


_PICTURE = Field(gettext_lazy("picture"), "image_urls")
_GOOGLE_CATEGORY = Field(gettext_lazy("Google category"), "google_category")
FIELDS = {
    "image": _PICTURE,
    "image_link": _PICTURE,
    "additional_image_link": _PICTURE,
    "price": Field(gettext_lazy("price"), "price", is_variants=True),
    "sale_price": Field(gettext_lazy("sale price"), "sale_price", is_variants=True),
    "sale_price_effective_date": Field(gettext_lazy("time of the sale"), "sale_starts_at", is_variants=True),
    "gtin": Field(gettext_lazy("GTIN"), "gtin", is_variants=True),
    "mpn": Field(gettext_lazy("MPN"), "mpn", is_variants=True),
    "title": Field(gettext_lazy("title"), "title"),
    "description": Field(gettext_lazy("description"), "description"),
    "brand": Field(gettext_lazy("brand"), "brand"),
    "condition": Field(gettext_lazy("condition"), "condition"),
    "google_product_category": _GOOGLE_CATEGORY,
    "fb_product_category": _GOOGLE_CATEGORY,
    "product_type": Field(gettext_lazy("category"), "category"),
    "color": Field(gettext_lazy("colour"), "colour"),
    "size": Field(gettext_lazy("size"), "size"),
    "material": Field(gettext_lazy("material"), "material"),
    "pattern": Field(gettext_lazy("pattern"), "pattern"),
    "gender": Field(gettext_lazy("gender"), "gender"),
    "age_group": Field(gettext_lazy("age group"), "age_group"),
    "link": Field(gettext_lazy("web address")),
    "availability": Field(gettext_lazy("availability")),
}
"""Meta's field → what it is here."""

_MISSING = re.compile(r"field is missing: (\w+)", re.IGNORECASE)
_TOO_LONG = re.compile(r"(\w+) is longer than (\d+) characters", re.IGNORECASE)
_INVALID = re.compile(r"(\w+) (?:is invalid|has an unsupported value|is not a URL)", re.IGNORECASE)
_UNKNOWN = re.compile(r"unrecogni[sz]ed field: (\w+)", re.IGNORECASE)
_GONE = re.compile(r"item does not exist", re.IGNORECASE)
# The longest name first: an image link is no link.
_NAMES = "|".join(name.replace("_", "[ _]") for name in sorted(FIELDS, key=len, reverse=True))
_NAMED = re.compile(rf"\b({_NAMES})s?\b", re.IGNORECASE)


def explain(message: str) -> str:
    """Say what Meta refused and what to do; an unknown message is quoted."""
    if not message:
        return _("Meta refused this item and gave no reason. Check its picture, price and description.")
    if found := _MISSING.search(message):
        return _("Meta needs a %(field)s. Add one and we will send it again.") % {"field": _label(found[1])}
    if found := _TOO_LONG.search(message):
        return _("The %(field)s is too long for Meta: at most %(most)s characters.") % {
            "field": _label(found[1]),
            "most": found[2],
        }
    if found := _INVALID.search(message):
        return _("Meta does not accept the %(field)s. Change it and we will send it again.") % {
            "field": _label(found[1])
        }
    return _("Meta refused this item: “%(message)s”") % {"message": message}


def explain_warning(message: str) -> str:
    """Say what Meta remarks of an item that it took; an unknown message is quoted."""
    if found := _UNKNOWN.search(message):
        words = _("Meta does not know “%(field)s” and left it out. There is nothing for you to do.")
        return words % {"field": found[1]}
    if found := _MISSING.search(message):
        return _("Meta would like a %(field)s, and shows the item without one.") % {"field": _label(found[1])}
    if found := _TOO_LONG.search(message):
        words = _("The %(field)s is longer than Meta likes: buyers may not see what is after %(most)s signs.")
        return words % {"field": _label(found[1]), "most": found[2]}
    if found := _INVALID.search(message):
        words = _("Meta took the item, but does not like its %(field)s. Change it, and it is sent again.")
        return words % {"field": _label(found[1])}
    return _("Meta took this item with a remark: “%(message)s”") % {"message": message}


def find_anchor(message: str, *, row: int) -> str:
    """Return the id of the field in the product form that a message is about, '' for none.

    `row` is the place of the item's variant in the form.
    """
    found = None if _UNKNOWN.search(message) else _NAMED.search(message)
    field = FIELDS[found[1].lower().replace(" ", "_")] if found else Field("")
    if not field.form:
        return ""
    return f"id_variants-{row}-{field.form}_field" if field.is_variants else f"id_{field.form}_field"


def says_it_is_gone(message: str) -> bool:
    """Say whether a refused removal means that the item is not there, which is what was wanted."""
    return bool(_GONE.search(message))


def _label(name: str) -> str:
    field = FIELDS.get(name.lower())
    return str(field.label) if field else name.replace("_", " ")
