"""NumPy, straight: the notice as whole-array comparisons and choices, no tables, in chunks that fit the cache."""

from __future__ import annotations

import numpy as np

from benchmarks.policy import notice as n
from benchmarks.policy.peers.harness import ANSWERS, Array, Columns, serve, winner_places

CHUNK = 1 << 16
TYPES = dict(zip(ANSWERS, (np.uint8, *[np.int32] * 2, np.int8, *[np.int32] * 4), strict=True))


class NumpyArrays:
    """Yuan fit 16 bits, which is what the choice among identities is made in."""

    own_threads = False

    def prepare(self, columns: Columns, cores: int) -> Columns:
        """Return the columns as they are."""
        return columns

    def run(self, data: Columns) -> dict[str, Array]:
        """Assess chunk by chunk."""
        found: dict[str, Array] = {name: np.empty(len(data), kind) for name, kind in TYPES.items()}
        places = winner_places(data.codes, tuple(identity.code for identity in n.IDENTITIES))
        for begin in range(0, len(data), CHUNK):
            rows = slice(begin, begin + CHUNK)
            _assess(data.rows(begin, begin + CHUNK), places, {name: column[rows] for name, column in found.items()})
        return found

    def collect(self, data: Columns, result: dict[str, Array]) -> dict[str, Array]:
        """Return the answers as they are."""
        return result


def _assess(people: Columns, places: Array, found: dict[str, Array]) -> None:
    unpaid = people.paid == n.NO_DAY
    student = people.population == 1
    day = np.where(unpaid, np.int32(people.as_of), people.paid)
    invalid = (people.problems != 0) | (people.tier < 1) | (people.tier > 2) | (people.birth == n.NO_DAY)
    invalid |= (people.birth > people.paid) & ~unpaid
    other_year = (people.term_start < n.TERM_FIRST) | (people.term_start > n.TERM_LAST)
    invalid |= student & (people.term_start != n.NO_DAY) & other_year
    begins, open_ = _find_begin(people, student, day)
    ends = np.where(student & ~people.graduating, np.int32(n.TERM_ENDS), np.int32(n.YEAR_ENDS))
    closed = ~open_ & ~unpaid & ~invalid
    said = (begins != n.NO_DAY) & (begins <= ends)
    covered = said & ~unpaid & ~invalid & ~closed
    found["begins"][:] = np.where(covered, begins, np.int32(n.NO_DAY))
    found["ends"][:] = np.where(covered, ends, np.int32(n.NO_DAY))
    found["status"][:] = np.where(
        invalid, n.INVALID, np.where(closed, n.CLOSED, np.where(said | unpaid, n.ASSESSED, n.SILENT))
    )
    _find_money(people, student, day, invalid | closed, places, found)


def _find_begin(people: Columns, student: Array, day: Array) -> tuple[Array, Array]:
    """Return the first day or NO_DAY, and whether one may pay on that day."""
    at_once = (people.mask & np.uint32(people.bits(n.NO_WAITING))) != 0
    in_january = np.where(day < n.FEBRUARY, np.int32(n.FEBRUARY), np.int32(n.MARCH))
    begins = np.where(day < n.MARCH, in_january, day + np.int32(n.WAITING))
    begins = np.where(day < n.YEAR_BEGINS, np.int32(n.NO_DAY), begins)
    begins = np.where(at_once, np.maximum(day, np.int32(n.YEAR_BEGINS)), begins)
    begins = np.where(day <= n.CENTRALISED_END, np.int32(n.YEAR_BEGINS), begins)
    begins = np.where(begins == n.NO_DAY, begins, np.maximum(begins, people.birth))
    newborn = ~student & (people.birth >= n.YEAR_BEGINS) & (people.birth <= n.YEAR_ENDS)
    newborn &= (day >= people.birth) & (day <= people.birth + np.int32(n.NEWBORN_DAYS))
    term = np.where(people.term_start == n.NO_DAY, np.int32(n.TERM_BEGINS), people.term_start)
    in_time = student & (day >= term) & (day <= term + np.int32(n.TERM_DAYS))
    begins = np.where(newborn, people.birth, begins)
    begins = np.where(in_time, np.int32(n.TERM_BEGINS), begins)
    return begins, newborn | in_time | ((day >= n.OPENS) & (day <= n.LAST_DAY))


def _find_money(
    people: Columns, student: Array, day: Array, none: Array, places: Array, found: dict[str, Array]
) -> None:
    before_july = day < n.FULL_COST
    second = people.tier == 2
    rate = np.where(
        student,
        np.where(second, np.int16(n.RATE["student", 2]), np.int16(n.RATE["student", 1])),
        np.where(second, np.int16(n.RATE["resident", 2]), np.int16(n.RATE["resident", 1])),
    )
    best = _find_best(people, second, before_july)
    subsidy = np.minimum(best >> 5, rate)
    extra = np.where(before_july, np.int16(0), np.int16(n.FISCAL))
    for name, yuan in (("rate", rate), ("subsidy", subsidy), ("payable", rate - subsidy + extra)):
        found[name][:] = np.where(none, np.int32(-1), yuan * np.int32(n.FEN))
    found["fiscal"][:] = np.where(none, np.int32(-1), np.where(before_july, np.int32(n.FISCAL * n.FEN), np.int32(0)))
    place = np.where(none | (best == 0), np.int16(len(n.IDENTITIES)), 31 - (best & 31))
    found["winner"][:] = places.take(place)


def _find_best(people: Columns, second: Array, before_july: Array) -> Array:
    """Return the greatest best_key of the identities held."""
    best = np.zeros(len(people), np.int16)
    limited = np.where(before_july, people.mask, np.uint32(0))
    for identity in n.IDENTITIES:
        held = ((people.mask if identity.all_year else limited) & np.uint32(people.bit(identity.code))) != 0
        first, other = (np.int16(n.best_key(identity, tier, True)) for tier in (1, 2))
        key = first if first == other else np.where(second, other, first)
        np.maximum(best, held * key, out=best)
    return best


if __name__ == "__main__":
    serve(NumpyArrays())
