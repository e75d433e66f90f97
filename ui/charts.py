"""Geometry of the charts: numbers in, positions in per cent out. No markup here.

Positions are per cent of the drawing, so that bars follow the width of the page while the words beside them
keep their size (text inside a scaled viewBox would shrink on a phone).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Number = int | float

SPARKLINE_WIDTH = 100.0
SPARKLINE_HEIGHT = 28.0
_MARGIN = 2.0

BAR_AREA_TOP = 14.0
"""Per cent of the height kept free above the highest bar for its value."""
LABEL_ALL_UP_TO = 7
WIDEST_BAR = 9.0


@dataclass(frozen=True, kw_only=True)
class Point:
    x: float
    y: float
    value: Number


@dataclass(frozen=True, kw_only=True)
class Bar:
    label: str
    value: Number
    x: float
    width: float
    y: float
    height: float
    center: float
    label_x: float
    label_shown: bool
    value_shown: bool
    anchor: str


def sparkline_points(values: Sequence[Number]) -> list[Point]:
    """Points from left to right on a zero-based scale; one value sits at the right edge."""
    if not values:
        return []
    low, high = min(0, *values), max(0, *values)
    span = (high - low) or 1
    step = (SPARKLINE_WIDTH - 2 * _MARGIN) / max(1, len(values) - 1)
    usable = SPARKLINE_HEIGHT - 2 * _MARGIN
    start = _MARGIN if len(values) > 1 else SPARKLINE_WIDTH - _MARGIN
    return [
        Point(
            x=round(start + index * step, 2),
            y=round(_MARGIN + usable * (high - value) / span, 2),
            value=value,
        )
        for index, value in enumerate(values)
    ]


def bars(rows: Sequence[tuple[str, Number]]) -> list[Bar]:
    """Zero-based bars; of many only the ends are labelled, and only the highest and the last valued."""
    if not rows:
        return []
    highest = max(0, *(value for _, value in rows)) or 1
    slot = 100 / len(rows)
    peak = max(range(len(rows)), key=lambda index: rows[index][1])
    few = len(rows) <= LABEL_ALL_UP_TO
    last = len(rows) - 1
    return [
        _bar(
            label,
            value,
            slot=slot,
            index=index,
            share=max(0, value) / highest,
            label_shown=few or index in (0, last),
            value_shown=few or index in (peak, last),
            anchor="middle" if few else _edge_anchor(index, last),
        )
        for index, (label, value) in enumerate(rows)
    ]


def _edge_anchor(index: int, last: int) -> str:
    return {0: "start", last: "end"}.get(index, "middle")


def _bar(
    label: str,
    value: Number,
    *,
    slot: float,
    index: int,
    share: float,
    label_shown: bool,
    value_shown: bool,
    anchor: str,
) -> Bar:
    width = min(slot * 0.78, WIDEST_BAR)
    height = share * (100 - BAR_AREA_TOP)
    left = slot * index
    return Bar(
        label=label,
        value=value,
        x=round(left + (slot - width) / 2, 2),
        width=round(width, 2),
        y=round(100 - height, 2),
        height=round(height, 2),
        center=round(left + slot / 2, 2),
        label_x=round({"start": left, "end": left + slot}.get(anchor, left + slot / 2), 2),
        label_shown=label_shown,
        value_shown=value_shown,
        anchor=anchor,
    )
