"""The register, the lists of newborns and the five rosters, read back by the reader an office's files go through."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from yingbao.demo.identities import QUOTAS
from yingbao.demo.mistakes import Kind, Planted, count_kinds
from yingbao.demo.people import Town
from yingbao.demo.registers import REGISTER_FILE, SPOILT_ROWS, write_newborns, write_register
from yingbao.demo.rosters import (
    CATEGORIES,
    DEPARTMENTS,
    PLANTED_PER_FILE,
    UNKNOWN_CATEGORIES,
    category_of,
    roster_file_name,
    write_rosters,
)
from yingbao.demo.town import TWICE
from yingbao.kernel.certificates import Certificate, parse
from yingbao.kernel.errors import BadInput
from yingbao.sheets import Row, read_table
from yingbao.sheets.layouts import REGISTER, ROSTER

PASSWORDS = {department: f"pw-{department}" for department in DEPARTMENTS}
PACKS = Path(__file__).resolve().parents[2] / "yingbao" / "packs"


@pytest.fixture(scope="module")
def register(pingjin: Town, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[int, Row], list[Planted]]:
    """Return the register's rows by sheet row, and what is planted in it."""
    path = tmp_path_factory.mktemp("register") / REGISTER_FILE
    planted = write_register(pingjin, path)
    return {row.number: row for row in read_table(path, name=path.name, layout=REGISTER)}, planted


@pytest.fixture(scope="module")
def rosters(pingjin: Town, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, dict[int, Row]], list[Planted]]:
    """Return every roster's rows by file name and sheet row, and what is planted in them."""
    folder = tmp_path_factory.mktemp("rosters")
    planted = write_rosters(pingjin, folder, passwords=PASSWORDS)
    rows = {}
    for department, password in PASSWORDS.items():
        name = roster_file_name(department)
        table = read_table(folder / name, name=name, layout=ROSTER, password=password)
        rows[name] = {row.number: row for row in table}
    return rows, planted


# --- the register ---------------------------------------------------------------------------------------------------


def test_the_register_holds_every_resident_once_beside_the_planted_rows(
    pingjin: Town, register: tuple[dict[int, Row], list[Planted]]
) -> None:
    rows, planted = register
    wrong = {mistake.row for mistake in planted}
    good = [row for number, row in rows.items() if number not in wrong]
    assert [row.text("cert_number") for row in good] == [r.number for r in pingjin.residents]
    assert [row.text("name") for row in good] == [r.name for r in pingjin.residents]
    assert [row.day("birth_on") for row in good] == [r.born_on for r in pingjin.residents]
    assert len(rows) == len(pingjin.residents) + len(planted)
    assert not any(row.problems for row in good)


def test_every_mistake_of_the_register_stands_where_it_is_said_to(
    pingjin: Town, register: tuple[dict[int, Row], list[Planted]]
) -> None:
    rows, planted = register
    assert count_kinds(planted) == {Kind.REPEATED_PERSON: TWICE, **SPOILT_ROWS}
    first = {row.text("cert_number"): number for number, row in reversed(rows.items())}
    for mistake in planted:
        number = rows[mistake.row].text("cert_number")
        if mistake.kind is Kind.REPEATED_PERSON:
            assert first[number] < mistake.row
            assert rows[first[number]].text("village") != rows[mistake.row].text("village")
        else:
            assert not isinstance(parse(number), Certificate)


def test_the_register_says_who_is_insured_elsewhere_and_who_studies(
    pingjin: Town, register: tuple[dict[int, Row], list[Planted]]
) -> None:
    rows, planted = register
    wrong = {mistake.row for mistake in planted}
    good = [row for number, row in rows.items() if number not in wrong]
    told = Counter(row.text("employee_insured") for row in good)
    assert told["是"] == sum(r.elsewhere == "employee" for r in pingjin.residents)
    graduating = [row for row in good if row.integer("graduation_year") == 2023]
    assert len(graduating) == sum(r.graduating for r in pingjin.residents)
    groups = Counter(row.text("population") for row in good)
    assert groups["中小学生"] > 4000
    assert groups.keys() == {
        "城乡居民",
        "大学生",
        "中小学生",
        "学龄前儿童",
        "居住证持有人",
        "外国人永久居留",
        "港澳台居民",
    }


def test_the_lists_of_newborns_come_month_by_month_for_households_of_the_register(
    pingjin: Town, tmp_path: Path
) -> None:
    files = write_newborns(pingjin, tmp_path)
    assert len(files) == 12
    households = {home.number for home in pingjin.households}
    names = []
    for on, path in files.items():
        for row in read_table(path, name=path.name, layout=REGISTER):
            born_on = row.day("birth_on")
            assert born_on is not None and born_on <= on
            assert row.text("household_no") in households
            assert row.text("population") == "新生儿"
            names.append(row.text("name"))
    assert sorted(names) == sorted(child.name for child in pingjin.newborns)


# --- the rosters ----------------------------------------------------------------------------------------------------


def test_no_roster_opens_without_its_password(pingjin: Town, tmp_path: Path) -> None:
    write_rosters(pingjin, tmp_path, passwords=PASSWORDS)
    path = tmp_path / roster_file_name("veterans")
    for password in (None, PASSWORDS["health"]):
        with pytest.raises(BadInput):
            read_table(path, name=path.name, layout=ROSTER, password=password)


def test_the_good_rows_of_the_rosters_are_exactly_the_identities_of_the_town(
    pingjin: Town, rosters: tuple[dict[str, dict[int, Row]], list[Planted]]
) -> None:
    files, planted = rosters
    out = {(m.file, m.row) for m in planted if m.kind is not Kind.TWO_IDENTITIES}
    good = Counter(
        (row.text("cert_number"), row.text("name"), row.text("identity"))
        for file, rows in files.items()
        for number, row in rows.items()
        if (file, number) not in out
    )
    people = pingjin.residents
    assert good == Counter(
        (people[m.person].number, people[m.person].name, category_of(m.code, people[m.person])) for m in pingjin.marks
    )


def test_every_mistake_of_the_rosters_stands_where_it_is_said_to(
    pingjin: Town, rosters: tuple[dict[str, dict[int, Row]], list[Planted]]
) -> None:
    files, planted = rosters
    counts = count_kinds(planted)
    assert {kind: counts[kind] for kind in PLANTED_PER_FILE} == {k: 5 * n for k, n in PLANTED_PER_FILE.items()}
    names = {r.number: r.name for r in pingjin.residents}
    for mistake in planted:
        row = files[mistake.file][mistake.row]
        number, name = row.text("cert_number"), row.text("name")
        is_valid = isinstance(parse(number), Certificate)
        assert is_valid == (mistake.kind not in (Kind.BAD_CHECK_DIGIT, Kind.EXCEL_DAMAGED))
        assert (row.text("identity") in UNKNOWN_CATEGORIES) == (mistake.kind is Kind.UNKNOWN_CATEGORY)
        if mistake.kind is Kind.UNKNOWN_PERSON:
            assert number not in names
        elif is_valid:
            assert (names[number] != name) == (mistake.kind is Kind.NAME_DISAGREES)


def test_a_number_damaged_by_excel_comes_as_text_and_as_a_quantity(
    rosters: tuple[dict[str, dict[int, Row]], list[Planted]],
) -> None:
    files, planted = rosters
    damaged = [files[m.file][m.row] for m in planted if m.kind is Kind.EXCEL_DAMAGED]
    as_text = [row for row in damaged if row.text("cert_number").endswith("E+17")]
    as_quantity = [row for row in damaged if row.problems]
    assert len(as_text) == len(as_quantity) == 5


def test_whoever_has_two_identities_is_said_to_at_every_row_but_the_first(
    pingjin: Town, rosters: tuple[dict[str, dict[int, Row]], list[Planted]]
) -> None:
    _, planted = rosters
    more = sum(len(codes) - 1 for codes in pingjin.codes_by_person().values())
    assert count_kinds(planted)[Kind.TWO_IDENTITIES] == more > 500


def test_departments_and_categories_are_those_of_the_policy(pingjin: Town) -> None:
    vocabulary = yaml.safe_load((PACKS / "vocabulary.yaml").read_text(encoding="utf-8"))
    pack = yaml.safe_load((PACKS / "liangping-2023.yaml").read_text(encoding="utf-8"))
    known = {
        name: entry["code"]
        for entry in vocabulary["identities"]
        for name in (entry["zh"], *(alias for aliases in entry["aliases"].values() for alias in aliases))
    }
    assert {name: known.get(name) for names in CATEGORIES.values() for name in names} == {
        name: code for code, names in CATEGORIES.items() for name in names
    }
    assert not known.keys() & set(UNKNOWN_CATEGORIES)
    confirmed = {entry["code"]: entry["confirmed_by"] for entry in pack["identities"]}
    assert confirmed == {code: department for department, codes in DEPARTMENTS.items() for code in codes}
    assert confirmed.keys() == QUOTAS.keys()
