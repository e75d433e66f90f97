"""The tags and categories that the list of products offers to narrow it by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.models import Product

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
    return Words(_by_alphabet(tags), _by_alphabet(categories - {""}))


def _by_alphabet(words: Iterable[str]) -> list[str]:
    return sorted(words, key=lambda word: (word.casefold(), word))


def spell(typed: str, words: Iterable[str]) -> str:
    """Return the word that was meant, whatever its capitals; what none of them is stays as it was typed."""
    alike = [word for word in words if word.casefold() == typed.casefold()]
    return typed if typed in alike or not alike else alike[0]
