"""Whom a changed policy changes, and by how much: two policies' answers for the same people, side by side.

Nearly everything of an answer follows from its outcome, and there are only some thousands of those; so people are
counted by distinct pairs of outcomes, and a population of millions costs little more than assessing it twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from yingbao.policy.engine import Assessment
from yingbao.policy.outcomes import Outcome
from yingbao.policy.people import NO_DAY, Bools, People, Person, Status
from yingbao.policy.policy import Policy
from yingbao.policy.versions import VersionedEngine

AMOUNTS = ("rate_fen", "subsidy_fen", "payable_fen", "fiscal_subsidy_fen")
Way = Literal["up", "down", "same", "known", "unknown"]  # known: had no amount and has one now; unknown: the reverse
COVERS = ("same", "earlier", "later", "begins", "ends")  # begins: had no cover and has some now; ends: the reverse
_TIERS = 10
_WAYS_APART = len(COVERS) * 2 * _TIERS  # how many pairs two outcomes can be in
_DENSE = 1 << 23  # keys up to here are counted in an array, beyond by sorting


class Pair(NamedTuple):
    """Two answers to one question. ``tier`` 0: could not be read. ``account``: a relative's account pays otherwise."""

    before: int
    after: int
    cover: int
    account: bool
    tier: int


@dataclass(frozen=True, slots=True)
class Sums:
    """People, and fen on either side over those whose amount is known there; None: of nobody."""

    people: int
    before_fen: int | None
    after_fen: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """People who share all that is told apart here, with what they are given and pay on either side."""

    key: tuple[str | int | None, ...]
    people: int
    changed: int
    subsidy: Sums
    payable: Sums


@dataclass(frozen=True, slots=True)
class Side:
    """One side's outcomes, their paying departments, and the names of their extras."""

    outcomes: Sequence[Outcome]
    departments: Sequence[str | None]
    extra_names: tuple[str, ...]

    def extras(self, number: int) -> dict[str, int]:
        """Return the further amounts of an outcome, those not known or nothing left out."""
        pairs = zip(self.extra_names, self.outcomes[number].extras, strict=False)
        return {name: fen for name, fen in pairs if fen}


@dataclass(frozen=True)
class Comparison:
    """How many people got which pair of answers."""

    before: Side
    after: Side
    counts: Counter[Pair]

    @property
    def people(self) -> int:
        """How many were compared."""
        return self.counts.total()

    @cached_property
    def changed(self) -> int:
        """How many get another answer: amounts, identity, status or cover, not merely another clause."""
        return sum(count for pair, count in self.counts.items() if self.changes(pair))

    def changes(self, pair: Pair) -> tuple[str, ...]:
        """Return what differs between the two answers of a pair; nothing where only clauses do."""
        return changes_of(self.before, self.after, pair)

    def kinds(self) -> dict[str, int]:
        """Return how many people each kind of change concerns (one person may be of several), most first."""
        found: Counter[str] = Counter()
        for pair, count in self.counts.items():
            found.update(dict.fromkeys(self.changes(pair), count))
        return dict(found.most_common())

    def statuses(self) -> dict[tuple[Status, Status], int]:
        """Return how many had which status on either side."""
        found: Counter[tuple[Status, Status]] = Counter()
        for pair, count in self.counts.items():
            found[(self.before.outcomes[pair.before].status, self.after.outcomes[pair.after].status)] += count
        return dict(found.most_common())

    def ways(self) -> dict[Way, Sums]:
        """Return how many pay more, less or the same, and what they pay on either side."""
        return {way: self._sum(pairs, "payable_fen") for way, pairs in self._by_way().items() if pairs}

    def sums(self) -> dict[str, Sums]:
        """Return the sums of every amount over all people."""
        return {name: self._sum(self.counts, name) for name in AMOUNTS}

    def by_identity(self) -> list[Line]:
        """Return lines by the identity that wins before, the one after, and tier; the most changed first."""
        return self._lines(lambda pair: (*self._identities(pair), pair.tier))

    def by_department(self) -> list[Line]:
        """Return lines by the department that pays before and the one that pays after."""
        return self._lines(lambda pair: (self.before.departments[pair.before], self.after.departments[pair.after]))

    def _identities(self, pair: Pair) -> tuple[str | None, str | None]:
        return (
            self.before.outcomes[pair.before].subsidy_identity,
            self.after.outcomes[pair.after].subsidy_identity,
        )

    def _by_way(self) -> dict[Way, list[Pair]]:
        ways: dict[Way, list[Pair]] = {"up": [], "down": [], "same": [], "known": [], "unknown": []}
        for pair in self.counts:
            ways[_way(self.before.outcomes[pair.before], self.after.outcomes[pair.after])].append(pair)
        return ways

    def _sum(self, pairs: Iterable[Pair], field: str) -> Sums:
        listed = list(pairs)
        sides = []
        for side, place in ((self.before, 0), (self.after, 1)):
            known = [(getattr(side.outcomes[pair[place]], field), self.counts[pair]) for pair in listed]
            fens = [fen * count for fen, count in known if fen is not None]
            sides.append(sum(fens) if fens else None)
        return Sums(sum(self.counts[pair] for pair in listed), *sides)

    def _lines(self, key: Any) -> list[Line]:
        groups: dict[tuple[str | int | None, ...], list[Pair]] = {}
        for pair in self.counts:
            groups.setdefault(key(pair), []).append(pair)
        lines = [
            Line(
                key=found,
                people=sum(self.counts[pair] for pair in pairs),
                changed=sum(self.counts[pair] for pair in pairs if self.changes(pair)),
                subsidy=self._sum(pairs, "subsidy_fen"),
                payable=self._sum(pairs, "payable_fen"),
            )
            for found, pairs in groups.items()
        ]
        return sorted(lines, key=lambda line: (-line.changed, -line.people, tuple(map(str, line.key))))

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as JSON can hold it; fen throughout, null: not known."""
        return {
            "people": self.people,
            "changed": self.changed,
            "kinds": self.kinds(),
            "statuses": [[*pair, count] for pair, count in self.statuses().items()],
            "payable": {way: _sums_json(sums) for way, sums in self.ways().items()},
            "sums": {name: _sums_json(sums) for name, sums in self.sums().items()},
            "by_identity": [_line_json(line, ("before", "after", "tier")) for line in self.by_identity()],
            "by_department": [_line_json(line, ("before", "after")) for line in self.by_department()],
        }


def changes_of(before: Side, after: Side, pair: Pair) -> tuple[str, ...]:
    """Return what differs between the two answers of a pair, as stable words: ``payable.up``, ``cover.later`` …"""
    one, other = before.outcomes[pair.before], after.outcomes[pair.after]
    found = []
    if one.status != other.status:
        found.append("status")
    if (way := _way(one, other)) != "same":
        found.append(f"payable.{way}")
    for name, field in (("rate", "rate_fen"), ("subsidy", "subsidy_fen"), ("fiscal", "fiscal_subsidy_fen")):
        if getattr(one, field) != getattr(other, field):
            found.append(name)
    if one.subsidy_identity != other.subsidy_identity:
        found.append("identity")
    if before.departments[pair.before] != after.departments[pair.after]:
        found.append("department")
    if pair.cover:
        found.append(f"cover.{COVERS[pair.cover]}")
    elif one.ends != other.ends:
        found.append("cover.last_day")
    if pair.account or before.extras(pair.before) != after.extras(pair.after):
        found.append("extras")
    return tuple(found)


def _way(one: Outcome, other: Outcome) -> Way:
    if one.payable_fen is None or other.payable_fen is None:
        return "same" if one.payable_fen == other.payable_fen else "known" if one.payable_fen is None else "unknown"
    return "same" if one.payable_fen == other.payable_fen else "up" if other.payable_fen > one.payable_fen else "down"


def _sums_json(sums: Sums) -> dict[str, Any]:
    return {"people": sums.people, "before_fen": sums.before_fen, "after_fen": sums.after_fen}


def _line_json(line: Line, names: Sequence[str]) -> dict[str, Any]:
    named = dict(zip(names, line.key, strict=True))
    amounts = {"subsidy": _sums_json(line.subsidy), "payable": _sums_json(line.payable)}
    return named | {"people": line.people, "changed": line.changed} | amounts


@dataclass(frozen=True, slots=True)
class Compared:
    """The answers of one batch: which rows changed, which of ``pairs`` each of these got, and both assessments."""

    changed: npt.NDArray[np.intp]
    numbers: npt.NDArray[np.intp]
    pairs: Sequence[Pair]
    before: Assessment
    after: Assessment


class Comparer:
    """Compares two policies' answers, batch by batch.

    ``as_of``: the day the unpaid are asked for; without it each policy's own default. ``unpaid``: compare amounts as
    if nobody had paid, for packs of different years, whose seasons have no day in common.
    """

    def __init__(self, before: Policy, after: Policy, *, as_of: date | None = None, unpaid: bool = False) -> None:
        self.policies = before, after
        self._as_of = as_of
        self._unpaid = unpaid
        self._counts: Counter[Pair] = Counter()
        self._changed: dict[Pair, bool] = {}
        self._sides: tuple[Side, Side] | None = None
        self._engines = before.engine, after.engine  # a pack that cannot assess says so before anything is read

    @property
    def same_words(self) -> bool:
        """Whether both policies read columns of people alike: the same words, and add-ons in the same order."""
        one, other = self.policies
        words = [(list(p.vocabulary.identities), list(p.vocabulary.populations), p.addons) for p in (one, other)]
        return words[0] == words[1]

    def add(self, people: People, others: People | None = None) -> Compared:
        """Compare the answers for a batch; ``others`` are the same people as the newer policy reads them."""
        one, other = self._ready(people), self._ready(people if others is None else others)
        before = self.policies[0].assess_people(one, as_of=self._as_of)
        after = self.policies[1].assess_people(other, as_of=self._as_of)
        sizes = len(before.outcomes), len(after.outcomes)
        keys = _make_keys(before, after, people.tier, sizes[1])
        distinct, counts = _count(keys, sizes[0] * sizes[1] * _WAYS_APART)
        pairs = [_read_key(key, sizes[1]) for key in distinct.tolist()]
        for pair, count in zip(pairs, counts.tolist(), strict=True):
            self._counts[pair] += count
        differs = np.array([self._changes(pair) for pair in pairs], np.bool_)
        changed = np.flatnonzero(_look_up(differs, distinct, keys))
        return Compared(changed, np.searchsorted(distinct, keys[changed]), pairs, before, after)

    def comparison(self) -> Comparison:
        """Return what has been added so far."""
        return Comparison(*self.sides(), self._counts)

    def sides(self) -> tuple[Side, Side]:
        """Return both sides' outcomes as far as they have been met."""
        if self._sides is None or any(len(side.departments) < len(side.outcomes) for side in self._sides):
            self._sides = _make_side(self.policies[0]), _make_side(self.policies[1])
        return self._sides

    def _ready(self, people: People) -> People:
        if not self._unpaid:
            return people
        never = np.full(len(people), NO_DAY, np.int32)
        return replace(people, paid=never, term_start=never)

    def _changes(self, pair: Pair) -> bool:
        if pair not in self._changed:
            self._changed[pair] = bool(changes_of(*self.sides(), pair))
        return self._changed[pair]


def compare_people(
    before: Policy,
    after: Policy,
    persons: Sequence[Person],
    *,
    as_of: date | None = None,
    unpaid: bool = False,
) -> Comparison:
    """Compare two policies' answers for persons (see Comparer)."""
    comparer = Comparer(before, after, as_of=as_of, unpaid=unpaid)
    comparer.add(before.gather(persons), after.gather(persons))
    return comparer.comparison()


def _make_side(policy: Policy) -> Side:
    engine = policy.engine
    outcomes = engine.book.outcomes
    policies = [one for _, one in policy.versions]
    versions = engine.book.versions if isinstance(engine, VersionedEngine) else [0] * len(outcomes)
    departments = [
        policies[version].identity(outcome.subsidy_identity).paid_by if outcome.subsidy_identity else None
        for version, outcome in zip(versions, list(outcomes), strict=False)
    ]
    return Side(outcomes, departments, engine.extra_names)


def _make_keys(before: Assessment, after: Assessment, tier: npt.NDArray[Any], size: int) -> npt.NDArray[np.int64]:
    keys = before.numbers.astype(np.int64) * size + after.numbers
    keys = (keys * len(COVERS) + _compare_covers(before, after)) * 2
    if before.balances is not None or after.balances is not None:
        keys += np.maximum(before.account_fen(), 0) != np.maximum(after.account_fen(), 0)
    tiered: npt.NDArray[np.int64] = keys * _TIERS + np.minimum(tier, _TIERS - 1)
    return tiered


def _read_key(key: int, size: int) -> Pair:
    key, tier = divmod(key, _TIERS)
    key, account = divmod(key, 2)
    key, cover = divmod(key, len(COVERS))
    return Pair(*divmod(key, size), cover, bool(account), tier)


def _count(keys: npt.NDArray[np.int64], past: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the distinct keys (all below ``past``), in order, and how often each stands there."""
    if past > _DENSE:
        return np.unique(keys, return_counts=True)
    counts = np.bincount(keys, minlength=past)
    distinct = np.flatnonzero(counts)
    return distinct, counts[distinct]


def _look_up(values: Bools, distinct: npt.NDArray[Any], keys: npt.NDArray[np.int64]) -> Bools:
    """Return the value of each key."""
    if values.all() or not values.any():
        return np.full(len(keys), bool(len(values) and values[0]))
    return values.take(np.searchsorted(distinct, keys))


def _compare_covers(before: Assessment, after: Assessment) -> npt.NDArray[np.int64]:
    one, other = before.begins, after.begins
    none, nothing = one == NO_DAY, other == NO_DAY
    covers = np.where(other < one, COVERS.index("earlier"), np.where(other > one, COVERS.index("later"), 0))
    covers = np.where(none & ~nothing, COVERS.index("begins"), covers)
    return np.where(nothing & ~none, COVERS.index("ends"), covers)
