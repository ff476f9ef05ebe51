"""The day tables of a pack: which period, answer and first day of cover each day of clearing gets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import Any

import numpy as np

from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY
from yingbao.policy.cells import Profiles, list_periods, list_variants, make_traits
from yingbao.policy.format import NewbornBand, PackFile
from yingbao.policy.people import to_day
from yingbao.policy.season import MOST_YEARS, Answer, Group, Kind, Season, Wait, add_months, wait_of
from yingbao.policy.sets import Sets

MOST_GROUPS = 1 << 11
NEVER = 1 << 30


class DayTables:
    """The columns of the plan that come from days, and the answers their numbers stand for."""

    def __init__(self, file: PackFile, profiles: Profiles, sets: Sets) -> None:
        self._file, self._profiles, self._sets = file, profiles, sets
        self._season = Season(file)
        self._cuts = [cut for cut in list_periods(file) if cut is not None]
        self._born = (file.newborn.born or file.coverage_year) if file.newborn else None
        self._band_ends = [self._list_ends(band) for band in (file.newborn.bands if file.newborn else ())]
        self._days = self._list_days()
        self._numbers: dict[Answer, int] = {}

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All answers, by number; complete once ``columns`` has been called."""
        return tuple(self._numbers)

    def columns(self) -> dict[str, Any]:
        """Return the columns by name."""
        return {
            "first": to_day(self._days[0]),
            "days": len(self._days),
            "period_of": np.array([sum(day >= cut for cut in self._cuts) for day in self._days], np.int32),
            "ends": self._list_cover_ends(),
            **self._group_columns(),
            **self._newborn_columns(),
            **self._student_columns(),
            **self._later_columns(),
        }

    def _number(self, answer: Answer) -> int:
        return self._numbers.setdefault(answer, len(self._numbers))

    def _list_days(self) -> list[date]:
        """Return the days of the tables, one more at either end standing for all beyond."""
        spans = [*self._file.windows, *self._file.silences]
        first = min([*(span.first_day for span in spans), *self._cuts]) - DAY
        last = max([*(span.last_day for span in spans), *self._cuts, *(max(ends) for ends in self._band_ends)])
        return [first + DAY * offset for offset in range((last - first).days + 2)]

    def _list_ends(self, band: NewbornBand) -> list[date]:
        """Return for each day of birth the last day to pay in a band; the day of birth is not counted."""
        assert self._born is not None
        days = (self._born.last_day - self._born.first_day).days + 1
        born = [self._born.first_day + DAY * offset for offset in range(days)]
        months = band.unit == "months"
        return [add_months(day, band.within) if months else day + timedelta(band.within) for day in born]

    def _list_cover_ends(self) -> Any:
        students, year = self._file.students, self._file.coverage_year
        assert year is not None
        ends = []
        for population in self._profiles.vocabulary.populations:
            usual = students.last_day if students and students.population == population else year.last_day
            graduates = students.graduates if students and students.population == population else None
            ends += [to_day(usual), to_day(graduates.last_day if graduates else usual)]
        return np.array(ends, np.int32)

    def _group_columns(self) -> dict[str, Any]:
        waits, wait = self._list_waits()
        groups: dict[Group, int] = {}
        table = [groups.setdefault(group, len(groups)) for group in self._list_groups(waits)]
        if len(groups) > MOST_GROUPS:
            raise BadInput(say(N_("政策包“{name}”的规则组合过多，无法编译"), name=self._file.pack))
        found = [self._season.answer(group, day) for group in groups for day in self._days]
        return {
            "waiting": self._file.waiting is not None,
            "waits": len(waits),
            "wait": wait,
            "group": np.array(table, np.int32),
            "answer": np.array([self._number(answer) for answer, _ in found], np.int32),
            "begins": np.array([to_day(begins) for _, begins in found], np.int32),
        }

    def _list_groups(self, waits: list[Wait]) -> list[Group]:
        """Return the group of every profile × cover sets × waiting, in the order of their numbers."""
        sets = self._sets
        every = product(self._profiles.list(), range(1 << len(sets.cover)), waits)
        found = []
        for profile, packed, wait in every:
            notes = sets.unpack(sets.cover, packed)
            found.append(self._season.group_of(make_traits(profile, _held(sets, notes)), wait))
        return found

    def _list_waits(self) -> tuple[list[Wait], Any]:
        waiting = self._file.waiting
        if waiting is None:
            return [Wait()], np.zeros(1, np.int32)
        years = product(range(MOST_YEARS), range(MOST_YEARS))
        of_years = [wait_of(waiting, missed, repaired) for missed, repaired in years]
        places = {wait: place for place, wait in enumerate(dict.fromkeys(of_years))}
        return list(places), np.array([places[wait] for wait in of_years], np.int32)

    def _newborn_columns(self) -> dict[str, Any]:
        newborn, born = self._file.newborn, self._born
        bands = newborn.bands if newborn else ()
        variants = list_variants(self._file)
        found = [self._season.band_answer(band, day) for band in range(len(bands)) for day in self._days]
        populations = newborn.populations if newborn else ()
        return {
            "newborn": np.array([word in populations for word in self._profiles.vocabulary.populations], np.int32),
            "born_first": to_day(born.first_day) if born else NEVER,
            "born_last": to_day(born.last_day) if born else 0,
            "bands": len(bands),
            "band_until": np.array([to_day(end) for ends in self._band_ends for end in ends] or [0], np.int32),
            "band_answer": np.array([self._number(answer) for answer, _ in found] or [0], np.int32),
            "band_begins": np.array([to_day(begins) for _, begins in found] or [0], np.int32),
            "band_from_birth": np.array([band.coverage.starts == "birth" for band in bands] or [False], np.int32),
            "band_variant": np.array([variants.index(band.amount) for band in bands] or [0], np.int32),
        }

    def _student_columns(self) -> dict[str, Any]:
        students = self._file.students
        words = list(self._profiles.vocabulary.populations)
        year = students.term_start.year if students else 1970
        rules = (students.rule,) if students and students.rule else ()
        return {
            "populations": len(words),
            "student": words.index(students.population) if students and students.population in words else -1,
            "term_start": to_day(students.term_start) if students else 0,
            "term_first": to_day(date(year, 1, 1)),
            "term_last": to_day(date(year, 12, 31)),
            "term_days": students.days if students else 0,
            "term_begins": to_day(students.first_day) if students else 0,
            "term_answer": self._number(Answer(Kind.TERM, rules)),
        }

    def _later_columns(self) -> dict[str, Any]:
        """What becomes of each answer when cover would begin too late, and when nothing has been paid."""
        too_late = [self._number(_too_late(answer)) for answer in list(self._numbers)]
        unpaid = [self._number(_without_payment(answer)) for answer in list(self._numbers)]
        return {"too_late": too_late, "unpaid": unpaid, "answers": len(self._numbers)}


def _held(sets: Sets, notes: int) -> Callable[[tuple[str, ...]], bool]:
    return lambda codes: sets.holds(notes, sets.vocabulary.family(codes))


def _too_late(answer: Answer) -> Answer:
    """Return the answer of whose cover would begin after it ends, by the rules that say when it begins."""
    return Answer(Kind.TOO_LATE, (*answer.rules, "coverage.too_late"), answer.band)


def _without_payment(answer: Answer) -> Answer:
    """Return the answer of who has not paid: amounts, and no cover."""
    if answer.kind is Kind.CLOSED_AFTER:
        return Answer(Kind.UNPAID_LATE, answer.rules)
    return Answer(Kind.UNPAID, (), answer.band)
