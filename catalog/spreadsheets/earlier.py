"""What the rows of a file have named so far, and where first. Pure.

Only hashes are kept, so that the longest file takes little memory; and only what stands in the file, so that
a worker that goes on with it knows without asking the store what the rows before have named.
"""

from __future__ import annotations

from collections.abc import Sequence

from catalog.models import Variant
from catalog.spreadsheets.csv_file import Row

ID, SKU, GROUP = "id", "sku", "item_group_id"


class Earlier:
    """The rows before the one that is read."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}

    def find(self, column: str, text: str) -> int | None:
        """Return the number of the first row that named this; under SKU also by an id that is one."""
        return self._first.get(hash((column, text))) if text else None

    def find_variant(self, variant: Variant) -> int | None:
        """Return the number of the first row about a variant of the store, by whichever name."""
        named = (self.find(ID, variant.retailer_id), self.find(SKU, variant.sku))
        return min((number for number in named if number is not None), default=None)

    def add(self, row: Row) -> None:
        given = row.cells.get(ID, "")
        self._note(ID, given, row.number)
        self._note(SKU, row.cells.get(SKU, "") or given, row.number)

    def add_group(self, rows: Sequence[Row]) -> None:
        """Note that the rows of a product are over."""
        self._note(GROUP, rows[0].cells.get(GROUP, ""), rows[0].number)

    def _note(self, column: str, text: str, number: int) -> None:
        if text:
            self._first.setdefault(hash((column, text)), number)
