"""The demo from end to end, as a stranger runs it: one town, one season, every proof at its end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from yingbao.sheets import read_table
from yingbao.sheets.layouts import WEEKLY

PROGRAM = Path(sys.executable).with_name("yingbao")
SITE = ("YINGBAO_HOME", "YINGBAO_DATABASE_URL", "YINGBAO_SECRET_KEY", "YINGBAO_DATA_KEY", "DJANGO_SETTINGS_MODULE")


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `yingbao` on a machine that knows nothing of the tests' settings."""
    environment = {name: value for name, value in os.environ.items() if name not in SITE}
    environment |= {"YINGBAO_HOME": str(home), "COLUMNS": "140", "PYTHONUTF8": "1"}
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
    assert len(rows) == 22  # 21 villages and their sum


@pytest.mark.slow
def test_a_folder_with_other_data_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("a year's work", encoding="utf-8")
    refused = run(tmp_path, "demo", "--no-serve", "--lang", "en")
    assert refused.returncode == 1
    assert "left alone" in refused.stderr and "Traceback" not in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]
