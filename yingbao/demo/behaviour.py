"""Who comes when, how they pay and which tier they want: the whole season as data, replayed elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from yingbao.demo.agents import AgentHabits, draw_agents
from yingbao.demo.people import SEASON_BEGIN, Town
from yingbao.demo.reach import NEWBORNS_ENROLLED_PER_MILLE, REACH
from yingbao.demo.season_curve import CENTRAL_END, LAST_DAY, YEAR_END, curve, day_number, draw_days, draw_seconds
from yingbao.demo.targets import VILLAGES
from yingbao.demo.town import generator, stream
from yingbao.kernel.periods import full_years

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
NEVER = -1
CHANNELS = ("wechat", "alipay", "yukuaiban", "unionpay_quickpass", "etax", "pos", "cash")
WECHAT, ALIPAY, POS, CASH = 0, 1, 5, 6
TIER2_SHARE, LATER_SHARE, DOUBLE_PAYERS = 0.06, 0.06, 40
TWICE_SECOND = 20 * 3600 + 1800  # in the evening, after every visit of the day
_ONLINE_SHARES = np.array([0.56, 0.19, 0.12, 0.06, 0.07])
_POS_SHARE = 0.09
# Per cent of households paying cash, in annex order: more in the hills, less round the market.
_CASH_PERCENT = (30, 34, 40, 28, 33, 31, 27, 29, 36, 41, 30, 27, 32, 48, 50, 42, 16, 18, 21, 17, 15)
# Whoever holds one of these owes nothing at tier 1: the town office declares them in batches on Fridays.
PAID_IN_FULL = frozenset(
    {
        "extreme_poverty",
        "orphan",
        "family_planning_reward",
        "family_planning_special",
        "only_child_disability",
        "family_planning_complication",
    }
)


class Visit(NamedTuple):
    """People of one household settled together by one channel. ``second``: of the day, Beijing time."""

    on: date
    second: int
    household: int
    channel: str
    people: tuple[int, ...]


@dataclass(frozen=True)
class Behaviour:
    """Arrays over ``Town.people`` (residents, then newborns).

    ``day``: days from 2022-11-03, NEVER for who does not come or need not; ``second`` of that day; ``channel``:
    position in CHANNELS; ``tier`` 1 or 2. The ``twice_…`` arrays are second payments, on that day or up to
    eight days later: ``twice_person`` person numbers, the others as above.
    """

    day: Ints
    second: Ints
    channel: npt.NDArray[np.int8]
    tier: npt.NDArray[np.int8]
    twice_person: Ints
    twice_day: Ints
    twice_channel: npt.NDArray[np.int8]
    habits: AgentHabits

    def visits(self, town: Town) -> list[Visit]:
        """Return every visit in the order of time, second payments included as visits of one person."""
        coming = np.flatnonzero(self.day != NEVER)
        people = np.concatenate([coming, self.twice_person])
        household = np.array([p.household for p in town.people])[people]
        day = np.concatenate([self.day[coming], self.twice_day])
        second = np.concatenate([self.second[coming], np.full(len(self.twice_person), TWICE_SECOND)])
        channel = np.concatenate([self.channel[coming], self.twice_channel])
        keys = (day, second, household, channel)
        order = np.lexsort((people, *reversed(keys)))
        changes = np.any([np.diff(key[order], prepend=-1) != 0 for key in keys], axis=0)
        bounds = [*np.flatnonzero(changes).tolist(), len(order)]
        return [
            Visit(
                SEASON_BEGIN + timedelta(days=int(day[order[a]])),
                int(second[order[a]]),
                int(household[order[a]]),
                CHANNELS[channel[order[a]]],
                tuple(people[order[a:b]].tolist()),
            )
            for a, b in pairwise(bounds)
        ]


def plan(town: Town, *, seed: int) -> Behaviour:
    """Return how the season of ``town`` goes; same town and seed, same season."""
    crowd = _Crowd(town, generator(seed, "behaviour"))
    never = _who_never_comes(crowd)
    day, second, channel = _when_households_come(crowd)
    _let_some_come_later(crowd, day, second, channel)
    tier = _choose_tiers(crowd)
    _declare_the_fully_paid(crowd, tier, day, second)
    day[: crowd.count][never] = NEVER
    _bring_newborns(crowd, day, channel)
    twice = _pay_twice(crowd, tier, day, channel)
    habits = draw_agents(stream(seed, "agents"), generator(seed, "habits"))
    return Behaviour(day, second, channel, tier, *twice, habits)


class _Crowd:
    """The town as arrays; residents first, newborns after them."""

    def __init__(self, town: Town, rng: np.random.Generator) -> None:
        people, self.rng, self.town = town.people, rng, town
        self.count, self.total = len(town.residents), len(people)
        self.household = np.array([p.household for p in people])
        self.village = np.array([p.village for p in people])
        self.age = np.array([full_years(p.born_on, YEAR_END) for p in people])
        self.eligible = np.array([p.is_eligible for p in people])
        self.student = np.array([p.population != "resident" for p in people])
        codes = town.codes_by_person()
        self.marked = np.zeros(self.total, dtype=bool)
        self.marked[list(codes)] = True
        self.full = np.zeros(self.total, dtype=bool)
        self.full[[person for person, held in codes.items() if held & PAID_IN_FULL]] = True
        self.old_soldier = np.zeros(self.total, dtype=bool)
        self.old_soldier[[i for i, held in codes.items() if "old_demobilised_veteran" in held]] = True


def _who_never_comes(crowd: _Crowd) -> Bools:
    """Return over the residents who is not to be enrolled or never is: whole households, or the young away at work."""
    n = slice(0, crowd.count)
    never = np.array([reach.never for reach in REACH])[crowd.village[n]] / 1000
    age, eligible = crowd.age[n], crowd.eligible[n]
    weight = np.where((age >= 18) & (age < 46), 2.4, 0.6)
    weight[crowd.marked[n]] = 0.2  # they are visited
    weight[crowd.student[n]] = 0.1
    weight = weight / weight[eligible].mean()
    whole = crowd.rng.random(len(crowd.town.households))[crowd.household[n]] < 0.4 * never
    alone = crowd.rng.random(crowd.count) < 0.6 * never * weight
    fallen = alone | (whole & ~crowd.marked[n])
    return np.asarray(fallen | ~eligible, dtype=np.bool_)


def _when_households_come(crowd: _Crowd) -> tuple[Ints, Ints, npt.NDArray[np.int8]]:
    homes = crowd.town.households
    day, channel = np.zeros(len(homes), np.int64), np.zeros(len(homes), np.int8)
    villages = np.array([home.village for home in homes])
    for village in range(len(VILLAGES)):
        here = np.flatnonzero(villages == village)
        lateness = (970 - REACH[village].target) / 100
        day[here] = draw_days(crowd.rng, curve(lateness), len(here))
        old = crowd.age[[homes[h].first for h in here]] >= 65
        cash = _CASH_PERCENT[village] / 100 + np.where(old, 0.16, -0.06)
        channel[here] = _draw_channels(crowd.rng, cash)
    second = draw_seconds(crowd.rng, len(homes))
    return day[crowd.household], second[crowd.household], channel[crowd.household]


def _draw_channels(rng: np.random.Generator, cash: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    chance = rng.random(len(cash))
    online = rng.choice(len(_ONLINE_SHARES), size=len(cash), p=_ONLINE_SHARES)
    return np.where(chance < cash, CASH, np.where(chance < cash + _POS_SHARE, POS, online)).astype(np.int8)


def _let_some_come_later(crowd: _Crowd, day: Ints, second: Ints, channel: npt.NDArray[np.int8]) -> None:
    """Some of working age, and the students, pay for themselves from where they are, never before the others."""
    rng, age = crowd.rng, crowd.age
    away = (age >= 18) & (age < 46) & (rng.random(crowd.total) < LATER_SHARE)
    own_day = np.maximum(draw_days(rng, curve(0.8), crowd.total), day)
    day[away] = own_day[away]
    students = crowd.student
    day[students] = rng.integers(0, day_number(CENTRAL_END) - 4, crowd.total)[students]
    alone = away | students
    second[alone] = draw_seconds(rng, crowd.total)[alone]
    channel[alone] = np.where(rng.random(crowd.total) < 0.75, WECHAT, ALIPAY)[alone]


def _choose_tiers(crowd: _Crowd) -> npt.NDArray[np.int8]:
    """Return tiers: households choose alike for the most part; old demobilised veterans all take tier 2 (PJ-5.1.2)."""
    by_household = crowd.rng.random(len(crowd.town.households))[crowd.household]
    alone = crowd.rng.random(crowd.total)
    second = (by_household < TIER2_SHARE * 0.7) | (alone < TIER2_SHARE * 0.3)
    second &= ~crowd.full | (alone < TIER2_SHARE * 0.3)
    return np.where(second | crowd.old_soldier, 2, 1).astype(np.int8)


def _declare_the_fully_paid(crowd: _Crowd, tier: npt.NDArray[np.int8], day: Ints, second: Ints) -> None:
    fridays = np.array([day_number(date(2022, 11, 18)) + 7 * week for week in range(5)])
    owes_nothing = crowd.full & (tier == 1)
    owes_nothing |= crowd.old_soldier
    day[owes_nothing] = crowd.rng.choice(fridays, size=crowd.total)[owes_nothing]
    second[owes_nothing] = 15 * 3600


def _bring_newborns(crowd: _Crowd, day: Ints, channel: npt.NDArray[np.int8]) -> None:
    """Newborns come a few days after the office hears of them; past 90 days and past September it is too late."""
    for k, arrives_on in enumerate(crowd.town.arrivals):
        person = crowd.count + k
        comes_on = min(arrives_on + timedelta(days=int(crowd.rng.integers(0, 7))), YEAR_END)
        in_time = (comes_on - crowd.town.newborns[k].born_on).days <= 90 or comes_on <= LAST_DAY
        comes = bool(crowd.rng.random() * 1000 < NEWBORNS_ENROLLED_PER_MILLE) and in_time
        day[person] = day_number(comes_on) if comes else NEVER
        channel[person] = (WECHAT, POS, CASH)[int(crowd.rng.integers(0, 3))]


def _pay_twice(
    crowd: _Crowd, tier: npt.NDArray[np.int8], day: Ints, channel: npt.NDArray[np.int8]
) -> tuple[Ints, Ints, npt.NDArray[np.int8]]:
    """Pick people whose family pays cash in the village while they themselves, or a child, then pay online as well."""
    last = day_number(CENTRAL_END)
    owing = ~(crowd.full & (tier == 1)) & ~crowd.old_soldier & ~crowd.marked
    candidates = np.flatnonzero((channel == CASH) & (day >= 3) & (day < last - 8) & owing)
    person = np.sort(crowd.rng.choice(candidates, size=DOUBLE_PAYERS, replace=False))
    offset = crowd.rng.integers(0, 9, DOUBLE_PAYERS)
    online = crowd.rng.choice(len(_ONLINE_SHARES), size=DOUBLE_PAYERS, p=_ONLINE_SHARES)
    return person, day[person] + offset, online.astype(np.int8)
