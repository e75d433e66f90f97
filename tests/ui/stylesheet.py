"""Reads colours out of app.css as a browser would, for one theme."""

from __future__ import annotations

import re
from pathlib import Path

PATH = Path(__file__).resolve().parents[2] / "static" / "css" / "app.css"

Rgb = tuple[float, float, float]


def text() -> str:
    return PATH.read_text(encoding="utf-8")


class Theme:
    """The custom properties of one theme ("light" or "dark"), with a tone's own ones when named."""

    def __init__(self, name: str, tone: str = "") -> None:
        self.name = name
        source = text()
        self.properties = _declarations(_block(source, ":root{"))
        if tone:
            self.properties |= _declarations(_block(source, f".tone--{tone}{{"))
            self.properties |= _declarations(_block(source, '[class*="tone--"]'))

    def colour(self, name: str) -> Rgb:
        return self._value(f"var(--{name})")

    def _value(self, value: str) -> Rgb:
        value = value.strip()
        if value.startswith("#"):
            return _hex(value)
        function, inner = value.split("(", 1)
        parts = _split(inner.removesuffix(")"))
        match function:
            case "var":
                return self._value(self.properties[parts[0].removeprefix("--")])
            case "light-dark":
                return self._value(parts[0 if self.name == "light" else 1])
            case "color-mix":
                first, share = parts[1].rsplit(" ", 1)
                weight = float(share.removesuffix("%")) / 100
                pairs = zip(self._value(first), self._value(parts[2]), strict=True)
                red, green, blue = (a * weight + b * (1 - weight) for a, b in pairs)
                return red, green, blue
        raise AssertionError(f"a colour the test cannot read: {value}")


def contrast(first: Rgb, second: Rgb) -> float:
    """The ratio of WCAG 2.2."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _hex(value: str) -> Rgb:
    digits = value[1:] if len(value) == 7 else "".join(digit * 2 for digit in value[1:])
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def _block(source: str, selector: str) -> str:
    start = source.index("{", source.index(selector))
    return source[start + 1 : source.index("}", start)]


def _declarations(block: str) -> dict[str, str]:
    return {name: value.strip() for name, value in re.findall(r"--([\w-]+):([^;]+)", block)}


def _split(inner: str) -> list[str]:
    return [part.strip() for part in re.split(r",(?![^(]*\))", inner)]
