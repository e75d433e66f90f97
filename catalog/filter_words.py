"""What narrows the list of products: its tabs, and the tags and categories that it offers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Product
from catalog.product_selectors import Wanted
from catalog.standings import REJECTED, UNANSWERED

TABS = {
    "": gettext_lazy("On sale"),
    "refused": gettext_lazy("Refused by Meta"),
    REJECTED: gettext_lazy("Rejected in review"),
    "blocked": gettext_lazy("Not ready"),
    UNANSWERED: gettext_lazy("No answer from Meta"),
    "low": gettext_lazy("Running low"),
    "warning": gettext_lazy("Can be better"),
    "draft": gettext_lazy("Drafts"),
    "archived": gettext_lazy("Archived"),
}
FILTERS = {"category": gettext_lazy("Category: %(value)s"), "tag": gettext_lazy("Tag: %(value)s")}
NEWEST = 1000
"""Words are those of so many products, the newest: others can be typed, and no shop makes the page dearer."""


@dataclass(frozen=True)
class Words:
    tags: list[str]
    categories: list[str]


def list_words() -> Words:
    """Return the tags and categories in use, by the alphabet; 1 query whatever the products."""
    newest = Product.objects.order_by("-id").values_list("category", "tags")[:NEWEST]
    categories, tags = set(), set()
    for category, words in newest:
        categories.add(category)
        tags.update(words)
    return Words(by_alphabet(tags), by_alphabet(categories - {""}))


def by_alphabet(words: Iterable[str]) -> list[str]:
    """Return words as people look for them, whatever their capitals."""
    return sorted(words, key=lambda word: (word.casefold(), word))


def spell(typed: str, words: Iterable[str]) -> str:
    """Return the word that was meant, whatever its capitals; what none of them is stays as it was typed."""
    alike = [word for word in words if word.casefold() == typed.casefold()]
    return typed if typed in alike or not alike else alike[0]


def read_wanted(params: QueryDict, words: Words) -> Wanted:
    """Return which list an address asks for."""
    said = {
        name: params.get(name, "").replace("\0", "").strip()[:100]
        for name in ("show", "q", "tag", "category")
    }
    return Wanted(
        show=said["show"],
        search=said["q"],
        tag=spell(said["tag"], words.tags),
        category=spell(said["category"], words.categories),
    )


def describe(wanted: Wanted) -> str:
    """Say which list it is: its tab, its filters, what was searched for."""
    parts = [str(TABS.get(wanted.show, TABS[""]))]
    parts += [
        words % {"value": getattr(wanted, name)} for name, words in FILTERS.items() if getattr(wanted, name)
    ]
    if wanted.search:
        parts.append(_("“%(words)s”") % {"words": wanted.search})
    return " · ".join(parts)
