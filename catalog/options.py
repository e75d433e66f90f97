"""The options of a product as text: one on each line, such as "Colour: Blue, Red". Pure."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MOST_OPTIONS = 3
NAME_LENGTH = 40


def split_lines(text: str) -> dict[str, list[str]]:
    """Return each option's name with its values. Raises ValidationError, which names the line."""
    found: dict[str, list[str]] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, _colon, rest = (part.strip() for part in line.partition(":"))
        # "Blue" and "blue" are one colour to everybody; what was written first stands.
        parts = [part.strip() for part in rest.split(",") if part.strip()]
        values = list({part.casefold(): part for part in reversed(parts)}.values())[::-1]
        if not name or not values:
            raise ValidationError(
                _("“%(line)s” is no option. Write it like this: Colour: Blue, Red."), params={"line": line}
            )
        if len(name) > NAME_LENGTH:
            raise ValidationError(
                _("The name of an option has at most 40 letters: “%(name)s”."), params={"name": name}
            )
        if name.casefold() in map(str.casefold, found):
            raise ValidationError(_("The option %(name)s stands there twice."), params={"name": name})
        found[name] = values
    if len(found) > MOST_OPTIONS:
        raise ValidationError(_("A product has at most three options. Put two of them into one."))
    return found


def join_lines(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return the options with the values that variants have, as `split_lines` reads them."""
    lines = []
    for place, name in enumerate(names):
        values = dict.fromkeys(row[place] for row in rows if len(row) > place)
        lines.append(f"{name}: {', '.join(values)}")
    return "\n".join(lines)
