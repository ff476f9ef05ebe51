"""Files: Parquet to totals beside reading that file alone, Parquet to Parquet beside reading plus writing the same.

Run with ``python -m benchmarks.files [--files N] [--rows N] [--memory]``. Everything takes turns in one run, the best
of five; equal results are checked first. In one thread by its processor time, which other programs disturb least,
then with a thread per core by the clock on the wall. ``--memory`` shows instead the most memory a process of its own
held for 1, 10 and 100 million people.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import typer

from benchmarks._people_files import (
    alternate,
    as_texts,
    copy_alone,
    in_threads,
    make_table,
    read_alone,
    write_alone,
    write_people,
)
from benchmarks.policy.population import make_realistic
from yingbao.policy import get_policy
from yingbao.policy.files import assess_file, assess_files, count_cores, map_here, total_file, total_files

PACK = "liangping-2023"
REPEATS = 5
MILLIONS = (1, 10, 100)


def main(
    files: Annotated[int, typer.Option(help="files of people")] = 4,
    rows: Annotated[int, typer.Option(help="people in each")] = 1_000_000,
    memory: Annotated[bool, typer.Option("--memory", help="measure memory instead")] = False,
    hold: Annotated[Path | None, typer.Option(hidden=True)] = None,
) -> None:
    """Measure and print."""
    if hold is not None:
        _hold(hold)
        return
    with tempfile.TemporaryDirectory() as folder:
        if memory:
            _measure_memory(Path(folder))
            return
        print(f"{PACK}, {files} files of {rows:,} people")
        for form in ("dates", "texts"):
            paths = write_people(Path(folder) / form, files=files, rows=rows, texts=form == "texts")
            _check(paths[0], Path(folder))
            _measure(paths, rows, Path(folder), form, 1)
            _measure(paths, rows, Path(folder), form, count_cores())


def _check(path: Path, folder: Path) -> None:
    """Stop unless the totals are those of the answers written."""
    policy = get_policy(PACK)
    totals = total_file(policy, path)
    if totals != assess_file(policy, path, folder / "answers.parquet"):
        raise SystemExit("not equal")
    answers = pq.read_table(folder / "answers.parquet", columns=["payable_fen"])
    if pc.sum(answers["payable_fen"]).as_py() != totals.sum_of("payable_fen"):
        raise SystemExit("not equal")


def _measure(paths: list[Path], rows: int, folder: Path, form: str, threads: int) -> None:
    policy, here, out = get_policy(PACK), map_here(threads), folder / "out"
    out.mkdir(exist_ok=True)
    words = ["status", "subsidy_identity", "reasons"]
    answers = pq.read_table(folder / "answers.parquet", read_dictionary=words)
    best = alternate(
        {
            "read": lambda: in_threads(read_alone, paths, threads),
            "totals": lambda: total_files(policy, paths, as_of=None, mapper=here),
            "read and write": lambda: in_threads(lambda path: _read_and_write(path, answers, out), paths, threads),
            "copy": lambda: in_threads(lambda path: copy_alone(path, out / path.name), paths, threads),
            "assess": lambda: assess_files(policy, paths, out, as_of=None, mapper=here),
        },
        REPEATS,
        time.process_time if threads == 1 else time.perf_counter,
    )
    speed = {name: len(paths) * rows / seconds / 1e6 for name, seconds in best.items()}
    print(f"columns as {form}, {threads} thread(s), million people/s")
    _print("to totals", speed["totals"], {"of reading": speed["read"]})
    limits = {"of reading and writing finished answers": speed["read and write"], "of copying": speed["copy"]}
    _print("to Parquet", speed["assess"], limits)


def _read_and_write(path: Path, answers: Any, out: Path) -> None:
    read_alone(path, ids=True)
    write_alone(answers, out / path.name)


def _print(name: str, speed: float, limits: dict[str, float]) -> None:
    ratios = ", ".join(f"{speed / limit:.0%} {what} ({limit:.1f})" for what, limit in limits.items())
    print(f"  {name:<12}{speed:7.1f}   {ratios}")


def _measure_memory(folder: Path) -> None:
    million = make_table(make_realistic(1_000_000, 0))
    for form, table in (("dates", million), ("texts", as_texts(million))):
        for count in MILLIONS:
            path = folder / "people.parquet"
            with pq.ParquetWriter(path, table.schema, compression="zstd") as writer:
                for _ in range(count):
                    writer.write_table(table)
            words = [sys.executable, "-m", "benchmarks.files", "--hold", str(path)]
            said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
            print(f"columns as {form}, {count:>3} million people: at most {said.strip()}", flush=True)


def _hold(path: Path) -> None:
    """Assess one file into another and to totals; print what this process held at most."""
    totals = total_file(get_policy(PACK), path)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    out = path.with_name("out.parquet")
    if assess_file(get_policy(PACK), path, out) != totals:
        raise SystemExit("not equal")
    os.unlink(out)
    print(f"{most} MB for totals, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB for Parquet to Parquet")


if __name__ == "__main__":
    typer.run(main)
