"""Files as spreadsheets write them: encodings, delimiters, headings. Pure.

Whatever is wrong with a whole file is a CannotRead, whose message says what to do; what is wrong with a row
is one of its faults. A file is read as a stream: its text is never in memory as a whole.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from catalog.texts import seen

MOST_BYTES = 20 * 1024 * 1024
DELIMITERS = ",;\t|"
FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""How a cell begins that a spreadsheet would work out, asleep (behind apostrophes) or not."""
_BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"{\\rtf")
_SEPARATOR = re.compile(r"sep=(.)\s*")
"""A first line by which Excel is told the sign between columns."""
_NOTHING = f'{DELIMITERS}" \r\n'
NO_TEXT = ""
"""The encoding of zeros that none of ours writes."""
_QUOTED = re.compile(r'="([^"]*)"')
"""A number that shall stay as it is written, as some programs tell Excel."""
_CHUNK = 1024 * 1024
_LETTERS = re.compile(rb"[\x80-\xff]+")
_LETTERS_LOOKED_AT = 1000
_WESTERN = "cp1252"
_LINE = re.compile(f"[{DELIMITERS}][^\r\n]*[\r\n]")
"""What every table has in its first lines."""
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as the next but one does
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
    "variant_image": "variant_image_link",
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
    "variant_image_link",
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

NAMES = ("id", "sku", "item_group_id")
"""The columns by which a row says which variant and which product it means."""
Places = dict[str, int]
"""Where a column stands."""


class CannotRead(Exception):
    """The message says what is wrong with the file, and what to do."""


@dataclass(frozen=True)
class Row:
    """One row: its place in the file as a spreadsheet counts, and what stands under each known heading.

    `faults` are what is wrong with it as a row of a file: (heading, sentence).
    """

    number: int
    cells: dict[str, str]
    faults: tuple[tuple[str, str], ...] = ()


def read_rows(content: bytes, *, names_until: int = 0) -> Iterator[Row]:
    """Yield the rows that are not empty; of so many first ones only what they name. Raises CannotRead."""
    lines, delimiter, number = _begin(content)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    headings: list[str] = []
    all_places: Places = {}
    names: Places = {}
    is_empty = True
    while True:
        lines.forget()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise CannotRead(_say_broken(number, lines, delimiter, headings, error)) from None
        if cells is None:
            break
        if not headings:
            names_of_columns, headings = _read_headings(cells), cells
            all_places = {name: place for place, name in enumerate(names_of_columns) if name in COLUMNS}
            names = {name: all_places[name] for name in NAMES if name in all_places}
        elif any(cell.strip() for cell in cells) and cells != headings:  # files that were put together
            is_empty = False
            yield _read_row(number, cells, names if names_until > 0 else all_places, width=len(headings))
            names_until -= 1
        number += 1
    if is_empty:
        raise CannotRead(_("There is no row under the headings, so there is nothing to import."))


def list_unread(content: bytes) -> list[str]:
    """Return the headings that mean nothing to us, as they stand in the file. Raises CannotRead."""
    lines, delimiter, _number = _begin(content)
    with suppress(csv.Error):  # read_rows says what is wrong with it
        cells = next(csv.reader(lines, delimiter=delimiter), [])
        return [
            cell.strip() for cell, name in zip(cells, _names(cells), strict=True) if _is_unread(cell, name)
        ]
    return []


def find_doubtful(content: bytes) -> tuple[int, str, str] | None:
    """Return (row, heading, text) of the first letters that are read as Windows writes them.

    None when there are none, or when the file itself says how they are written. Raises CannotRead.
    """
    if _find_encoding(content) != _WESTERN:
        return None
    for row in read_rows(content):
        for name, cell in row.cells.items():
            place = next((n for n, sign in enumerate(cell) if sign.isalpha() and not sign.isascii()), None)
            if place is not None:
                return row.number, name, cell[max(place - 30, 0) :][:60].strip()
    return None


def _is_unread(cell: str, name: str) -> bool:
    return bool(cell.strip()) and name not in COLUMNS


def _begin(content: bytes) -> tuple[_Lines, str, int]:
    """Return the lines from the headings on, the sign between columns, and which row that is."""
    csv.field_size_limit(MOST_BYTES)
    lines = _Lines(io.TextIOWrapper(io.BytesIO(content), encoding=_find_encoding(content), newline=""))
    number = 1 + lines.pass_empty()
    separator = _SEPARATOR.fullmatch(lines.ahead)
    if separator is None:
        return lines, _find_delimiter(lines.ahead), number
    next(lines)
    return lines, separator[1], number + 1


class _Lines(Iterator[str]):
    """Lines of a text, with the first one known ahead, and those of the record that is being read."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.text, self.record = text, list[str]()
        self.ahead = text.readline()

    def pass_empty(self) -> int:
        """Pass over lines in which nothing stands; return how many."""
        count = 0
        while self.ahead and not self.ahead.strip(_NOTHING):
            self.ahead, count = self.text.readline(), count + 1
        return count

    def __next__(self) -> str:
        line, self.ahead = self.ahead or next(self.text), ""
        self.record.append(line)
        return line

    def forget(self) -> None:
        self.record.clear()


def _find_encoding(content: bytes) -> str:
    """Return how a text is written: by its mark, else UTF-8, else as Windows does. Raises CannotRead."""
    if not content.strip():
        raise CannotRead(_("The file is empty. Save your table as CSV and choose it again."))
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise CannotRead(_("This is a workbook, not a CSV file. Save it as “CSV UTF-8” and choose that one."))
    marked = [name for mark, name in _BOMS if content.startswith(mark)]
    head = content[:4096]
    if not marked and head.count(0) * 20 > len(head):
        marked = _find_wide(head)
    if content.startswith(_BINARY) or marked == [NO_TEXT]:
        raise CannotRead(_("This is not a text file. Save your table as “CSV UTF-8” and choose that one."))
    for encoding in marked or ["utf-8", _WESTERN]:
        if _is_readable(content, encoding) and (encoding != _WESTERN or _is_western(content)):
            return encoding
    raise CannotRead(_("Some letters cannot be read. Save your table as “CSV UTF-8” and choose that file."))


def _find_wide(head: bytes) -> list[str]:
    """Return UTF-16 without a mark: it writes a zero before or after each sign of ASCII, never both."""
    first, second = head[::2].count(0), head[1::2].count(0)
    for encoding, letters, zeros in (("utf-16-le", first, second), ("utf-16-be", second, first)):
        if zeros > letters * 20 and _LINE.search(head.decode(encoding, "ignore")):
            return [encoding]
    return [NO_TEXT]


def _is_western(content: bytes) -> bool:
    """Say whether letters that are no UTF-8 may be those of Western Windows, which reads nearly any bytes.

    Those stand alone or in pairs between plain ones; whole words are of another alphabet. Where most of them
    are UTF-8, the file is, and something in it is broken.
    """
    groups = [found[0] for found in islice(_LETTERS.finditer(content), _LETTERS_LOOKED_AT)]
    long = sum(len(set(group)) > 3 for group in groups)  # rows of dashes are one sign
    whole = sum(len(group) > 1 and _is_readable(group, "utf-8") for group in groups)
    return max(long * 3, whole * 2) < len(groups)


def _is_readable(content: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), _CHUNK):
            decoder.decode(content[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _say_broken(number: int, lines: _Lines, delimiter: str, headings: list[str], error: csv.Error) -> str:
    """Say in which row and column reading ended, and what to do there."""
    if "unexpected end" not in str(error):
        words = _("Row %(n)s cannot be read: there is a quotation mark inside a text. Write it twice there.")
        return words % {"n": number}
    cells = next(csv.reader(lines.record, delimiter=delimiter), [])
    column = headings[len(cells) - 1] if 0 < len(cells) <= len(headings) else str(len(cells))
    words = _(
        "Row %(n)s cannot be read: a quotation mark is not closed in the column %(column)s. Close it there."
    )
    return words % {"n": number, "column": column[:100]}


def _read_row(number: int, cells: list[str], places: Places, *, width: int) -> Row:
    faults = []
    named = {name: cells[place] for name, place in places.items() if place < len(cells)}
    for name, cell in named.items():
        if "\0" in cell:
            faults.append((name, _("There is a sign here that no text has (NUL). Take it out.")))
            named[name] = cell.replace("\0", "")
    if any(cell.strip() for cell in cells[width:]):
        words = _(
            "This row has %(n)s cells, and there are %(most)s headings. Put a text with the sign between "
            "columns in it into quotation marks."
        )
        faults.append(("", words % {"n": len(cells), "most": width}))
    plain = {name: _code(cell) if name in NAMES else _plain(cell) for name, cell in named.items()}
    return Row(number, plain, tuple(faults))


def _find_delimiter(heading: str) -> str:
    """Return the sign that parts the most columns that we know."""
    return max(DELIMITERS, key=lambda sign: len(set(_names(heading.split(sign))) & set(COLUMNS)))


def _read_headings(cells: list[str]) -> list[str]:
    names = _names(cells)
    known = [name for name in names if name in COLUMNS]
    if not {"title", *NAMES} & set(known):
        words = _("The first row does not name the columns. It needs title and price. It says: %(row)s")
        raise CannotRead(words % {"row": ", ".join(cells)[:200].replace("\0", "")})
    twice = sorted({name for name in known if known.count(name) > 1})
    if twice:
        words = _("The column %(name)s stands there twice. Take one of them out.")
        raise CannotRead(words % {"name": twice[0]})
    return names


def _names(cells: list[str]) -> list[str]:
    names = (cell.strip().strip('"').strip().lower().replace(" ", "_") for cell in cells)
    return [ALIASES.get(name, name) for name in names]


def _plain(cell: str) -> str:
    """Return a cell as text, without the apostrophe by which `harmless` keeps a formula asleep."""
    cell = cell.strip()
    if cell.startswith('="') and (quoted := _QUOTED.fullmatch(cell)):
        return quoted[1].strip()
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def _code(cell: str) -> str:
    """Return a cell without the signs that nobody sees, so that what looks the same is the same."""
    cell = _plain(cell)
    return cell if cell.isascii() else seen(cell).strip()


def harmless(text: str) -> str:
    """Keep a spreadsheet from taking words for a formula. `_plain` undoes it, whatever the text."""
    return f"'{text}" if FORMULA.match(text) else text
