"""The two words on the command line: the same use cases, the same rights, one clear sentence where something fails."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.imports.cast import (
    PASSWORD,
    Cast,
    Cells,
    book,
    entry,
    family,
    number,
    person,
    register_upload,
    roster_upload,
)
from yingbao.cli.imports import app
from yingbao.registry.models import CoveredElsewhere, Identity, ImportedFile, Resident
from yingbao.sheets import read_table
from yingbao.sheets.layouts import DEATHS, ELSEWHERE, REGISTER


@pytest.fixture
def register(tmp_path: Path) -> str:
    """Return the path of a register of four, one of them wrong."""
    path = tmp_path / "register.xlsx"
    wrong = person("古木", "19700101", household_no="H2", sex="女")
    path.write_bytes(register_upload([*family(), wrong]).content)
    return str(path)


def run(*words: object) -> Result:
    """Run ``yingbao import`` with these words."""
    return CliRunner().invoke(app, [str(word) for word in words], env={"YINGBAO_FILE_PASSWORD": PASSWORD})


def test_a_register_is_checked_then_accepted_and_its_rejects_saved(cast: Cast, register: str, tmp_path: Path) -> None:
    checked = run("register", register, "--as", "town-clerk")
    assert checked.exit_code == 0, checked.output
    assert "与证件号码中的性别不一致" in checked.output
    assert "还没有入账" in checked.output
    file_id = ImportedFile.objects.get().pk
    assert Resident.objects.count() == 0

    assert run("accept", "register", file_id, "--as", "town-clerk").exit_code == 0
    assert Resident.objects.count() == 3

    out = tmp_path / "rejects.xlsx"
    assert run("rejects", "register", file_id, out, "--as", "town-clerk").exit_code == 0
    assert [row.text("name") for row in read_table(out, name="x", layout=REGISTER)] == ["古木"]
    assert out.stat().st_mode & 0o077 == 0


def test_a_roster_is_sent_by_the_department_and_accepted_by_the_bureau(
    cast: Cast, register: str, tmp_path: Path
) -> None:
    run("register", register, "--as", "town-clerk")
    run("accept", "register", ImportedFile.objects.get().pk, "--as", "town-clerk")
    path = tmp_path / "roster.xlsx"
    path.write_bytes(roster_upload([entry("柏大树", number("19800501", 1))]).content)
    checked = run("roster", path, "--as", "civil-affairs", "--month", "2022-11")
    assert checked.exit_code == 0, checked.output
    file_id = ImportedFile.objects.get(kind="roster").pk
    assert run("accept", "roster", file_id, "--as", "civil-affairs").exit_code == 1
    assert run("accept", "roster", file_id, "--as", "bureau").exit_code == 0
    assert Identity.objects.get().code == "dibao"


def test_a_refusal_is_one_sentence_and_exit_code_1(cast: Cast, register: str) -> None:
    for words in (
        ("register", register, "--as", "village-agent"),
        ("register", register, "--as", "nobody-we-know"),
        ("accept", "register", 999, "--as", "town-clerk"),
        ("accept", "photographs", 1, "--as", "town-clerk"),
    ):
        refused = run(*words)
        assert refused.exit_code == 1
        assert len(refused.stderr.strip().splitlines()) == 1


def test_a_discarded_file_is_gone_in_english_too(cast: Cast, register: str) -> None:
    run("register", register, "--as", "town-clerk")
    file_id = ImportedFile.objects.get().pk
    assert run("discard", "register", file_id, "--as", "town-clerk", "--lang", "en").exit_code == 0
    assert ImportedFile.objects.get().state == "discarded"


def test_a_list_of_who_is_covered_elsewhere_comes_in_is_watched_and_withdrawn(
    cast: Cast, register: str, tmp_path: Path
) -> None:
    run("register", register, "--as", "town-clerk")
    run("accept", "register", ImportedFile.objects.get().pk, "--as", "town-clerk")
    path = tmp_path / "list.xlsx"
    path.write_bytes(book(ELSEWHERE, [{"name": "柏大树", "cert_number": number("19800501", 1)}]))
    words = ("elsewhere", path, "--as", "bureau", "--about", "employee", "--month", "2022-11", "--full")
    assert run(*words).exit_code == 0
    file = ImportedFile.objects.get(kind="elsewhere")
    assert (file.about, file.is_full) == ("employee", True)
    assert run("accept", "elsewhere", file.pk, "--as", "bureau").exit_code == 0
    assert CoveredElsewhere.objects.get().end_on is None
    assert "新立待办: 0" in run("watch", "--as", "bureau", "--on", "2022-12-01").output
    withdrawn = run("withdraw", "elsewhere", file.pk, "--as", "bureau", "--reason", "corrected")
    assert withdrawn.exit_code == 0 and "撤销的新增: 1" in withdrawn.output
    assert run("withdraw", "elsewhere", file.pk, "--as", "bureau", "--reason", "corrected").exit_code == 1


def test_deaths_come_in(cast: Cast, register: str, tmp_path: Path) -> None:
    run("register", register, "--as", "town-clerk")
    run("accept", "register", ImportedFile.objects.get().pk, "--as", "town-clerk")
    path = tmp_path / "deaths.xlsx"
    row: Cells = {"name": "柏大树", "cert_number": number("19800501", 1), "died_on": date(2022, 11, 5)}
    path.write_bytes(book(DEATHS, [row]))
    assert run("deaths", path, "--as", "bureau", "--month", "2022-11").exit_code == 0
    assert run("accept", "deaths", ImportedFile.objects.get(kind="deaths").pk, "--as", "bureau").exit_code == 0
    assert Resident.objects.get(name="柏大树").state == "dead"
