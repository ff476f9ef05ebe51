"""What only yingbao is asked: one person, the import, and the whole nation."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks.policy.notice import EPOCH
from benchmarks.policy.peers.harness import Columns, peak_memory
from benchmarks.policy.peers.yingbao import PACK, Yingbao
from benchmarks.policy.population import columns_of, make_realistic
from yingbao.policy import People, Person, get_policy, get_vocabulary
from yingbao.policy.people import to_date

NATION = 950_000_000
CHUNK = 10_000_000
PERSONS = 2_000
IMPORTS = 5
IMPORT = "import time; begin = time.perf_counter(); {what}; print(time.perf_counter() - begin)"
FIRST = (
    "from datetime import date; from yingbao.policy import Person, get_policy; "
    f"get_policy('{PACK}').assess(Person(date(1980, 5, 1), paid_on=date(2022, 11, 20)))"
)


def time_one_person() -> tuple[float, float]:
    """Return median and 99th percentile in µs of one ``assess`` call once warm, over different persons."""
    policy = get_policy(PACK)
    persons = list(list_persons(make_realistic(PERSONS, seed=7)))
    for person in persons:
        policy.assess(person)
    times = []
    for person in persons:
        begin = time.perf_counter()
        policy.assess(person)
        times.append((time.perf_counter() - begin) * 1e6)
    return statistics.median(times), sorted(times)[len(times) * 99 // 100]


def list_persons(people: People) -> Iterator[Person]:
    """Yield the rows that make sense as Persons."""
    populations, codes = list(get_vocabulary().populations), list(get_vocabulary().identities)
    for row in range(len(people)):
        birth = to_date(int(people.birth[row]))
        mask = int(people.mask[row])
        if birth is not None and not people.problems[row] and people.tier[row]:
            yield Person(
                birth_on=birth,
                population=populations[people.population[row]],
                tier=int(people.tier[row]),
                identities=frozenset(code for bit, code in enumerate(codes) if mask >> bit & 1),
                paid_on=to_date(int(people.paid[row])),
                graduating=bool(people.graduating[row]),
                term_start_on=to_date(int(people.term_start[row])),
            )


def time_imports() -> dict[str, float]:
    """Return seconds, best of five new processes: the package, NumPy alone, and the package up to a first answer."""
    asked = {"import yingbao.policy": "import yingbao.policy", "import numpy": "import numpy", "first answer": FIRST}
    return {name: min(_time_process(what) for _ in range(IMPORTS)) for name, what in asked.items()}


def _time_process(what: str) -> float:
    # A first import compiles to bytecode; forbidding to keep that would time the compiler.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", IMPORT.format(what=what)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True, env=inherited).stdout)


def assess_nation(cores: int, people: int = NATION) -> tuple[float, int, int]:
    """Return seconds of assessing alone, fen payable by all, and the peak of memory in MB.

    The nation is made chunk by chunk; only the assessing of each chunk is timed, not its making nor the adding up.
    """
    seconds, payable = 0.0, 0
    engine = Yingbao(written_out=False)
    for seed, start in enumerate(range(0, people, CHUNK)):
        chunk = make_columns(make_realistic(min(CHUNK, people - start), seed))
        data = engine.prepare(chunk, cores)
        if seed == 0:
            engine.run(data)
        begin = time.perf_counter()
        answers = engine.run(data)
        seconds += time.perf_counter() - begin
        for answer in answers:
            amounts = answer.amounts("payable_fen")
            payable += int(amounts[amounts > 0].sum(dtype="int64"))
    return seconds, payable, peak_memory()


def make_columns(people: People) -> Columns:
    """Return people as the peers are given them."""
    as_of = get_policy(PACK).default_as_of.toordinal() - EPOCH
    return Columns(**columns_of(people), as_of=as_of, codes=tuple(get_vocabulary().identities))
