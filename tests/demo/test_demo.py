"""The demo from end to end, as a stranger runs it: one town, one season, every proof at its end."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pypdfium2
import pytest
from django.urls import resolve
from python_calamine import CalamineWorkbook

from yingbao.demo.policy_tools import AMENDMENT
from yingbao.demo.policy_tools import WAITING as UNPAID
from yingbao.policy import get_vocabulary
from yingbao.sheets import read_table
from yingbao.sheets.layouts import WEEKLY

PROGRAM = Path(sys.executable).with_name("yingbao")
SITE = ("YINGBAO_HOME", "YINGBAO_DATABASE_URL", "YINGBAO_SECRET_KEY", "YINGBAO_DATA_KEY", "DJANGO_SETTINGS_MODULE")


def run(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run `yingbao` on a machine that knows nothing of the tests' settings but what ``more`` says."""
    environment = {name: value for name, value in os.environ.items() if name not in SITE}
    environment |= {"YINGBAO_HOME": str(home), "COLUMNS": "140", "PYTHONUTF8": "1"} | more
    return subprocess.run([PROGRAM, *words], env=environment, capture_output=True, text=True, check=False, timeout=1200)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def told(home: Path) -> str:
    played = run(home, "demo", "--no-serve", "--lang", "en")
    assert played.returncode == 0, played.stderr + played.stdout[-3000:]
    return played.stdout


@pytest.mark.slow
@pytest.mark.clause("PJ-A2")
def test_the_whole_season_ends_with_every_fen_accounted_for(told: str) -> None:
    assert "Every fen is accounted for" in told
    assert "✘" not in told
    assert "17 rows with planted mistakes, 17 found" in told
    assert "65 rows with planted mistakes, 65 found" in told
    assert "15 rows with planted mistakes, 15 found" in told  # the university's list
    assert "3 rows with planted mistakes, 3 found" in told  # the welfare home's
    for figure in ("24128", "23128", "64249", "59719"):  # what annex 2 prints, and what its rows add up to
        assert figure in told.replace(",", "")


@pytest.mark.slow
def test_the_books_prove_themselves_again_and_the_papers_are_there(told: str, home: Path) -> None:
    assert told
    proven = run(home, "verify")
    assert proven.returncode == 0 and "✘" not in proven.stdout
    papers = {path.suffix: path for path in (home / "files").iterdir()}
    assert papers[".pdf"].read_bytes().startswith(b"%PDF")
    (weekly,) = (home / "files").glob("weekly_*.xlsx")
    rows = list(read_table(weekly, name=weekly.name, layout=WEEKLY))
    assert len(rows) == 23  # 21 villages, the town itself where institutions enrol, and their sum


def ask(home: Path, statement: str) -> list[tuple[Any, ...]]:
    """Return what the demo's database holds, asked without the program."""
    with closing(sqlite3.connect(home / "yingbao.sqlite3")) as database:
        return database.execute(statement).fetchall()


def fen(yuan: str) -> int:
    whole, _, part = yuan.replace(",", "").partition(".")
    return int(whole) * 100 + int(part)


@pytest.mark.slow
def test_the_simulated_rate_costs_fifty_yuan_for_every_resident_in_tier_1(told: str, home: Path) -> None:
    line = next(line for line in told.splitlines() if "Simulated: the residents' tier-1 rate" in line)
    said = " ".join(told[told.index(line) :].split())  # the terminal breaks it
    found = re.search(
        r"from 350 to 400 yuan. Of ([\d,]+) enrolled ([\d,]+) would pay more; "
        r"persons ([\d,.-]+) yuan more, departments ([\d,.-]+), the treasury ([\d,.-]+) ",
        said,
    )
    assert found is not None, said[:400]
    persons, losers = (int(number.replace(",", "")) for number in found.groups()[:2])
    personal, department, fiscal = (fen(yuan) for yuan in found.groups()[2:])
    standing = "from enrolment_enrolment e join registry_resident r on r.id = e.resident_id where e.state = 'standing'"
    ((enrolled,),) = ask(home, f"select count(*) {standing}")
    ((concerned,),) = ask(home, f"select count(*) {standing} and e.tier = 1 and r.population = 'resident'")
    assert persons == enrolled
    # In tier 2 some subsidies are a share of this rate: what departments pay more there, persons pay less.
    assert personal + department == 5_000 * concerned
    assert personal > department > 0 and fiscal == 0
    assert 0 < losers < concerned
    (workbook,) = (home / "files").glob("simulation_*.xlsx")
    total = [str(cell) for cell in CalamineWorkbook.from_path(workbook).get_sheet_by_index(0).to_python()[-1]]
    shown = [Decimal(cell) for cell in total if re.fullmatch(r"-?\d+(\.\d+)?", cell)]
    wanted = [Decimal(money) / 100 for money in (personal, department, fiscal)]
    # The sheet's columns: persons and three amounts before, the same after, three differences, winners, losers.
    assert shown[0] == shown[4] == persons and shown[8:11] == wanted and shown[13] == losers


@pytest.mark.slow
def test_the_decision_letter_explains_somebody_of_several_identities(told: str, home: Path) -> None:
    (resident,) = re.findall(r"/residents/(\d+)/decision/", told)
    codes = ask(home, f"select distinct code from registry_identity where resident_id = {resident}")
    assert len(codes) > 1
    pdf = pypdfium2.PdfDocument((home / "files" / "decision_letter.pdf").read_bytes())
    text = " ".join(" ".join(page.get_textpage().get_text_range() for page in pdf).split())
    names = get_vocabulary().identities
    assert all(names[code].name.render("en") in text for (code,) in codes)


@pytest.mark.slow
def test_the_invented_amendment_lies_beside_the_site_and_changes_nothing(told: str, home: Path) -> None:
    pack = home / "packs" / f"{AMENDMENT}.yaml"
    assert str(pack) in told
    assert ask(home, "select distinct policy from enrolment_enrolment") == [("liangping-2023",)]
    linted = run(home, "policy", "lint", str(pack), "--lang", "en")
    assert linted.returncode == 0 and "errors 0" in linted.stdout
    differing = run(home, "policy", "diff", "liangping-2023", str(pack), "--lang", "en")
    assert differing.returncode == 0 and "included → exempt" in differing.stdout


@pytest.mark.slow
def test_reassessing_by_the_amendment_shows_the_unpaid_newborns_in_time(told: str, home: Path) -> None:
    dues = "from collection_due d join enrolment_enrolment e on e.id = d.enrolment_id"
    dues += " join registry_resident r on r.id = e.resident_id where d.state = 'open'"
    assert ask(home, f"select d.amount_fen, count(*) {dues} group by 1") == [(96_000, UNPAID)]
    ((in_time,),) = ask(home, f"select count(*) {dues} and r.birth_on >= '2023-06-30'")  # 90 days before the 28th
    assert 0 < in_time < UNPAID
    assert f"of {UNPAID} unpaid {in_time} would owe another amount, -{in_time * 610:,}.00 yuan" in " ".join(
        told.split()
    )
    words = ("reassess", "--as", "yibao", "--on", "2023-09-28", "--lang", "en")
    by_amendment, as_it_is = run(home, *words, YINGBAO_POLICY=AMENDMENT), run(home, *words)
    assert (by_amendment.returncode, as_it_is.returncode) == (0, 0), by_amendment.stderr + as_it_is.stderr
    assert len(re.findall(r"960\.00 +│ 350\.00 ", by_amendment.stdout)) == in_time
    assert "--confirm" in by_amendment.stdout and "--confirm" not in as_it_is.stdout
    assert ask(home, f"select d.amount_fen, count(*) {dues} group by 1") == [(96_000, UNPAID)]


@pytest.mark.slow
def test_every_page_it_names_is_a_page(told: str) -> None:
    pages = [urlsplit(url).path for url in re.findall(r"http://127\.0\.0\.1:8000(?:/[^\s]*)", told)]
    assert [resolve(page).url_name for page in pages] == [
        "quality",
        "duplicates",
        "files",
        "simulate",
        "work-out",
        "decision",
        "policy-diff",
        "policy-sheet",
    ]


@pytest.mark.slow
def test_a_folder_with_other_data_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("a year's work", encoding="utf-8")
    refused = run(tmp_path, "demo", "--no-serve", "--lang", "en")
    assert refused.returncode == 1
    assert "left alone" in refused.stderr and "Traceback" not in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]
