"""The project's files as the house tests read them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "yingbao"


@cache
def project_files() -> tuple[Path, ...]:
    """Return every file that git holds or would take; without git, everything outside hidden folders."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not any(part.startswith(".") for part in relative(path).parts)]
    return tuple(sorted(path for path in paths if path.is_file()))


def python_files() -> list[Path]:
    """Return the project's Python files, migrations aside: Django writes those."""
    return [path for path in project_files() if path.suffix == ".py" and "migrations" not in path.parts]


def package_files() -> list[Path]:
    """Return the Python files of the package itself."""
    return [path for path in python_files() if path.is_relative_to(PACKAGE)]


@cache
def parse(path: Path) -> ast.Module:
    """Return a Python file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def relative(path: Path) -> Path:
    """Return a path as seen from the project's folder."""
    return path.relative_to(ROOT)
