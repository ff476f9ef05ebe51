"""Who may import whom: the contracts of .importlinter, and what they cannot say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.tree import PACKAGE, ROOT, package_files, parse, relative


def models_imported(path: Path) -> Iterator[str]:
    """Yield the models modules a file imports from at run time; names for types alone are nobody's dependency."""
    types_only = {id(part) for node in ast.walk(parse(path)) if is_type_checking(node) for part in ast.walk(node)}
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in types_only:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            yield from (name for name in names if re.fullmatch(r"yingbao\.\w+\.models", name))


def is_type_checking(node: ast.AST) -> bool:
    """Tell whether a node is ``if TYPE_CHECKING:``."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def test_every_contract_is_kept() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]


def test_only_a_room_itself_uses_its_models() -> None:
    """Foreign keys aside: those are written in models, and the layers say which way they point."""
    strangers = [
        f"{relative(path)} imports {module}"
        for path in package_files()
        for module in models_imported(path)
        if path.name != "models.py"
        and path.parent.name != "models"
        and module.split(".")[1] != path.relative_to(PACKAGE).parts[0]
    ]
    assert strangers == []


def test_imports_within_a_room_are_written_in_full() -> None:
    relatives = [
        f"{relative(path)}:{node.lineno}"
        for path in package_files()
        for node in ast.walk(parse(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relatives == []
