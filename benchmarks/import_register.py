"""Import of a register, both words with every check, sealed numbers and history: .xlsx and .csv, PostgreSQL and SQLite.

Run with ``python -m benchmarks.import_register [--full] [--on postgresql]``: 20 and 100 thousand rows, with --full a
million too. Each case is a process of its own on a database of its own; its memory is that of all our processes
together, read from /proc. Files are made before any clock runs, and the policy is read, as in a server that is running.
Prints rows/s of check, acceptance and both, beside 10,000 rows/s, and for 20 thousand rows beside openIMIS's individual
import as measured on a like machine (930 rows/s validating, 177 accepting); the memory beside 1 GiB; and how time grows
with rows, beside eleven times for ten times the rows. A machine with other work measures that work: mind the load.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from tests.support.postgres import OPTIONS, find_binaries, run_cluster

WANTED, MOST_MEMORY, MOST_GROWTH = 10_000, 1 << 30, 11.0
PEER_VALIDATES, PEER_ACCEPTS, PEER_ROWS, PEER_TIMES = 930, 177, 20_000, 50
SIZES, FULL = (20_000, 100_000), 1_000_000
VENDORS = ("postgresql", "sqlite")
SAMPLE_SECONDS = 0.1
# What a server for a county is given; the tests' cluster is set for a few rows.
SERVER = {"shared_buffers": "2GB", "max_wal_size": "8GB"}
Case = dict[str, float]


def main(
    full: Annotated[bool, typer.Option(help="a million rows too")] = False,
    on: Annotated[list[str], typer.Option(help="only these: postgresql, sqlite")] = list(VENDORS),  # noqa: B006
) -> None:
    """Measure every case and print it beside its limit."""
    sizes = (*SIZES, FULL) if full else SIZES
    OPTIONS.update(SERVER)
    binaries = find_binaries()
    with tempfile.TemporaryDirectory(prefix="yingbao-bench-") as made:
        folder = Path(made)
        files = {(kind, rows): write(folder, kind, rows) for kind in ("xlsx", "csv") for rows in sizes}
        for vendor in on:
            if vendor == "postgresql" and binaries is None:
                print("PostgreSQL is not installed: only SQLite is measured")
                continue
            with run_cluster(binaries) if vendor == "postgresql" and binaries else nullcontext("") as cluster:
                for kind in ("xlsx", "csv"):
                    cases = {rows: run_case(folder, cluster, files[kind, rows]) for rows in sizes}
                    report(vendor, kind, cases)


def write(folder: Path, kind: str, rows: int) -> Path:
    """Make a file in a process of its own."""
    path = folder / f"{rows}.{kind}"
    run = "import sys, pathlib; from benchmarks._register_files import write_register as w; w(pathlib.Path(sys.argv[1])"
    subprocess.run([sys.executable, "-c", f"{run}, int(sys.argv[2]))", path, str(rows)], check=True)
    return path


def run_case(folder: Path, cluster: str, file: Path) -> Case:
    """Run one import and return its seconds and the most memory its processes took together."""
    name = f"case_{time.monotonic_ns()}"
    url = f"sqlite:///{folder}/{name}.sqlite3?synchronous=FULL"
    if cluster:
        subprocess.run(["psql", "--quiet", cluster, "-c", f"CREATE DATABASE {name}"], check=True)
        url = f"{cluster.rsplit('/', 1)[0]}/{name}"
    home = {"YINGBAO_HOME": str(folder / name), "YINGBAO_DATABASE_URL": url}
    command = [sys.executable, "-m", "benchmarks._register_case", str(file)]
    with subprocess.Popen(command, env={**os.environ, **home}, stdout=subprocess.PIPE, text=True) as process:
        peak = Peak(process.pid)
        out, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{file.name} failed")
    return {**json.loads(out.splitlines()[-1]), "memory": peak.stop(), "load": os.getloadavg()[0]}


class Peak:
    """The most memory a process and its children have taken together, sampled."""

    def __init__(self, pid: int) -> None:
        self.most, self._pid, self._done = 0, pid, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """Stop watching and return the bytes."""
        self._done.set()
        self._thread.join()
        return self.most

    def _watch(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            self.most = max(self.most, sum(_resident_bytes(pid) for pid in _family(self._pid)))


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return
    for child in children.split():
        yield from _family(int(child))


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def report(vendor: str, kind: str, cases: dict[int, Case]) -> None:
    """Print the cases of one kind of file on one database, and how time grows."""
    for rows, case in cases.items():
        both = case["check"] + case["accept"]
        print(
            f"{vendor:<11}{kind:<5}{rows:>9,} rows  check {rows / case['check']:>7,.0f}/s  accept "
            f"{rows / case['accept']:>7,.0f}/s  both {rows / both:>7,.0f}/s = {rows / both / WANTED:4.2f} × {WANTED:,}"
            f"  our CPU {case['cpu']:6.1f} of {both:6.1f} s  memory {case['memory'] / (1 << 20):5.0f} MiB = "
            f"{case['memory'] / MOST_MEMORY:4.2f} × the limit  (load {case['load']:.1f})",
            flush=True,
        )
        if rows == PEER_ROWS:
            peer = rows / PEER_VALIDATES + rows / PEER_ACCEPTS
            print(f"{'':<16}{peer / both:6.0f} × openIMIS's individual import (wanted: {PEER_TIMES})", flush=True)
    sizes = list(cases)
    times = {rows: cases[rows]["check"] + cases[rows]["accept"] for rows in sizes}
    growth = times[sizes[-1]] / times[sizes[-2]]
    ratio = sizes[-1] / sizes[-2]
    print(f"{'':<16}{ratio:.0f} × the rows take {growth:.1f} × the time (at most {MOST_GROWTH / 10 * ratio:.1f})\n")


if __name__ == "__main__":
    typer.run(main)
