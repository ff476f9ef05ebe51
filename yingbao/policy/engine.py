"""The one implementation of assess: columns of facts in, an outcome and a first day of cover per person out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module
from threading import Lock
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from yingbao.policy.book import FRESH, Ints, OutcomeBook
from yingbao.policy.decide import DAYS, NO_DAY, POPULATIONS, Memory, Plan, Rows, decide, find_slot
from yingbao.policy.facts import MISSING, NUMBERS, Problem
from yingbao.policy.needs import list_looked_at
from yingbao.policy.outcomes import Outcome, OutcomeMaker, list_extras
from yingbao.policy.people import Days, Decision, People, to_date, to_day
from yingbao.policy.tables import Tables

FEW = 1 << 12  # up to so many people are decided by the function as it stands; more are worth the compiled one
CHUNK = 1 << 18  # rows a thread takes at a time
NOTHING_THERE = np.zeros(1, np.uint8)
_Decide = Callable[..., tuple[int, int]]


class Book(Protocol):
    """Where outcomes stand that an assessment's numbers point into."""

    @property
    def outcomes(self) -> list[Outcome]:
        """The outcomes by number."""

    def amounts(self, field: str) -> Ints:
        """Return an amount of each outcome, -1 where not known."""

    def ends(self) -> Ints:
        """Return the last day of cover of each outcome."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """Answers for n people: ``numbers`` point into ``outcomes``; ``begins`` is the first day of cover or NO_DAY.

    ``balances``: fen in the relative's account that may pay, where the pack allows that.
    """

    numbers: Ints
    begins: Days
    book: Book
    extra_names: tuple[str, ...] = ()
    balances: npt.NDArray[np.int64] | None = None

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

    def account_fen(self) -> npt.NDArray[np.int64]:
        """Return what the relative's account pays per person, -1 where the amounts are not known."""
        most = self.book.amounts("account_fen").take(self.numbers).astype(np.int64)
        balances = np.zeros(len(self), np.int64) if self.balances is None else self.balances
        return np.where(most < 0, most, np.minimum(most, balances))

    def decisions(self) -> list[Decision]:
        """Return a Decision per person."""
        outcomes = self.outcomes
        accounts = self.account_fen().tolist() if self.balances is not None else [None] * len(self)
        rows = zip(self.numbers.tolist(), self.begins.tolist(), accounts, strict=True)
        return [make_decision(outcomes[number], begin, self.extra_names, paid) for number, begin, paid in rows]


def make_decision(
    outcome: Outcome, begins: int, extra_names: tuple[str, ...] = (), account_fen: int | None = None
) -> Decision:
    """Return an outcome with its first day as a Decision."""
    extras = {name: value for name, value in zip(extra_names, outcome.extras, strict=False) if value is not None}
    if account_fen is not None and account_fen >= 0:
        extras["account_fen"] = account_fen
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
        extras=extras,
    )


class Engine:
    """Assesses columns of people by a pack's tables."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.book = OutcomeBook(OutcomeMaker(tables))
        self.extra_names = list_extras(tables.pack.file)
        self._looked_at = list_looked_at(tables.pack.file)
        self._has_account = tables.pack.file.family_account is not None
        self._few = _Few(tables.plan, self.book)

    def assess(self, people: People, *, as_of: date, threads: int | None = None) -> Assessment:
        """Assess ``people``; who has not paid gets the amounts of ``as_of`` and no cover.

        ``threads``: how many work on many people at once; by default as many as there are processors to use.
        """
        rows = self._make_rows(people)
        if len(people) <= FEW:
            numbers, begins = self._few.decide(rows, len(people), to_day(as_of))
        else:
            numbers, begins = self._decide_many(rows, len(people), to_day(as_of), threads or _count_processors())
        if self.book.refusals:  # who is refused by what the key means was not yet known when cover was looked up
            refused = np.zeros(len(self.book.outcomes), np.bool_)
            refused[list(self.book.refusals)] = True
            begins[refused.take(numbers)] = NO_DAY
        return Assessment(numbers, begins, self.book, self.extra_names, self._balances(people))

    def _balances(self, people: People) -> npt.NDArray[np.int64] | None:
        if not self._has_account:
            return None
        account = people.facts.get("payer_account_fen")
        return np.zeros(len(people), np.int64) if account is None else np.maximum(account.astype(np.int64), 0)

    def _make_rows(self, people: People) -> Rows:
        facts = {name: self._column(people, name) for name in (*(n.name for n in NUMBERS), "addons")}
        snapshot, unknown = self._snapshot(people)
        return Rows(
            birth=people.birth,
            population=people.population,
            tier=people.tier,
            mask=_signed(people.mask),
            paid=people.paid,
            graduating=people.graduating,
            term_start=people.term_start,
            problems=people.problems if len(people.problems) else np.zeros(len(people), np.uint32),
            **facts,
            snapshot=snapshot,
            lacking=self._find_lacking(people, unknown) if self.tables.parts["asks"] else NOTHING_THERE,
        )

    def _column(self, people: People, name: str) -> npt.NDArray[Any]:
        if not self.tables.parts["special"]:
            return NOTHING_THERE
        column = people.facts.get(name) if name in self._looked_at else None
        if column is None:
            return np.zeros(len(people), np.uint8)
        if name == "addons":
            return column
        known = column + np.uint8(1) if name == "enrolled_last_year" else column  # 0: not known, 1: no, 2: yes
        return np.where(column == MISSING, np.uint8(0), known)

    def _snapshot(self, people: People) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
        column = people.facts.get("snapshot_identities")
        if not self.tables.parts["snapshot"]:
            return NOTHING_THERE, np.zeros(0, np.bool_)
        if column is None:
            return np.zeros(len(people), np.int64), np.ones(len(people), np.bool_)
        unknown = column == np.iinfo(column.dtype).max
        return _signed(np.where(unknown, column.dtype.type(0), column)), unknown

    def _find_lacking(self, people: People, no_snapshot: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint32]:
        lacking = np.zeros(len(people), np.uint32)
        for number in NUMBERS:
            column = people.facts.get(number.name)
            unknown = True if column is None else column == MISSING
            lacking |= np.where(unknown, np.uint32(number.problem), np.uint32(0))
        if len(no_snapshot):
            lacking |= np.where(no_snapshot, np.uint32(Problem.SNAPSHOT_IDENTITIES), np.uint32(0))
        if "addons" not in people.facts:
            lacking |= np.uint32(Problem.ADDONS)
        account = people.facts.get("payer_account_fen")
        unknown = True if account is None else account < 0
        return lacking | np.where(unknown, np.uint32(Problem.PAYER_ACCOUNT_FEN), np.uint32(0))

    def _decide_many(self, rows: Rows, count: int, as_of: int, threads: int) -> tuple[Ints, Days]:
        numbers, begins = np.empty(count, np.int32), np.empty(count, np.int32)
        starts = range(0, count, CHUNK)
        work = [_Part(rows, numbers, begins, start, min(start + CHUNK, count)) for start in starts]
        if threads == 1 or len(work) == 1:
            _run(self.tables.plan, self.book, work, as_of)
        else:
            shares = [work[place::threads] for place in range(min(threads, len(work)))]
            with ThreadPoolExecutor(len(shares)) as pool:
                list(pool.map(lambda share: _run(self.tables.plan, self.book, share, as_of), shares))
        return numbers, begins


class _Part:
    """Some rows with the places their answers go to."""

    def __init__(self, rows: Rows, numbers: Ints, begins: Days, start: int, stop: int) -> None:
        columns: Mapping[str, Any] = rows._asdict()
        whole = len(numbers)
        self.rows = Rows(**{k: c[start:stop] if len(c) == whole else c for k, c in columns.items()})
        self.numbers = numbers[start:stop]
        self.begins = begins[start:stop]


def _run(plan: Plan, book: OutcomeBook, work: list[_Part], as_of: int) -> None:
    compiled = compile_decide()
    memory = _remember(plan, book)
    for part in work:
        reached = 0
        while reached < len(part.numbers):
            begin = reached
            reached, found = compiled(*part.rows, *plan, *memory, part.numbers, part.begins, begin, as_of)
            if found:
                memory, resolved = _learn(memory, book, memory.fresh[:found].tolist())
                known = np.array([0, 0, *resolved], np.int32)
                done = part.numbers[begin:reached]
                done[:] = np.where(done < 0, known[-np.minimum(done, 0)], done)


def _remember(plan: Plan, book: OutcomeBook) -> Memory:
    """Return a memory of one's own: the keys the book knows, and no answers of plain people yet."""
    plain = int(plan.p[POPULATIONS]) * 10 * 2 * int(plan.p[DAYS])  # population × tier × paid or not × day
    fresh = np.empty(FRESH, np.int64)
    return Memory(*book.copy_table(), fresh, np.full(plain, -1, np.int32), np.zeros(plain, np.int32))


def _learn(memory: Memory, book: OutcomeBook, keys: list[int]) -> tuple[Memory, list[int]]:
    """Have the book work out fresh ``keys``; return a memory that knows their numbers, and the numbers."""
    resolved = book.enter(keys)
    for key, number in zip(keys, resolved, strict=True):
        memory.values[find_slot(memory.keys, key)] = number
    if book.has_room(len(memory.keys)):
        return memory, resolved
    table = book.copy_table()
    listed = isinstance(memory.keys, list)
    bigger = [_to_list(column) for column in table] if listed else table
    return memory._replace(keys=bigger[0], values=bigger[1]), resolved


class _Few:
    """Decides few people by the function as it stands, over lists: nothing to compile, and no array to make."""

    def __init__(self, plan: Plan, book: OutcomeBook) -> None:
        self._plan = Plan(*(_to_list(column) for column in plan))
        self._book = book
        self._lock = Lock()
        self._memory = Memory(*(_to_list(column) for column in _remember(plan, book)))

    def decide(self, rows: Rows, count: int, as_of: int) -> tuple[Ints, Days]:
        listed = Rows(*(_to_list(column) for column in rows))
        numbers, begins = [0] * count, [0] * count
        reached = 0
        with self._lock:
            while reached < count:
                begin = reached
                reached, found = decide(*listed, *self._plan, *self._memory, numbers, begins, begin, as_of)
                if found:
                    self._memory, resolved = _learn(self._memory, self._book, self._memory.fresh[:found])
                    numbers[begin:reached] = [n if n >= 0 else resolved[-2 - n] for n in numbers[begin:reached]]
        return np.array(numbers, np.int32), np.array(begins, np.int32)


def _to_list(column: Any) -> Any:
    return column.tolist() if isinstance(column, np.ndarray) else column


def _signed(mask: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a mask as the signed numbers ``decide`` reckons with; no copy is made."""
    return mask.view(np.int64) if mask.dtype == np.uint64 else mask


def _count_processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def compile_decide() -> _Decide:
    """Return ``decide`` compiled. Loading the compiler takes a moment, so only large populations ask for it."""
    compiled: _Decide = import_module("yingbao.policy.compiled").decide
    return compiled
