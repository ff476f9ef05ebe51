"""A notice that is not in the repository, put in as answers alone: the pack, what lint asks, and its worked cases."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from tests.policy.wide_rows import make_person, write_people
from yingbao.cli.main import app
from yingbao.policy import Policy, read_policy
from yingbao.policy.lint import lint

FOLDER = Path(__file__).parent
NAME = "yanxi-2026"
CASES = yaml.safe_load((FOLDER / f"{NAME}.cases.yaml").read_text("utf-8"))["cases"]
NOT_COLUMNS = {"reasons"}


@cache
def yanxi() -> Policy:
    return read_policy(NAME, FOLDER)


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), env={"YINGBAO_LANG": "zh"})
    assert result.exit_code == 0, result.output
    return result.output


def test_the_pack_is_what_the_answers_make(tmp_path: Path) -> None:
    run("policy", "new", "--answers", str(FOLDER / f"{NAME}.answers.yaml"), "--folder", str(tmp_path))
    assert (tmp_path / f"{NAME}.yaml").read_text("utf-8") == (FOLDER / f"{NAME}.yaml").read_text("utf-8")


def test_lint_finds_what_the_notice_leaves_open_and_nothing_else() -> None:
    found = [(finding.code, finding.severity) for finding in lint(yanxi().pack)]
    assert found == [
        ("class-without-parent", "warning"),
        ("cover-too-late", "warning"),
        ("interpretation", "info"),
        ("newborn-born-before-year", "info"),
        ("silent-students", "info"),
    ]


def test_the_questions_name_document_and_clause() -> None:
    letter = run("policy", "lint", NAME, "--folder", str(FOLDER), "--questions")
    lines = [line for line in letter.splitlines() if line[:2] in {"1.", "2.", "3."}]
    assert len(lines) == 3
    assert all("砚医保发〔2025〕21号" in line for line in lines)
    assert "四、（一）2" in lines[0]


def test_no_value_stands_without_its_sentence() -> None:
    assert all(rule.clause and str(rule.text) for rule in yanxi().pack.rules.values())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case_of_one_person(case: dict[str, Any]) -> None:
    decision = yanxi().assess(make_person(case["input"]))
    for name, value in case["expected"].items():
        if name == "reasons":
            assert set(value) <= set(decision.reasons)
        else:
            assert (decision.extras[name] if name in decision.extras else getattr(decision, name)) == value, name


def test_cases_through_the_command_as_an_officer_types_it(tmp_path: Path) -> None:
    people, out = tmp_path / "people.csv", tmp_path / "result.csv"
    write_people(people, [make_person(case["input"]) for case in CASES])
    run("assess", "--policy", str(FOLDER / f"{NAME}.yaml"), str(people), "--out", str(out))
    with out.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(CASES)
    for case, row in zip(CASES, rows, strict=True):
        wanted = {name: "" if value is None else str(value) for name, value in case["expected"].items()}
        assert {name: row[name] for name in wanted.keys() - NOT_COLUMNS} == {
            name: value for name, value in wanted.items() if name not in NOT_COLUMNS
        }, case["name"]
        assert set(case["expected"].get("reasons", ())) <= set(row["reasons"].split(";"))
