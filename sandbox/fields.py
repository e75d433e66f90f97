"""Read a `fields` value: `id,photos.limit(3){id,from{name}}`."""

import json
import re
from dataclasses import dataclass, field

from sandbox.errors import GraphError

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Selection:
    name: str
    modifiers: dict[str, str] = field(default_factory=dict)
    inner: tuple["Selection", ...] | None = None


def parse(text: str) -> tuple[Selection, ...]:
    """Raises GraphError 2500 when the text does not follow the grammar."""
    if text.lstrip().startswith("["):
        text = ",".join(str(name) for name in json.loads(text))
    reader = _Reader("".join(text.split()))
    selections = reader.selections()
    if reader.at < len(reader.text):
        raise reader.error()
    return selections


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def error(self) -> GraphError:
        return GraphError(
            f"Syntax error \"Expected end of string instead of '{self.text[self.at : self.at + 1]}'.\" "
            f"at character {self.at}: {self.text}",
            code=2500,
        )

    def selections(self) -> tuple[Selection, ...]:
        found = []
        while self.at < len(self.text) and self.text[self.at] != "}":
            found.append(self.selection())
            if not self.take(","):
                break
        return tuple(found)

    def selection(self) -> Selection:
        name, modifiers, inner = self.word(), {}, None
        while self.take("."):
            modifier = self.word()
            modifiers[modifier] = self.arguments()
        if self.take("{"):
            inner = self.selections()
            if not self.take("}"):
                raise self.error()
        return Selection(name, modifiers, inner)

    def word(self) -> str:
        match = WORD.match(self.text, self.at)
        if not match:
            raise self.error()
        self.at = match.end()
        return match[0]

    def arguments(self) -> str:
        if not self.take("("):
            raise self.error()
        start, depth = self.at, 1
        while self.at < len(self.text):
            depth += {"(": 1, ")": -1}.get(self.text[self.at], 0)
            self.at += 1
            if depth == 0:
                return self.text[start : self.at - 1]
        raise self.error()

    def take(self, char: str) -> bool:
        found = self.text[self.at : self.at + 1] == char
        self.at += found
        return found
