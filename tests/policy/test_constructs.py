"""Every construct a notice may use, each shown by a small pack of an invented place with its cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.policy.reader import Answer, read_pack
from tests.policy.wide_rows import assess_wide, make_person
from yingbao.policy import Policy, list_packs, read_policy
from yingbao.policy.entries import Entry
from yingbao.policy.lint import lint

FOLDER = Path(__file__).parent / "constructs"
NAMES = list_packs(FOLDER)
PLAIN = {field.name for field in fields(Answer)} - {"reasons", "extras"}


@cache
def policy_of(name: str) -> Policy:
    return read_policy(name, FOLDER)


def read_cases() -> Iterator[Any]:
    for path in sorted((FOLDER / "cases").glob("*.yaml")):
        content = yaml.safe_load(path.read_text("utf-8"))
        assert content["pack"] == path.stem
        for case in content["cases"]:
            yield pytest.param(path.stem, case, id=f"{path.stem}: {case['name']}")


CASES = list(read_cases())
each_case = pytest.mark.parametrize(("pack", "case"), CASES)
each_pack = pytest.mark.parametrize("name", NAMES)


def compare(expected: dict[str, Any], found: dict[str, Any], reasons: set[str]) -> None:
    wanted = {name: value for name, value in expected.items() if name != "reasons"}
    assert {name: found[name] for name in wanted} == wanted
    assert set(expected.get("reasons", ())) <= reasons


@each_case
def test_the_reader_says_what_the_case_says(pack: str, case: dict[str, Any]) -> None:
    policy = policy_of(pack)
    answer = read_pack(policy.pack, make_person(case["input"]), case.get("as_of") or policy.default_as_of)
    compare(case["expected"], {name: getattr(answer, name) for name in PLAIN} | answer.extras, answer.reasons)


@each_case
def test_case_of_one_person(pack: str, case: dict[str, Any]) -> None:
    decision = policy_of(pack).assess(make_person(case["input"]), case.get("as_of"))
    found = {name: getattr(decision, name) for name in PLAIN} | dict(decision.extras)
    compare(case["expected"], found, set(decision.reasons))


@each_pack
def test_cases_through_a_file(name: str, tmp_path: Path) -> None:
    cases = [param.values[1] for param in CASES if param.values[0] == name]
    for as_of in {case.get("as_of") for case in cases}:
        asked = [case for case in cases if case.get("as_of") == as_of]
        rows = assess_wide(policy_of(name), [make_person(case["input"]) for case in asked], tmp_path, as_of)
        for case, row in zip(asked, rows, strict=True):
            expected = {key: "" if value is None else str(value) for key, value in case["expected"].items()}
            compare(expected | {"reasons": case["expected"].get("reasons", ())}, row, set(row["reasons"].split(";")))


@each_case
def test_every_reason_and_every_line_can_be_explained(pack: str, case: dict[str, Any]) -> None:
    policy, person, as_of = policy_of(pack), make_person(case["input"]), case.get("as_of")
    decision = policy.assess(person, as_of)
    assert decision.reasons
    for reason in decision.reasons:
        assert policy.explain(reason).id == reason
    for step in policy.explain_decision(person, decision, as_of):
        assert step.label.render("zh")
        assert step.detail.render("en")


@each_pack
def test_lint_finds_no_error(name: str) -> None:
    assert [finding for finding in lint(policy_of(name).pack) if finding.severity == "error"] == []


@each_pack
def test_the_sentences_are_there_in_both_languages(name: str) -> None:
    for rule in policy_of(name).pack.rules.values():
        assert rule.document is not None
        assert rule.text.render("zh") != rule.text.render("en")


@each_pack
def test_every_pack_has_cases(name: str) -> None:
    assert policy_of(name).file.assessable == any(param.values[0] == name for param in CASES)


def _written(entry: Entry, place: str = "") -> Iterator[str]:
    """Yield every field written anywhere in a pack, and every choice among words."""
    for field in entry.model_fields_set:
        value = getattr(entry, field)
        yield f"{place}{field}"
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Entry):
                yield from _written(item, f"{type(item).__name__}.")
            elif isinstance(item, str | bool):
                yield f"{place}{field}={item}"


CONSTRUCTS = (
    *("Rate.when", "Rate.years", "Subsidy.percent", "Subsidy.of_tier=own", "Subsidy.when", "Subsidy.years"),
    *("OnlyTier.otherwise=refuse", "PackIdentity.only_tier", "PackIdentity.until", "PackIdentity.years"),
    *("When.populations", "When.identities", "When.age_from", "When.age_to", "When.disability_kinds"),
    *("When.disability_grades", "When.enrolled_last_year=False", "Several.choose=ranked", "Several.choose=highest"),
    *("snapshot", "Snapshot.later=nothing", "Snapshot.later=added", "Window.who", "Window.years", "NoWaiting.years"),
    *("full_cost", "FullCost.exempt", "FullCost.newborns=exempt", "FullCost.newborns=included", "FullCost.last_day"),
    *("FixedDay.starts=fixed_day", "SameDay.starts=same_day", "NextDay.starts=next_day"),
    *("NextMonth.starts=next_month", "AfterDays.starts=after_days", "AfterFullDays.starts=after_full_days"),
    *("AfterMonths.starts=after_months", "AfterWaiting.starts=waiting", "FromBirth.starts=birth"),
    *("Unsaid.starts=silent", "silences", "waiting", "Waiting.repair", "Waiting.floor", "Waiting.exempt"),
    *("Waiting.counted_from=clearing", "Waiting.counted_from=next_month", "Waiting.counted_from=cover"),
    *("incentive", "Incentive.most_percent", "Newborn.born", "NewbornBand.amount", "NewbornBand.unit=months"),
    *("NewbornBand.unit=days", "family_account", "Addon.compulsory=True", "Addon.compulsory=False", "Addon.who"),
    *("Fiscal.shares", "amends", "Amends.retroactive=True", "drop", "extends", "Words.populations"),
    *("Words.departments", "Words.identities", "Fact.identities", "ages", "rounding", "students"),
)


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_every_construct_is_shown_by_a_pack(construct: str) -> None:
    # A base is never assessed for itself, so what it alone writes would be shown by nobody's case.
    shown = {word for name in NAMES for word in _written(policy_of(name).pack.files[0])}
    assert construct in shown


def test_cases_hold_dates_and_not_text() -> None:
    for param in CASES:
        assert isinstance(param.values[1]["input"]["birth_date"], date)
