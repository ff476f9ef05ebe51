"""``yingbao rotate-keys`` as it is typed: a site of its own, three steps, and the index key while nobody is there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from yingbao.storage import secrets
from yingbao.storage.keys import read_key

PROGRAM = "from yingbao.cli.main import run; run()"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A new site on SQLite with its tables."""
    assert yingbao(tmp_path, "secrets").returncode == 0
    assert yingbao(tmp_path, "migrate").returncode == 0
    return tmp_path


def yingbao(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("YINGBAO_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        env=kept | {"YINGBAO_HOME": str(home), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_steps_one_after_the_other(home: Path) -> None:
    before = secrets.read_file(home)
    began = yingbao(home, "rotate-keys", "--new")
    assert (began.returncode, "编号 2" in began.stdout) == (0, True)
    during = secrets.read_file(home)
    assert read_key(during["YINGBAO_DATA_KEY_OLD"]).secret.hex() == before["YINGBAO_DATA_KEY"]
    again = yingbao(home, "rotate-keys", "--new")
    assert (again.returncode, "还没有完成" in again.stderr) == (1, True)
    assert "已改用新密钥：0 条" in yingbao(home, "rotate-keys").stdout
    finished = yingbao(home, "rotate-keys", "--finish", "--lang", "en")
    assert "The old key is out" in finished.stdout
    assert "YINGBAO_DATA_KEY_OLD" not in secrets.read_file(home)
    assert yingbao(home, "rotate-keys", "--index-too").returncode == 0
    after = secrets.read_file(home)
    assert after["YINGBAO_INDEX_KEY"] != during["YINGBAO_INDEX_KEY"]
    assert after["YINGBAO_SECRET_KEY"] == before["YINGBAO_SECRET_KEY"]
    assert "YINGBAO_INDEX_KEY_NEXT" not in after


def test_one_step_at_a_time(tmp_path: Path) -> None:
    both = yingbao(tmp_path, "rotate-keys", "--new", "--finish")
    assert (both.returncode, "一次只能做一步" in both.stderr) == (1, True)
