"""Who is assessed and what the answer looks like, for one person and as columns for a whole population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from yingbao.policy.facts import FACTS, MISSING, NUMBERS, Problem
from yingbao.policy.vocabulary import Vocabulary, get_vocabulary

Status = Literal["assessed", "silent", "closed", "invalid"]
Days = npt.NDArray[np.int32]  # days since 1970-01-01
Bytes = npt.NDArray[np.uint8]
Masks = npt.NDArray[np.unsignedinteger[Any]]  # uint32 where the identities fit, else uint64
Bools = npt.NDArray[np.bool_]
Flags = npt.NDArray[np.uint32]

NO_DAY = int(np.iinfo(np.int32).min)
EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Person:
    """One person's facts. ``paid_on`` is the day the contribution was cleared; None asks for amounts only.

    The facts from ``disability_kind`` on are asked for by some packs only; None: not known. Disability 0: none.
    """

    birth_on: date
    population: str = "resident"
    tier: int = 1
    identities: frozenset[str] = frozenset()
    paid_on: date | None = None
    graduating: bool = False
    term_start_on: date | None = None
    disability_kind: int | None = None
    disability_grade: int | None = None
    missed_years: int | None = None
    repaired_years: int | None = None
    continuous_years: int | None = None
    years_without_claims: int | None = None
    enrolled_last_year: bool | None = None
    addons: frozenset[str] | None = None
    payer_account_fen: int | None = None
    snapshot_identities: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one person. None: not known, never 0. ``covered_to`` is the last day; fen throughout.

    ``extras``: further amounts in fen, of packs that have them (``policy.extra_columns``).
    """

    status: Status
    rate_fen: int | None = None
    subsidy_fen: int | None = None
    subsidy_identity: str | None = None
    payable_fen: int | None = None
    fiscal_subsidy_fen: int | None = None
    covered_from: date | None = None
    covered_to: date | None = None
    reasons: tuple[str, ...] = ()
    extras: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class People:
    """Facts of n people, one array each. ``population`` counts in the vocabulary's order, days from 1970-01-01.

    ``problems`` holds Problem flags found while reading; such a row's other fields are not looked at. ``facts``
    holds what some packs ask for, by name: small numbers as uint8 (MISSING: not known), ``addons`` as uint8 mask,
    ``payer_account_fen`` as int64, ``snapshot_identities`` like ``mask`` (all ones: not known).
    """

    birth: Days
    population: Bytes
    tier: Bytes
    mask: Masks
    paid: Days
    graduating: Bools
    term_start: Days
    problems: npt.NDArray[Any] = field(default_factory=lambda: np.zeros(0, np.uint32))
    facts: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.birth)

    def rows(self, begin: int, end: int) -> People:
        """Return a view of some rows."""
        return self._pick(slice(begin, end))

    def take(self, rows: npt.NDArray[Any]) -> People:
        """Return the people at the positions, or of the true places, ``rows``."""
        return self._pick(rows)

    def _pick(self, rows: Any) -> People:
        return People(
            self.birth[rows],
            self.population[rows],
            self.tier[rows],
            self.mask[rows],
            self.paid[rows],
            self.graduating[rows],
            self.term_start[rows],
            self.problems[rows] if len(self.problems) else self.problems,
            {name: column[rows] for name, column in self.facts.items()},
        )


def to_day(on: date | None) -> int:
    """Return a date as days since 1970-01-01, NO_DAY for None."""
    return NO_DAY if on is None else on.toordinal() - EPOCH


def to_date(day: int) -> date | None:
    """Return the date of ``day``, None for NO_DAY."""
    return None if day == NO_DAY else date.fromordinal(day + EPOCH)


def mask_type(vocabulary: Vocabulary) -> type[np.unsignedinteger[Any]]:
    """Return the type of identity masks: one bit is left over, so that all ones can mean: not known."""
    return np.uint32 if len(vocabulary.identities) < 32 else np.uint64


def gather_people(
    persons: Sequence[Person], vocabulary: Vocabulary | None = None, addons: Sequence[str] = ()
) -> People:
    """Return ``persons`` as columns; what cannot be a fact of this field becomes a Problem of its row.

    ``addons``: the codes of the pack's add-on insurances, in its order.
    """
    gatherer = _Gatherer(vocabulary or get_vocabulary(), addons, len(persons))
    masks = [gatherer.mask(row, person.identities, Problem.IDENTITIES) for row, person in enumerate(persons)]
    populations = [gatherer.population(row, person) for row, person in enumerate(persons)]
    return People(
        birth=np.array([to_day(p.birth_on) for p in persons], np.int32),
        population=np.array(populations, np.uint8),
        tier=np.array([p.tier if 0 < p.tier < 10 else 0 for p in persons], np.uint8),
        mask=np.array(masks, gatherer.type),
        paid=np.array([to_day(p.paid_on) for p in persons], np.int32),
        graduating=np.array([p.graduating for p in persons], np.bool_),
        term_start=np.array([to_day(p.term_start_on) for p in persons], np.int32),
        facts={name: gatherer.fact(name, persons) for name in FACTS if gatherer.knows(name, persons)},
        problems=gatherer.problems,
    )


class _Gatherer:
    def __init__(self, vocabulary: Vocabulary, addons: Sequence[str], count: int) -> None:
        self._vocabulary = vocabulary
        self._populations = {code: position for position, code in enumerate(vocabulary.populations)}
        self._addons = {code: 1 << position for position, code in enumerate(addons)}
        self._most = {number.name: number.most for number in NUMBERS}
        self.type = mask_type(vocabulary)
        self.problems = np.zeros(count, np.uint32)

    def mask(self, row: int, codes: frozenset[str], problem: Problem) -> int:
        try:
            return self._vocabulary.mask(codes)
        except KeyError:
            self.problems[row] |= problem
            return 0

    def population(self, row: int, person: Person) -> int:
        position = self._populations.get(person.population)
        if position is None:
            self.problems[row] |= Problem.POPULATION
        return position or 0

    def knows(self, name: str, persons: Sequence[Person]) -> bool:
        return any(getattr(person, name) is not None for person in persons)

    def fact(self, name: str, persons: Sequence[Person]) -> npt.NDArray[Any]:
        values = [getattr(person, name) for person in persons]
        if name == "snapshot_identities":
            unknown = np.iinfo(self.type).max
            masks = [
                unknown if codes is None else self.mask(row, codes, Problem.SNAPSHOT_IDENTITIES)
                for row, codes in enumerate(values)
            ]
            return np.array(masks, self.type)
        if name == "addons":
            return np.array([self._choice(row, codes or ()) for row, codes in enumerate(values)], np.uint8)
        if name == "payer_account_fen":
            return np.array([self._number(row, name, v, 1 << 62, -1) for row, v in enumerate(values)], np.int64)
        most = self._most[name]
        return np.array([self._number(row, name, value, most, MISSING) for row, value in enumerate(values)], np.uint8)

    def _choice(self, row: int, codes: Sequence[str] | frozenset[str]) -> int:
        if any(code not in self._addons for code in codes):
            self.problems[row] |= Problem.ADDONS
        return sum(self._addons.get(code, 0) for code in codes)

    def _number(self, row: int, name: str, value: int | None, most: int, missing: int) -> int:
        if value is None:
            return missing
        if not 0 <= value <= most:
            self.problems[row] |= Problem[name.upper()]
            return 0
        return int(value)
