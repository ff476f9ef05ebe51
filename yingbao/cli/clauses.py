"""``yingbao clauses``: what the notices ask, what is planned, and which done clause no test carries.

For the project's own folder: it reads ``docs/clauses.yaml`` and the tests' source, and runs no test.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
import yaml

from yingbao.kernel.messages import N_, Message, say

ROOT = Path(__file__).resolve().parent.parent.parent
Status = Literal["done", "planned"]
STATUSES = ("done", "planned")


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing a notice asks: its id, one line in each language, the room that answers for it, and whether it does."""

    id: str
    en: str
    zh: str
    where: str
    status: Status

    def title(self, language: str) -> str:
        """Return the line in the reader's language."""
        return self.zh if language.startswith("zh") else self.en


def clauses(
    root: Annotated[Path, typer.Option(help="项目文件夹 / the project's folder")] = ROOT,
    lang: Annotated[str, typer.Option(help="zh | en")] = os.environ.get("YINGBAO_LANG", "zh"),
) -> None:
    """列出尚在计划中的条款，并检查已完成的条款都有测试。"""
    known = read_clauses(root / "docs" / "clauses.yaml")
    carried = carried_clauses(root / "tests")
    for clause in known:
        if clause.status == "planned":
            typer.echo(f"{clause.id:<11} {clause.title(lang)}  [{clause.where}]")
    typer.echo(summary(known, carried).render(lang))
    problems = find_problems(known, carried)
    for problem in problems:
        typer.echo(problem.render(lang), err=True)
    if problems:
        raise typer.Exit(1)


def read_clauses(path: Path) -> list[Clause]:
    """Return the clauses of a file in its order; raises TypeError or KeyError where an entry has another shape."""
    return [Clause(**entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))]


def summary(known: Sequence[Clause], carried: Mapping[str, list[str]]) -> Message:
    """Return one sentence that counts the clauses."""
    done = [clause for clause in known if clause.status == "done"]
    return say(
        N_("条款 {all} 条：已完成 {done} 条，计划中 {planned} 条；有测试的 {tested} 条。"),
        all=len(known),
        done=len(done),
        planned=sum(clause.status == "planned" for clause in known),
        tested=sum(clause.id in carried for clause in known),
    )


def find_problems(known: Sequence[Clause], carried: Mapping[str, list[str]]) -> list[Message]:
    """Return every done clause without a test and every test that names an unknown clause."""
    ids = [clause.id for clause in known]
    problems = [
        say(N_("条款 {id} 标为已完成，但没有测试。"), id=clause.id)
        for clause in known
        if clause.status == "done" and clause.id not in carried
    ]
    problems += [say(N_("条款 {id} 的状态无效。"), id=clause.id) for clause in known if clause.status not in STATUSES]
    problems += [say(N_("条款 {id} 重复。"), id=id) for id in sorted({id for id in ids if ids.count(id) > 1})]
    for id in sorted(carried.keys() - set(ids)):
        problems.append(say(N_("测试引用了未知条款 {id}：{places}"), id=id, places=", ".join(carried[id])))
    return problems


def carried_clauses(tests: Path) -> dict[str, list[str]]:
    """Return for each clause id the places that carry it: marks in test files, ``clause:`` keys in case files."""
    carried: dict[str, list[str]] = {}
    for path in sorted(tests.rglob("test_*.py")):
        for id, line in marks_of_code(path.read_text(encoding="utf-8")):
            carried.setdefault(id, []).append(f"{path.relative_to(tests.parent)}:{line}")
    for path in sorted(tests.rglob("cases/**/*.yaml")):
        for id in set(marks_of_cases(yaml.safe_load(path.read_text(encoding="utf-8")))):
            carried.setdefault(id, []).append(str(path.relative_to(tests.parent)))
    return carried


def marks_of_code(code: str) -> Iterator[tuple[str, int]]:
    """Yield the ids and lines of every ``pytest.mark.clause("…")`` in Python code."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.clause":
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value, node.lineno


def marks_of_cases(data: Any) -> Iterator[str]:
    """Yield what the keys ``clause`` and ``clauses`` of a case file say, at any depth."""
    if isinstance(data, list):
        for item in data:
            yield from marks_of_cases(item)
    elif isinstance(data, dict):
        for key, value in data.items():
            if key in ("clause", "clauses"):
                yield from [value] if isinstance(value, str) else value
            else:
                yield from marks_of_cases(value)
