"""What a changed policy would cost over the register: aggregated in the database, then asked as often as one likes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any, Literal

import numpy as np
from django.db import connection

from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions import queries as divisions
from yingbao.divisions.codes import SIZES, Scope
from yingbao.enrolment import cells as counted
from yingbao.policy import People, Policy
from yingbao.policy.people import NO_DAY, mask_type, to_date, to_day
from yingbao.policy.population import Births, Counted, Population, births_that_matter, gather_population
from yingbao.policy.simulate import Line, Simulation, add_lines, simulate

Whom = Literal["enrolled", "everyone"]
MOST_KEPT = 8


@dataclass(frozen=True)
class Snapshot:
    """A scope's people at one moment. ``stamp`` changes with the register and the enrolments.

    ``unenrolled``: who may enrol and has not; None where only the enrolled were counted.
    """

    population: Population
    stamp: str
    enrolled: int
    unenrolled: int | None


@dataclass(frozen=True)
class Simulated:
    """The answer over a scope: ``towns`` and ``villages`` are its divisions, ``names`` theirs by code."""

    simulation: Simulation
    snapshot: Snapshot
    towns: tuple[Line, ...]
    villages: tuple[Line, ...]
    names: Mapping[str, str]


def simulate_policy(
    actor: Actor, *, before: Policy, after: Policy, whom: Whom, on: date, stamp: str | None = None
) -> Simulated:
    """Compare two policies of a year over the actor's divisions; reads only, and no single person's data.

    ``whom``: the enrolled, with the tier each chose and the day each was cleared; or everyone, those who may enrol
    and have not counted in the lowest tier, unpaid. ``on``: the day whose identities count for who has not paid.
    ``stamp``: of an earlier answer, whose people are used again if they are still at hand: so that a slider is
    compared with what it was compared with before, while others enrol. Needs SIMULATE_POLICY.
    """
    actor.must(Right.SIMULATE_POLICY)
    snapshot = _find_snapshot(actor.scope, (before, after), whom, on, stamp)
    simulation = simulate(before, after, snapshot.population)
    within = list(divisions.within(actor.scope))
    villages = tuple(line for line in simulation.by_division if line.key)
    return Simulated(
        simulation=simulation,
        snapshot=snapshot,
        towns=tuple(_by_town(villages)),
        villages=villages,
        names={str(division.code): division.name for division in within},
    )


def _by_town(lines: Sequence[Line]) -> Iterator[Line]:
    towns: dict[str, list[Line]] = {}
    for line in lines:
        code = int(line.key)
        towns.setdefault(str(code - code % SIZES["town"]), []).append(line)
    return (add_lines(town, members) for town, members in sorted(towns.items()))


# ---------------------------------------------------------------- snapshots

_Key = tuple[Any, ...]
_kept: OrderedDict[_Key, Snapshot] = OrderedDict()
_lock = Lock()


def forget_snapshots() -> None:
    """Forget every kept snapshot; for tests."""
    with _lock:
        _kept.clear()


def _find_snapshot(scope: Scope, policies: Sequence[Policy], whom: Whom, on: date, stamp: str | None) -> Snapshot:
    """Return the kept snapshot if it is the one asked for, or still tells how things stand; else take one."""
    births = births_that_matter(*policies)
    bits = policies[0].vocabulary.bits
    # The same process may serve several databases one after the other (tests do).
    site = (connection.vendor, str(connection.settings_dict["NAME"]))
    key = (site, scope, policies[0].year, whom, on, births, tuple(bits))
    with _lock:
        kept = _kept.get(key)
    if kept is not None and kept.stamp == stamp:
        return kept
    now = f"{counted.latest_change()}-{accounts.latest_entry()}"
    if kept is not None and kept.stamp == now:
        return kept
    taken = _take_snapshot(scope, policies[0], whom, on, births, now)
    with _lock:
        _kept[key] = taken
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return taken


def _take_snapshot(scope: Scope, policy: Policy, whom: Whom, on: date, births: Births, stamp: str) -> Snapshot:
    zones = [(_date(begin), _date(end)) for begin, end in births.zones]
    gaps = [_date(day) for day in births.gap_days()]
    question = counted.Question(policy.year, on, policy.vocabulary.bits, zones, gaps)
    enrolled = counted.count_enrolled(scope, question)
    others = counted.count_unenrolled(scope, question) if whom == "everyone" else None
    rows = [*enrolled, *(others or ())]
    places = {code: place for place, code in enumerate(sorted({row[0] for row in rows}))}
    population = gather_population([_gather(rows, places, policy)], [str(code) for code in places], births)
    unenrolled = None if others is None else sum(row[-1] for row in others)
    return Snapshot(population, stamp, sum(row[-1] for row in enrolled), unenrolled)


def _date(day: int) -> date:
    found = to_date(day)
    assert found is not None
    return found


def _gather(rows: Sequence[counted.Row], places: Mapping[int, int], policy: Policy) -> Counted:
    """Return rows of the database as columns."""
    populations = {code: place for place, code in enumerate(policy.vocabulary.populations)}
    columns: Any = list(zip(*rows, strict=True)) or [[] for _ in range(8)]
    division, population, tier, graduating, birth, paid, mask, count = columns
    people = People(
        birth=_days(birth),
        population=np.array([populations[code] for code in population], np.uint8),
        tier=np.array([policy.tiers[0] if one is None else one for one in tier], np.uint8),
        mask=np.array(mask, mask_type(policy.vocabulary)),
        paid=_days(paid),
        graduating=np.array(graduating, np.bool_),
        term_start=np.full(len(rows), NO_DAY, np.int32),
    )
    return Counted(people, np.array([places[code] for code in division], np.int32), np.array(count, np.int64))


def _days(days: Sequence[Any]) -> Any:
    """Return days, as dates or as SQLite's texts, as numbers; None as NO_DAY."""
    known = {day: _number(day) for day in set(days)}
    return np.array([known[day] for day in days], np.int32)


def _number(day: Any) -> int:
    return to_day(date.fromisoformat(day) if isinstance(day, str) else day)
