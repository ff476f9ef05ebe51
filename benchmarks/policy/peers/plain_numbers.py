"""Plain Python over numbers: the same sentences, without text or dates to read, each set of identities ranked once."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.policy import notice as n
from benchmarks.policy.peers.harness import ANSWERS, Array, Columns, serve

INVALID = (n.INVALID, -1, -1, -1, -1, -1, n.NO_DAY, n.NO_DAY)
CLOSED = (n.CLOSED, -1, -1, -1, -1, -1, n.NO_DAY, n.NO_DAY)


class PlainNumbers:
    """One function per question, one call per person."""

    own_threads = False

    def prepare(self, columns: Columns, cores: int) -> Any:
        """Return a list of tuples."""
        arrays = [value.tolist() for value in vars(columns).values() if isinstance(value, np.ndarray)]
        return list(zip(*arrays, strict=True)), _Assessor(columns)

    def run(self, data: Any) -> list[tuple[int, ...]]:
        """Assess each."""
        rows, assessor = data
        return [assessor.assess(*row) for row in rows]

    def collect(self, data: Any, result: list[tuple[int, ...]]) -> dict[str, Array]:
        """Return the answers as arrays."""
        return dict(zip(ANSWERS, np.array(result, np.int32).T, strict=True))


class _Assessor:
    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._as_of = columns.as_of
        self._no_waiting = columns.bits(n.NO_WAITING)
        self._best: dict[tuple[int, int, int, bool], tuple[int, int]] = {}

    def assess(
        self, birth: int, student: int, tier: int, mask: int, paid: int, graduating: bool, term: int, problems: int
    ) -> tuple[int, ...]:
        """Return ANSWERS of one person."""
        unpaid = paid == n.NO_DAY
        if problems or tier not in (1, 2) or birth == n.NO_DAY or (birth > paid and not unpaid):
            return INVALID
        if student and term != n.NO_DAY and not n.TERM_FIRST <= term <= n.TERM_LAST:
            return INVALID
        day = self._as_of if unpaid else paid
        rate = n.RATE["student" if student else "resident", tier]
        before_july = day < n.FULL_COST
        held = (mask, student, tier, before_july)
        subsidy, winner = self._best.get(held) or self._best.setdefault(held, self._find_best(rate, *held))
        fiscal, extra = (n.FISCAL, 0) if before_july else (0, n.FISCAL)
        amounts = (rate * n.FEN, subsidy * n.FEN, winner, (rate - subsidy + extra) * n.FEN, fiscal * n.FEN)
        if unpaid:
            return (n.ASSESSED, *amounts, n.NO_DAY, n.NO_DAY)
        ends = n.TERM_ENDS if student and not graduating else n.YEAR_ENDS
        begins = self._find_begin(birth, student, mask, day, n.TERM_BEGINS if term == n.NO_DAY else term)
        if begins == n.CLOSED:
            return CLOSED
        if begins is None or begins > ends:
            return (n.SILENT, *amounts, n.NO_DAY, n.NO_DAY)
        return (n.ASSESSED, *amounts, begins, ends)

    def _find_best(self, rate: int, mask: int, student: int, tier: int, before_july: bool) -> tuple[int, int]:
        best, winner = 0, -1
        for identity in n.IDENTITIES:
            offer = identity.offer(tier, before_july) if mask & self._columns.bit(identity.code) else None
            if offer is not None and min(offer, rate) > best:
                best, winner = min(offer, rate), self._columns.codes.index(identity.code)
        return best, winner

    def _find_begin(self, birth: int, student: int, mask: int, day: int, term: int) -> int | None:
        """Return the first day, None where nothing is said, CLOSED (no day of anybody's) where nobody may pay."""
        if student and 0 <= day - term <= n.TERM_DAYS:
            return n.TERM_BEGINS
        if not student and n.YEAR_BEGINS <= birth <= n.YEAR_ENDS and 0 <= day - birth <= n.NEWBORN_DAYS:
            return birth
        if not n.OPENS <= day <= n.LAST_DAY:
            return n.CLOSED
        if day <= n.CENTRALISED_END:
            return max(n.YEAR_BEGINS, birth)
        if mask & self._no_waiting:
            return max(n.YEAR_BEGINS, day)
        if day < n.YEAR_BEGINS:
            return None
        if day < n.MARCH:
            return max(n.FEBRUARY if day < n.FEBRUARY else n.MARCH, birth)
        return day + n.WAITING


if __name__ == "__main__":
    serve(PlainNumbers())
