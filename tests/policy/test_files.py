"""Files of people in, files of answers out."""

from __future__ import annotations

import csv
import random
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from tests.policy.oracle import Row
from tests.policy.rows import COLUMNS, assess_rows, random_row, write_rows
from yingbao.kernel.errors import BadInput, Refused
from yingbao.policy import get_policy, reading
from yingbao.policy.files import assess_file
from yingbao.policy.writing import COLUMNS as RESULT_COLUMNS

PINGJIN = get_policy("liangping-2023")
HEADER = "person_id," + ",".join(COLUMNS)


def assess_text(folder: Path, text: str, encoding: str = "utf-8") -> list[dict[str, str]]:
    source, out = folder / "people.csv", folder / "result.csv"
    source.write_bytes(text.encode(encoding))
    assess_file(PINGJIN, source, out)
    with out.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_columns_of_the_fixed_interface(tmp_path: Path) -> None:
    assess_text(tmp_path, f"{HEADER}\nP1,1980-01-01,resident,1,dibao,2022-12-01,,\n")
    assert (tmp_path / "result.csv").read_text("utf-8") == (
        "person_id,status,rate_fen,subsidy_fen,subsidy_identity,payable_fen,fiscal_subsidy_fen,"
        "covered_from,covered_to,reasons\n"
        "P1,assessed,35000,31500,dibao,3500,61000,2023-01-01,2023-12-31,PJ-3.2;PJ-5.1.2;PJ-3.1;PJ-6;PJ-7.2a\n"
    )


def test_the_summary_counts_by_status(tmp_path: Path) -> None:
    write_rows(tmp_path / "people.csv", [Row("1980-01-01"), Row("x"), Row("1980-01-01", paid_on="2023-12-01")])
    totals = assess_file(PINGJIN, tmp_path / "people.csv", tmp_path / "out.csv")
    assert (totals.rows, totals.by_status) == (3, {"assessed": 1, "invalid": 1, "closed": 1})


def test_a_bad_row_says_every_reason_and_stops_no_other(tmp_path: Path) -> None:
    rows = [Row("1980-01-01"), Row("1980-02-30", "pupil", "9", "x", "soon", "maybe", "once"), Row("1980-01-01")]
    first, bad, last = assess_rows("liangping-2023", rows, tmp_path)
    assert first["payable_fen"] == last["payable_fen"] == "35000"
    assert [first["person_id"], bad["person_id"], last["person_id"]] == ["P0", "P1", "P2"]
    assert bad["reasons"] == (
        "input.birth_date;input.population;input.tier;input.identities;input.paid_on;input.graduating;input.term_start"
    )
    assert [bad[name] for name in RESULT_COLUMNS[2:-1]] == [""] * 7


@pytest.mark.parametrize("others", ["1980-01-01", ""], ids=["all of ten characters", "one empty"])
@pytest.mark.parametrize("date_text", ["1980-W01-1", "1980/01/01", "1980-1-001", "01-01-1980"])
def test_a_date_is_written_in_one_way_whatever_stands_beside_it(date_text: str, others: str, tmp_path: Path) -> None:
    born, paid, _ = assess_rows(
        "liangping-2023",
        [Row(date_text, paid_on="2022-12-01"), Row("1980-01-01", paid_on=date_text), Row(others, paid_on=others)],
        tmp_path,
    )
    assert (born["reasons"], paid["reasons"]) == ("input.birth_date", "input.paid_on")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_parquet_and_csv_say_the_same(suffix: str, tmp_path: Path) -> None:
    chance = random.Random(7)
    rows = [random_row("liangping-2023", chance) for _ in range(5000)]
    expected = assess_rows("liangping-2023", rows, tmp_path)
    table = pacsv.read_csv(
        tmp_path / "people.csv",
        convert_options=pacsv.ConvertOptions(column_types={name: pa.string() for name in ("person_id", *COLUMNS)}),
    )
    pq.write_table(table, tmp_path / "people.parquet")
    assess_file(PINGJIN, tmp_path / "people.parquet", tmp_path / f"out.{suffix}")
    if suffix == "csv":
        assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "result.csv").read_bytes()
        return
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.column_names == list(RESULT_COLUMNS)
    texts = [{name: "" if value is None else str(value) for name, value in row.items()} for row in found.to_pylist()]
    assert texts == expected


def test_parquet_with_types_of_its_own(tmp_path: Path) -> None:
    table = pa.table(
        {
            "person_id": pa.array([1, 2, 3], pa.int64()),
            "birth_date": pa.array([date(1980, 1, 1), None, date(2023, 2, 1)], pa.date32()),
            "population": pa.array(["resident"] * 3).dictionary_encode(),
            "tier": pa.array([1, 2, 200], pa.int16()),
            "identities": pa.array(["dibao; orphan", None, ""], pa.large_string()),
            "paid_on": pa.array([datetime(2022, 12, 1), None, None], pa.timestamp("us")),
            "graduating": pa.array([None, True, False], pa.bool_()),
        }
    )
    pq.write_table(table, tmp_path / "people.parquet")
    assess_file(PINGJIN, tmp_path / "people.parquet", tmp_path / "out.parquet")
    first, second, third = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert (first["person_id"], first["subsidy_identity"], first["covered_from"]) == ("1", "orphan", date(2023, 1, 1))
    assert second["reasons"] == "input.birth_date"
    assert third["reasons"] == "input.tier"


def test_optional_columns_may_be_missing_and_others_are_ignored(tmp_path: Path) -> None:
    text = "name,paid_on,tier,person_id,identities,population,birth_date\n甲,2022-12-01,2,P1,,resident,1980-01-01\n"
    [row] = assess_text(tmp_path, text)
    assert row["payable_fen"] == "72500"


def test_rows_of_another_length_are_invalid_and_keep_their_place(tmp_path: Path) -> None:
    good = "P{},1980-01-01,resident,1,,2022-12-01,,"
    text = "\n".join([HEADER, good.format(1), "P2,1980-01-01", good.format(3), good.format(4) + ",x", good.format(5)])
    rows = assess_text(tmp_path, text)
    assert [row["person_id"] for row in rows] == ["P1", "P2", "P3", "P4", "P5"]
    assert [row["reasons"] == "input.columns" for row in rows] == [False, True, False, True, False]
    assert rows[4]["payable_fen"] == "35000"


def test_ids_come_back_as_they_were(tmp_path: Path) -> None:
    ids = ["a,b", 'say "hi"', "=1+1", "", " x ", "甲"]
    with (tmp_path / "people.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("person_id", *COLUMNS))
        writer.writerows([(i, "1980-01-01", "resident", "1", "", "", "", "") for i in ids])
    assess_file(PINGJIN, tmp_path / "people.csv", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["person_id"] for row in csv.DictReader(stream)] == ids


def test_windows_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    [row] = assess_text(tmp_path, f"{HEADER}\r\nP1,1980-01-01,resident,1,,,,\r\n", "utf-8-sig")
    assert (row["person_id"], row["payable_fen"]) == ("P1", "35000")


def test_many_blocks_keep_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)
    rows = [random_row("liangping-2023", chance) for _ in range(3000)]
    expected = assess_rows("liangping-2023", rows, tmp_path)
    monkeypatch.setattr(reading, "CSV_BLOCK_BYTES", 5000)
    assert assess_rows("liangping-2023", rows, tmp_path) == expected


def test_a_header_alone_gives_a_header(tmp_path: Path) -> None:
    assert assess_text(tmp_path, HEADER + "\n") == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"person_id,birth_date\nP1,1980-01-01\n",
        (HEADER + ",tier\nP1,1980-01-01,resident,1,,,,,1\n").encode(),
        b"\x00\x01\x02\xff",
        HEADER.encode() + "\n张三,1980-01-01,resident,1,,,,\n".encode("gb18030"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_the_old_result(content: bytes, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("old", "utf-8")
    (tmp_path / "people.csv").write_bytes(content)
    with pytest.raises(BadInput):
        assess_file(PINGJIN, tmp_path / "people.csv", out)
    assert out.read_text("utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "people.csv"]


@pytest.mark.parametrize("name", ["people.xlsx", "people", "missing.csv", "missing.parquet"])
def test_files_of_another_kind_or_not_there(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        assess_file(PINGJIN, tmp_path / name, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_parquet_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "people.parquet").write_bytes(b"PAR1 but not really")
    with pytest.raises(BadInput) as caught:
        assess_file(PINGJIN, tmp_path / "people.parquet", tmp_path / "out.parquet")
    assert "people.parquet" in str(caught.value)


def test_a_result_of_unknown_kind_is_refused_before_reading(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        assess_file(PINGJIN, tmp_path / "nothing.csv", tmp_path / "out.txt")


def test_a_result_for_a_folder_that_is_not_there(tmp_path: Path) -> None:
    write_rows(tmp_path / "people.csv", [Row("1980-01-01")])
    with pytest.raises(BadInput) as caught:
        assess_file(PINGJIN, tmp_path / "people.csv", tmp_path / "nowhere" / "out.csv")
    assert "nowhere" in str(caught.value)


def test_an_id_over_two_lines_is_one_row(tmp_path: Path) -> None:
    rows = assess_text(tmp_path, f'{HEADER}\n"a\nb",1980-01-01,resident,1,,,,\nP2,1980-01-01,resident,1,,,,\n')
    assert [row["person_id"] for row in rows] == ["a\nb", "P2"]


def test_a_base_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        assess_file(get_policy("chongqing-2022"), tmp_path / "people.csv", tmp_path / "out.csv")
