"""Who may import whom: the contracts of .importlinter, and what they cannot say."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.tree import PACKAGE, ROOT, package_files, parse, relative

# Rooms that hold no tables may read their neighbours' only here, each with its reason.
MAY_READ_MODELS: dict[str, str] = {}


def imported_modules(path: Path) -> Iterator[str]:
    """Yield the full name of every module a file imports from, and of every name it imports from a package."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_contract_is_kept() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]


def test_only_a_room_itself_imports_its_models() -> None:
    strangers = []
    for path in package_files():
        room = path.relative_to(PACKAGE).parts[0]
        for module in imported_modules(path):
            parts = module.split(".")
            if parts[0] == "yingbao" and parts[2:3] == ["models"] and parts[1] != room:
                strangers.append(f"{relative(path)} imports {module}")
    assert [text for text in strangers if text.split()[0] not in MAY_READ_MODELS] == []


def test_imports_within_a_room_are_written_in_full() -> None:
    relatives = [
        f"{relative(path)}:{node.lineno}"
        for path in package_files()
        for node in ast.walk(parse(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relatives == []
