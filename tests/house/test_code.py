"""The shape of the code: what is short, what is caught, where imports stand.

An exception is allowed by its place and its reason, e.g. ``"yingbao/x.py parse": "one table, no logic"``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.tree import package_files, parse, python_files, relative

LONGEST_FUNCTION = 50
LONGEST_FILE = 400
SPEAKS_FOR_ITSELF = 6  # lines of a function whose name is docstring enough

LONG_FUNCTIONS: dict[str, str] = {
    "tests/policy/oracle.py pingjin_2023": "the notice read aloud once, top to bottom, to check the engine",
}
LONG_FILES: dict[str, str] = {}
LATE_IMPORTS: dict[str, str] = {}
CATCH_ALLS: dict[str, str] = {}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    """Yield every function of a file, methods and inner ones too."""
    return (node for node in ast.walk(parse(path)) if isinstance(node, Function))


def catches_everything(node: ast.AST) -> bool:
    """Tell whether a node is ``except:``, ``except Exception`` or ``except BaseException``, alone or in a tuple."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(kind is None or ast.unparse(kind) in {"Exception", "BaseException"} for kind in kinds)


def not_allowed(found: list[str], allowed: dict[str, str]) -> list[str]:
    """Return what is found and not allowed, and what is allowed and no longer found."""
    return [place for place in found if place not in allowed] + [
        f"{key}: no longer" for key in allowed if key not in found
    ]


def length(node: Function | ast.ClassDef) -> int:
    """Return how many lines a function or class takes."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_functions_are_short() -> None:
    found = [
        f"{relative(path)} {function.name}"
        for path in python_files()
        for function in functions(path)
        if length(function) > LONGEST_FUNCTION
    ]
    assert not_allowed(found, LONG_FUNCTIONS) == []


def test_files_are_short() -> None:
    long = [path for path in python_files() if path.read_text(encoding="utf-8").count("\n") > LONGEST_FILE]
    assert not_allowed([str(relative(path)) for path in long], LONG_FILES) == []


def test_imports_stand_at_the_top() -> None:
    found = {
        f"{relative(path)} {function.name}"
        for path in python_files()
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert not_allowed(sorted(found), LATE_IMPORTS) == []


def test_nothing_catches_everything() -> None:
    found = [
        f"{relative(path)}:{getattr(node, 'lineno', 0)}"
        for path in python_files()
        for node in ast.walk(parse(path))
        if catches_everything(node)
    ]
    assert not_allowed(found, CATCH_ALLS) == []


def test_public_functions_and_classes_of_the_package_say_what_they_do() -> None:
    silent = [
        f"{relative(path)} {node.name}"
        for path in package_files()
        for node in parse(path).body
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_")
        if length(node) > SPEAKS_FOR_ITSELF and not ast.get_docstring(node)
    ]
    assert silent == []


def test_modules_of_the_package_say_what_they_are() -> None:
    assert [str(relative(path)) for path in package_files() if not ast.get_docstring(parse(path))] == []
