"""What a changed policy costs over a population, and who gains or loses by it.

Nobody changes behaviour: everybody keeps tier, identities and the day of clearing; who has not paid is judged on
the same day under both policies. All money is integer fen, added up exactly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.policy.policy import Policy
from yingbao.policy.population import Population, births_that_matter


@dataclass(frozen=True, slots=True)
class Money:
    """What some people bring: their own money, a department's (subsidies) and the treasury's, in fen.

    ``persons`` are those whose amounts are known; ``fiscal_unsaid`` those of them whose notice is silent on the
    treasury's part.
    """

    persons: int = 0
    personal_fen: int = 0
    department_fen: int = 0
    fiscal_fen: int = 0
    fiscal_unsaid: int = 0

    def __add__(self, other: Money) -> Money:
        return Money(*(getattr(self, name) + getattr(other, name) for name in _MONEY))

    def times(self, persons: int) -> Money:
        """Return the money of ``persons`` alike."""
        return Money(*(getattr(self, name) * persons for name in _MONEY))


_MONEY = ("persons", "personal_fen", "department_fen", "fiscal_fen", "fiscal_unsaid")


@dataclass(frozen=True, slots=True)
class Swing:
    """Who pays less after the change and who pays more; ``uncompared``: who can pay under one of the two only."""

    winners: int = 0
    won_fen: int = 0
    losers: int = 0
    lost_fen: int = 0
    same: int = 0
    uncompared: int = 0

    def __add__(self, other: Swing) -> Swing:
        return Swing(*(getattr(self, name) + getattr(other, name) for name in _SWING))

    def times(self, persons: int) -> Swing:
        """Return the swing of ``persons`` alike."""
        return Swing(*(getattr(self, name) * persons for name in _SWING))


_SWING = ("winners", "won_fen", "losers", "lost_fen", "same", "uncompared")


@dataclass(frozen=True, slots=True)
class Line:
    """One identity, tier, department or division before and after; ``key`` is its code, empty for none."""

    key: str
    before: Money = Money()
    after: Money = Money()
    swing: Swing = Swing()

    @property
    def changed(self) -> bool:
        """Whether anything is different after the change."""
        return self.before != self.after or bool(self.swing.winners or self.swing.losers)


def add_lines(key: str, lines: Iterable[Line]) -> Line:
    """Return what several lines, e.g. the villages of a town, come to together."""
    found = list(lines)
    return Line(
        key,
        sum((line.before for line in found), Money()),
        sum((line.after for line in found), Money()),
        sum((line.swing for line in found), Swing()),
    )


@dataclass(frozen=True)
class Simulation:
    """The answer. Winners and losers are counted under the identity that is subsidised before, else after.

    ``steps``: how much more (or, negative, less) somebody pays, in fen → persons, where anything changes.
    ``unassessed_…``: why no amount is known, as rule ids joined by ``;`` → persons.
    """

    total: Line
    by_identity: tuple[Line, ...]
    by_tier: tuple[Line, ...]
    by_department: tuple[Line, ...]
    by_division: tuple[Line, ...]
    steps: Mapping[int, int]
    unassessed_before: Mapping[str, int]
    unassessed_after: Mapping[str, int]
    persons: int
    as_of: date


@dataclass(frozen=True, slots=True)
class _Side:
    """What one policy says of some people, as far as it is added up. ``why``: the reasons of an unknown amount."""

    money: Money
    identity: str
    payable_fen: int
    why: str

    @classmethod
    def of(cls, outcome: Any) -> _Side:
        known = outcome.payable_fen is not None
        why = "" if known else ";".join(outcome.reasons)
        return cls(_money(outcome), outcome.subsidy_identity or "", outcome.payable_fen or 0, why)


@dataclass(frozen=True, slots=True)
class _Pair:
    """People whom both policies treat alike, of one tier."""

    before: _Side
    after: _Side
    tier: str
    swing: Swing


def simulate(before: Policy, after: Policy, population: Population, *, as_of: date | None = None) -> Simulation:
    """Compare two policies over a population; who has not paid is judged ``as_of`` (``before.default_as_of``).

    Raises BadInput where the population was gathered for other policies and lumps together births that these two
    keep apart, or where one of the policies cannot assess.
    """
    day = as_of or before.default_as_of
    if (dict(before.vocabulary.bits), before.addons) != (dict(after.vocabulary.bits), after.addons):
        raise BadInput(say(N_("两个政策包各有自己的身份或附加保险，不能放在同一批人上比较。")))
    if not population.births.serves(births_that_matter(before, after, as_of=day)):
        raise BadInput(
            say(N_("这份人口汇总不是为这两个政策做的：年龄界线不同")), todo=say(N_("请按要比较的政策重新汇总人口。"))
        )
    pairs, of_cell = _pair_up(before, after, population, day)
    table = np.zeros((max(len(population.divisions), 1), max(len(pairs), 1)), np.int64)
    np.add.at(table, (population.division, of_cell.take(population.cell)), population.count)
    persons = table.sum(axis=0).tolist()
    adder = _Adder(pairs, persons, before, after)
    return Simulation(
        total=adder.lines(lambda pair: ("", ""))[0] if pairs else Line(""),
        by_identity=adder.by_identity(),
        by_tier=tuple(sorted(adder.lines(lambda pair: (pair.tier, pair.tier)), key=lambda line: line.key)),
        by_department=adder.by_department(),
        by_division=_by_division(table, pairs, population.divisions),
        steps=adder.steps(),
        unassessed_before=adder.unassessed(lambda pair: pair.before),
        unassessed_after=adder.unassessed(lambda pair: pair.after),
        persons=sum(persons),
        as_of=day,
    )


def _pair_up(
    before: Policy, after: Policy, population: Population, day: date
) -> tuple[list[_Pair], npt.NDArray[np.int64]]:
    """Return the distinct pairs of outcomes, by tier, and which of them each cell has."""
    cells = population.cells
    one, other = before.assess_people(cells, as_of=day), after.assess_people(cells, as_of=day)
    width = len(other.outcomes)
    code = (one.numbers.astype(np.int64) * width + other.numbers) * 256 + cells.tier
    codes, of_cell = np.unique(code, return_inverse=True)
    pairs: dict[_Pair, int] = {}
    places = []
    for found in codes.tolist():
        rest, tier = divmod(found, 256)
        pair = _pair(one.outcomes[rest // width], other.outcomes[rest % width], str(tier))
        places.append(pairs.setdefault(pair, len(pairs)))
    numbers: npt.NDArray[np.int64] = np.array(places, np.int64)[of_cell]
    return list(pairs), numbers


def _pair(before: Any, after: Any, tier: str) -> _Pair:
    return _Pair(_Side.of(before), _Side.of(after), tier, _swing(before, after))


def _money(outcome: Any) -> Money:
    if outcome.payable_fen is None:
        return Money()
    fiscal = outcome.fiscal_subsidy_fen
    return Money(1, outcome.payable_fen, outcome.subsidy_fen or 0, fiscal or 0, int(fiscal is None))


def _swing(before: Any, after: Any) -> Swing:
    if before.payable_fen is None and after.payable_fen is None:
        return Swing()
    if before.payable_fen is None or after.payable_fen is None:
        return Swing(uncompared=1)
    more = after.payable_fen - before.payable_fen
    if more == 0:
        return Swing(same=1)
    return Swing(losers=1, lost_fen=more) if more > 0 else Swing(winners=1, won_fen=-more)


@dataclass
class _Sum:
    before: Money = field(default_factory=Money)
    after: Money = field(default_factory=Money)
    swing: Swing = field(default_factory=Swing)


class _Adder:
    """Adds the pairs up, seen from one side after the other."""

    def __init__(self, pairs: Sequence[_Pair], persons: Sequence[int], before: Policy, after: Policy) -> None:
        self._counted = list(zip(pairs, persons, strict=False))
        self._before, self._after = before, after

    def lines(self, keys: Callable[[_Pair], tuple[str, str]]) -> list[Line]:
        """Return a line per key; ``keys`` gives where a pair belongs before and after."""
        sums: dict[str, _Sum] = {}
        for pair, persons in self._counted:
            was, becomes = keys(pair)
            old, new = sums.setdefault(was, _Sum()), sums.setdefault(becomes, _Sum())
            old.before += pair.before.money.times(persons)
            new.after += pair.after.money.times(persons)
            mover = sums[was or becomes]
            mover.swing += pair.swing.times(persons)
        return [Line(key, one.before, one.after, one.swing) for key, one in sums.items()]

    def by_identity(self) -> tuple[Line, ...]:
        codes = dict.fromkeys([*self._after.identities, *self._before.identities])
        order = {code: place for place, code in enumerate(codes)}
        lines = self.lines(lambda pair: (pair.before.identity, pair.after.identity))
        return tuple(sorted(lines, key=lambda line: order.get(line.key, len(order))))

    def by_department(self) -> tuple[Line, ...]:
        def payers(pair: _Pair) -> tuple[str, str]:
            return _payer(self._before, pair.before.identity), _payer(self._after, pair.after.identity)

        return tuple(sorted(self.lines(payers), key=lambda line: (not line.key, -line.before.department_fen, line.key)))

    def steps(self) -> Mapping[int, int]:
        steps: Counter[int] = Counter()
        for pair, persons in self._counted:
            if pair.swing.winners or pair.swing.losers:
                steps[pair.after.payable_fen - pair.before.payable_fen] += persons
        return dict(sorted(steps.items()))

    def unassessed(self, side: Callable[[_Pair], _Side]) -> Mapping[str, int]:
        found: Counter[str] = Counter()
        for pair, persons in self._counted:
            if not side(pair).money.persons:
                found[side(pair).why] += persons
        return dict(found.most_common())


def _payer(policy: Policy, identity: str) -> str:
    return (policy.identity(identity).paid_by or "") if identity else ""


def _by_division(table: npt.NDArray[np.int64], pairs: Sequence[_Pair], names: Sequence[str]) -> tuple[Line, ...]:
    """Return a line per division: one exact matrix product for all of them."""
    if not pairs:
        return tuple(Line(name) for name in names)
    befores, afters = (
        _matrix(sides, _MONEY) for sides in ([p.before.money for p in pairs], [p.after.money for p in pairs])
    )
    swings = _matrix([pair.swing for pair in pairs], _SWING)
    sums = [(table @ matrix).tolist() for matrix in (befores, afters, swings)]
    return tuple(
        Line(name, Money(*before), Money(*after), Swing(*swing))
        for name, before, after, swing in zip(names, *sums, strict=True)
    )


def _matrix(values: Iterable[Any], names: Sequence[str]) -> npt.NDArray[np.int64]:
    return np.array([[getattr(value, name) for name in names] for value in values], np.int64)
