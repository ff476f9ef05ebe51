"""From the day of clearing to an answer and a first day of cover, for every group of people with the same windows."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property

from yingbao.kernel.periods import DAY, Period, first_of_next_month
from yingbao.policy.conditions import Traits, met
from yingbao.policy.coverages import (
    AfterDays,
    AfterFullDays,
    AfterMonths,
    AfterWaiting,
    Coverage,
    FixedDay,
    NewbornCoverage,
    NextDay,
    NextMonth,
    SameDay,
)
from yingbao.policy.format import PackFile, Waiting, Window

MOST_YEARS = 100  # of missed and of repaired years


class Kind(StrEnum):
    """What sort of answer a day of clearing gets."""

    CLOSED_BEFORE = "closed_before"
    CLOSED_AFTER = "closed_after"
    UNPAID = "unpaid"
    UNPAID_LATE = "unpaid_late"  # after the last window: the amounts, and that nobody may pay them any more
    NEWBORN = "newborn"
    TERM = "term"
    NO_WAITING = "no_waiting"
    TOO_LATE = "too_late"  # cover would begin after it ends
    GAP = "gap"  # between windows, and the pack does not even say so
    WINDOW = "window"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Answer:
    """A kind with the rules that lead to it. ``band``: of the newborn, None for everybody else."""

    kind: Kind
    rules: tuple[str, ...] = ()
    band: int | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """The months somebody waits in a window that asks for waiting, and in any other."""

    asked: int = 0
    otherwise: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """People with the same windows, own ones first; ``at_once``: the rules by which they do not wait."""

    own: tuple[int, ...]
    general: tuple[int, ...]
    at_once: tuple[str, ...]
    wait: Wait

    @property
    def windows(self) -> tuple[int, ...]:
        """The places of all windows that may apply."""
        return self.own + self.general


def wait_of(waiting: Waiting, missed: int, repaired: int) -> Wait:
    """Return how long somebody waits who missed so many years and bought back some."""
    bought = repaired * waiting.repair.months if waiting.repair else 0
    growing = max(0, missed * waiting.per_missed_year - bought)
    floor = waiting.floor.months if waiting.floor and missed >= waiting.floor.missed_years else 0
    months = max(waiting.months + growing, floor)
    return Wait(asked=months, otherwise=months if missed else 0)


def season_of(file: PackFile) -> Period:
    """Return from the first to the last day on which any window is open."""
    ends = [window.period.end for window in file.windows if window.period.end]
    return Period(min(window.first_day for window in file.windows), max(ends))


def add_months(day: date, months: int) -> date:
    """Return the same day ``months`` later, the last of the month where it has no such day."""
    months += day.month - 1
    year, month = day.year + months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


class Season:
    """Answers by group and day of one pack."""

    def __init__(self, file: PackFile) -> None:
        assert file.coverage_year is not None
        self._file = file
        self._year_begins = file.coverage_year.first_day
        self._windows = sorted(file.windows, key=lambda window: window.first_day)

    def group_of(self, traits: Traits, wait: Wait) -> Group:
        """Return the group of people with ``traits`` who would wait as ``wait`` says."""
        fitting = [place for place, window in enumerate(self._windows) if met(window.who, traits)]
        at_once = tuple(
            group.rule or ""
            for group in self._file.no_waiting
            if (not group.identities or traits.holds(group.identities)) and met(group.who, traits)
        )
        waiting = self._file.waiting
        exempt = at_once or waiting is None or (waiting.exempt is not None and met(waiting.exempt, traits))
        return Group(
            own=tuple(place for place in fitting if self._windows[place].who is not None),
            general=tuple(place for place in fitting if self._windows[place].who is None),
            at_once=at_once,
            wait=Wait() if exempt else wait,
        )

    def answer(self, group: Group, day: date) -> tuple[Answer, date | None]:
        """Return the answer for money cleared on ``day`` and the first day of cover, None where there is none."""
        answer, begins = self._by_window(group, day)
        if not group.at_once or answer.kind in (Kind.CLOSED_BEFORE, Kind.CLOSED_AFTER) or day < self._centralised_end:
            return answer, begins
        cleared = max(day, self._year_begins)
        if begins is not None and begins <= cleared:
            window = self.window_on(group, day)
            spared = group.at_once if window is not None and isinstance(window.coverage, AfterWaiting) else ()
            return replace(answer, rules=_named((*answer.rules, *spared))), begins
        return Answer(Kind.NO_WAITING, _named(group.at_once)), cleared

    def band_answer(self, band: int, day: date) -> tuple[Answer, date | None]:
        """Return the answer for a newborn of a band; the day is None where cover is from birth, or not said."""
        newborn = self._file.newborn
        assert newborn is not None
        entry = newborn.bands[band]
        begins = None if entry.coverage.starts == "birth" else self.first_covered(entry.coverage, day)
        said = begins is not None or entry.coverage.starts == "birth"
        rules = _named((newborn.rule, entry.rule))
        return Answer(Kind.NEWBORN if said else Kind.SILENT, rules, band), begins

    def first_covered(self, coverage: Coverage | NewbornCoverage, day: date) -> date | None:
        """Return the first day of cover of who clears on ``day``, before any waiting; None where it is not said."""
        found: date | None = None
        match coverage:
            case FixedDay():
                return coverage.day
            case SameDay() | AfterWaiting():
                found = day
            case NextDay():
                found = day + DAY
            case NextMonth():
                found = first_of_next_month(day)
            case AfterDays():
                found = day + DAY * coverage.days
            case AfterFullDays():
                found = day + DAY * (coverage.days + 1)  # the day of clearing itself is not counted
            case AfterMonths():
                found = add_months(day, coverage.months)
        return None if found is None else max(found, self._year_begins)

    def window_on(self, group: Group, day: date) -> Window | None:
        """Return the window that holds ``day``, one of the group's own before a general one."""
        return next((self._windows[place] for place in group.windows if day in self._windows[place].period), None)

    def closed_rules(self, kind: Kind, group: Group | None = None) -> tuple[str, ...]:
        """Return the reasons of a day outside every window: that it is, and the window nearest to it."""
        places = group.windows if group else range(len(self._windows))
        windows = [self._windows[place] for place in places]
        if not windows:
            return ("window.closed",)
        if kind is Kind.CLOSED_BEFORE:
            nearest = min(windows, key=lambda window: window.first_day)
        else:
            nearest = max(windows, key=lambda window: window.last_day)
        return _named(("window.closed", nearest.rule))

    def months_waited(self, group: Group, window: Window) -> int:
        """Return the months of waiting of a group in a window."""
        return group.wait.asked if isinstance(window.coverage, AfterWaiting) else group.wait.otherwise

    @cached_property
    def _centralised_end(self) -> date:
        ends = [window.last_day + DAY for window in self._windows if window.centralised]
        return max(ends, default=self._windows[0].first_day)

    def _by_window(self, group: Group, day: date) -> tuple[Answer, date | None]:
        window = self.window_on(group, day)
        if window is not None:
            return self._in_window(group, window, day)
        for silence in self._file.silences:
            if day in silence.period:
                return Answer(Kind.SILENT, _named((silence.rule,))), None
        windows = [self._windows[place] for place in group.windows]
        if not windows or day > max(window.last_day for window in windows):
            return Answer(Kind.CLOSED_AFTER, self.closed_rules(Kind.CLOSED_AFTER, group)), None
        if day < min(window.first_day for window in windows):
            return Answer(Kind.CLOSED_BEFORE, self.closed_rules(Kind.CLOSED_BEFORE, group)), None
        return Answer(Kind.GAP, ("window.gap",)), None

    def _in_window(self, group: Group, window: Window, day: date) -> tuple[Answer, date | None]:
        own = self.first_covered(window.coverage, day)
        answer = Answer(Kind.SILENT if own is None else Kind.WINDOW, _named((window.rule, window.coverage_rule)))
        months, waiting = self.months_waited(group, window), self._file.waiting
        if own is None or waiting is None or not months:
            return answer, own
        counted_from = {"clearing": day, "next_month": first_of_next_month(day), "cover": own}[waiting.counted_from]
        rules = _named((*answer.rules, waiting.rule))
        return replace(answer, rules=rules), max(own, add_months(counted_from, months))


def _named(rules: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule for rule in rules if rule))
