"""docs/clauses.yaml holds every clause, and every done clause has its test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.support.tree import ROOT
from yingbao.cli.clauses import Clause, carried_clauses, clauses, find_problems, marks_of_cases, read_clauses

PLAN = ROOT / "docs" / "clauses.yaml"
ASKED = ROOT.parent / "shared" / "CLAUSES.md"


def make_clause(id: str, status: str = "planned") -> Clause:
    return Clause(id=id, en="Something", zh="某事", where="yingbao/kernel", status=status)  # type: ignore[arg-type]


def expand_ids(cell: str) -> list[str]:
    """Expand a cell of the table: "PJ-7.3a / b", "BN-2.1 … BN-2.6", "BN-3.2.1 / BN-3.2.2"."""
    if "…" in cell:
        first, last = (part.strip() for part in cell.split("…"))
        stem, low = first.rsplit(".", 1)
        return [f"{stem}.{number}" for number in range(int(low), int(last.rsplit(".", 1)[1]) + 1)]
    parts = [part.strip() for part in cell.split("/")]
    return [part if "-" in part else parts[0][: -len(part)] + part for part in parts]


def test_the_plan_and_the_tests_agree() -> None:
    problems = find_problems(read_clauses(PLAN), carried_clauses(ROOT / "tests"))
    assert [str(problem) for problem in problems] == []


@pytest.mark.skipif(not ASKED.exists(), reason="the list of clauses does not lie beside the project")
def test_the_plan_holds_exactly_the_clauses_asked_for() -> None:
    cells = re.findall(r"^\| ((?:BN|PJ)-[^|]+?) \|", ASKED.read_text(encoding="utf-8"), re.MULTILINE)
    asked = [id for cell in cells for id in expand_ids(cell)]
    assert len(asked) > 60
    assert [clause.id for clause in read_clauses(PLAN)] == asked


def test_done_clauses_lie_where_the_plan_says() -> None:
    lost = [
        clause.id for clause in read_clauses(PLAN) if clause.status == "done" and not (ROOT / clause.where).exists()
    ]
    assert lost == []


def test_a_done_clause_without_test_is_a_problem() -> None:
    known = [make_clause("X-1", "done"), make_clause("X-2", "done"), make_clause("X-3")]
    problems = find_problems(known, {"X-2": ["tests/test_a.py:1"]})
    assert [problem.params["id"] for problem in problems] == ["X-1"]


def test_a_test_of_an_unknown_clause_is_a_problem() -> None:
    problems = find_problems([make_clause("X-1")], {"X-9": ["tests/test_a.py:1"]})
    assert [problem.params for problem in problems] == [{"id": "X-9", "places": "tests/test_a.py:1"}]


def test_a_clause_named_twice_or_with_a_strange_status_is_a_problem() -> None:
    assert len(find_problems([make_clause("X-1"), make_clause("X-1"), make_clause("X-2", "half")], {})) == 2


def test_marks_are_found_on_functions_modules_parameters_and_in_case_files(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    (tests / "cases").mkdir(parents=True)
    mark = "pytest.mark." + "clause"  # in two parts, or this file would carry the ids below
    (tests / "test_a.py").write_text(
        f"import pytest\npytestmark = {mark}('X-1')\n@{mark}('X-2', 'X-3')\ndef test_x(): pass\n"
        f"CASES = [pytest.param(1, marks={mark}('X-4'))]\n# {mark}('X-6')\n",
        encoding="utf-8",
    )
    (tests / "cases" / "a.yaml").write_text("- clause: X-5\n", encoding="utf-8")
    assert carried_clauses(tests) == {
        "X-1": ["tests/test_a.py:2"],
        "X-2": ["tests/test_a.py:3"],
        "X-3": ["tests/test_a.py:3"],
        "X-4": ["tests/test_a.py:5"],
        "X-5": ["tests/cases/a.yaml"],
    }


def test_case_files_may_name_several_clauses_at_any_depth() -> None:
    assert list(marks_of_cases({"cases": [{"clauses": ["X-1", "X-2"]}, {"clause": "X-3"}]})) == ["X-1", "X-2", "X-3"]


@pytest.mark.parametrize(("status", "code"), [("done", 1), ("planned", 0)])
def test_the_command_fails_only_for_a_done_clause_without_test(tmp_path: Path, status: str, code: int) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "tests").mkdir()
    entry = f"- {{id: X-1, en: Something, zh: 某事, where: yingbao, status: {status}}}\n"
    (tmp_path / "docs" / "clauses.yaml").write_text(entry, encoding="utf-8")
    app = typer.Typer()
    app.command()(clauses)
    result = CliRunner().invoke(app, ["--root", str(tmp_path), "--lang", "zh"])
    assert result.exit_code == code
    assert ("某事" in result.output) == (status == "planned")
    assert "X-1" in result.output
