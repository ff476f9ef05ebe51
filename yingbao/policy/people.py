"""Who is assessed and what the answer looks like, for one person and as columns for a whole population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntFlag
from typing import Literal

import numpy as np
import numpy.typing as npt

from yingbao.policy.vocabulary import get_vocabulary

Status = Literal["assessed", "silent", "closed", "invalid"]
Days = npt.NDArray[np.int32]  # days since 1970-01-01
Bytes = npt.NDArray[np.uint8]
Masks = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]
Shorts = npt.NDArray[np.uint16]

NO_DAY = int(np.iinfo(np.int32).min)
EPOCH = date(1970, 1, 1).toordinal()


class Problem(IntFlag):
    """What is wrong with an input row; each is a reason of its own (``input.…``)."""

    BIRTH_DATE = 1
    POPULATION = 2
    TIER = 4
    IDENTITIES = 8
    PAID_ON = 16
    GRADUATING = 32
    TERM_START = 64
    BIRTH_AFTER_PAYMENT = 128
    COLUMNS = 256


@dataclass(frozen=True, slots=True)
class Person:
    """One person's facts. ``paid_on`` is the day the contribution was cleared; None asks for amounts only."""

    birth_on: date
    population: str = "resident"
    tier: int = 1
    identities: frozenset[str] = frozenset()
    paid_on: date | None = None
    graduating: bool = False
    term_start_on: date | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one person. None: not known, never 0. ``covered_to`` is the last day; fen throughout."""

    status: Status
    rate_fen: int | None = None
    subsidy_fen: int | None = None
    subsidy_identity: str | None = None
    payable_fen: int | None = None
    fiscal_subsidy_fen: int | None = None
    covered_from: date | None = None
    covered_to: date | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class People:
    """Facts of n people, one array each. ``population`` counts in the vocabulary's order, days from 1970-01-01.

    ``problems`` holds Problem flags found while reading; such a row's other fields are not looked at.
    """

    birth: Days
    population: Bytes
    tier: Bytes
    mask: Masks
    paid: Days
    graduating: Bools
    term_start: Days
    problems: Shorts = field(default_factory=lambda: np.zeros(0, np.uint16))

    def __len__(self) -> int:
        return len(self.birth)

    def rows(self, begin: int, end: int) -> People:
        """Return a view of some rows."""
        return People(
            self.birth[begin:end],
            self.population[begin:end],
            self.tier[begin:end],
            self.mask[begin:end],
            self.paid[begin:end],
            self.graduating[begin:end],
            self.term_start[begin:end],
            self.problems[begin:end],
        )


def to_day(on: date | None) -> int:
    """Return a date as days since 1970-01-01, NO_DAY for None."""
    return NO_DAY if on is None else on.toordinal() - EPOCH


def to_date(day: int) -> date | None:
    """Return the date of ``day``, None for NO_DAY."""
    return None if day == NO_DAY else date.fromordinal(day + EPOCH)


def gather_people(persons: Sequence[Person]) -> People:
    """Return ``persons`` as columns; what cannot be a fact of this field becomes a Problem of its row."""
    vocabulary = get_vocabulary()
    populations = {code: position for position, code in enumerate(vocabulary.populations)}
    problems = np.zeros(len(persons), np.uint16)
    masks = np.zeros(len(persons), np.uint32)
    kinds = np.zeros(len(persons), np.uint8)
    for row, person in enumerate(persons):
        try:
            masks[row] = vocabulary.mask(person.identities)
        except KeyError:
            problems[row] |= Problem.IDENTITIES
        if (position := populations.get(person.population)) is None:
            problems[row] |= Problem.POPULATION
        else:
            kinds[row] = position
    return People(
        birth=np.array([to_day(p.birth_on) for p in persons], np.int32),
        population=kinds,
        tier=np.array([p.tier if 0 < p.tier < 10 else 0 for p in persons], np.uint8),
        mask=masks,
        paid=np.array([to_day(p.paid_on) for p in persons], np.int32),
        graduating=np.array([p.graduating for p in persons], np.bool_),
        term_start=np.array([to_day(p.term_start_on) for p in persons], np.int32),
        problems=problems,
    )
