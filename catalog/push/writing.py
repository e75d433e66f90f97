"""Many rows, each with a value of its own, written by one statement."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import BigIntegerField, CharField, F, Func, JSONField, TextField, Value
from django.db.models.functions import Cast


def text_of(field: str, texts: Mapping[int, str] | Mapping[str, str]) -> Func:
    """Return an expression for the text that stands under a row's `field`.

    It costs PostgreSQL a look-up; the CASE of `bulk_update` costs Django more than all the rest of a push.
    """
    return _value_of(field, {str(key): text for key, text in texts.items()})


def number_of(field: str, numbers: Mapping[int, int | None]) -> Cast:
    """Return an expression for the number that stands under a row's `field`; NULL where that is None."""
    return Cast(_value_of(field, {str(key): number for key, number in numbers.items()}), BigIntegerField())


def _value_of(field: str, values: Mapping[str, str | int | None]) -> Func:
    keyed = Value(values, output_field=JSONField())
    key = Cast(field, TextField())
    return Func(keyed, key, function="jsonb_extract_path_text", output_field=TextField())


def part_of(field: str, part: int) -> Func:
    """Return an expression for the text between the colons of a `field`, counted from 1; '' for none."""
    return Func(F(field), Value(":"), Value(part), function="split_part", output_field=CharField())
