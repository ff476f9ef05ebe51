"""Every command, every pack and every decision is told somewhere a reader looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from tests.support.tree import PACKAGE, ROOT, project_files, relative
from yingbao.cli.main import app


def documentation() -> str:
    """Return everything a reader can read: README in both languages and docs/."""
    pages = [path for path in project_files() if path.suffix == ".md" and is_page(str(relative(path)))]
    return "\n".join(path.read_text(encoding="utf-8") for path in pages)


def is_page(name: str) -> bool:
    """Tell whether a file is one that users read."""
    return name.startswith("docs/") or name.startswith("README")


def commands(command: Any, words: tuple[str, ...] = ("yingbao",)) -> Iterator[str]:
    """Yield every command as one types it, e.g. ``yingbao policy lint``."""
    children = getattr(command, "commands", None)
    if children is None:
        yield " ".join(words)
    else:
        for name, child in children.items():
            yield from commands(child, (*words, name))


@pytest.mark.parametrize("line", sorted(commands(typer.main.get_command(app))))
def test_every_command_is_told(line: str) -> None:
    assert line in documentation()


@pytest.mark.parametrize("pack", sorted(path.stem for path in (PACKAGE / "packs").glob("*-*.yaml")))
def test_every_pack_is_told(pack: str) -> None:
    assert f"`{pack}`" in documentation()


@pytest.mark.parametrize("command", ["setup", "demo", "serve", "test", "check", "bench", "format", "messages"])
def test_every_command_of_the_house_is_told(command: str) -> None:
    told = documentation() + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert f"python3 dev.py {command}" in told


def test_decisions_are_numbered_without_gaps_and_titled() -> None:
    pages = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(path.name[:4]) for path in pages] == list(range(1, len(pages) + 1))
    for path in pages:
        assert re.match(rf"# {path.name[:4]}\. .+\n", path.read_text(encoding="utf-8")), path.name


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for path in project_files():
        if path.suffix == ".md":
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
                if not re.match(r"\w+:", target) and not (path.parent / target).exists():
                    broken.append(f"{relative(path)}: {target}")
    assert broken == []
