"""A pack compiled to small lookup tables, so that a person is a handful of array lookups.

Money depends on population, tier, the period of the year (deadlines cut it) and the identities. The identities
are a bit mask, cut into a low and a high part; for each (population, tier, period), a *cell*, either part has a
table of the best rank held, rank 0 being the highest subsidy and the pack's first among equals.

Cover depends on the day of clearing: two more tables over the days of the season, one for people with a waiting
period and one for those without, give the kind of answer and the first day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import product

import numpy as np

from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import percent_of
from yingbao.kernel.periods import DAY, Period, first_of_next_month
from yingbao.policy.coverages import AfterFullDays, FixedDay, NextMonth
from yingbao.policy.format import PackFile, PackIdentity, Subsidy, Window
from yingbao.policy.load import Pack
from yingbao.policy.people import Bytes, Days, to_date, to_day
from yingbao.policy.vocabulary import get_vocabulary

LOW_BITS = 11
NO_TIER = 255
MOST_KEYS = 1 << 26


class Kind(StrEnum):
    """What sort of answer a day of clearing gets."""

    CLOSED_BEFORE = "closed_before"
    CLOSED_AFTER = "closed_after"
    UNPAID = "unpaid"
    UNPAID_NEWBORN = "unpaid_newborn"
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
    """A kind with the rules that lead to it."""

    kind: Kind
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """Population, tier and period of the year: what fixes rate and amounts. ``ranking``: best subsidy first."""

    population: str
    tier: int
    begins: date | None  # of the period; None: the first
    rate_fen: int | None
    ranking: tuple[tuple[PackIdentity, Subsidy, int], ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth a reason about an identity somebody holds; one bit of the flags."""

    kind: str  # no_waiting | until | only_tier | unsubsidised
    rule: str
    codes: frozenset[str]


@dataclass(frozen=True)
class Tables:
    """All tables of a pack. ``day`` tables cover ``first`` … ``first + days - 1``; either end stands for beyond."""

    pack: Pack
    first: int
    days: int
    period: Bytes
    answer: Bytes  # 2 × days: with waiting, without
    begins: Days  # 2 × days
    answers: tuple[Answer, ...]
    cells: tuple[Cell, ...]
    tiers: tuple[int, ...]
    tier_index: Bytes
    has_rate: Bytes  # population × tier
    periods: tuple[date | None, ...]
    rank_low: Bytes
    rank_high: Bytes
    ranks: int
    notes: tuple[Note, ...]
    notes_low: Bytes
    notes_high: Bytes
    waits_not: int  # the bits of the notes that mean: no waiting period
    subsidised: int  # the mask of all identities of the pack
    ends: Days  # population × graduating
    keys: int

    def find_answer(self, kind: Kind) -> int:
        """Return the number of the one answer of a kind that has no window of its own."""
        return next(i for i, answer in enumerate(self.answers) if answer.kind is kind)


def compile_tables(pack: Pack) -> Tables:
    """Compile ``pack``. Raises BadInput where it lacks what no assessment can do without."""
    file = pack.file
    if not file.rates or not file.windows or file.coverage_year is None:
        raise BadInput(say(N_("政策包“{name}”缺少缴费标准、参保时段或保险年度，不能测算"), name=pack.name))
    periods = _find_periods(file)
    tiers = tuple(sorted({rate.tier for rate in file.rates}))
    cells = tuple(_make_cell(file, *where) for where in product(get_vocabulary().populations, tiers, periods))
    ranks = max(len(cell.ranking) for cell in cells) + 1
    notes = tuple(_find_notes(file))
    season = _Season(file, periods)
    keys = len(cells) * ranks * (1 << len(notes)) * 2 * len(season.answers) * 2
    if keys > MOST_KEYS or len(notes) > 8:
        raise BadInput(say(N_("政策包“{name}”的规则组合过多，无法编译"), name=pack.name))
    return Tables(
        pack=pack,
        first=season.first,
        days=season.days,
        period=season.period,
        answer=np.concatenate([season.answer, season.answer_at_once]),
        begins=np.concatenate([season.begins, season.begins_at_once]),
        answers=season.answers,
        cells=cells,
        tiers=tiers,
        tier_index=_index_tiers(tiers),
        has_rate=np.array([cell.rate_fen is not None for cell in cells[:: len(periods)]], np.uint8),
        periods=periods,
        rank_low=_over_low_bits(cells, ranks),
        rank_high=_over_high_bits(cells, ranks),
        ranks=ranks,
        notes=notes,
        notes_low=_combine(lambda code: _note_bits(notes, code), 0, np.bitwise_or, low=True),
        notes_high=_combine(lambda code: _note_bits(notes, code), 0, np.bitwise_or, low=False),
        waits_not=sum(1 << bit for bit, note in enumerate(notes) if note.kind == "no_waiting"),
        subsidised=get_vocabulary().mask(identity.code for identity in file.identities),
        ends=_find_ends(file),
        keys=keys,
    )


def amount_of(file: PackFile, subsidy: Subsidy) -> int:
    """Return a subsidy in fen: the stated amount, else the percentage of the resident's rate, half a fen up."""
    if subsidy.amount is not None:
        return subsidy.amount
    rate = next((r for r in file.rates if r.tier == subsidy.of_tier), None)
    return 0 if rate is None or subsidy.percent is None else percent_of(rate.amount, subsidy.percent)


def _index_tiers(tiers: tuple[int, ...]) -> Bytes:
    index = np.full(256, NO_TIER, np.uint8)
    for position, tier in enumerate(tiers):
        index[tier] = position
    return index


def _find_periods(file: PackFile) -> tuple[date | None, ...]:
    cuts = {identity.until.before for identity in file.identities if identity.until}
    if file.full_cost:
        cuts.add(file.full_cost.first_day)
    return (None, *sorted(cuts))


def _make_cell(file: PackFile, population: str, tier: int, begins: date | None) -> Cell:
    rate = next((r.amount for r in file.rates if (r.population, r.tier) == (population, tier)), None)
    found = []
    for identity in file.identities:
        over = identity.until is not None and begins is not None and begins >= identity.until.before
        subsidy = next((s for s in identity.subsidies if s.tier == tier), None)
        if rate is not None and subsidy is not None and not over:
            found.append((identity, subsidy, min(amount_of(file, subsidy), rate)))
    found.sort(key=lambda item: -item[2])  # stable: the pack's order among equals
    return Cell(population, tier, begins, rate, tuple(found))


def _find_notes(file: PackFile) -> Iterator[Note]:
    for group in file.no_waiting:
        if group.years is None or file.year in group.years:
            yield Note("no_waiting", group.rule or "", frozenset(group.identities))
    for kind in ("until", "only_tier"):
        by_rule: dict[str, set[str]] = {}
        for identity in file.identities:
            if (entry := getattr(identity, kind)) is not None:
                by_rule.setdefault(entry.rule or "", set()).add(identity.code)
        yield from (Note(kind, rule, frozenset(codes)) for rule, codes in by_rule.items())
    rest = set(get_vocabulary().identities) - {identity.code for identity in file.identities}
    if rest:
        yield Note("unsubsidised", "identity.unsubsidised", frozenset(rest))


def _note_bits(notes: tuple[Note, ...], code: str) -> int:
    return sum(1 << bit for bit, note in enumerate(notes) if code in note.codes)


def _over_low_bits(cells: tuple[Cell, ...], ranks: int) -> Bytes:
    return np.concatenate([_rank_table(cell, ranks, low=True) for cell in cells])


def _over_high_bits(cells: tuple[Cell, ...], ranks: int) -> Bytes:
    return np.concatenate([_rank_table(cell, ranks, low=False) for cell in cells])


def _rank_table(cell: Cell, ranks: int, *, low: bool) -> Bytes:
    nothing = ranks - 1
    rank = {identity.code: position for position, (identity, _, _) in enumerate(cell.ranking)}
    return _combine(lambda code: rank.get(code, nothing), nothing, np.minimum, low=low)


def _combine(value: Callable[[str], int], empty: int, join: np.ufunc, *, low: bool) -> Bytes:
    """Return a table over all combinations of the low or high identity bits: ``value`` of each held, joined."""
    codes = list(get_vocabulary().identities)
    part = codes[:LOW_BITS] if low else codes[LOW_BITS:]
    table = np.full(1 << len(part), empty, np.uint8)
    combinations = np.arange(len(table))
    for bit, code in enumerate(part):
        held = (combinations >> bit & 1).astype(np.bool_)
        table[held] = join(table[held], np.uint8(value(code)))
    return table


def _find_ends(file: PackFile) -> Days:
    assert file.coverage_year is not None
    year_end = to_day(file.coverage_year.last_day)
    ends = []
    for population in get_vocabulary().populations:
        if file.students and file.students.population == population:
            usual = to_day(file.students.last_day)
            ends += [usual, to_day(file.students.graduates.last_day) if file.students.graduates else usual]
        else:
            ends += [year_end, year_end]
    return np.array(ends, np.int32)


class _Season:
    """The day tables: which period, which answer and which first day of cover each day of clearing gets."""

    def __init__(self, file: PackFile, periods: tuple[date | None, ...]) -> None:
        self._file = file
        self._windows = sorted(file.windows, key=lambda window: window.first_day)
        self._opens = self._windows[0].first_day
        self._closes = max(window.period.end for window in self._windows if window.period.end)
        cuts = [cut for cut in periods if cut is not None]
        self.first = to_day(min([self._opens, *cuts])) - 1
        self.days = to_day(max([self._closes, *cuts])) + 1 - self.first
        season = [to_date(self.first + offset) or self._opens for offset in range(self.days)]
        self.period = np.array([sum(day >= cut for cut in cuts) for day in season], np.uint8)
        self._answers: dict[Answer, int] = {}
        unpaid = (Kind.UNPAID, Kind.UNPAID_NEWBORN, Kind.UNPAID_LATE)
        for kind in (*unpaid, Kind.NEWBORN, Kind.TERM, Kind.TOO_LATE, Kind.CLOSED_BEFORE):
            self._number(Answer(kind, self._rules_of(kind)))
        waiting = [self._look_up(day) for day in season]
        at_once = [self._look_up_at_once(day) for day in season]
        self.answer = np.array([self._number(answer) for answer, _ in waiting], np.uint8)
        self.begins = np.array([to_day(begins) for _, begins in waiting], np.int32)
        self.answer_at_once = np.array([self._number(answer) for answer, _ in at_once], np.uint8)
        self.begins_at_once = np.array([to_day(begins) for _, begins in at_once], np.int32)

    @property
    def answers(self) -> tuple[Answer, ...]:
        return tuple(self._answers)

    def _number(self, answer: Answer) -> int:
        return self._answers.setdefault(answer, len(self._answers))

    def _rules_of(self, kind: Kind) -> tuple[str, ...]:
        newborn, students = self._file.newborn, self._file.students
        closed = ("window.closed", max(self._windows, key=lambda w: w.last_day).rule)
        by_kind = {
            Kind.NEWBORN: (newborn.rule if newborn else None,),
            Kind.TERM: (students.rule if students else None,),
            Kind.TOO_LATE: ("coverage.too_late",),
            Kind.CLOSED_BEFORE: ("window.closed", self._windows[0].rule),
            Kind.CLOSED_AFTER: closed,
            Kind.UNPAID_LATE: closed,
        }
        return tuple(rule for rule in by_kind.get(kind, ()) if rule)

    def _look_up(self, day: date) -> tuple[Answer, date | None]:
        if day < self._opens or day >= self._closes:
            kind = Kind.CLOSED_BEFORE if day < self._opens else Kind.CLOSED_AFTER
            return Answer(kind, self._rules_of(kind)), None
        for window in self._windows:
            if day in window.period:
                begins = _first_covered(window, day)
                rules = tuple(rule for rule in (window.rule, window.coverage_rule) if rule)
                return Answer(Kind.WINDOW if begins else Kind.SILENT, rules), begins
        for silence in self._file.silences:
            if day in silence.period:
                return Answer(Kind.SILENT, (silence.rule,) if silence.rule else ()), None
        return Answer(Kind.GAP, ("window.gap",)), None

    def _look_up_at_once(self, day: date) -> tuple[Answer, date | None]:
        """What somebody without a waiting period gets: covered from clearing, once the centralised period is over."""
        answer, begins = self._look_up(day)
        if answer.kind in (Kind.CLOSED_BEFORE, Kind.CLOSED_AFTER) or day < self._centralised_end():
            return answer, begins
        assert self._file.coverage_year is not None
        cleared = max(day, self._file.coverage_year.first_day)
        return (answer, begins) if begins and begins <= cleared else (Answer(Kind.NO_WAITING), cleared)

    def _centralised_end(self) -> date:
        ends = [window.last_day + DAY for window in self._windows if window.centralised]
        return max(ends, default=self._opens)


def _first_covered(window: Window, day: date) -> date | None:
    coverage = window.coverage
    if isinstance(coverage, FixedDay):
        return coverage.day
    if isinstance(coverage, NextMonth):
        return first_of_next_month(day)
    if isinstance(coverage, AfterFullDays):
        return day + DAY * (coverage.days + 1)  # the day of clearing itself is not counted
    return None


def season_of(file: PackFile) -> Period:
    """Return from the first to the last day on which any window is open."""
    ends = [window.period.end for window in file.windows if window.period.end]
    return Period(min(window.first_day for window in file.windows), max(ends))
