"""The engine and an independent reading of the notices must agree on every column but reasons."""

from __future__ import annotations

import random
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.oracle import ORACLES, Answer, Row
from tests.policy.rows import EDGES, assess_rows, expected_columns, random_row
from yingbao.policy import Decision, Person, get_policy

PACKS = list(ORACLES)
PEOPLE = 20_000


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("as_of", [None, *sorted({date(2022, 7, 1), date(2023, 7, 1), date(2023, 10, 1)})])
def test_random_people_agree(pack: str, as_of: date | None, tmp_path: Path) -> None:
    chance = random.Random(f"{pack} {as_of}")
    rows = [random_row(pack, chance) for _ in range(PEOPLE)]
    results = assess_rows(pack, rows, tmp_path, as_of)
    day = as_of or get_policy(pack).default_as_of
    wrong = []
    for row, result in zip(rows, results, strict=True):
        expected = expected_columns(ORACLES[pack](row, day))
        if (found := {name: result[name] for name in expected}) != expected:
            wrong.append((row, expected, found))
    assert wrong == [], f"{len(wrong)} disagree"
    assert len({result["status"] for result in results}) == 4


@pytest.mark.parametrize("pack", PACKS)
def test_default_day_is_the_last_of_the_centralised_period(pack: str) -> None:
    expected = {"banan-2022": date(2022, 2, 28), "liangping-2023": date(2022, 12, 20)}
    assert get_policy(pack).default_as_of == expected[pack]


def _as_answer(decision: Decision) -> Answer:
    return Answer(**{field.name: getattr(decision, field.name) for field in fields(Answer)})


@given(data=st.data())
@settings(max_examples=400, deadline=None)
def test_single_persons_agree(data: st.DataObject) -> None:
    pack = data.draw(st.sampled_from(PACKS))
    chance = data.draw(st.randoms(use_true_random=False))
    row = random_row(pack, chance)
    as_of = data.draw(st.sampled_from(EDGES[pack]))
    expected = ORACLES[pack](row, as_of)
    if (person := _as_person(row)) is not None:
        assert _as_answer(get_policy(pack).assess(person, as_of)) == expected


def _as_person(row: Row) -> Person | None:
    try:
        return Person(
            birth_on=_day(row.birth_date),
            population=row.population,
            tier=int(row.tier),
            identities=frozenset(code for code in row.identities.split(";") if code),
            paid_on=_day(row.paid_on) if row.paid_on else None,
            graduating={"true": True, "false": False, "": False}[row.graduating.lower()],
            term_start_on=_day(row.term_start) if row.term_start else None,
        )
    except (ValueError, KeyError):
        return None


def _day(text: str) -> date:
    year, month, day = text.split("-")
    if [len(year), len(month), len(day)] != [4, 2, 2]:
        raise ValueError(text)
    return date(int(year), int(month), int(day))
