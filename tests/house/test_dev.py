"""dev.py: what it hands on, what it refuses, and what it says where it cannot set up."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import dev


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like the project to dev.py, with nothing set up."""
    for name in ("uv.lock", "pyproject.toml"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "TOOLS", tmp_path / ".tools")
    monkeypatch.setattr(dev, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(dev, "STAMP", tmp_path / ".venv" / "stamp")
    monkeypatch.setattr(dev, "LOCALE", tmp_path / "locale")
    return tmp_path


def test_unknown_options_go_on_to_the_program_that_knows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    def listen(words: Sequence[str]) -> int:
        heard.extend(words)
        return 0

    monkeypatch.setitem(dev.COMMANDS, "demo", (listen, "the demo"))
    assert dev.main(["demo", "--no-serve", "--port", "8001"]) == 0
    assert heard == ["--no-serve", "--port", "8001"]


def test_a_command_without_words_of_its_own_refuses_them(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        dev.main(["check", "--quick"])
    assert stopped.value.code == 2
    assert "--quick" in capsys.readouterr().err


def test_a_program_that_fails_ends_in_its_exit_code_and_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-c", "raise SystemExit(7)"]
    monkeypatch.setitem(dev.COMMANDS, "format", (lambda _: dev.run(command), "fails"))
    assert dev.main(["format"]) == 7
    assert "raise SystemExit(7)" in capsys.readouterr().err


def test_what_a_program_prints_is_utf8_whatever_the_locale(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    assert dev.run([sys.executable, "-c", "import os; print('应保', os.getcwd())"]) == 0
    assert capfd.readouterr().out.strip() == f"应保 {dev.ROOT}"


def test_without_pip_and_uv_set_up_says_what_to_install(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert dev.set_up() == 1
    assert "python3-pip" in capsys.readouterr().err


def test_set_up_is_done_once_for_a_lock_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    uv = project / ".tools" / "bin" / "uv"
    python = dev.venv_program("python")
    for path in (uv, python):
        path.parent.mkdir(parents=True)
        path.touch()
    monkeypatch.setattr(dev, "sync", synced.append)
    assert [dev.set_up(), dev.set_up()] == [0, 0]
    assert synced == [uv]
    (project / "uv.lock").write_text("newer", encoding="utf-8")
    assert dev.set_up() == 0
    assert synced == [uv, uv]


def test_choosing_no_test_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "run_in_venv", lambda *_, **__: dev.NO_TESTS)
    assert dev.test_once([]) == 0
