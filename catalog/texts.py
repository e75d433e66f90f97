"""Texts as Meta takes them: plain, on one line, not shouted, not longer than allowed. Pure."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from django.utils.html import strip_tags

_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>|&(?:[a-zA-Z]+\d*|#\d+|#[xX][0-9a-fA-F]+);")
"""A tag, or a sign as HTML writes it: "&amp;"."""
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/h\d)[^<>]*>", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""What nobody sees; with what turns the direction of all that follows."""
SHOUTED_LETTERS = 6
"""A title of fewer letters, such as "USB-C", may well be an abbreviation."""


@dataclass(frozen=True)
class Text:
    """What Meta gets, and what had to be done for it."""

    text: str
    had_markup: bool = False
    was_cut: bool = False
    was_shouted: bool = False


def plain(text: str, length: int, *, calm: bool = False) -> Text:
    """Take markup and needless blanks out, lower what is shouted when `calm`, and cut at a word."""
    had_markup = bool(_MARKUP.search(text))
    if had_markup:
        text = html.unescape(strip_tags(_BREAK.sub(" ", text)))
    words = " ".join(seen(text).split())
    was_shouted = calm and _is_shouted(words)
    if was_shouted:
        words = words.capitalize()
    cut = _cut(words, length)
    return Text(cut, had_markup, cut != words, was_shouted)


def seen(text: str) -> str:
    """Return a text without the signs that nobody sees."""
    return _UNSEEN.sub("", text)


def _is_shouted(text: str) -> bool:
    return text.isupper() and sum(letter.isalpha() for letter in text) >= SHOUTED_LETTERS


def _cut(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    head = text[: length - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head) + "…"
