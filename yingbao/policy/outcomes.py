"""What a decision key means: amounts, identity, last day and reasons, worked out once per key and then looked up.

A population of millions shows only some hundreds of keys, so reasons cost nothing per person.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np
import numpy.typing as npt

from yingbao.policy.people import NO_DAY, Days, Problem, Status
from yingbao.policy.tables import Answer, Cell, Kind, Note, Tables

Ints = npt.NDArray[np.int32]
UNKNOWN = -1
NOTHING = -1  # an amount that is not known, in the integer columns
PROBLEM_REASONS = {
    Problem.BIRTH_DATE: "input.birth_date",
    Problem.POPULATION: "input.population",
    Problem.TIER: "input.tier",
    Problem.IDENTITIES: "input.identities",
    Problem.PAID_ON: "input.paid_on",
    Problem.GRADUATING: "input.graduating",
    Problem.TERM_START: "input.term_start",
    Problem.BIRTH_AFTER_PAYMENT: "input.birth_after_payment",
    Problem.COLUMNS: "input.columns",
}
ALL_PROBLEMS = 1 << len(PROBLEM_REASONS)
_STATUS: dict[Kind, Status] = {
    Kind.CLOSED_BEFORE: "closed",
    Kind.CLOSED_AFTER: "closed",
    Kind.TOO_LATE: "silent",
    Kind.GAP: "silent",
    Kind.SILENT: "silent",
}
_COVERED = {Kind.NEWBORN, Kind.TERM, Kind.NO_WAITING, Kind.WINDOW}
_NEWBORN = {Kind.NEWBORN, Kind.UNPAID_NEWBORN}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything of a decision but its first day. None: not known."""

    status: Status
    rate_fen: int | None = None
    subsidy_fen: int | None = None
    subsidy_identity: str | None = None
    payable_fen: int | None = None
    fiscal_subsidy_fen: int | None = None
    ends: int = NO_DAY
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Key:
    cell: Cell
    rank: int
    notes: tuple[Note, ...]
    several: bool
    answer: Answer
    ends: int
    graduating: bool


@dataclass(frozen=True, slots=True)
class _Money:
    rate: int
    subsidy: int
    identity: str | None
    fiscal: int | None
    full_cost: int
    reasons: tuple[str, ...]


class OutcomeBook:
    """Outcomes by key, filled as keys appear. Keys from ``tables.keys`` on are Problem flags."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._numbers = np.full(tables.keys + ALL_PROBLEMS, UNKNOWN, np.int32)
        self._lock = Lock()
        self.outcomes: list[Outcome] = []

    def find(self, keys: Ints) -> Ints:
        """Return the position in ``outcomes`` of each key."""
        numbers = self._numbers.take(keys)
        if (numbers == UNKNOWN).any():
            with self._lock:
                for key in np.unique(keys[numbers == UNKNOWN]).tolist():
                    self._enter(key)
            numbers = self._numbers.take(keys)
        return numbers

    def amounts(self, field: str) -> Ints:
        """Return an amount column of all outcomes, NOTHING where not known."""
        values = [getattr(outcome, field) for outcome in self.outcomes]
        return np.array([NOTHING if value is None else value for value in values], np.int32)

    def ends(self) -> Days:
        """Return the last days of all outcomes."""
        return np.array([outcome.ends for outcome in self.outcomes], np.int32)

    def _enter(self, key: int) -> None:
        if self._numbers[key] == UNKNOWN:
            self.outcomes.append(self._work_out(key))
            self._numbers[key] = len(self.outcomes) - 1

    def _work_out(self, key: int) -> Outcome:
        if key >= self._tables.keys:
            found = Problem(key - self._tables.keys)
            return Outcome("invalid", reasons=tuple(r for p, r in PROBLEM_REASONS.items() if p in found))
        parts = self._read_key(key)
        kind = parts.answer.kind
        if kind in (Kind.CLOSED_BEFORE, Kind.CLOSED_AFTER):
            return Outcome("closed", reasons=parts.answer.rules)
        money = self._find_money(parts)
        return Outcome(
            status=_STATUS.get(kind, "assessed"),
            rate_fen=money.rate,
            subsidy_fen=money.subsidy,
            subsidy_identity=money.identity,
            payable_fen=money.rate - money.subsidy + money.full_cost,
            fiscal_subsidy_fen=money.fiscal,
            ends=parts.ends if kind in _COVERED else NO_DAY,
            reasons=tuple(dict.fromkeys([*money.reasons, *self._cover_reasons(parts)])),
        )

    def _read_key(self, key: int) -> _Key:
        tables = self._tables
        key, graduating = divmod(key, 2)
        key, answer = divmod(key, len(tables.answers))
        key, several = divmod(key, 2)
        key, bits = divmod(key, 1 << len(tables.notes))
        number, rank = divmod(key, tables.ranks)
        population = number // (len(tables.tiers) * len(tables.periods))
        return _Key(
            cell=tables.cells[number],
            rank=rank,
            notes=tuple(note for bit, note in enumerate(tables.notes) if bits >> bit & 1),
            several=bool(several),
            answer=tables.answers[answer],
            ends=int(tables.ends[population * 2 + graduating]),
            graduating=bool(graduating),
        )

    def _find_money(self, parts: _Key) -> _Money:
        file = self._tables.pack.file
        cell = parts.cell
        assert cell.rate_fen is not None  # a population without a rate in this tier is invalid input
        best = cell.ranking[parts.rank] if parts.rank < len(cell.ranking) else None
        rate_rule = next(r.rule for r in file.rates if (r.population, r.tier) == (cell.population, cell.tier))
        fiscal, full_cost, fiscal_rule = self._find_fiscal(parts)
        reasons = [rate_rule, best[1].rule if best else None, *self._identity_reasons(parts), fiscal_rule]
        return _Money(
            rate=cell.rate_fen,
            subsidy=best[2] if best else 0,
            identity=best[0].code if best else None,
            fiscal=fiscal,
            full_cost=full_cost,
            reasons=tuple(reason for reason in reasons if reason),
        )

    def _find_fiscal(self, parts: _Key) -> tuple[int | None, int, str | None]:
        """Return what the treasury adds (None: the notice does not say), what the person pays of it, and why."""
        file = self._tables.pack.file
        if file.fiscal is None:
            return None, 0, None
        rule = file.full_cost
        begun = rule is not None and parts.cell.begins is not None and parts.cell.begins >= rule.first_day
        if rule is None or not begun or (rule.newborns == "exempt" and parts.answer.kind in _NEWBORN):
            return file.fiscal.amount, 0, file.fiscal.rule
        return 0, file.fiscal.amount, rule.rule

    def _identity_reasons(self, parts: _Key) -> list[str | None]:
        file = self._tables.pack.file
        cell = parts.cell
        reasons: list[str | None] = []
        if parts.several and file.several:
            reasons.append(file.several.rule)
        if file.cap and parts.rank < len(cell.ranking) and self._is_capped(cell, parts.rank):
            reasons.append(file.cap.rule)
        reasons += [note.rule for note in parts.notes if self._note_matters(note, cell)]
        return reasons

    def _is_capped(self, cell: Cell, rank: int) -> bool:
        subsidy = cell.ranking[rank][1]
        return subsidy.amount is not None and subsidy.amount > cell.ranking[rank][2]

    def _note_matters(self, note: Note, cell: Cell) -> bool:
        concerned = [identity for identity in self._tables.pack.file.identities if identity.code in note.codes]
        if note.kind == "until":
            begins = cell.begins
            return begins is not None and any(i.until and begins >= i.until.before for i in concerned)
        if note.kind == "only_tier":
            return any(i.only_tier is not None and i.only_tier.tier != cell.tier for i in concerned)
        return note.kind == "unsubsidised"

    def _cover_reasons(self, parts: _Key) -> list[str]:
        kind = parts.answer.kind
        reasons = list(parts.answer.rules)
        if kind is Kind.NO_WAITING:
            reasons += [note.rule for note in parts.notes if note.kind == "no_waiting"]
        students = self._tables.pack.file.students
        if students and parts.cell.population == students.population and kind in _COVERED | {Kind.TOO_LATE}:
            reasons += [students.rule] if students.rule else []
            if parts.graduating and students.graduates and students.graduates.rule:
                reasons.append(students.graduates.rule)
        return reasons
