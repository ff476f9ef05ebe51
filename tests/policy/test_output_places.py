"""Where an officer may ask results to go: never over what was put in, and an impossible place ends in a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.policy.oracle import Row
from tests.policy.rows import write_rows
from yingbao.cli.main import app

WIDE = {"COLUMNS": "240", "YINGBAO_LANG": "zh"}
ASSESS = ("assess", "--policy", "liangping-2023")


def yingbao(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=WIDE)


def refused(result: Result, *parts: str) -> None:
    """One sentence with these parts, exit code 1, and no exception but the exit itself."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert len(result.stderr.splitlines()) == 1
    for part in parts:
        assert part in result.stderr


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of one person, in a folder of its own beside the folder one is in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    write_rows(tmp_path / "in" / "people.csv", [Row("1980-01-01")])
    return tmp_path / "in" / "people.csv"


@pytest.mark.parametrize("totals", [(), ("--totals",)], ids=["answers", "totals"])
@pytest.mark.parametrize("name", ["in/people.csv", "in/../in/people.csv", "soft.csv", "hard.csv", "door/people.csv"])
def test_people_are_never_overwritten(name: str, totals: tuple[str, ...], people: Path) -> None:
    Path("soft.csv").symlink_to(people)
    os.link(people, "hard.csv")
    Path("door").symlink_to(people.parent)
    before = people.read_bytes()
    refused(yingbao(*ASSESS, *totals, people, "--out", name), "盖掉人员文件", name)
    assert people.read_bytes() == before


@pytest.mark.parametrize("out", ["in", "in/results", "door", "door/results"])
def test_folders_of_people_stay_folders_of_people(out: str, people: Path) -> None:
    Path("door").symlink_to(people.parent)
    before = people.read_bytes()
    refused(yingbao(*ASSESS, people.parent, "--out", out), "人员文件", "另一个文件夹")
    assert list(people.parent.iterdir()) == [people]
    assert people.read_bytes() == before


def test_a_comparison_or_a_letter_overwrites_nobody_either(people: Path) -> None:
    before = people.read_bytes()
    compare = ("policy", "diff", "banan-2022", "liangping-2023", "--people", people, "--out", people)
    refused(yingbao(*compare), "盖掉人员文件")
    explain = ("explain", "--policy", "liangping-2023", "--people", people, "--id", "P0", "--pdf", people)
    refused(yingbao(*explain), "盖掉人员文件")
    assert people.read_bytes() == before


def test_a_folder_where_a_file_should_be_is_called_a_folder(people: Path) -> None:
    Path("od.csv").mkdir()
    refused(yingbao(*ASSESS, people, "--out", "od.csv"), "“od.csv”是一个文件夹")
    assert not list(Path("od.csv").iterdir())
