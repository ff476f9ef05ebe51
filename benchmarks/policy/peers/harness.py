"""What every peer's script does: take the columns, answer them, or time that. NumPy and the standard library only.

Loading the columns and bringing them into the peer's own form is not timed, nor is reading its answer; a first run,
which may compile, is not timed either. A peer that knows one core only may be spread over processes, which take equal
shares of the people; the time is then from the first one's start to the last one's end.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
ANSWERS = ("status", "rate", "subsidy", "winner", "payable", "fiscal", "begins", "ends")
REPEATS = 3
PATIENCE = 3600  # seconds until a process that says nothing is given up


@dataclass(frozen=True)
class Columns:
    """The facts of n people as arrays (as yingbao.policy.People), the day unpaid amounts are for, identity codes."""

    birth: Array
    population: Array
    tier: Array
    mask: Array
    paid: Array
    graduating: Array
    term_start: Array
    problems: Array
    as_of: int
    codes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.birth)

    def rows(self, begin: int, end: int) -> Columns:
        """Return a view of some rows."""
        arrays = {name: value[begin:end] for name, value in vars(self).items() if isinstance(value, np.ndarray)}
        return Columns(**arrays, as_of=self.as_of, codes=self.codes)

    def bit(self, code: str) -> int:
        """Return the mask of one identity."""
        return 1 << self.codes.index(code)

    def bits(self, codes: tuple[str, ...]) -> int:
        """Return the mask of several identities."""
        return sum(self.bit(code) for code in codes)


class Peer(Protocol):
    """One way to assess everybody. ``own_threads``: uses the cores it is given by itself."""

    own_threads: bool

    def prepare(self, columns: Columns, cores: int) -> Any:
        """Return the columns in the peer's own form (not timed)."""

    def run(self, data: Any) -> Any:
        """Assess (timed)."""

    def collect(self, data: Any, result: Any) -> dict[str, Array]:
        """Return ANSWERS: fen or -1, the vocabulary's place of the identity or -1, days or NO_DAY (not timed)."""


def serve(peer: Peer) -> None:
    """Run a peer's script: print JSON with seconds and sums, or write the answers where ``--answers`` says."""
    options = _read_options()
    columns = load_columns(options.folder).rows(0, options.rows)
    if options.answers:
        data = peer.prepare(columns, options.cores)
        found: dict[str, Any] = dict(peer.collect(data, peer.run(data)))
        np.savez(options.answers, **found)
        return
    alone = options.processes == 1
    best, sums, memory = (
        _time(peer, columns, options.cores) if alone else _time_processes(peer, columns, options.processes)
    )
    said = {"rows": len(columns), "seconds": best, "sums": sums, "megabytes": memory}
    print(json.dumps(said | {"way": _say_way(peer, options)}))


def _say_way(peer: Peer, options: argparse.Namespace) -> str:
    if options.processes > 1:
        return f"{options.processes} processes"
    return str(getattr(peer, "way", "its threads")) if peer.own_threads else "one core, as it comes"


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--answers", type=Path)
    return parser.parse_args()


def load_columns(folder: Path) -> Columns:
    """Return the columns a folder of .npy files holds."""
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    arrays = {path.stem: np.load(path) for path in folder.glob("*.npy")}
    return Columns(**arrays, as_of=facts["as_of"], codes=tuple(facts["codes"]))


def _time(peer: Peer, columns: Columns, cores: int) -> tuple[float, dict[str, int], int]:
    data = peer.prepare(columns, cores)
    peer.run(data)
    times = []
    result: Any = None
    for _ in range(REPEATS):
        result = None  # the last answer's memory is free before the next is begun
        begin = time.perf_counter()
        result = peer.run(data)
        times.append(time.perf_counter() - begin)
    memory = peak_memory()
    return min(times), add_up(peer.collect(data, result)), memory


def _time_processes(peer: Peer, columns: Columns, processes: int) -> tuple[float, dict[str, int], int]:
    context = multiprocessing.get_context("fork")
    gate, reports = context.Barrier(processes), context.Queue()
    cuts = [len(columns) * part // processes for part in range(processes + 1)]
    workers = [
        context.Process(target=_work, args=(peer, columns.rows(begin, end), gate, reports))
        for begin, end in itertools.pairwise(cuts)
    ]
    for worker in workers:
        worker.start()
    found = [reports.get(timeout=PATIENCE) for _ in workers]
    for worker in workers:
        worker.join()
    runs = zip(*(times for times, _, _ in found), strict=True)
    best = min(max(end for _, end in run) - min(begin for begin, _ in run) for run in runs)
    sums = {name: sum(sums[name] for _, sums, _ in found) for name in found[0][1]}
    return best, sums, sum(memory for _, _, memory in found)


def _work(peer: Peer, columns: Columns, gate: Any, reports: Any) -> None:
    data = peer.prepare(columns, 1)
    peer.run(data)
    times = []
    result: Any = None
    for _ in range(REPEATS):
        result = None
        gate.wait()
        begin = time.perf_counter()
        result = peer.run(data)
        times.append((begin, time.perf_counter()))
    memory = peak_memory()
    reports.put((times, add_up(peer.collect(data, result)), memory))


def peak_memory() -> int:
    """Return this program's peak in MB; getrusage would count what started it, too. 0 where the system says nothing."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return next((int(line.split()[1]) >> 10 for line in lines if line.startswith("VmHWM")), 0)


def add_up(answers: dict[str, Array]) -> dict[str, int]:
    """Return the sum of every answer: so that the timed run, too, can be compared."""
    return {name: int(column.sum(dtype=np.int64)) for name, column in answers.items()}


def join(parts: list[dict[str, Array]]) -> dict[str, Array]:
    """Return the answers of several chunks as one."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def winner_places(codes: tuple[str, ...], listed: tuple[str, ...]) -> Array:
    """Return, per place in ``listed`` and last for nobody, the place in the vocabulary or -1."""
    return np.array([*(codes.index(code) for code in listed), -1], np.int8)
