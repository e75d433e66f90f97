"""What the rows of a file have named so far, and where first. Pure.

Only hashes are kept, so that the longest file takes little memory; and only what stands in the file, so that
a worker that goes on with it knows without asking the store what the rows before have named.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from catalog.models import Variant
from catalog.spreadsheets.csv_file import Row

ID, SKU, GROUP = "id", "sku", "item_group_id"
ANY_CASE = "sku, whatever its capitals"


class Earlier:
    """The rows before the one that is read."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}

    def find(self, column: str, text: str) -> int | None:
        """Return the number of the first row that named this; under SKU also by an id that is one."""
        return self._first.get(hash((column, text))) if text else None

    def find_clashes(self, row: Row, variant: Variant | None) -> list[tuple[str, str]]:
        """Return what of a row an earlier one names, be it by its id the one and by its SKU the other.

        Each is a heading and a sentence. `variant` is the one of the store that the row is about.
        """
        given, sku = row.cells.get(ID, ""), row.cells.get(SKU, "")
        named = (
            (ID, given, self.find(ID, given) or (None if sku else self.find(SKU, given))),
            (SKU, sku, self.find(SKU, sku)),
        )
        words = _("“%(text)s” stands in row %(n)s, too. Each variant needs its own.")
        clashes = [(name, words % {"text": text[:100], "n": n}) for name, text, n in named if n is not None]
        if not clashes and variant is not None and (sentence := self._say_other_name(variant)):
            clashes = [(ID if given else SKU, sentence)]
        return clashes

    def _say_other_name(self, variant: Variant) -> str:
        """Say which row calls a variant by its other name, or wants the SKU that it has; '' for none."""
        if number := self.find(ID, variant.retailer_id):
            words = _("Row %(n)s is about %(variant)s, too. Put the two into one row.")
            return words % {"n": number, "variant": variant}
        if number := self.find(SKU, variant.sku):
            words = _(
                "Row %(n)s names “%(sku)s”, the SKU of %(variant)s, too. Put the two into one row, or this "
                "one above the other if it gives the SKU up."
            )
            return words % {"n": number, "sku": variant.sku, "variant": variant}
        return ""

    def find_in_other_capitals(self, sku: str) -> int | None:
        """Return the number of the first row whose SKU differs from this one by capitals alone."""
        upper = sku.upper()
        return None if self.find(SKU, sku) else self.find(SKU, upper) or self.find(ANY_CASE, upper)

    def add(self, row: Row) -> None:
        given = row.cells.get(ID, "")
        sku = row.cells.get(SKU, "") or given
        self._note(ID, given, row.number)
        self._note(SKU, sku, row.number)
        if (upper := sku.upper()) != sku:
            self._note(ANY_CASE, upper, row.number)

    def add_group(self, rows: Sequence[Row]) -> None:
        """Note that the rows of a product are over."""
        self._note(GROUP, rows[0].cells.get(GROUP, ""), rows[0].number)

    def _note(self, column: str, text: str, number: int) -> None:
        if text:
            self._first.setdefault(hash((column, text)), number)
