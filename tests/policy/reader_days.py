"""Days of a pack, read for one person: windows, terms, newborn bands, and the ways to count on from a day."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from tests.policy.reader_facts import holds, this_year
from yingbao.policy.coverages import (
    AfterDays,
    AfterFullDays,
    AfterMonths,
    Coverage,
    NewbornCoverage,
    NextDay,
    NextMonth,
)
from yingbao.policy.format import NewbornBand, PackFile, Waiting, Window
from yingbao.policy.people import Person


@dataclass
class Begin:
    """The first day of cover, None where nothing is said; ``closed``: nobody can pay on that day."""

    day: date | None
    closed: bool = False

    @staticmethod
    def counted(coverage: Coverage | NewbornCoverage, day: date) -> date:
        """The day a relative start reaches from ``day``; waiting itself is counted elsewhere."""
        if isinstance(coverage, NextDay):
            return day + timedelta(days=1)
        if isinstance(coverage, NextMonth):
            return next_month(day)
        if isinstance(coverage, AfterDays):
            return day + timedelta(days=coverage.days)
        if isinstance(coverage, AfterFullDays):
            return day + timedelta(days=coverage.days + 1)
        if isinstance(coverage, AfterMonths):
            return months_later(day, coverage.months)
        assert coverage.starts in ("same_day", "waiting")
        return day


def next_month(day: date) -> date:
    """The first of the month after."""
    return date(day.year + 1, 1, 1) if day.month == 12 else date(day.year, day.month + 1, 1)


def months_later(day: date, months: int) -> date:
    """The same day of the month so many months later; the last day of a month that is too short."""
    if not months:
        return day
    first = day
    for _ in range(months):
        first = next_month(first)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))


def count_waiting(waiting: Waiting, day: date, own: date, months: int) -> date:
    """The day on which a waiting period of ``months`` is over; ``own``: when cover would begin without it."""
    if waiting.counted_from == "next_month":
        return months_later(next_month(day), months)
    return months_later(day if waiting.counted_from == "clearing" else own, months)


def term_is_open(file: PackFile, person: Person, day: date) -> bool:
    """Whether a student pays within the days after the first day of term, that day not counted."""
    students = file.students
    if students is None or person.population != students.population:
        return False
    term = person.term_start_on or students.term_start
    return term <= day <= term + timedelta(days=students.days)


def find_band(file: PackFile, person: Person, day: date) -> NewbornBand | None:
    """The nearest newborn band this person is in on ``day``."""
    newborn = file.newborn
    if newborn is None or person.population not in newborn.populations or day < person.birth_on:
        return None
    born = newborn.born or file.coverage_year
    assert born is not None
    if not born.first_day <= person.birth_on <= born.last_day:
        return None
    for band in newborn.bands:
        days = person.birth_on + timedelta(days=band.within) if band.unit == "days" else None
        if day <= (days or months_later(person.birth_on, band.within)):
            return band
    return None


def open_to(file: PackFile, person: Person, held: frozenset[str], day: date) -> list[Window]:
    """The windows that may apply to this person on some day, by their first days."""
    windows = [w for w in this_year(file).windows if w.who is None or holds(file, person, held, w.who, day)]
    return sorted(windows, key=lambda window: window.first_day)


def find_window(file: PackFile, person: Person, held: frozenset[str], day: date) -> Window | None:
    """The window of this day: one made for this person before one for everybody."""
    there = [w for w in open_to(file, person, held, day) if w.first_day <= day <= w.last_day]
    own = [window for window in there if window.who is not None]
    return next(iter(own or there), None)
