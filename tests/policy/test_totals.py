"""Totals over files and folders of files: equal to adding up the answers, however the work is cut."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from tests.policy.oracle import Row
from tests.policy.rows import COLUMNS, random_row, write_rows
from yingbao.cli.main import app
from yingbao.kernel.errors import BadInput
from yingbao.policy import get_policy
from yingbao.policy.decoding import PeopleReader
from yingbao.policy.files import assess_file, assess_files, map_here, total_file, total_files
from yingbao.policy.reading import read_batches
from yingbao.policy.totals import AMOUNTS, TotalLine, Totals, merge_totals

PACK = "liangping-2023"
PINGJIN = get_policy(PACK)
ROWS = 1200


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """People of every sort, bad rows among them, as CSV and as Parquet of several row groups."""
    folder = tmp_path_factory.mktemp("people")
    chance = random.Random(17)
    write_rows(folder / "people.csv", [random_row(PACK, chance) for _ in range(ROWS)])
    texts = pacsv.ConvertOptions(column_types={name: pa.string() for name in ("person_id", *COLUMNS)})
    table = pacsv.read_csv(folder / "people.csv", convert_options=texts)
    pq.write_table(table, folder / "people.parquet", row_group_size=100)
    return folder


def add_up(answers: Path) -> dict[tuple[str, str, tuple[bool, ...]], list[int]]:
    """Return people and fen by status, identity and what is known, adding answer to answer."""
    found: dict[tuple[str, str, tuple[bool, ...]], list[int]] = defaultdict(lambda: [0] * (1 + len(AMOUNTS)))
    with answers.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            sums = found[row["status"], row["subsidy_identity"], tuple(row[name] == "" for name in AMOUNTS)]
            for place, value in enumerate([1, *(int(row[name] or 0) for name in AMOUNTS)]):
                sums[place] += value
    return dict(found)


def without_tier(totals: Totals) -> dict[tuple[str, str, tuple[bool, ...]], list[int]]:
    """Return totals in the form of `add_up`."""
    found: dict[tuple[str, str, tuple[bool, ...]], list[int]] = defaultdict(lambda: [0] * (1 + len(AMOUNTS)))
    for line in totals.lines:
        amounts = [getattr(line, name) for name in AMOUNTS]
        sums = found[line.status, line.subsidy_identity or "", tuple(fen is None for fen in amounts)]
        for place, value in enumerate([line.people, *(fen or 0 for fen in amounts)]):
            sums[place] += value
    return dict(found)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_totals_are_the_answers_added_up(kind: str, people: Path, tmp_path: Path) -> None:
    assess_file(PINGJIN, people / "people.csv", tmp_path / "answers.csv")
    totals = total_file(PINGJIN, people / f"people.{kind}")
    assert totals.rows == ROWS
    assert without_tier(totals) == add_up(tmp_path / "answers.csv")
    assert len(totals.by_status) == 4  # else the people are too few of a kind to show anything


def test_assessing_says_the_same_totals(people: Path, tmp_path: Path) -> None:
    source = people / "people.parquet"
    assert assess_file(PINGJIN, source, tmp_path / "out.parquet") == total_file(PINGJIN, source)


def test_tiers_are_kept_apart(tmp_path: Path) -> None:
    rows = [Row("1980-01-01", tier=tier, paid_on="2022-12-01") for tier in ("1", "2", "2", "7")]
    write_rows(tmp_path / "people.csv", rows)
    found = {
        (line.status, line.tier): (line.people, line.payable_fen)
        for line in total_file(PINGJIN, tmp_path / "people.csv").lines
    }
    assert found == {("assessed", 1): (1, 35000), ("assessed", 2): (2, 145000), ("invalid", None): (1, None)}


@pytest.mark.parametrize("pieces", [1, 2, 5, 100])
def test_however_it_is_cut_and_by_however_many(pieces: int, people: Path) -> None:
    whole = total_file(PINGJIN, people / "people.parquet")
    source = [people / "people.parquet"]
    assert total_files(PINGJIN, source, as_of=None, mapper=map_here(pieces), pieces=pieces) == whole


def test_a_folder_is_all_its_files(people: Path) -> None:
    one = total_file(PINGJIN, people / "people.csv")
    assert total_files(PINGJIN, [people], as_of=None, mapper=map_here(2)) == one + one


def test_what_is_not_known_is_not_added_as_nothing() -> None:
    known = TotalLine("assessed", 1, None, 2, 70000, 0, 70000, 122000)
    silent = TotalLine("assessed", 1, None, 3, 105000, 0, 105000, None)
    totals = merge_totals([Totals((silent,)), Totals((known,)), Totals((silent,))])
    assert totals.lines == (known, TotalLine("assessed", 1, None, 6, 210000, 0, 210000, None))
    assert totals.sum_of("fiscal_subsidy_fen") == 122000


def test_totals_need_no_ids(tmp_path: Path) -> None:
    table = pa.table(
        {"birth_date": ["1980-01-01"], "population": ["resident"], "tier": [1], "identities": [""], "paid_on": [""]}
    )
    pq.write_table(table, tmp_path / "people.parquet")
    assert total_file(PINGJIN, tmp_path / "people.parquet").by_status == {"assessed": 1}
    with pytest.raises(BadInput) as caught:
        assess_file(PINGJIN, tmp_path / "people.parquet", tmp_path / "out.parquet")
    assert "person_id" in str(caught.value)


def test_rows_of_another_length_are_counted_once(people: Path, tmp_path: Path) -> None:
    text = (people / "people.csv").read_text("utf-8") + "P9,1980-01-01\n"
    (tmp_path / "people.csv").write_text(text, "utf-8")
    totals, before = total_file(PINGJIN, tmp_path / "people.csv"), total_file(PINGJIN, people / "people.csv")
    assert totals.rows == ROWS + 1
    assert totals.by_status["invalid"] == before.by_status["invalid"] + 1


def test_a_folder_becomes_a_folder_of_the_same_files(people: Path, tmp_path: Path) -> None:
    source = tmp_path / "in"
    (source / "town=1").mkdir(parents=True)
    for place in ("town=1/part.csv", "part.csv", "_temporary.csv", ".part.csv.crc", "readme.txt"):
        (source / place).write_bytes((people / "people.csv").read_bytes())
    assess_files(PINGJIN, [source, people / "people.parquet"], tmp_path / "out", as_of=None, mapper=map_here(2))
    assess_file(PINGJIN, people / "people.csv", tmp_path / "one.csv")
    assess_file(PINGJIN, people / "people.parquet", tmp_path / "one.parquet")
    found = {str(path.relative_to(tmp_path / "out")): path for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert sorted(found) == ["part.csv", "people.parquet", "town=1/part.csv"]
    for path in found.values():
        assert path.read_bytes() == (tmp_path / f"one{path.suffix}").read_bytes()


def test_the_bytes_do_not_depend_on_who_was_assessed_before(people: Path, tmp_path: Path) -> None:
    fresh, chance = type(PINGJIN)(PINGJIN.pack), random.Random(3)
    write_rows(tmp_path / "others.csv", [random_row(PACK, chance) for _ in range(ROWS)])
    assess_file(fresh, people / "people.parquet", tmp_path / "first.parquet")
    other = type(PINGJIN)(PINGJIN.pack)
    total_file(other, tmp_path / "others.csv")
    assess_file(other, people / "people.parquet", tmp_path / "second.parquet")
    assert (tmp_path / "first.parquet").read_bytes() == (tmp_path / "second.parquet").read_bytes()


def test_one_bad_file_is_named_and_leaves_nothing_half_done(people: Path, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.csv").write_bytes((people / "people.csv").read_bytes())
    (source / "b.parquet").write_bytes(b"PAR1 but not really")
    with pytest.raises(BadInput) as caught:
        assess_files(PINGJIN, [source], tmp_path / "out", as_of=None, mapper=map_here(1))
    assert "b.parquet" in str(caught.value)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.csv"]


@pytest.mark.parametrize(
    ("sources", "out", "part"),
    [
        (["in", "in2/people.csv"], "out", "people.csv"),  # two of one name
        (["in"], "in", "in"),  # over itself
        (["in"], "out.csv", "out.csv"),  # a folder into a file
        (["in"], "nowhere/out", "nowhere"),
        (["empty"], "out", "empty"),
        (["in/people.csv"], "out.txt", ".parquet"),
        (["in/people.csv", "in/people.txt"], "out", "people.txt"),
        (["in/people.csv", "in/missing.csv"], "out", "missing.csv"),
    ],
)
def test_places_that_make_no_sense_are_refused(
    sources: list[str], out: str, part: str, people: Path, tmp_path: Path
) -> None:
    for name in ("in", "in2", "empty"):
        (tmp_path / name).mkdir()
    for name in ("in/people.csv", "in2/people.csv", "in/people.txt"):
        (tmp_path / name).write_bytes((people / "people.csv").read_bytes())
    content = (tmp_path / "in/people.csv").read_bytes()
    with pytest.raises(BadInput) as caught:
        assess_files(PINGJIN, [tmp_path / name for name in sources], tmp_path / out, as_of=None, mapper=map_here(1))
    assert part in str(caught.value)
    assert (tmp_path / "in/people.csv").read_bytes() == content


def test_memory_does_not_grow_with_the_people(people: Path, tmp_path: Path) -> None:
    table = pq.read_table(people / "people.parquet")
    with pq.ParquetWriter(tmp_path / "many.parquet", table.schema, compression="none", use_dictionary=False) as writer:
        for _ in range(20):
            writer.write_table(pa.concat_tables([table] * 100), row_group_size=100 * ROWS)
    size, before = (tmp_path / "many.parquet").stat().st_size, pa.total_allocated_bytes()
    held = []
    for batch in read_batches(tmp_path / "many.parquet", PeopleReader(PINGJIN.vocabulary, PINGJIN.addons)):
        assert len(batch.people) > 0
        held.append(pa.total_allocated_bytes() - before)
    assert sum(held[: len(held) // 2]) * 1.1 > sum(held[len(held) // 2 :])  # no more towards the end than before
    assert max(held) < size / 5


def yingbao(*words: str) -> tuple[int, str]:
    """Run a command and return its exit code and what it said."""
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "240", "YINGBAO_LANG": "zh"})
    return result.exit_code, result.output


def test_the_command_prints_totals_in_yuan(tmp_path: Path) -> None:
    write_rows(tmp_path / "people.csv", [Row("1980-01-01", paid_on="2022-12-01")] * 3)
    code, output = yingbao("assess", "--policy", PACK, str(tmp_path / "people.csv"), "--totals")
    assert code == 0
    [line] = [line for line in output.splitlines() if "assessed" in line and "│" in line]
    assert [cell.strip() for cell in line.split("│")[1:-1]] == [
        *("assessed", "1", "", "3"),
        *("1,050.00", "0.00", "1,050.00", "1,830.00"),
    ]


def test_the_command_saves_totals_in_fen(tmp_path: Path) -> None:
    write_rows(tmp_path / "people.csv", [Row("1980-01-01", paid_on="2022-12-01")] * 3)
    words = ["assess", "--policy", PACK, str(tmp_path / "people.csv"), "--totals", "--out"]
    assert yingbao(*words, str(tmp_path / "totals.csv"))[0] == 0
    assert (tmp_path / "totals.csv").read_text("utf-8").splitlines()[1] == "assessed,1,,3,105000,0,105000,183000"
    code, output = yingbao(*words, str(tmp_path / "totals.parquet"))
    assert (code, "totals.parquet" in output) == (1, True)


def test_the_command_takes_folders(people: Path, tmp_path: Path) -> None:
    code, output = yingbao("assess", "--policy", PACK, str(people), "--out", str(tmp_path / "out"), "--workers", "1")
    assert (code, f"已测算 {2 * ROWS} 人" in output) == (0, True)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["people.csv", "people.parquet"]


def test_the_command_asks_where_the_answers_go(people: Path) -> None:
    code, output = yingbao("assess", "--policy", PACK, str(people))
    assert (code, "--out" in output) == (1, True)
