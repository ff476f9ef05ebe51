"""``yingbao simulate`` on the command line, with a file of people."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from yingbao.cli.main import app

HEAD = "birth_date,population,tier,identities,paid_on,division\n"
ROWS = "1980-01-01,resident,1,,,东村\n1950-01-01,resident,1,dibao,,东村\n1990-01-01,resident,2,,,西村\n"


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["simulate", "--policy", "liangping-2023", *words], env={"COLUMNS": "200"})


@pytest.fixture
def people(tmp_path: Path) -> str:
    path = tmp_path / "people.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    return str(path)


def test_it_prints_the_cost_and_what_was_changed(people: str) -> None:
    done = run("--set", "rates.resident.1=400", "--set", "identities.dibao.subsidies.1.percent=80", "--people", people)
    assert done.exit_code == 0, done.output
    for words in ("1,110.00", "1,205.00", "95.00", "315.00 元（1 档的 90%）", "320.00 元（1 档的 80%）", "PJ-5.1.2"):
        assert words in done.output
    assert "3 人：少缴 0 人共 0.00 元，多缴 2 人共 95.00 元，不变 1 人" in done.output
    assert "假设测算，不是决定" in done.output and "2022-12-20" in done.output


def test_it_speaks_english(people: str) -> None:
    done = run("--set", "fiscal=640", "--people", people, "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "A hypothesis, not a decision" in done.output and "1,920.00" in done.output


def test_the_workbook_has_a_sheet_per_way_of_looking(people: str, tmp_path: Path) -> None:
    out = tmp_path / "result.xlsx"
    assert run("--set", "rates.resident.1=400", "--people", people, "--out", str(out)).exit_code == 0
    book = load_workbook(out)
    assert book.sheetnames == ["合计", "按身份", "按档次", "按部门", "按区划", "每人增减", "改动"]
    places = {row[0]: row for row in book["按区划"].iter_rows(values_only=True)}
    assert places["东村"][1:3] == (2, 385) and places["东村"][5:7] == (2, 440)
    assert places["西村"][2] == places["西村"][6] == 725
    steps = [row for row in book["每人增减"].iter_rows(values_only=True) if isinstance(row[1], int)]
    assert steps == [(5, 1), (50, 1)]


def test_two_notices_are_compared_over_the_same_people(people: str) -> None:
    done = run("--against", "banan-2022", "--people", people)
    assert done.exit_code == 0, done.output
    assert "改动的值" not in done.output  # that is what `yingbao policy diff` says


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--set", "fiscal=640"],
        ["--people", "PEOPLE"],
        ["--set", "fiscal=640", "--against", "banan-2022", "--people", "PEOPLE"],
        ["--set", "fiscal=640", "--people", "PEOPLE", "--register", "--as", "somebody"],
        ["--set", "fiscal=640", "--register"],
        ["--set", "fiscal=640", "--people", "PEOPLE", "--as", "somebody"],
        ["--set", "fiscal=640", "--people", "PEOPLE", "--out", "result.csv"],
        ["--set", "fiscal=640", "--people", "nowhere.csv"],
        ["--set", "fiscal=", "--people", "PEOPLE", "--set", "rates="],
        ["--against", "chongqing-2023", "--people", "PEOPLE"],
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(people: str, words: list[str]) -> None:
    done = run(*(people if word == "PEOPLE" else word for word in words))
    assert done.exit_code == 1 and "Traceback" not in done.output
    assert isinstance(done.exception, SystemExit) and len(done.output) > 10
