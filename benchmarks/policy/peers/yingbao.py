"""yingbao itself, all eight answers written out as columns, as every peer has to: `assess_people`, then the fields."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import numpy as np

from benchmarks.policy.notice import EPOCH, STATUSES
from benchmarks.policy.peers.harness import Array, Columns, serve
from yingbao.policy import Assessment, People, Policy, get_policy

PACK = "liangping-2023"
TRIES = 4  # of which the first may compile and does not count


class Yingbao:
    """With several cores: one call on everybody, or a thread and a call for each part, whichever is quicker here."""

    own_threads = True

    def __init__(self, *, written_out: bool) -> None:
        self._written_out = written_out
        self._parts: int | None = None

    @property
    def way(self) -> str:
        """How several cores are used."""
        return "one call" if self._parts in (None, 1) else f"{self._parts} threads"

    def prepare(self, columns: Columns, cores: int) -> Any:
        """Return People, whole or in as many parts as there are cores; the first time, tries which is quicker."""
        if self._parts is None:
            self._parts = 1 if cores == 1 else min((1, cores), key=lambda count: self._try(columns, count))
        return self._cut(columns, self._parts)

    def _try(self, columns: Columns, count: int) -> float:
        data = self._cut(columns, count)
        times = []
        for _ in range(TRIES):
            begin = time.perf_counter()
            self.run(data)
            times.append(time.perf_counter() - begin)
        return min(times[1:])

    def _cut(self, columns: Columns, count: int) -> Any:
        cuts = [len(columns) * part // count for part in range(count + 1)]
        parts = [make_people(columns.rows(begin, end)) for begin, end in itertools.pairwise(cuts)]
        return get_policy(PACK), date.fromordinal(columns.as_of + EPOCH), parts, columns.codes

    def run(self, data: Any) -> Any:
        """Assess."""
        policy, as_of, parts, codes = data
        work = self._work(policy, as_of, codes)
        if len(parts) == 1:
            return [work(parts[0])]
        with ThreadPoolExecutor(len(parts)) as pool:
            return list(pool.map(work, parts))

    def collect(self, data: Any, result: Any) -> dict[str, Array]:
        """Return the answers as columns."""
        found = result if self._written_out else [write_out(part, data[3]) for part in result]
        return {name: np.concatenate([part[name] for part in found]) for name in found[0]}

    def _work(self, policy: Policy, as_of: date, codes: tuple[str, ...]) -> Callable[[People], Any]:
        def work(people: People) -> Any:
            answer = policy.assess_people(people, as_of=as_of)
            return write_out(answer, codes) if self._written_out else answer

        return work


def make_people(columns: Columns) -> People:
    """Return the columns as yingbao takes them; nothing is copied."""
    return People(
        birth=columns.birth,
        population=columns.population,
        tier=columns.tier,
        mask=columns.mask,
        paid=columns.paid,
        graduating=columns.graduating,
        term_start=columns.term_start,
        problems=columns.problems,
    )


def write_out(answer: Assessment, codes: tuple[str, ...]) -> dict[str, Array]:
    """Return all eight answers as columns."""
    places = [-1 if o.subsidy_identity is None else codes.index(o.subsidy_identity) for o in answer.outcomes]
    statuses = [STATUSES.index(outcome.status) for outcome in answer.outcomes]
    return {
        "status": np.array(statuses, np.uint8).take(answer.numbers),
        "rate": answer.amounts("rate_fen"),
        "subsidy": answer.amounts("subsidy_fen"),
        "winner": np.array(places, np.int8).take(answer.numbers),
        "payable": answer.amounts("payable_fen"),
        "fiscal": answer.amounts("fiscal_subsidy_fen"),
        "begins": answer.begins,
        "ends": answer.ends(),
    }


if __name__ == "__main__":
    serve(Yingbao(written_out=True))
