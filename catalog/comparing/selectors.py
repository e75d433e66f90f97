"""Reads for the pages that compare a catalog at Meta with the store, and import from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.comparing.adopting import count_foreign, count_wanted, count_without_number, foreign_items
from catalog.comparing.diff import FIELDS
from catalog.comparing.mending import count_open
from catalog.comparing.obstacles import OBSTACLES
from catalog.models import Catalog, CatalogFinding, Comparison, RemoteItem
from ui.paging import cursor_page

ROWS = 30
Kind = CatalogFinding.Kind


@dataclass(frozen=True)
class Change:
    """One field in which Meta has something else."""

    label: str
    ours: str
    theirs: str


@dataclass(frozen=True)
class FindingRow:
    finding: CatalogFinding
    changes: list[Change]


@dataclass(frozen=True)
class FindingPage:
    rows: list[FindingRow]
    previous_url: str
    next_url: str


@dataclass(frozen=True)
class Progress:
    """How far a comparison has come; `rate` and `left` are words, '' while nothing can be said."""

    done: int
    total: int
    rate: str
    left: str


@dataclass(frozen=True)
class Overview:
    """How a catalog stands: the newest comparison, and what it found, counted as far as is cheap."""

    newest: Comparison | None
    progress: Progress | None
    counts: Mapping[str, int]


def read_overview(catalog: Catalog) -> Overview:
    """Return how a catalog stands; 4 queries whatever its size."""
    newest = Comparison.objects.filter(catalog=catalog).order_by("-pk").first()
    is_running = newest is not None and newest.state == Comparison.State.RUNNING
    return Overview(
        newest=newest,
        progress=measure(newest) if newest is not None and is_running else None,
        counts=count_open(catalog),
    )


def measure(comparison: Comparison) -> Progress:
    """Say how far a comparison has come, how fast, and how long it will still take."""
    seconds = (timezone.now() - comparison.started_at).total_seconds()
    rate = comparison.rows_done / seconds if seconds > 0 else 0
    left = max(comparison.rows_total - comparison.rows_done, 0)
    return Progress(
        done=min(comparison.rows_done, comparison.rows_total or comparison.rows_done),
        total=comparison.rows_total,
        rate=_("%(n)s a second") % {"n": round(rate)} if rate >= 1 else "",
        left=_time_left(left / rate) if rate and left else "",
    )


def _time_left(seconds: float) -> str:
    if seconds < 60:
        return _("less than a minute left")
    minutes = round(seconds / 60)
    return ngettext("about %(n)s minute left", "about %(n)s minutes left", minutes) % {"n": minutes}


def list_findings(catalog: Catalog, *, kind: str, params: Mapping[str, str]) -> FindingPage:
    """Return one page of findings of a kind, with what was left as it is; 1 query."""
    rows = CatalogFinding.objects.filter(catalog=catalog, kind=kind).select_related("variant")
    page = cursor_page(rows, by="id", params=params, size=ROWS)
    return FindingPage(
        rows=[FindingRow(one, [_change(each) for each in one.differences]) for one in page.rows],
        previous_url=page.previous_url,
        next_url=page.next_url,
    )


def _change(values: Mapping[str, str]) -> Change:
    name = values["field"]
    return Change(str(FIELDS.get(name, name)), values["ours"], values["theirs"])


def pick_kind(wanted: str, counts: Mapping[str, int]) -> str:
    """Return the kind that is asked for, else the first of which there is one."""
    if wanted in Kind.values:
        return wanted
    return next((kind for kind in Kind.values if counts[kind]), Kind.MISSING)


@dataclass(frozen=True)
class ImportFacts:
    """What an import would take over, what not, and how far one that runs has come."""

    takeable: int
    left: int
    without_number: int
    waiting: int
    reasons: list[tuple[str, int]]


@dataclass(frozen=True)
class ForeignPage:
    rows: list[tuple[RemoteItem, str]]
    previous_url: str
    next_url: str


def read_import(catalog: Catalog) -> ImportFacts:
    """Return what an import would do; 3 queries whatever the catalog's size."""
    counts = count_foreign(catalog)
    takeable = counts.pop("", 0)
    return ImportFacts(
        takeable=takeable,
        left=sum(counts.values()),
        without_number=count_without_number(catalog),
        waiting=count_wanted(catalog),
        reasons=[(str(OBSTACLES.get(code, code)), n) for code, n in sorted(counts.items())],
    )


def list_foreign(catalog: Catalog, *, is_left: bool, params: Mapping[str, str]) -> ForeignPage:
    """Return one page of items that are only at Meta, each with why it cannot be taken over; 1 query."""
    rows = foreign_items(catalog)
    rows = rows.exclude(obstacle="") if is_left else rows.filter(obstacle="")
    page = cursor_page(rows, by="id", params=params, size=ROWS)
    return ForeignPage(
        rows=[(one, str(OBSTACLES.get(one.obstacle, ""))) for one in page.rows],
        previous_url=page.previous_url,
        next_url=page.next_url,
    )
