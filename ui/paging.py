"""Pages of a list by cursor: as cheap on page 500 as on page 1, and rows that arrive shift nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.http import QueryDict

T = TypeVar("T", bound=Model)

PAGE_SIZE = 40
_SEPARATOR = "~"


@dataclass(frozen=True, kw_only=True)
class CursorPage(Generic[T]):
    """One page of a list; the addresses are '' at the ends and keep the list's other parameters."""

    rows: list[T]
    previous_url: str
    next_url: str


def cursor_page(
    queryset: QuerySet[T],
    *,
    by: str,
    params: Mapping[str, str],
    size: int = PAGE_SIZE,
    newest_first: bool = True,
) -> CursorPage[T]:
    """Cut one page out of the queryset, ordered by the field `by` and the id; 1 query.

    `params` are of the address; `older` and `newer` carry the cursor. A cursor nobody made is the first page.
    """
    onward, back = ("older", "newer") if newest_first else ("newer", "older")
    onward_from, back_from = (_read(queryset, params.get(name, ""), by=by) for name in (onward, back))
    if back_from is not None:
        rows = _take(queryset, by, back, back_from, size)
        has_next, has_previous = True, len(rows) > size
        rows = rows[:size][::-1]
    else:
        rows = _take(queryset, by, onward, onward_from, size)
        has_next, has_previous = len(rows) > size, onward_from is not None
        rows = rows[:size]
    return CursorPage(
        rows=rows,
        previous_url=_url(params, back, rows[0], by) if rows and has_previous else "",
        next_url=_url(params, onward, rows[-1], by) if rows and has_next else "",
    )


def _take(
    queryset: QuerySet[T], by: str, direction: str, cursor: tuple[Any, int] | None, size: int
) -> list[T]:
    """Return the rows that come next in a direction, and one more to see that there are more."""
    side, sign = ("lt", "-") if direction == "older" else ("gt", "")
    if cursor is not None:
        value, pk = cursor
        queryset = queryset.filter(Q(**{f"{by}__{side}": value}) | Q(**{by: value, f"pk__{side}": pk}))
    return list(queryset.order_by(f"{sign}{by}", f"{sign}pk")[: size + 1])


def _url(params: Mapping[str, str], direction: str, row: Model, by: str) -> str:
    kept = QueryDict(mutable=True)
    kept.update({key: value for key, value in params.items() if key not in ("newer", "older") and value})
    value = getattr(row, by)
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    kept[direction] = f"{text}{_SEPARATOR}{row.pk}"
    return f"?{kept.urlencode()}"


def _read(queryset: QuerySet[T], text: str, *, by: str) -> tuple[Any, int] | None:
    value, separator, pk = text.rpartition(_SEPARATOR)
    if not separator or not pk.isdecimal() or len(pk) > 18:
        return None
    field = cast("Field[Any, Any]", queryset.model._meta.get_field(by))
    try:
        found = field.to_python(value)
        return found.astimezone(UTC) if isinstance(found, datetime) else found, int(pk)
    except (ValidationError, OverflowError):  # the latter: a moment that no calendar has
        return None
