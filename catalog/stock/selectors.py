"""Reads for the pages of stock."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.models import HAND_REASONS, Reason, Reservation, StockMovement, Variant
from catalog.spreadsheets.csv_file import harmless
from tenancy.models import Store
from ui.paging import cursor_page

HOLDS_SHOWN = 50
CSV_ROWS = 20_000


@dataclass(frozen=True)
class LedgerRow:
    """One change of stock; `order_url` when an order caused it."""

    movement: StockMovement
    order_url: str
    is_undone: bool
    can_undo: bool


@dataclass(frozen=True)
class LedgerPage:
    rows: list[LedgerRow]
    previous_url: str
    next_url: str


def read_ledger(variant: Variant, *, store: Store, params: Mapping[str, str]) -> LedgerPage:
    """Return one page of a variant's changes, newest first; 2 queries whatever the rows."""
    movements = StockMovement.objects.filter(variant=variant).select_related("actor")
    page = cursor_page(movements, by="id", params=params)
    undone = _undone(variant, page.rows)
    rows = [
        LedgerRow(
            movement=movement,
            order_url=_order_url(store, movement.reference),
            is_undone=movement.undo_reference in undone,
            can_undo=movement.reason in HAND_REASONS and movement.undo_reference not in undone,
        )
        for movement in page.rows
    ]
    return LedgerPage(rows=rows, previous_url=page.previous_url, next_url=page.next_url)


def _undone(variant: Variant, movements: Iterable[StockMovement]) -> set[str]:
    wanted = [movement.undo_reference for movement in movements]
    found = StockMovement.objects.filter(variant=variant, reason=Reason.UNDONE, reference__in=wanted)
    return set(found.values_list("reference", flat=True))


def _order_url(store: Store, reference: str) -> str:
    kind, _separator, number = reference.partition(":")
    if kind != "order" or not number.isdecimal():
        return ""
    return reverse("orders:detail", kwargs={"store": store.slug, "number": int(number)})


def list_holds(variant: Variant) -> list[Reservation]:
    """Return who holds pieces of a variant, the one that ends first on top; 1 query."""
    rows = Reservation.objects.filter(variant=variant).select_related("actor")
    return list(rows.order_by("expires_at", "pk")[:HOLDS_SHOWN])


def write_ledger_csv(variant: Variant) -> str:
    """Return a variant's newest changes as CSV, safe to open in a spreadsheet; 1 query."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_("When"), _("Why"), _("Change"), _("On hand after it"), _("Reference"), _("Who")])
    rows = StockMovement.objects.filter(variant=variant).select_related("actor").order_by("-id")
    for row in rows[:CSV_ROWS]:
        who = harmless(str(row.actor or ""))
        reason = row.get_reason_display()
        writer.writerow([row.at.isoformat(), reason, row.delta, row.on_hand_after, row.reference, who])
    return text.getvalue()
