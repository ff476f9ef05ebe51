"""The policy commands as an officer types them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.policy.oracle import Row
from tests.policy.rows import write_rows
from yingbao.cli.main import app

WIDE = {"COLUMNS": "240", "YINGBAO_LANG": "zh"}


def yingbao(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env=WIDE)


def test_list_names_every_pack() -> None:
    result = yingbao("policy", "list")
    assert result.exit_code == 0
    for name in ("banan-2022", "chongqing-2022", "chongqing-2023", "liangping-2023"):
        assert name in result.output


def test_show_gives_rates_windows_and_rules() -> None:
    output = yingbao("policy", "show", "liangping-2023").output
    for part in ("725.00", "610.00", "2022-11-03 … 2022-12-20", "PJ-7.3b", "缴清满 90 日后"):
        assert part in output


def test_show_english_names() -> None:
    assert "Liangping district" in yingbao("policy", "show", "liangping-2023", "--lang", "en").output


def test_explain_gives_sentence_source_and_reading() -> None:
    output = yingbao("policy", "explain", "liangping-2023", "PJ-7.2d").output
    for part in ("满90日", "屏锦府发〔2022〕73号", "七、第二段", "第二百零一条", "缴清日加91日"):
        assert part in "".join(output.split())
    assert "…" not in output  # nothing cut short, however narrow the window


def test_explain_reasons_of_the_engine_itself() -> None:
    assert "YYYY-MM-DD" in yingbao("policy", "explain", "banan-2022", "input.paid_on").output


def test_explain_an_unknown_rule_in_a_sentence() -> None:
    result = yingbao("policy", "explain", "banan-2022", "PJ-1")
    assert result.exit_code == 1
    assert "没有规则“PJ-1”" in result.output
    assert "Traceback" not in result.output


def test_an_unknown_pack_is_answered_with_the_known_ones() -> None:
    result = yingbao("policy", "show", "nowhere")
    assert result.exit_code == 1
    assert "banan-2022" in result.output


@pytest.mark.clause("PJ-6")
def test_lint_finds_the_silent_days() -> None:
    result = yingbao("policy", "lint", "liangping-2023")
    assert result.exit_code == 0
    assert "2022-12-21 至 2022-12-31" in result.output
    assert "错误 0，警告 1" in result.output


@pytest.mark.clause("BN-3.1.4")
def test_lint_finds_the_missing_coverage_rule() -> None:
    assert "missing-coverage-rule" in yingbao("policy", "lint", "banan-2022").output


def test_identities_with_amounts_and_departments() -> None:
    output = yingbao("policy", "identities", "liangping-2023").output
    [line] = [line for line in output.splitlines() if " old_demobilised_veteran " in line]
    assert [cell.strip() for cell in line.split("│")[3:8]] == ["–", "725.00", "2023-07-01 前", "退役军人", "医疗救助"]


def test_assess_a_file(tmp_path: Path) -> None:
    people, out = tmp_path / "people.csv", tmp_path / "result.csv"
    write_rows(people, [Row("1980-01-01", identities="disabled_1_2")])
    result = yingbao("assess", "--policy", "liangping-2023", str(people), "--out", str(out), "--as-of", "2023-07-01")
    assert result.exit_code == 0
    assert "assessed 1" in result.output
    assert ",96000,0," in out.read_text("utf-8")


def test_assess_says_what_a_file_lacks(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("person_id,tier\n1,1\n", "utf-8")
    result = yingbao("assess", "--policy", "liangping-2023", str(people), "--out", str(tmp_path / "out.csv"))
    assert result.exit_code == 1
    assert "birth_date" in result.output
    assert "Traceback" not in result.output
