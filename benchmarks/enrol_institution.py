"""A university of many students: its list checked, accepted (everybody registered, enrolled, owing), billed and paid.

Wanted: 2,000 persons/s on PostgreSQL from the accepted file to the dues. The peer writes the very rows that came of it
into copies of the same tables with the same indexes and no other work: COPY on PostgreSQL, INSERT on SQLite. Half the
students are known to the register before, as villagers, with ``--known``.

    python3 dev.py bench enrol_institution [--persons 20000] [--known]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

import typer

from tests.support.postgres import OPTIONS, find_binaries, run_cluster

WANTED = 2_000
# What a server is given; the tests' cluster forgets on a power cut, and this one must not.
SERVER = {"shared_buffers": "512MB", "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
Case = dict[str, float]


def main(persons: int = 20_000, known: bool = False, vendor: str = "") -> None:
    """Measure both databases, or the one named."""
    OPTIONS.update(SERVER)
    binaries = find_binaries()
    with tempfile.TemporaryDirectory(prefix="yingbao-bench-") as folder:
        for one in ("postgresql", "sqlite"):
            if vendor not in ("", one):
                continue
            if one == "postgresql" and binaries is None:
                print("PostgreSQL is not installed: only SQLite is measured")
                continue
            with run_cluster(binaries) if one == "postgresql" and binaries else nullcontext("") as cluster:
                report(one, persons, run_case(Path(folder), cluster, persons, known=known))


def run_case(folder: Path, cluster: str, persons: int, *, known: bool) -> Case:
    """Run one university's season on a new site, in a process of its own."""
    name = f"case_{time.monotonic_ns()}"
    url = f"sqlite:///{folder}/{name}.sqlite3?synchronous=FULL"
    if cluster:
        subprocess.run(["psql", "--quiet", cluster, "-c", f"CREATE DATABASE {name}"], check=True)
        url = f"{cluster.rsplit('/', 1)[0]}/{name}"
    home = {"YINGBAO_HOME": str(folder / name), "YINGBAO_DATABASE_URL": url}
    command = [sys.executable, "-m", "benchmarks._institution_case", str(persons), str(int(known))]
    done = subprocess.run(command, env={**os.environ, **home}, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def report(vendor: str, persons: int, case: Case) -> None:
    """Print rates, what each costs in units of the peer, and the ratio to the limit."""
    print(f"{vendor}, {persons:,} persons, load {os.getloadavg()[0]:.1f}")
    for step in ("check", "accept", "bill", "transfer"):
        peer = f"{case[step] / case[f'peer_{step}']:>7.1f} × the bare rows" if f"peer_{step}" in case else ""
        print(f"  {step:<10} {case[step]:>7.2f} s {persons / case[step]:>9,.0f} persons/s {peer}")
    print(f"  limit {WANTED:,} persons/s from the accepted file to dues: {persons / case['accept'] / WANTED:.2f} ×")


if __name__ == "__main__":
    typer.run(main)
