"""The house: imports go down only, and nobody imports what stands outside of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.laws.house import FLOORS, OUTSIDE, ROOT, name_of, sources, tree_of

OURS = {*FLOORS, *OUTSIDE}


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, package of ours) for each import, also those inside functions and TYPE_CHECKING."""
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno}: say the whole name"
            names = [node.module or ""]
        else:
            names = [alias.name for alias in node.names]
        for name in names:
            if (package := name.split(".")[0]) in OURS:
                yield node.lineno, package


def arrows(*packages: str) -> Iterator[tuple[str, str, str]]:
    """Yield (place, from, to) for each import between two of our packages."""
    for path in sources(*packages):
        importer = path.relative_to(ROOT).parts[0]
        for line, imported in imports_of(path):
            if imported != importer:
                yield f"{name_of(path)}:{line}", importer, imported


def test_every_package_of_the_house_is_on_a_floor() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert found <= OURS
    assert set(FLOORS) <= found


@pytest.mark.parametrize("package", FLOORS)
def test_imports_go_down_only(package: str) -> None:
    wrong = [
        f"{place} imports {imported}"
        for place, importer, imported in arrows(package)
        if imported in OUTSIDE or FLOORS[imported] >= FLOORS[importer]
    ]

    assert wrong == []


def test_the_sandbox_stands_alone() -> None:
    assert list(arrows("sandbox")) == []


def test_the_walk_sees_arrows() -> None:
    """A walk that finds nothing would pass everything."""
    found = {(importer, imported) for _, importer, imported in arrows(*FLOORS)}

    assert {("stormcom", "integrations"), ("integrations", "tenancy"), ("catalog", "integrations")} <= found
