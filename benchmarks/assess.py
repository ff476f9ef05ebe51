"""Assessment: how many people a second, beside a plain loop over persons and beside the bare files.

Run with ``python -m benchmarks.assess [--rows N] [--pack liangping-2023]``. Everything is measured in one run on
one core, the best of three; answers are compared with the plain loop's before any clock is looked at.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import typer

from benchmarks.policy.alone import make_columns
from benchmarks.policy.peers.plain_rows import list_rows
from tests.policy.oracle import ORACLES, Row
from yingbao.policy import People, Policy, get_policy
from yingbao.policy.files import assess_file
from yingbao.policy.people import NO_DAY, to_day

REPEATS = 3
LOOP_ROWS = 50_000


def main(
    rows: Annotated[int, typer.Option(help="people")] = 2_000_000,
    pack: Annotated[str, typer.Option(help="banan-2022 or liangping-2023")] = "liangping-2023",
) -> None:
    """Measure and print."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    policy = get_policy(pack)
    people = make_people(rows, policy)
    check_equal(policy, people.rows(0, LOOP_ROWS))
    in_memory = rows / best_of(lambda: policy.assess_people(people))
    few = list_rows(make_columns(people.rows(0, LOOP_ROWS)))
    loop = len(few) / best_of(lambda: run_loop(pack, few, policy))
    print(f"{pack}, {rows:,} people, one core")
    print(f"in memory             {in_memory / 1e6:8.2f} million/s")
    print(f"plain loop over text  {loop / 1e6:8.2f} million/s   in memory is {in_memory / loop:,.0f} x")
    with tempfile.TemporaryDirectory() as folder:
        measure_files(policy, people, Path(folder))


def measure_files(policy: Policy, people: People, folder: Path) -> None:
    """Time file to file against reading and writing back the same file, for both formats."""
    table = make_table(people)
    pacsv.write_csv(table, folder / "people.csv", pacsv.WriteOptions(quoting_style="none"))
    pq.write_table(table, folder / "people.parquet")
    for kind, copy in (("csv", copy_csv), ("parquet", copy_parquet)):
        source, out = folder / f"people.{kind}", folder / f"out.{kind}"
        ours = len(people) / best_of(lambda source=source, out=out: assess_file(policy, source, out))  # type: ignore[misc]
        bare = len(people) / best_of(lambda copy=copy, source=source, out=out: copy(source, out))  # type: ignore[misc]
        print(
            f"{kind + ' to ' + kind:<22}{ours / 1e6:8.2f} million/s   "
            f"{ours / bare:.0%} of reading and writing the same file ({bare / 1e6:.2f})"
        )


def best_of(work: Callable[[], object]) -> float:
    """Return the shortest of some runs in seconds."""
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def make_people(count: int, policy: Policy) -> People:
    """Return an invented population: one in eight with identities, one in twenty a student, some newborns."""
    chance = np.random.default_rng(1)
    season, year = policy.season, policy.coverage_year
    assert season.end is not None
    assert year is not None
    paid = chance.integers(to_day(season.begin), to_day(season.end), count).astype(np.int32)
    birth = chance.integers(to_day(date(1930, 1, 1)), to_day(season.begin), count).astype(np.int32)
    newborn = chance.random(count) < 0.02
    birth[newborn] = paid[newborn] - chance.integers(0, 120, int(newborn.sum())).astype(np.int32)
    mask = np.uint32(1) << chance.integers(0, 21, count).astype(np.uint32)
    mask |= np.where(chance.random(count) < 0.2, np.uint32(1) << chance.integers(0, 21, count).astype(np.uint32), 0)
    mask[chance.random(count) > 0.125] = 0
    return People(
        birth=birth,
        population=(chance.random(count) < 0.05).astype(np.uint8),
        tier=chance.integers(1, 3, count).astype(np.uint8),
        mask=mask.astype(np.uint32),
        paid=paid,
        graduating=chance.random(count) < 0.1,
        term_start=np.full(count, NO_DAY, np.int32),
        problems=np.zeros(count, np.uint16),
    )


def run_loop(pack: str, rows: list[Row], policy: Policy) -> list[Any]:
    """Assess person by person in plain Python: the tests' independent reading of the notice."""
    decide, as_of = ORACLES[pack], policy.default_as_of
    return [decide(row, as_of) for row in rows]


def check_equal(policy: Policy, people: People) -> None:
    """Stop unless the engine and the plain loop say the same of everybody."""
    decisions = policy.assess_people(people).decisions()
    for decision, answer in zip(decisions, run_loop(policy.name, list_rows(make_columns(people)), policy), strict=True):
        if any(getattr(decision, name) != value for name, value in vars(answer).items()):
            raise SystemExit(f"not equal: {decision} {answer}")


def make_table(people: People) -> Any:
    """Return people as the text columns of the fixed interface."""
    rows = list_rows(make_columns(people))
    columns = {name: pa.array([getattr(row, name) for row in rows], pa.string()) for name in vars(rows[0])}
    return pa.table({"person_id": pa.array([f"P{number:09d}" for number in range(len(rows))]), **columns})


def copy_csv(source: Path, out: Path) -> None:
    """Read a CSV and write it again, in batches, with pyarrow alone."""
    options = pacsv.ReadOptions(use_threads=False, block_size=4 << 20)
    texts = dict.fromkeys(pacsv.open_csv(source).schema.names, pa.string())
    with (
        pacsv.open_csv(
            source, read_options=options, convert_options=pacsv.ConvertOptions(column_types=texts)
        ) as blocks,
        pacsv.CSVWriter(out, blocks.schema) as writer,
    ):
        for block in blocks:
            writer.write_batch(block)


def copy_parquet(source: Path, out: Path) -> None:
    """Read a Parquet file and write it again, in batches, with pyarrow alone."""
    with pq.ParquetFile(source) as file, pq.ParquetWriter(out, file.schema_arrow, compression="zstd") as writer:
        for block in file.iter_batches(1 << 16, use_threads=False):
            writer.write_batch(block)


if __name__ == "__main__":
    typer.run(main)
