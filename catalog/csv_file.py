"""Files as spreadsheets write them: encodings, delimiters, headings. Pure.

Whatever is wrong with a whole file is a CannotRead, whose message says what to do.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

MOST_BYTES = 20 * 1024 * 1024
DELIMITERS = ",;\t|"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

ALIASES = {
    "retailer_id": "id",
    "handle": "item_group_id",
    "product": "item_group_id",
    "name": "title",
    "body_(html)": "description",
    "vendor": "brand",
    "category": "product_type",
    "type": "product_type",
    "google_category": "google_product_category",
    "image": "image_link",
    "image_src": "image_link",
    "colour": "color",
    "variant_sku": "sku",
    "variant_price": "price",
    "variant_barcode": "gtin",
    "barcode": "gtin",
    "ean": "gtin",
    "variant_inventory_qty": "quantity",
    "quantity_to_sell_on_facebook": "quantity",
    "stock": "quantity",
}
"""What others call our columns, in small letters with _ for blanks. The names themselves are Meta's."""

COLUMNS = (
    "id",
    "item_group_id",
    "title",
    "description",
    "status",
    "brand",
    "condition",
    "product_type",
    "google_product_category",
    "tags",
    "when_sold_out",
    "image_link",
    "additional_image_link",
    "color",
    "size",
    "material",
    "pattern",
    "gender",
    "age_group",
    "options",
    "for_sale",
    "sku",
    "gtin",
    "mpn",
    "price",
    "currency",
    "sale_price",
    "sale_starts",
    "sale_ends",
    "quantity",
)


class CannotRead(Exception):
    """The message says what is wrong with the file, and what to do."""


@dataclass(frozen=True)
class Row:
    """One row: its place in the file as a spreadsheet counts, and what stands under each known heading."""

    number: int
    cells: dict[str, str]


def decode(content: bytes) -> str:
    """Return the text of a file: UTF-8 or UTF-16 by its mark, else UTF-8, else as Windows writes it.

    Raises CannotRead.
    """
    if not content.strip():
        raise CannotRead(_("The file is empty. Save your table as CSV and choose it again."))
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise CannotRead(_("This is a workbook, not a CSV file. Save it as “CSV UTF-8” and choose that one."))
    encodings = [name for mark, name in _BOMS if content.startswith(mark)] or ["utf-8", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise CannotRead(_("This is not a text file. Save your table as CSV and choose it again."))


def read_rows(text: str) -> Iterator[Row]:
    """Yield the rows that are not empty. Raises CannotRead."""
    csv.field_size_limit(MOST_BYTES)
    first = text[: text.find("\n")] if "\n" in text else text
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_find_delimiter(first), strict=True)
    headings: list[str] | None = None
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            words = _("Row %(n)s cannot be read: a quotation mark is not closed (%(error)s). Mend it there.")
            raise CannotRead(words % {"n": number, "error": error}) from None
        if cells is None:
            break
        if headings is None:
            headings = _read_headings(cells)
        elif any(cell.strip() for cell in cells):
            yield Row(number, _by_heading(headings, cells))
    if headings is None or number <= 2:
        raise CannotRead(_("There is no row under the headings, so there is nothing to import."))


def _by_heading(headings: list[str], cells: list[str]) -> dict[str, str]:
    named = zip(headings, cells, strict=False)
    return {name: _plain(cell) for name, cell in named if name in COLUMNS}


def _find_delimiter(heading: str) -> str:
    """Return the sign that parts the most columns that we know."""
    return max(DELIMITERS, key=lambda sign: len(set(_names(heading.split(sign))) & set(COLUMNS)))


def _read_headings(cells: list[str]) -> list[str]:
    names = _names(cells)
    known = [name for name in names if name in COLUMNS]
    if not known or not {"title", "id", "sku", "item_group_id"} & set(known):
        words = _("The first row does not name the columns. It needs title and price. It says: %(row)s")
        raise CannotRead(words % {"row": ", ".join(cells)[:200]})
    twice = sorted({name for name in known if known.count(name) > 1})
    if twice:
        words = _("The column %(name)s stands there twice. Take one of them out.")
        raise CannotRead(words % {"name": twice[0]})
    return names


def _names(cells: list[str]) -> list[str]:
    names = (cell.strip().strip('"').strip().lower().replace(" ", "_") for cell in cells)
    return [ALIASES.get(name, name) for name in names]


def _plain(cell: str) -> str:
    """Return a cell as text, without the sign by which `harmless` keeps a formula asleep."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell


def harmless(text: str) -> str:
    """Keep a spreadsheet from taking words for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
