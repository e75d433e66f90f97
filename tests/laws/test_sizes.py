"""House rules that a machine can count: short files, short functions."""

from __future__ import annotations

import ast

import pytest

from tests.laws.house import FLOORS, OUTSIDE, ROOT, name_of, sources, tree_of

FILE_LINES = 400
FUNCTION_LINES = 60
packages = pytest.mark.parametrize(
    "package", [name for name in (*FLOORS, *OUTSIDE) if (ROOT / name).exists()]
)


@packages
def test_no_file_is_long(package: str) -> None:
    sizes = {name_of(path): len(path.read_text().splitlines()) for path in sources(package)}

    assert {name: lines for name, lines in sizes.items() if lines >= FILE_LINES} == {}


@packages
def test_no_function_is_long(package: str) -> None:
    sizes = {
        f"{name_of(path)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in sources(package)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: lines for name, lines in sizes.items() if lines >= FUNCTION_LINES} == {}
