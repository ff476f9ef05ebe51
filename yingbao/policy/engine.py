"""The one implementation of assess: columns of facts in, a decision key and a first day per person out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from yingbao.policy.outcomes import Ints, Outcome, OutcomeBook
from yingbao.policy.people import NO_DAY, Bools, Bytes, Days, Decision, Masks, People, Problem, Shorts, to_date, to_day
from yingbao.policy.tables import LOW_BITS, NO_TIER, Kind, Tables
from yingbao.policy.vocabulary import get_vocabulary

CHUNK = 1 << 15  # rows at a time: the intermediate arrays then stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Assessment:
    """Answers for n people: ``numbers`` point into ``outcomes``; ``begins`` is the first day of cover or NO_DAY."""

    numbers: Ints
    begins: Days
    book: OutcomeBook

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def outcomes(self) -> list[Outcome]:
        """The distinct outcomes ``numbers`` point into."""
        return self.book.outcomes

    def amounts(self, field: str) -> Ints:
        """Return rate_fen, subsidy_fen, payable_fen or fiscal_subsidy_fen per person, -1 where not known."""
        return self.book.amounts(field).take(self.numbers)

    def ends(self) -> Days:
        """Return the last day of cover per person, NO_DAY where there is none."""
        return self.book.ends().take(self.numbers)

    def decisions(self) -> list[Decision]:
        """Return a Decision per person."""
        outcomes = self.outcomes
        pairs = zip(self.numbers.tolist(), self.begins.tolist(), strict=True)
        return [make_decision(outcomes[number], begins) for number, begins in pairs]


def make_decision(outcome: Outcome, begins: int) -> Decision:
    """Return an outcome with its first day as a Decision."""
    return Decision(
        status=outcome.status,
        rate_fen=outcome.rate_fen,
        subsidy_fen=outcome.subsidy_fen,
        subsidy_identity=outcome.subsidy_identity,
        payable_fen=outcome.payable_fen,
        fiscal_subsidy_fen=outcome.fiscal_subsidy_fen,
        covered_from=to_date(begins),
        covered_to=to_date(outcome.ends),
        reasons=outcome.reasons,
    )


class Engine:
    """Assesses columns of people by a pack's tables."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.book = OutcomeBook(tables)
        file = tables.pack.file
        populations = list(get_vocabulary().populations)
        assert file.coverage_year is not None
        self._year = (to_day(file.coverage_year.first_day), to_day(file.coverage_year.last_day))
        self._newborn_days = file.newborn.bands[0].within if file.newborn else 0
        allowed = file.newborn.populations if file.newborn else ()
        self._may_be_newborn = np.array([population in allowed for population in populations])
        self._students = file.students
        self._student = populations.index(file.students.population) if file.students else NO_TIER
        self._number = {kind: tables.find_answer(kind) for kind in _SINGLE_KINDS}
        self._is_closed_after = np.array([a.kind is Kind.CLOSED_AFTER for a in tables.answers])

    def assess(self, people: People, *, as_of: date) -> Assessment:
        """Assess ``people``; who has not paid gets the amounts of ``as_of`` and no cover."""
        numbers = np.empty(len(people), np.int32)
        begins = np.empty(len(people), np.int32)
        for start in range(0, len(people), CHUNK):
            rows = slice(start, start + CHUNK)
            keys, begins[rows] = self._decide(people.rows(start, start + CHUNK), to_day(as_of))
            numbers[rows] = self.book.find(keys)
        return Assessment(numbers, begins, self.book)

    def _decide(self, people: People, as_of: int) -> tuple[Ints, Days]:
        tables = self.tables
        unpaid = people.paid == NO_DAY
        day = np.where(unpaid, np.int32(as_of), people.paid)
        tier = tables.tier_index.take(people.tier)
        problems = self._check(people, tier, unpaid, day)
        bad = problems != 0
        any_bad = bool(bad.any())
        if any_bad:
            tier = np.where(bad, np.uint8(0), tier)
        offset = np.clip(day, tables.first, tables.first + tables.days - 1) - np.int32(tables.first)
        cell = (people.population * np.int32(len(tables.tiers)) + tier) * np.int32(len(tables.periods))
        cell += tables.period.take(offset)
        low, high = people.mask & np.uint32((1 << LOW_BITS) - 1), people.mask >> np.uint32(LOW_BITS)
        notes = tables.notes_low.take(low) | tables.notes_high.take(high)
        answer, begins = self._find_cover(people, day, offset, notes)
        graduating = people.graduating & (people.population == self._student)
        answer, begins = self._end_cover(people, graduating, answer, begins)
        if unpaid.any():
            answer, begins = self._without_payment(unpaid, answer, begins)
        key = cell * np.int32(tables.ranks) + self._find_rank(cell, low, high)
        key = (key << np.int32(len(tables.notes))) | notes
        key = (key << np.int32(1)) | _several(people.mask & np.uint32(tables.subsidised))
        key = (key * np.int32(len(tables.answers)) + answer) << np.int32(1) | graduating
        if any_bad:
            key = np.where(bad, np.int32(tables.keys) + problems, key)
            begins = np.where(bad, np.int32(NO_DAY), begins)
        return key, begins

    def _check(self, people: People, tier: Bytes, unpaid: Bools, day: Days) -> Shorts:
        tables = self.tables
        problems = people.problems.copy() if len(people.problems) else np.zeros(len(people), np.uint16)
        unborn = (people.birth > day) & ~unpaid & ((problems & _NO_DATES) == 0)
        problems[unborn] |= np.uint16(Problem.BIRTH_AFTER_PAYMENT)
        no_tier = tier == NO_TIER
        place = people.population * np.int32(len(tables.tiers)) + np.where(no_tier, np.uint8(0), tier)
        no_rate = (tables.has_rate.take(place) == 0) & ((problems & Problem.POPULATION) == 0)
        problems[no_tier | no_rate] |= np.uint16(Problem.TIER)
        problems[people.birth == NO_DAY] |= np.uint16(Problem.BIRTH_DATE)
        if self._students is not None and (studying := people.population == self._student).any():
            year = self._students.term_start.year
            outside = (people.term_start < to_day(date(year, 1, 1))) | (people.term_start > to_day(date(year, 12, 31)))
            outside &= studying & (people.term_start != NO_DAY)
            problems[outside] |= np.uint16(Problem.TERM_START)
        problems[(problems & Problem.COLUMNS) != 0] = np.uint16(Problem.COLUMNS)  # its fields are not in their places
        return problems

    def _find_rank(self, cell: Ints, low: Masks, high: Masks) -> Bytes:
        tables = self.tables
        high_bits = np.int32(len(tables.notes_high).bit_length() - 1)
        by_low = tables.rank_low.take((cell << np.int32(LOW_BITS)) | low.astype(np.int32))
        by_high = tables.rank_high.take((cell << high_bits) | high.astype(np.int32))
        return np.minimum(by_low, by_high)

    def _find_cover(self, people: People, day: Days, offset: Days, notes: Bytes) -> tuple[Bytes, Days]:
        """Return the answer's number and the first day: by the windows, or by the student's and newborn's own rule."""
        tables = self.tables
        at_once = (notes & np.uint8(tables.waits_not)) != 0
        place = offset + at_once * np.int32(tables.days)
        answer, begins = tables.answer.take(place), tables.begins.take(place)
        begins = np.where(begins == NO_DAY, begins, np.maximum(begins, people.birth))
        newborn = self._is_newborn(people, day)
        if newborn.any():
            answer = np.where(newborn, np.uint8(self._number[Kind.NEWBORN]), answer)
            begins = np.where(newborn, people.birth, begins)
        if self._students is not None and (studying := people.population == self._student).any():
            term = np.where(people.term_start == NO_DAY, to_day(self._students.term_start), people.term_start)
            in_time = studying & (day >= term) & (day - term <= self._students.days)
            answer = np.where(in_time, np.uint8(self._number[Kind.TERM]), answer)
            begins = np.where(in_time, np.int32(to_day(self._students.first_day)), begins)
        return answer, begins

    def _is_newborn(self, people: People, day: Days) -> Bools:
        """Born in the insurance year, and cleared within the days allowed, the day of birth not counted."""
        first, last = self._year
        newborn: Bools = (people.birth >= first) & (people.birth <= last)
        if not newborn.any():
            return newborn
        newborn &= self._may_be_newborn.take(people.population)
        return newborn & (day >= people.birth) & (day - people.birth <= self._newborn_days)

    def _end_cover(self, people: People, graduating: Bools, answer: Bytes, begins: Days) -> tuple[Bytes, Days]:
        ends = self.tables.ends.take(people.population * np.int32(2) + graduating)
        over = begins > ends
        if not over.any():
            return answer, begins
        answer = np.where(over, np.uint8(self._number[Kind.TOO_LATE]), answer)
        return answer, np.where(over, np.int32(NO_DAY), begins)

    def _without_payment(self, unpaid: Bools, answer: Bytes, begins: Days) -> tuple[Bytes, Days]:
        newborn = answer == self._number[Kind.NEWBORN]
        waiting = np.where(newborn, self._number[Kind.UNPAID_NEWBORN], self._number[Kind.UNPAID])
        waiting = np.where(self._is_closed_after.take(answer), self._number[Kind.UNPAID_LATE], waiting)
        answer = np.where(unpaid, waiting, answer).astype(np.uint8)
        return answer, np.where(unpaid, np.int32(NO_DAY), begins)


_SINGLE_KINDS = (Kind.UNPAID, Kind.UNPAID_NEWBORN, Kind.UNPAID_LATE, Kind.NEWBORN, Kind.TERM, Kind.TOO_LATE)
_NO_DATES = np.uint16(Problem.BIRTH_DATE | Problem.PAID_ON)


def _several(mask: Masks) -> Bools:
    """Return whether two or more bits are set."""
    several: Bools = (mask & (mask - (mask != 0))) != 0
    return several
