"""Counts and sums of fen over a population, from how often each outcome was met; never by adding person to person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from yingbao.policy.engine import Assessment
from yingbao.policy.outcomes import Outcome
from yingbao.policy.people import Bytes, Status

AMOUNTS = ("rate_fen", "subsidy_fen", "payable_fen", "fiscal_subsidy_fen")
_look = attrgetter("status", "subsidy_identity", *AMOUNTS)
_Kind = tuple[Any, int]  # what ``_look`` sees of an outcome, and the tier
_Group = tuple[str, int, str, tuple[bool, ...]]
_TIERS = 10  # tiers are one digit; 0 is one that could not be read


@dataclass(frozen=True, slots=True)
class TotalLine:
    """People who share status, tier and winning identity, and what is known of their amounts.

    A sum is exact fen, and None where the pack is silent on it for these people: those for whom it speaks and those
    for whom it does not never share a line. ``tier`` is None for invalid rows.
    """

    status: Status
    tier: int | None
    subsidy_identity: str | None
    people: int
    rate_fen: int | None
    subsidy_fen: int | None
    payable_fen: int | None
    fiscal_subsidy_fen: int | None

    @property
    def group(self) -> _Group:
        """What lines that add up have in common, in the order of the lines."""
        unknown = tuple(getattr(self, name) is None for name in AMOUNTS)
        return self.status, self.tier or 0, self.subsidy_identity or "", unknown


@dataclass(frozen=True, slots=True)
class Totals:
    """Lines in the order of status, tier and identity. Totals of parts add up to those of the whole."""

    lines: tuple[TotalLine, ...] = ()
    invalid_reasons: tuple[
        tuple[str, int], ...
    ] = ()  # of invalid rows: reason and rows, by reason; a row may have many

    @property
    def rows(self) -> int:
        """How many people."""
        return sum(line.people for line in self.lines)

    @property
    def by_status(self) -> dict[str, int]:
        """How many people got which status."""
        found: dict[str, int] = {}
        for line in self.lines:
            found[line.status] = found.get(line.status, 0) + line.people
        return found

    def sum_of(self, amount: str) -> int:
        """Return all fen of one of AMOUNTS that are known."""
        return sum(getattr(line, amount) or 0 for line in self.lines)

    def __add__(self, other: Totals) -> Totals:
        return merge_totals([self, other])


def merge_totals(parts: Iterable[Totals]) -> Totals:
    """Return the totals of all parts together."""
    held = list(parts)
    reasons = _tally(pair for part in held for pair in part.invalid_reasons)
    return Totals(_join(line for part in held for line in part.lines), reasons)


def _tally(pairs: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for reason, rows in pairs:
        found[reason] = found.get(reason, 0) + rows
    return tuple(sorted(found.items()))


def _join(lines: Iterable[TotalLine]) -> tuple[TotalLine, ...]:
    found: dict[_Group, TotalLine] = {}
    for line in lines:
        same = found.get(line.group)
        found[line.group] = line if same is None else _add(same, line)
    return tuple(found[group] for group in sorted(found))


def _add(one: TotalLine, other: TotalLine) -> TotalLine:
    sums = [getattr(one, name) if getattr(one, name) is None else _plus(one, other, name) for name in AMOUNTS]
    return TotalLine(one.status, one.tier, one.subsidy_identity, one.people + other.people, *sums)


def _plus(one: TotalLine, other: TotalLine, name: str) -> int:
    return int(getattr(one, name) + getattr(other, name))


class Counter:
    """Counts how often each outcome was met with each tier; the outcomes' numbers must stay what they are."""

    def __init__(self) -> None:
        self._counts: npt.NDArray[np.int64] = np.zeros(0, np.int64)

    def add(self, tiers: Bytes, assessment: Assessment) -> None:
        """Count a batch; ``tiers`` are those the people asked for."""
        pairs = assessment.numbers * np.int32(_TIERS) + tiers
        found = np.bincount(pairs, minlength=len(self._counts))
        found[: len(self._counts)] += self._counts
        self._counts = found

    def totals(self, outcomes: Sequence[Outcome]) -> Totals:
        """Return the totals of what was counted."""
        pairs = np.flatnonzero(self._counts)
        invalid: list[tuple[str, int]] = []
        people: dict[_Kind, int] = {}  # thousands of outcomes differ in nothing but reasons, which no line tells
        for pair, count in zip(pairs.tolist(), self._counts[pairs].tolist(), strict=True):
            number, tier = divmod(pair, _TIERS)
            kind = (_look(outcomes[number]), tier)
            people[kind] = people.get(kind, 0) + count
            if outcomes[number].status == "invalid":
                invalid += [(reason, count) for reason in outcomes[number].reasons]
        return Totals(_join(_make_line(kind, count) for kind, count in people.items()), _tally(invalid))


def _make_line(kind: _Kind, people: int) -> TotalLine:
    (status, identity, *amounts), tier = kind
    sums = [None if fen is None else fen * people for fen in amounts]
    return TotalLine(status, None if status == "invalid" else tier, identity, people, *sums)


COLUMNS = tuple(field.name for field in fields(TotalLine))
