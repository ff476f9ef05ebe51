"""What ``yingbao assess`` says of rows it could not assess."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from tests.policy.oracle import Row
from tests.policy.rows import write_rows
from tests.policy.test_output_places import yingbao
from yingbao.policy import get_policy, read_policy
from yingbao.policy.files import total_file, total_files
from yingbao.policy.needs import find_needs

WAITING = Path(__file__).parent / "constructs" / "waiting-next-month.yaml"
DATES = "日期只认 1985-01-02"


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Seven people: two good ones, three with a day as Excel shows it, three with a tier there is not."""
    rows = [Row("1980-01-01"), Row("1980-01-01"), Row("1985/1/2"), Row("2025年10月10日"), Row("1985-01-02 ", tier="x")]
    write_rows(tmp_path / "people.csv", [*rows, Row("1980-01-01", tier="9"), Row("1980-01-01", tier="9")])
    return tmp_path / "people.csv"


@pytest.mark.parametrize("kind", [("--out", "out.csv"), ("--totals",)], ids=["answers", "totals"])
def test_the_reasons_of_invalid_rows_are_counted_and_told(
    kind: tuple[str, ...], people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(people.parent)
    result = yingbao("assess", "--policy", "liangping-2023", people, *kind)
    assert result.exit_code == 0
    assert "invalid 5" in result.output
    tier, birth = "3 行 input.tier 档次有误：", "3 行 input.birth_date 出生日期有误：出生日期为空或不是日期"
    assert result.output.index(birth) < result.output.index(tier) < result.output.index(DATES)
    assert "没有列" not in result.output


def test_the_counts_are_those_of_the_column_reasons(people: Path) -> None:
    out = people.with_name("out.csv")
    yingbao("assess", "--policy", "liangping-2023", people, "--out", out)
    with out.open(encoding="utf-8") as stream:
        rows = [row["reasons"].split(";") for row in csv.DictReader(stream) if row["status"] == "invalid"]
    counted = {reason: sum(reason in row for row in rows) for row in rows for reason in row}
    policy = get_policy("liangping-2023")
    assert dict(total_file(policy, people).invalid_reasons) == counted
    twice = total_files(policy, [people, people], as_of=None, mapper=lambda do, works: map(do, works))
    assert dict(twice.invalid_reasons) == {reason: 2 * count for reason, count in counted.items()}


def test_nothing_is_said_where_no_row_is_invalid(tmp_path: Path) -> None:
    write_rows(tmp_path / "people.csv", [Row("1980-01-01"), Row("1980-01-01", paid_on="2023-12-01")])
    result = yingbao("assess", "--policy", "liangping-2023", tmp_path / "people.csv", "--totals")
    assert "invalid" not in result.output
    assert DATES not in result.output


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_column_the_policy_needs_is_named_where_the_file_lacks_it(suffix: str, tmp_path: Path) -> None:
    policy = read_policy(WAITING.stem, WAITING.parent)
    assert "missed_years" in find_needs(policy.file)[0]
    source = tmp_path / "people.csv"
    write_rows(source, [Row("1980-01-01")])
    if suffix == ".parquet":
        pq.write_table(pacsv.read_csv(source), source.with_suffix(suffix))
    result = yingbao("assess", "--policy", WAITING, source.with_suffix(suffix), "--out", tmp_path / "out.csv")
    assert result.exit_code == 0
    assert f"文件“people{suffix}”没有列 missed_years，本政策需要它" in result.output
    english = yingbao("assess", "--policy", WAITING, source, "--out", tmp_path / "out.csv", "--lang", "en")
    assert "has no column missed_years" in english.output


def test_a_column_that_is_there_but_empty_is_not_called_missing(tmp_path: Path) -> None:
    source = tmp_path / "people.csv"
    header = "person_id,birth_date,population,tier,identities,paid_on,missed_years"
    source.write_text(f"{header}\nP0,1980-01-01,resident,1,,,\n", "utf-8")
    result = yingbao("assess", "--policy", WAITING, source, "--out", tmp_path / "out.csv")
    assert "1 行 input.missed_years 断保年数缺失或有误" in result.output
    assert "没有列 missed_years" not in result.output
