"""Everybody assessed by the whole of liangping-2023, by yingbao and by others, side by side in one run.

Run with ``python -m benchmarks.policy [--rows N] [--cores 1|2] [--population realistic|uniform] [--peers a,b]``
or ``python -m benchmarks.policy --nation``. Results are compared before any clock is looked at; where anybody
disagrees about anybody, the run stops. See README.md beside this file for what each peer was given.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from benchmarks.policy.alone import NATION, assess_nation, make_columns, time_imports, time_one_person
from benchmarks.policy.environments import ROOT, NotInstalled, find_python
from benchmarks.policy.peers.harness import ANSWERS, Array, Columns, add_up, load_columns
from benchmarks.policy.peers.yingbao import PACK, Yingbao
from benchmarks.policy.population import COLUMNS, POPULATIONS

LEAST_CHECKED = 50_000


@dataclass(frozen=True)
class Entry:
    """A script's name, what it is, how many people at most (slow ones get fewer), whether it knows one core only."""

    name: str
    title: str
    most: int | None = None
    one_core: bool = False


Line = tuple[Entry, int]  # a line of the table: who, and over how many processes spread by hand
PEERS = (
    Entry("yingbao_numbers", "yingbao"),
    Entry("yingbao", "yingbao, eight columns"),
    Entry("plain_rows", "plain Python, text", 200_000, one_core=True),
    Entry("plain_numbers", "plain Python, numbers", 1_000_000, one_core=True),
    Entry("openfisca", "OpenFisca-Core", one_core=True),
    Entry("policyengine", "PolicyEngine-Core", one_core=True),
    Entry("zen_engine", "zen-engine", 100_000, one_core=True),
    Entry("duckdb_sql", "DuckDB SQL"),
    Entry("polars_expressions", "Polars expressions"),
    Entry("numpy_arrays", "NumPy, straight", one_core=True),
    Entry("copying", "limit: copying the bytes", one_core=True),
)
OURS = ("yingbao_numbers", "yingbao")
NO_ANSWERS = "copying"


def main(
    rows: Annotated[int, typer.Option(help="people")] = 5_000_000,
    cores: Annotated[int, typer.Option(min=1, max=2, help="1 or 2")] = 1,
    population: Annotated[str, typer.Option(help="realistic, uniform or both")] = "both",
    peers: Annotated[str, typer.Option(help="names, with commas; yingbao always runs")] = "",
    check: Annotated[int, typer.Option(min=LEAST_CHECKED, help="people compared first, of each population")] = 60_000,
    rounds: Annotated[int, typer.Option(min=1, help="times all are run in turn; the best counts")] = 2,
    nation: Annotated[bool, typer.Option("--nation", help="only yingbao and 950 million people")] = False,
) -> None:
    """Check, measure and print."""
    restrict(cores)
    if nation:
        seconds, payable, megabytes = assess_nation(cores)
        print(
            f"{NATION:,} people, realistic, {cores} core(s): {seconds:.1f} s without making them; peak {megabytes} MB"
        )
        print(f"they owe {payable // 100:,} yuan together")
        return
    kinds = list(POPULATIONS) if population == "both" else [population]
    chosen = [peer for peer in PEERS if not peers or peer.name in (*OURS, *peers.split(","))]
    present = list(find_present(chosen))
    with tempfile.TemporaryDirectory() as scratch:
        for kind in kinds:
            check_equal(present, kind, check, Path(scratch))
        answering = sum(peer.name != NO_ANSWERS for peer, _ in present)
        print(f"equal first: {check:,} people of each population, all eight answers, all {answering} that answer\n")
        for kind in kinds:
            print_table(measure(present, save(kind, rows, seed=1, scratch=Path(scratch)), rows, cores, rounds), cores)
    tell_alone()


def restrict(cores: int) -> None:
    """Hold this process and all it starts to the first ``cores`` cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    for name in ("POLARS_MAX_THREADS", "NUMBA_NUM_THREADS", "NUMEXPR_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = str(cores)


def find_present(chosen: list[Entry]) -> Any:
    """Yield the peers whose environment is there or can be made, with its Python; say which are left out."""
    for peer in chosen:
        try:
            yield peer, find_python(peer.name)
        except NotInstalled as problem:
            print(f"left out: {peer.title}, it cannot be installed ({problem})")


def check_equal(present: list[tuple[Entry, str]], kind: str, count: int, scratch: Path) -> None:
    """Stop unless every peer answers every question about everybody as yingbao does."""
    folder = save(kind, count, seed=0, scratch=scratch)
    expected = answer(load_columns(folder))
    for peer, python in present:
        if peer.name == NO_ANSWERS:
            continue
        found = scratch / "answers.npz"
        run_peer(peer, python, folder, "--rows", str(count), "--answers", str(found))
        with np.load(found) as answers:
            compare(peer, kind, expected, answers, folder)


def compare(peer: Entry, kind: str, expected: dict[str, Array], answers: Any, folder: Path) -> None:
    """Stop with the first person of whom a peer says something else."""
    for name in ANSWERS:
        if len(answers[name]) != len(expected[name]):
            raise SystemExit(f"{peer.title} answers for {len(answers[name])} people of {len(expected[name])}")
        wrong = np.flatnonzero(answers[name].astype(np.int64) != expected[name])
        if len(wrong):
            row = int(wrong[0])
            person = {column: np.load(folder / f"{column}.npy")[row].item() for column in COLUMNS}
            raise SystemExit(
                f"not equal: {peer.title}, {kind}, {len(wrong)} people in {name!r}; row {row}: "
                f"{answers[name][row]} and yingbao {expected[name][row]}, of {person}"
            )


def measure(present: list[tuple[Entry, str]], folder: Path, rows: int, cores: int, rounds: int) -> dict[Line, Any]:
    """Return the best run of every line on the same people; all run in turn, so a busy minute hits no one alone."""

    @cache
    def expected_sums(count: int) -> dict[str, int]:
        return add_up(answer(load_columns(folder).rows(0, count)))

    best: dict[Line, Any] = {}
    for peer, python in present * rounds:
        count = min(rows, peer.most or rows)
        for processes in sorted({1, cores}) if peer.one_core else (1,):
            asked = {"--rows": count, "--cores": cores, "--processes": processes}
            said = run_peer(peer, python, folder, *(str(word) for pair in asked.items() for word in pair))
            if peer.name != NO_ANSWERS and said["sums"] != expected_sums(count):
                raise SystemExit(f"not equal: {peer.title}, {folder.name}: the sums of the timed run differ")
            line = (peer, processes)
            if line not in best or said["seconds"] < best[line]["seconds"]:
                best[line] = said
    print(
        f"{PACK}, {folder.name[:-2]} population, {rows:,} people, {cores} core(s), best of {rounds} rounds of 3;",
        end=" ",
    )
    print(f"load {os.getloadavg()[0]:.1f}")
    return best


def print_table(best: dict[Line, Any], cores: int) -> None:
    """Print people a second of each, and what yingbao is of it, as it stands and with eight columns written out."""
    print(f"{'':<26}{'million/s':>10}{'yingbao is':>12}{'8 columns':>12}{'people':>12}{'MB':>7}  cores")
    speeds = {line: said["rows"] / said["seconds"] for line, said in best.items()}
    ours = [next(speed for (peer, _), speed in speeds.items() if peer.name == name) for name in OURS]
    for line, said in best.items():
        ratios = "".join(f"{mine / speeds[line]:>10,.2f} ×" for mine in ours)
        way = said["way"] if cores > 1 else ""
        print(f"{line[0].title:<26}{speeds[line] / 1e6:>10.3f}{ratios}{said['rows']:>12,}{said['megabytes']:>7}  {way}")
    print()


def save(kind: str, count: int, seed: int, scratch: Path) -> Path:
    """Write a population's columns to a folder as .npy, one file a column."""
    folder = scratch / f"{kind}-{seed}"
    folder.mkdir()
    columns = make_columns(POPULATIONS[kind](count, seed))
    for name in COLUMNS:
        np.save(folder / f"{name}.npy", getattr(columns, name))
    facts = {"as_of": columns.as_of, "codes": columns.codes}
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    return folder


def answer(columns: Columns) -> dict[str, Array]:
    """Return what yingbao says, here and on one core."""
    engine = Yingbao(written_out=True)
    data = engine.prepare(columns, 1)
    return engine.collect(data, engine.run(data))


def run_peer(peer: Entry, python: str, folder: Path, *options: str) -> Any:
    """Run a peer's script and return what it printed last, if anything."""
    command = [python, "-m", f"benchmarks.policy.peers.{peer.name}", str(folder), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{peer.title} failed:\n{done.stderr[-3000:]}")
    lines = done.stdout.splitlines()
    return json.loads(lines[-1]) if lines else None


def tell_alone() -> None:
    """Print one person and the imports."""
    median, slow = time_one_person()
    print(f"one person, warm: {median:.1f} µs (median of different persons; one in a hundred over {slow:.1f})")
    for name, seconds in time_imports().items():
        print(f"{name + ', new process:':<36}{seconds * 1000:7.0f} ms (best of 5)")


if __name__ == "__main__":
    typer.run(main)
