"""Two invented populations: one like a county's, one made to be as hard as possible.

``realistic``: three people in four pay in the centralised period, one in eight holds identities (one in five of
them two), 5% are students, 1.5% newborns, 4% have not paid, 0.5% make no sense.
``uniform``: every day from August 2022 to November 2023, every population, tier, set of 21 identities and first
day of term equally likely, one row in thirty nonsense: nothing to guess for a branch predictor, nothing for a cache
to keep. No person is anybody; the same seed gives the same people.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.policy.notice import CENTRALISED_END, LAST_DAY, NO_DAY, OPENS, YEAR_BEGINS, day_of
from yingbao.policy import People, get_vocabulary
from yingbao.policy.facts import Problem

Array = npt.NDArray[Any]
COLUMNS = ("birth", "population", "tier", "mask", "paid", "graduating", "term_start", "problems")


def make_realistic(count: int, seed: int) -> People:
    """Return ``count`` people as a county has them."""
    chance = np.random.default_rng([1, seed])
    late = _days(chance, CENTRALISED_END + 1, LAST_DAY + 20, count)
    paid = np.where(_odds(chance, count) < 0.75, _days(chance, OPENS, CENTRALISED_END + 1, count), late)
    birth = _days(chance, day_of(1930, 1, 1), OPENS, count)
    newborn = _odds(chance, count) < 0.015
    paid = np.where(newborn, _days(chance, YEAR_BEGINS, LAST_DAY + 1, count), paid)
    birth = np.where(newborn, np.maximum(paid - chance.integers(0, 120, count, np.int32), YEAR_BEGINS), birth)
    student = (_odds(chance, count) < 0.05) & ~newborn
    paid = np.where(student & (_odds(chance, count) < 0.6), _days(chance, day_of(2022, 9, 1), OPENS, count), paid)
    paid[_odds(chance, count) < 0.04] = NO_DAY
    mask = _one_identity(chance, count)
    mask |= np.where(_odds(chance, count) < 0.2, _one_identity(chance, count), np.uint32(0))
    mask[_odds(chance, count) >= 0.125] = 0
    term = np.where(student & (_odds(chance, count) < 0.5), _days(chance, 19230, 19250, count), np.int32(NO_DAY))
    people = People(
        birth=birth.astype(np.int32),
        population=student.astype(np.uint8),
        tier=np.where(_odds(chance, count) < 0.15, np.uint8(2), np.uint8(1)),
        mask=mask,
        paid=paid.astype(np.int32),
        graduating=student & (_odds(chance, count) < 0.25),
        term_start=term.astype(np.int32),
        problems=np.zeros(count, np.uint16),
    )
    return _spoil(people, chance, one_in=200)


def make_uniform(count: int, seed: int) -> People:
    """Return ``count`` people of whom nothing can be foretold."""
    chance = np.random.default_rng([2, seed])
    paid = _days(chance, day_of(2022, 8, 1), day_of(2023, 12, 1), count)
    birth = np.where(
        _odds(chance, count) < 0.5,
        np.minimum(_days(chance, day_of(2022, 11, 1), day_of(2023, 12, 1), count), paid),
        _days(chance, day_of(1930, 1, 1), day_of(2022, 11, 1), count),
    )
    paid[_odds(chance, count) < 0.1] = NO_DAY
    term = _days(chance, day_of(2022, 8, 1), day_of(2022, 12, 31), count)
    term[_odds(chance, count) < 0.5] = NO_DAY
    people = People(
        birth=birth.astype(np.int32),
        population=chance.integers(0, 2, count, np.uint8),
        tier=chance.integers(1, 3, count, np.uint8),
        mask=chance.integers(0, 1 << len(get_vocabulary().identities), count, np.uint32),
        paid=paid,
        graduating=_odds(chance, count) < 0.5,
        term_start=term,
        problems=np.zeros(count, np.uint16),
    )
    return _spoil(people, chance, one_in=30)


POPULATIONS: dict[str, Callable[[int, int], People]] = {"realistic": make_realistic, "uniform": make_uniform}


def columns_of(people: People) -> dict[str, Array]:
    """Return the columns by name: all a peer is given."""
    return {name: getattr(people, name) for name in COLUMNS}


def _odds(chance: np.random.Generator, count: int) -> npt.NDArray[np.float32]:
    return chance.random(count, np.float32)


def _days(chance: np.random.Generator, first: int, end: int, count: int) -> npt.NDArray[np.int32]:
    return chance.integers(first, end, count, np.int32)


def _one_identity(chance: np.random.Generator, count: int) -> npt.NDArray[np.uint32]:
    bits = chance.integers(0, len(get_vocabulary().identities), count, np.uint32)
    masks: npt.NDArray[np.uint32] = np.left_shift(np.uint32(1), bits, dtype=np.uint32)
    return masks


def _spoil(people: People, chance: np.random.Generator, *, one_in: int) -> People:
    """Make one row in ``one_in`` nonsense, in each way a row can be."""
    rows = np.flatnonzero(_odds(chance, len(people)) < 1 / one_in)
    way = chance.integers(0, 5, len(rows))
    people.tier[rows[way == 0]] = 0
    people.problems[rows[way == 1]] = Problem.IDENTITIES
    people.birth[rows[way == 2]] = NO_DAY
    people.birth[rows[way == 3]] = day_of(2024, 1, 1)  # after any day of payment
    people.term_start[rows[way == 4]] = day_of(2021, 9, 1)  # of another year; of no weight unless a student
    people.problems[rows[way == 2]] |= np.uint16(Problem.BIRTH_DATE)
    return people
