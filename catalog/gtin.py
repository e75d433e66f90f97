"""The numbers under a barcode. Source: GS1 General Specifications, section 7.9."""

from __future__ import annotations

import re
import unicodedata

_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+[12]\d")
LENGTHS = (8, 12, 13, 14)


def clean_gtin(text: str) -> str:
    """Return the digits of a GTIN as people type it, with blanks and dashes, and as programs save it."""
    plain = unicodedata.normalize("NFKC", text)
    return plain.replace(" ", "").replace("-", "").lstrip("'").removesuffix(".0")


def is_shortened(text: str) -> bool:
    """Say whether a spreadsheet has made 4.00638E+12 of a number: then the rest of it is gone."""
    return bool(_SHORTENED.fullmatch(text))


def is_gtin(digits: str) -> bool:
    """Say whether this is a GTIN-8, UPC, EAN or GTIN-14 with the right last digit."""
    if len(digits) not in LENGTHS or not (digits.isascii() and digits.isdecimal()):
        return False
    weighted = sum(
        int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits[:-1]), start=1)
    )
    return (10 - weighted % 10) % 10 == int(digits[-1])
