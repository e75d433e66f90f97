"""Pages of a list by cursor: as cheap on page 500 as on page 1, and rows that arrive shift nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.http import QueryDict

T = TypeVar("T", bound=Model)

PAGE_SIZE = 40
_SEPARATOR = "~"


@dataclass(frozen=True, kw_only=True)
class CursorPage(Generic[T]):
    """One page, newest first; the addresses are '' at the ends and keep the list's other parameters."""

    rows: list[T]
    previous_url: str
    next_url: str


def cursor_page(
    queryset: QuerySet[T], *, by: str, params: Mapping[str, str], size: int = PAGE_SIZE
) -> CursorPage[T]:
    """Cut one page out of the queryset, ordered by the field `by` and the id, both descending; 1 query.

    `params` are of the address; `older` and `newer` carry the cursor. A cursor nobody made is the first page.
    """
    newer, older = (_read(queryset, params.get(name, ""), by=by) for name in ("newer", "older"))
    if newer is not None:
        rows = list(queryset.filter(_beyond(by, newer, "gt")).order_by(by, "pk")[: size + 1])
        more, rows = len(rows) > size, rows[size - 1 :: -1] if len(rows) > size else rows[::-1]
        return _page(rows, by=by, params=params, has_newer=more, has_older=True)
    if older is not None:
        queryset = queryset.filter(_beyond(by, older, "lt"))
    rows = list(queryset.order_by(f"-{by}", "-pk")[: size + 1])
    return _page(rows[:size], by=by, params=params, has_newer=older is not None, has_older=len(rows) > size)


def _page(
    rows: list[T], *, by: str, params: Mapping[str, str], has_newer: bool, has_older: bool
) -> CursorPage[T]:
    return CursorPage(
        rows=rows,
        previous_url=_url(params, "newer", rows[0], by) if rows and has_newer else "",
        next_url=_url(params, "older", rows[-1], by) if rows and has_older else "",
    )


def _beyond(by: str, cursor: tuple[Any, int], side: str) -> Q:
    value, pk = cursor
    return Q(**{f"{by}__{side}": value}) | Q(**{by: value, f"pk__{side}": pk})


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
        return field.to_python(value), int(pk)
    except ValidationError:
        return None
