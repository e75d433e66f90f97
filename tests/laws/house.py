"""What the law tests walk: our packages and their source files, our models, our store pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from tenancy.owned import StoreOwned

ROOT = Path(__file__).resolve().parents[2]

FLOORS = {
    "stormcom": 6,
    "operations": 5,
    "orders": 4,
    "catalog": 3,
    "messaging": 3,
    "leads": 3,
    "integrations": 2,
    "tenancy": 1,
    "ui": 1,
}
"""The house of the design: a package imports from the floors below its own, and from itself."""

OUTSIDE = ("sandbox", "tests", "benchmarks")
STORE_PREFIX = "s/<slug:store>/"


def sources(*packages: str) -> Iterator[Path]:
    """Yield the Python files of packages, without their migrations."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.split(".")[0] in FLOORS]


def owned_models() -> list[type[StoreOwned]]:
    return [model for model in our_models() if issubclass(model, StoreOwned)]


@dataclass(frozen=True, kw_only=True)
class Page:
    """One address under /s/<store>/."""

    route: str
    view: Any
    converters: dict[str, Any]

    def path(self, store: str, **values: object) -> str:
        """Return the address with its parts filled in."""
        filled = {"store": store} | values
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(filled[part.group(1)]), self.route)

    @property
    def objects(self) -> list[str]:
        """The parts of the address that name an object of the store."""
        return [name for name in self.converters if name != "store"]


def store_pages() -> list[Page]:
    return [page for page in _pages(get_resolver().url_patterns) if page.route.startswith(STORE_PREFIX)]


def _pages(patterns: list[Any], route: str = "", converters: dict[str, Any] | None = None) -> Iterator[Page]:
    for entry in patterns:
        whole = route + str(entry.pattern)
        known = (converters or {}) | entry.pattern.converters
        if isinstance(entry, URLResolver):
            yield from _pages(entry.url_patterns, whole, known)
        elif isinstance(entry, URLPattern):
            yield Page(route=whole, view=entry.callback, converters=known)
