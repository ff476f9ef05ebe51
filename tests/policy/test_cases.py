"""The corners written down in ``cases/*.yaml``, each asked one by one and all at once through a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.policy.oracle import Row
from tests.policy.rows import assess_rows
from yingbao.policy import Decision, Person, get_policy

FOLDER = Path(__file__).parent / "cases"


def read_cases() -> list[Any]:
    cases = []
    for path in sorted(FOLDER.glob("*.yaml")):
        content = yaml.safe_load(path.read_text("utf-8"))
        for case in content["cases"]:
            clauses = case.get("clauses") or [case["clause"]]
            marks = [pytest.mark.clause(clause) for clause in clauses]
            cases.append(pytest.param(content["pack"], case, id=f"{content['pack']}: {case['name']}", marks=marks))
    return cases


@pytest.mark.parametrize(("pack", "case"), read_cases())
def test_case_of_one_person(pack: str, case: dict[str, Any]) -> None:
    decision = get_policy(pack).assess(_person(case["input"]), case.get("as_of"))
    found = {name: _text(getattr(decision, name)) for name in Decision.__slots__ if name != "reasons"}
    _compare(case["expected"], found, decision.reasons)


@pytest.mark.parametrize(("pack", "case"), read_cases())
def test_case_through_a_file(pack: str, case: dict[str, Any], tmp_path: Path) -> None:
    row = Row(**{name: str(value) for name, value in case["input"].items()})
    [result] = assess_rows(pack, [row], tmp_path, case.get("as_of"))
    _compare(case["expected"], result, tuple(result["reasons"].split(";")))


def test_reasons_can_all_be_explained() -> None:
    for param in read_cases():
        pack, case = param.values
        decision = get_policy(pack).assess(_person(case["input"]), case.get("as_of"))
        assert decision.reasons
        for reason in decision.reasons:
            assert get_policy(pack).explain(reason).id == reason


def _person(facts: dict[str, Any]) -> Person:
    return Person(
        birth_on=facts["birth_date"],
        population=facts.get("population", "resident"),
        tier=facts.get("tier", 1),
        identities=frozenset(code for code in facts.get("identities", "").split(";") if code),
        paid_on=facts.get("paid_on"),
        graduating=facts.get("graduating") == "true",
        term_start_on=facts.get("term_start"),
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _compare(expected: dict[str, Any], found: dict[str, str], reasons: tuple[str, ...]) -> None:
    wanted = {name: _text(value) for name, value in expected.items() if name != "reasons"}
    assert {name: found[name] for name in wanted} == wanted
    assert set(expected.get("reasons", ())) <= set(reasons)


def test_the_files_hold_dates_and_not_text() -> None:
    for param in read_cases():
        assert isinstance(param.values[1]["input"]["birth_date"], date)
