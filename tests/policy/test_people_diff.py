"""Whom a changed policy changes, and by how much: against two policies asked one by one."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from tests.policy.small import small_pack, write_pack
from tests.policy.test_load import rate
from tests.policy.test_versions import BEFORE, BETWEEN, FIRST, amendment, dibao, first_amendment
from yingbao.cli.main import app
from yingbao.kernel.errors import BadInput
from yingbao.policy import Decision, Person, Policy, get_policy
from yingbao.policy.changes import compare_file
from yingbao.policy.people_diff import Comparer, Comparison, compare_people

HEADER = "person_id,birth_date,population,tier,identities,paid_on"
LATE = date(2030, 3, 1)


@pytest.fixture
def policies(tmp_path: Path) -> tuple[Policy, Policy]:
    """A pack, and the same with another dibao subsidy, a higher rate for everybody, later cover for the late."""
    before = write_pack(tmp_path, small_pack())
    late = small_pack()["windows"][1] | {"coverage": {"starts": "after_full_days", "days": 90}}
    changed = small_pack() | {"pack": "changed", "rates": [rate(420)], "identities": [dibao(300, "X-1")]}
    changed["windows"] = [small_pack()["windows"][0], late]
    return before, write_pack(tmp_path, changed)


def person(paid_on: date | None, *identities: str, tier: int = 1) -> Person:
    return Person(date(1980, 1, 1), paid_on=paid_on, identities=frozenset(identities), tier=tier)


def write_people(path: Path, persons: Sequence[Person]) -> Path:
    rows = [
        f"P{n},{p.birth_on},{p.population},{p.tier},{';'.join(sorted(p.identities))},{p.paid_on or ''}"
        for n, p in enumerate(persons)
    ]
    path.write_text("\n".join([HEADER, *rows, ""]), "utf-8")
    return path


def total(decisions: Sequence[Decision], field: str) -> int | None:
    known = [fen for decision in decisions if (fen := getattr(decision, field)) is not None]
    return sum(known) if known else None


def differs(pair: tuple[Decision, Decision]) -> bool:
    one, other = pair
    names = ("status", "rate_fen", "subsidy_fen", "subsidy_identity", "payable_fen", "fiscal_subsidy_fen")
    return any(getattr(one, name) != getattr(other, name) for name in (*names, "covered_from", "covered_to", "extras"))


# ---------------------------------------------------------------- kinds of change


def kinds_of(before: Policy, after: Policy, one: Person) -> set[str]:
    return set(compare_people(before, after, [one]).kinds())


def test_what_changes_for_one_person_is_named(policies: tuple[Policy, Policy]) -> None:
    both = {"department", "subsidy", "rate"}
    assert kinds_of(*policies, person(BEFORE)) == {"payable.up", "rate"}
    assert kinds_of(*policies, person(BEFORE, "dibao")) == {"payable.down", *both}
    assert kinds_of(*policies, person(LATE)) == {"payable.up", "rate", "cover.later"}
    assert kinds_of(*policies[::-1], person(LATE)) == {"payable.down", "rate", "cover.earlier"}
    assert kinds_of(*policies, person(date(2029, 9, 1))) == set()  # closed in both


def changed_pack(folder: Path, **values: Any) -> Policy:
    return write_pack(folder, small_pack() | {"pack": "other"} | values)


def test_status_and_cover_that_come_and_go_are_named(tmp_path: Path, policies: tuple[Policy, Policy]) -> None:
    shorter = changed_pack(tmp_path, windows=small_pack()["windows"][:1])
    assert kinds_of(policies[0], shorter, person(LATE)) == {
        *("status", "payable.unknown", "rate", "subsidy", "cover.ends"),
    }
    assert kinds_of(shorter, policies[0], person(LATE)) == {
        *("status", "payable.known", "rate", "subsidy", "cover.begins"),
    }


def test_another_winner_and_another_last_day_are_named(tmp_path: Path, policies: tuple[Policy, Policy]) -> None:
    orphan = small_pack()["identities"][0] | {"code": "orphan"}
    other = changed_pack(tmp_path, identities=[orphan, small_pack()["identities"][0]])
    assert kinds_of(policies[0], other, person(BEFORE, "dibao", "orphan")) == {"identity"}
    year = {"first_day": date(2030, 1, 1), "last_day": date(2030, 11, 30), "rule": "X-1"}
    assert kinds_of(policies[0], changed_pack(tmp_path, coverage_year=year), person(BEFORE)) == {"cover.last_day"}


def test_another_clause_alone_changes_nobody(tmp_path: Path, policies: tuple[Policy, Policy]) -> None:
    rules = [{**small_pack()["rules"][0], "id": name} for name in ("X-1", "X-2")]
    other = changed_pack(tmp_path, rules=rules, cap={"at": "rate", "rule": "X-2"}, rates=[rate(400, rule="X-2")])
    found = compare_people(policies[0], other, [person(BEFORE), person(LATE, "dibao")])
    assert (found.people, found.changed, found.kinds()) == (2, 0, {})


def test_addons_and_a_relatives_account_count_as_changes(tmp_path: Path, policies: tuple[Policy, Policy]) -> None:
    account = {"pays": ["personal"], "rule": "X-1"}
    other = changed_pack(tmp_path, family_account=account)
    poor, rich = (Person(date(1980, 1, 1), paid_on=BEFORE, payer_account_fen=fen) for fen in (0, 10000))
    assert kinds_of(policies[0], other, poor) == set()
    assert kinds_of(policies[0], other, rich) == {"extras"}


# ---------------------------------------------------------------- sums


def crowd(count: int, seed: int) -> list[Person]:
    """People of every sort: any identity, tier, day of the two years; some unpaid, some outside every window."""
    chance = random.Random(seed)
    codes = list(get_policy("liangping-2023").vocabulary.identities)
    return [
        Person(
            birth_on=date(1935, 1, 1) + timedelta(chance.randrange(32000)),
            population=chance.choice(("resident", "resident", "university_student")),
            tier=chance.choice((1, 2, 3)),
            identities=frozenset(chance.sample(codes, chance.choice((0, 0, 1, 2)))),
            paid_on=chance.choice((None, date(2021, 12, 1) + timedelta(chance.randrange(700)))),
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("unpaid", [False, True])
def test_totals_are_those_of_asking_one_by_one(unpaid: bool) -> None:
    before, after = get_policy("banan-2022"), get_policy("liangping-2023")
    persons = crowd(400, 7)
    found = compare_people(before, after, persons, unpaid=unpaid)
    asked = [Person(p.birth_on, p.population, p.tier, p.identities) for p in persons] if unpaid else persons
    decisions = [(before.assess(one), after.assess(one)) for one in asked]
    assert found.people == len(persons)
    assert found.changed == sum(map(differs, decisions))
    for field, sums in found.sums().items():
        assert (sums.before_fen, sums.after_fen) == tuple(total(side, field) for side in zip(*decisions, strict=True))
    assert sum(sums.people for sums in found.ways().values()) == len(persons)
    for way, is_it in _WAYS.items():
        pairs = [pair for pair in decisions if is_it(pair[0].payable_fen, pair[1].payable_fen)]
        sums = found.ways()[way]  # type: ignore[index]
        assert sums.people == len(pairs)
        assert sums.after_fen == total([other for _, other in pairs], "payable_fen")


_WAYS: dict[str, Callable[[int | None, int | None], bool]] = {
    "up": lambda one, other: one is not None and other is not None and other > one,
    "down": lambda one, other: one is not None and other is not None and other < one,
}


def test_lines_by_identity_tier_and_department_add_up(policies: tuple[Policy, Policy]) -> None:
    persons = [person(BEFORE, "dibao")] * 3 + [person(BEFORE)] * 2 + [person(BEFORE, tier=2)]
    found = compare_people(*policies, persons)
    lines = {line.key: line for line in found.by_identity()}
    assert set(lines) == {("dibao", "dibao", 1), (None, None, 1), (None, None, 2)}
    line = lines[("dibao", "dibao", 1)]
    assert (line.people, line.subsidy.before_fen, line.subsidy.after_fen) == (3, 60000, 90000)
    assert (line.payable.before_fen, line.payable.after_fen) == (60000, 36000)
    assert lines[(None, None, 2)].payable.before_fen is None  # no such tier: nothing is known, not 0
    departments = {line.key: line.subsidy.after_fen for line in found.by_department()}
    assert departments == {("medical_assistance", "civil_affairs"): 90000, (None, None): 0}


def test_departments_of_an_amended_policy_are_those_of_the_day(tmp_path: Path) -> None:
    before = write_pack(tmp_path, small_pack())
    after = write_pack(tmp_path, first_amendment())
    found = compare_people(before, after, [person(BEFORE, "dibao"), person(BETWEEN, "dibao")])
    assert found.changed == 1
    assert {line.key: line.people for line in found.by_department()} == {
        ("medical_assistance", "medical_assistance"): 1,
        ("medical_assistance", "civil_affairs"): 1,
    }


# ---------------------------------------------------------------- files


def file_of(tmp_path: Path, persons: Sequence[Person]) -> Path:
    return write_people(tmp_path / "people.csv", persons)


def yingbao(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", "YINGBAO_LANG": "zh"})


def diff(tmp_path: Path, *more: str) -> Result:
    return yingbao("policy", "diff", "small", "changed", "--folder", str(tmp_path), *more)


PEOPLE = [person(BEFORE), person(date(2029, 9, 1)), person(LATE, "dibao"), person(None, "orphan"), person(BEFORE, "x")]


def test_a_file_is_compared_like_persons(tmp_path: Path, policies: tuple[Policy, Policy]) -> None:
    found = compare_file(Comparer(*policies), file_of(tmp_path, PEOPLE))
    assert found.as_json() == compare_people(*policies, PEOPLE).as_json()


def test_packs_with_words_of_their_own_read_the_file_each_in_its_way(tmp_path: Path) -> None:
    before = write_pack(tmp_path, small_pack())
    words = {"identities": [{"code": "miner", "zh": "矿工", "en": "Miner"}]}
    identities = [dibao(100, "X-1") | {"code": "miner"}]
    after = changed_pack(tmp_path, words=words, identities=identities)
    found = compare_file(Comparer(before, after), file_of(tmp_path, [person(BEFORE, "miner"), person(BEFORE)]))
    assert found.statuses() == {("invalid", "assessed"): 1, ("assessed", "assessed"): 1}
    assert found.sums()["subsidy_fen"].after_fen == 10000


@pytest.mark.parametrize("name", ["out.csv", "out.parquet", "out.xlsx"])
def test_everybody_changed_is_listed_with_both_answers(
    tmp_path: Path, policies: tuple[Policy, Policy], name: str
) -> None:
    out = tmp_path / name
    result = diff(tmp_path, "--people", str(file_of(tmp_path, PEOPLE)), "--out", str(out))
    assert result.exit_code == 0, result.output
    rows = _READERS[out.suffix](out)
    assert [row[0] for row in rows] == ["P0", "P2", "P3"]
    assert rows[1][1] == "payable.down;rate;subsidy;department;cover.later"
    both = [rows[1][2:12], rows[1][12:]]
    assert [str(side[5]) for side in both] == _PAYABLE[out.suffix]
    assert [str(side[7])[:10] for side in both] == ["2030-05-01", "2030-05-31"]
    assert [side[4] for side in both] == ["medical_assistance", "civil_affairs"]
    assert all(side[9] == "X-1" for side in both)


def _csv(path: Path) -> list[list[Any]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))[1:]


def _parquet(path: Path) -> list[list[Any]]:
    return [list(row.values()) for row in pq.read_table(path).to_pylist()]


def _xlsx(path: Path) -> list[list[Any]]:
    sheet = load_workbook(path).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]


_READERS = {".csv": _csv, ".parquet": _parquet, ".xlsx": _xlsx}
_PAYABLE = {".csv": ["20000", "12000"], ".parquet": ["20000", "12000"], ".xlsx": ["200", "120"]}


def test_the_command_gives_json_of_people(tmp_path: Path, policies: tuple[Policy, Policy]) -> None:
    result = diff(tmp_path, "--people", str(file_of(tmp_path, PEOPLE)), "--json")
    found = json.loads(result.output)["people"]
    assert (found["people"], found["changed"]) == (5, 3)
    assert found["payable"]["up"] == {"people": 2, "before_fen": 80000, "after_fen": 84000}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--out", "x.csv"), "--people"),
        (("--people", "nowhere.csv"), "没有找到文件“nowhere.csv”"),
        (("--people", "people.csv", "--out", "x.doc"), ".xlsx"),
        (("--people", "people.csv", "--out", "nowhere/x.csv"), "nowhere"),
    ],
)
def test_what_cannot_be_compared_is_said_in_a_sentence(
    tmp_path: Path, policies: tuple[Policy, Policy], monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], said: str
) -> None:
    file_of(tmp_path, PEOPLE)
    monkeypatch.chdir(tmp_path)
    result = diff(tmp_path, *more)
    assert result.exit_code == 1 and said in result.output and "Traceback" not in result.output
    assert not list(tmp_path.glob("x.*")) and not list(tmp_path.glob(".x*"))


def test_a_ragged_file_leaves_no_half_list(tmp_path: Path, policies: tuple[Policy, Policy]) -> None:
    people = tmp_path / "people.csv"
    people.write_text(f"{HEADER}\nP0,1980-01-01,resident,1,,{BEFORE}\nP1,1980-01-01\n", "utf-8")
    with pytest.raises(BadInput, match="列数不同"):
        compare_file(Comparer(*policies), people)
    assert diff(tmp_path, "--people", str(people), "--out", str(tmp_path / "x.csv")).exit_code == 1
    assert not (tmp_path / "x.csv").exists()


def test_batches_add_up_to_the_whole(policies: tuple[Policy, Policy]) -> None:
    persons = PEOPLE * 5
    parts = Comparer(*policies)
    for begin in range(0, len(persons), 3):
        some = persons[begin : begin + 3]
        parts.add(policies[0].gather(some), policies[1].gather(some))
    whole: Comparison = compare_people(*policies, persons)
    assert parts.comparison().as_json() == whole.as_json()


def test_an_amendment_changes_only_whom_it_says(tmp_path: Path) -> None:
    before = write_pack(tmp_path, small_pack())
    after = write_pack(tmp_path, amendment("newer", "small", FIRST, rates=[rate(450, rule="newer-1")]))
    days = [FIRST - timedelta(1), FIRST, None]
    assert [compare_people(before, after, [person(day)]).changed for day in days] == [0, 1, 1]
    assert compare_people(before, after, [person(None)], as_of=BEFORE).changed == 0
