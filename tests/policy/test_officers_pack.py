"""What officers stumble over when they put a notice in as a pack: told truthfully, and in their words."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.policy.broken import RANKED, add, both, broken, identity, put, rate, set_part, subsidy, waiting, window
from tests.policy.small import write_pack
from yingbao.policy.factsheet import make_sheet, write_markdown
from yingbao.policy.lint import Finding, lint
from yingbao.policy.people import Person


def findings_of(folder: Path, pack: dict[str, Any], code: str) -> list[Finding]:
    return [finding for finding in lint(write_pack(folder, pack).pack) if finding.code == code]


def both_windows_for(code: str) -> dict[str, Any]:
    """Return a pack that is open late for holders of ``code`` only, who never wait."""
    pack = broken(both(set_part("waiting", waiting(exempt={"identities": [code]})), set_part("facts", [])))
    late = window("for-them", date(2030, 7, 1), date(2030, 12, 31), "waiting", who={"identities": [code]})
    return {**pack, "windows": [*pack["windows"], late]}


def test_a_fact_needs_no_clause_of_its_own_and_the_sheet_shows_examples(tmp_path: Path) -> None:
    facts = [{"fact": "missed_years"}]
    pack = broken(both(set_part("waiting", waiting()), set_part("facts", facts)))
    assert findings_of(tmp_path, pack, "no-clause") == []
    sheet = make_sheet(write_pack(tmp_path, pack))
    assert sheet.chapters
    assert "没有写明依据的条款" not in write_markdown(sheet, "zh")


def test_of_two_rates_for_the_same_people_only_that_the_second_is_never_reached_is_told(tmp_path: Path) -> None:
    pack = broken(add("rates", rate(amount=300)))
    assert findings_of(tmp_path, pack, "duplicate-id") == []
    [finding] = findings_of(tmp_path, pack, "never-reached")
    assert finding.place == "rates.resident.1.2"


@pytest.mark.parametrize(
    ("ranked", "amounts", "brings", "said"),
    [
        (False, (100, 200), 200, "较高"),
        (False, (200, 100), 200, "较高"),
        (True, (100, 200), 100, "先写"),
        (True, (200, 100), 200, "先写"),
    ],
)
def test_an_identity_written_twice_brings_what_the_finding_says(
    ranked: bool, amounts: tuple[int, int], brings: int, said: str, tmp_path: Path
) -> None:
    departments = ("medical_assistance", "health")
    written = [
        identity("dibao", subsidy(amount=amount), paid_by=paid)
        for amount, paid in zip(amounts, departments, strict=True)
    ]
    pack = broken(both(put("identities", written), *([set_part("several", RANKED)] if ranked else [])))
    [finding] = findings_of(tmp_path, pack, "duplicate-id")
    assert finding.place == "identities.dibao.2"
    assert said in finding.message.render("zh") and "城乡低保对象" in finding.message.render("zh")
    policy = write_pack(tmp_path, pack)
    dibao = frozenset({"dibao"})
    person = Person(date(1980, 1, 1), "resident", 1, identities=dibao, paid_on=date(2029, 11, 1))
    assert policy.assess(person).subsidy_fen == brings * 100
    assert policy.identities["dibao"].paid_by == "health"  # the later one's


def too_late(last: date, starts: str, **changed: Any) -> dict[str, Any]:
    return broken(both(
        set_part("waiting", waiting(**changed)), set_part("facts", [{"fact": "missed_years"}]),
        put("windows.1.coverage", {"starts": starts}), put("windows.1.last_day", last),
    ))  # fmt: skip


def test_a_window_in_which_a_year_missed_leaves_no_day_of_cover_is_told_with_its_first_day(tmp_path: Path) -> None:
    [finding] = findings_of(tmp_path, too_late(date(2030, 9, 30), "waiting"), "cover-too-late")
    assert finding.message.params["day"] == date(2030, 9, 1)  # four months later the year is over
    assert finding.message.params["begins"] == date(2031, 1, 1)
    assert finding.ask is not None and "断保 1 年" in finding.ask.render("zh")
    policy = write_pack(tmp_path, too_late(date(2030, 9, 30), "waiting"))
    for day, covered in ((date(2030, 8, 31), date(2030, 12, 31)), (date(2030, 9, 1), None)):
        person = Person(date(1980, 1, 1), "resident", 1, paid_on=day, missed_years=1)
        assert policy.assess(person).covered_from == covered


@pytest.mark.parametrize(
    "pack",
    [
        too_late(date(2030, 8, 31), "waiting"),
        too_late(date(2030, 9, 30), "waiting", exempt={"identities": ["dibao"]})
        | {"windows": too_late(date(2030, 8, 31), "waiting")["windows"]},
        both_windows_for("dibao"),
    ],
)
def test_windows_that_leave_a_day_of_cover_are_not_too_late(pack: dict[str, Any], tmp_path: Path) -> None:
    assert findings_of(tmp_path, pack, "cover-too-late") == []
