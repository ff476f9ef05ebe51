"""Where an officer may ask results to go: never over what was put in, and an impossible place ends in a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from tests.policy.oracle import Row
from tests.policy.rows import write_rows
from tests.policy.test_new import HEAD, write_answers
from yingbao.cli.main import app
from yingbao.cli.output import OWN_FILES, failing_clearly

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


DIFF = ("policy", "diff", "banan-2022", "liangping-2023", "--people", "in/people.csv")
SIMULATE = ("simulate", "--policy", "liangping-2023", "--set", "rates.resident.1=360", "--people", "in/people.csv")
PLACES = [
    (["explain", "--policy", "liangping-2023", "--birth", "1980-05-05", "--pdf", "nodir/a.pdf"], "文件夹“nodir”不存在"),
    (["explain", "--policy", "liangping-2023", "--birth", "1980-05-05", "--pdf", "in"], "“in”是一个文件夹，不是文件"),
    ((*SIMULATE, "--out", "nodir/x.xlsx"), "文件夹“nodir”不存在"),
    ((*DIFF, "--out", "nodir/c.xlsx"), "文件夹“nodir”不存在"),
    ((*DIFF, "--out", "in/people.csv/c.xlsx"), "“in/people.csv”是文件，不是文件夹"),
    (["policy", "sheet", "liangping-2023", "--out", "nodir/s.md"], "文件夹“nodir”不存在"),
    (["policy", "schema", "--out", "nodir/s.json"], "文件夹“nodir”不存在"),
    (["policy", "schema", "--out", "in"], "“in”是一个文件夹，不是文件"),
    ((*ASSESS, "--totals", "in/people.csv", "--out", "nodir/t.csv"), "文件夹“nodir”不存在"),
]


@pytest.mark.parametrize(("command", "sentence"), PLACES, ids=lambda value: " ".join(value)[-40:])
def test_an_impossible_place_ends_in_a_sentence(command: tuple[str, ...], sentence: str, people: Path) -> None:
    refused(yingbao(*command), sentence)
    assert list(people.parent.iterdir()) == [people]


def test_a_file_is_no_folder_for_a_new_pack(people: Path) -> None:
    answers = write_answers(Path(), HEAD)
    refused(yingbao("policy", "new", "--answers", answers, "--folder", people), "是文件，不是文件夹")


def test_the_programs_own_missing_files_and_other_bugs_stay_bugs(tmp_path: Path) -> None:
    for missing in (OWN_FILES / "packs" / "gone.yaml", None):
        with pytest.raises(FileNotFoundError), failing_clearly("zh"):
            raise FileNotFoundError(2, "No such file", str(missing)) if missing else FileNotFoundError("bare")
    with pytest.raises(KeyError), failing_clearly("zh"):
        raise KeyError("bug")


@pytest.mark.parametrize(("number", "says"), [(13, "没有权限读写"), (28, "读不出来或写不进去")])
def test_other_troubles_of_a_disk(number: int, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit), failing_clearly("zh"):
        raise OSError(number, "trouble", str(tmp_path / "a.md"))
    assert says in capsys.readouterr().err


def test_a_language_there_is_not_is_refused() -> None:
    refused(yingbao("policy", "list", "--lang", "fr"), "没有语言“fr”", "there is no language “fr”")


@pytest.mark.parametrize("given", ["en_GB.UTF-8", "EN"])
def test_a_language_as_systems_write_it(given: str) -> None:
    assert "Liangping" in yingbao("policy", "show", "liangping-2023", "--lang", given).output


@pytest.mark.parametrize("command", [ASSESS, SIMULATE, DIFF, ("explain", "--policy", "liangping-2023")])
def test_a_day_in_another_form_is_a_sentence(command: tuple[str, ...], people: Path) -> None:
    refused(yingbao(*command, "--as-of", "2026/1/5"), "“2026/1/5”不是日期", "is no date")
