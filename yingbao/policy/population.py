"""A population as distinct decision cells: what decides anything about somebody, and how many people that holds for.

A million people hold some thousands of different sets of facts, so a changed policy is asked about those only. Of a
birth a policy looks at little: whether somebody is newborn or not yet born, and on which side of an age that a
condition names. ``Births`` says which births must stay exact; all others between two such spans become one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yingbao.policy.conditions import list_conditions
from yingbao.policy.format import PackFile
from yingbao.policy.people import NO_DAY, Days, People, to_day
from yingbao.policy.policy import Policy
from yingbao.policy.season import season_of

FAR = to_day(date(9999, 12, 31))
LONG_AGO = 36_525  # days: somebody older than any condition asks for is born before any day of clearing
MOST_CODES = 1 << 62
MERGE_AT = 1 << 20  # rows held back before they are put together
NEAR = 2  # days around a birthday that stay exact: nobody need ask when somebody born on 29 February turns a year older
Places = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]
Columns = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Births:
    """Which births must stay exact: half-open spans of days since 1970-01-01, in order and apart."""

    zones: tuple[tuple[int, int], ...]

    def simplify(self, birth: Days) -> Days:
        """Return births with those outside the zones moved to one day of their gap; NO_DAY stays."""
        bounds = np.array(list(chain.from_iterable(self.zones)), np.int64)
        place = np.searchsorted(bounds, birth, side="right")
        exact = (place % 2 == 1) | (birth == NO_DAY)
        simple: Days = np.where(exact, birth, np.array(self.gap_days(), np.int64).take(place // 2)).astype(np.int32)
        return simple

    def gap_days(self) -> list[int]:
        """Return the day that stands for each gap: long before the first zone, then at the end of each."""
        return [self.zones[0][0] - LONG_AGO, *(end for _, end in self.zones)]

    def serves(self, needed: Births) -> bool:
        """Return whether a population simplified by this keeps apart all that ``needed`` wants apart."""
        return all(any(low <= begin and end <= high for low, high in self.zones) for begin, end in needed.zones)


def births_that_matter(*policies: Policy, as_of: date | None = None) -> Births:
    """Return which births the policies look at more closely than "older"; ``as_of``: of who has not paid."""
    zones: list[tuple[int, int]] = []
    for policy in policies:
        for _, pack in policy.pack.versions:
            zones += _zones(pack.file, as_of)
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(zones):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return Births(tuple(joined))


def _zones(file: PackFile, as_of: date | None) -> Iterator[tuple[int, int]]:
    season = season_of(file)
    assert season.end is not None
    days = [season.begin, season.end, *([as_of] if as_of else [])]
    born = [file.newborn.born.first_day] if file.newborn and file.newborn.born else []
    terms = [date(file.students.term_start.year, 1, 1)] if file.students else []  # students may pay before the season
    yield to_day(min(*days, *born, *terms)), FAR  # the newborn, and who is not born when paid for
    year = file.coverage_year.first_day if file.coverage_year else season.begin
    counted = file.ages.counted_on if file.ages else year
    first, last = (min(days), max(days)) if counted == "clearing" else (counted, counted)
    for age in _ages(file):
        yield to_day(_years_before(first, age)) - NEAR, to_day(_years_before(last, age)) + NEAR


def _ages(file: PackFile) -> set[int]:
    """Return the ages at which some condition begins or ends to hold."""
    found: set[int] = set()
    for when in list_conditions(file):
        found |= {when.age_from} if when.age_from is not None else set()
        found |= {when.age_to + 1} if when.age_to is not None else set()
    return found


def _years_before(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)


@dataclass(frozen=True, slots=True)
class Counted:
    """Some people, where each belongs (a position in the population's ``divisions``), and how many each stands for."""

    people: People
    division: Places
    count: Counts


@dataclass(frozen=True, slots=True)
class Population:
    """``cells``: distinct facts; ``cell``, ``division`` and ``count``: how many people of a division hold them."""

    cells: People
    cell: Places
    division: Places
    count: Counts
    divisions: tuple[str, ...]
    births: Births

    @property
    def persons(self) -> int:
        """How many people there are."""
        return int(self.count.sum())


def gather_population(groups: Iterable[Counted], divisions: Iterable[str], births: Births) -> Population:
    """Return the people of ``groups`` as a population; ``divisions`` is read after all of them."""
    held: list[tuple[Columns, Counts]] = []
    for group in groups:
        held.append(_distinct(_columns(group, births), group.count))
        if sum(len(count) for _, count in held) > MERGE_AT:
            held = [_merge(held)]
    columns, count = _merge(held)
    division = columns.pop("division")
    first, cell = _number(columns, len(count))
    cells = _people({name: column[first] for name, column in columns.items()})
    return Population(cells, cell.astype(np.int32), division, count, tuple(divisions) or ("",), births)


def _columns(group: Counted, births: Births) -> Columns:
    """Return all facts as columns by name; ``facts.…`` for what some packs ask for."""
    people, columns = group.people, {"division": group.division}
    for field in fields(people):
        value = getattr(people, field.name)
        if isinstance(value, Mapping):
            columns |= {f"{field.name}.{name}": column for name, column in value.items()}
        else:
            columns[field.name] = value if len(value) == len(people) else np.zeros(len(people), value.dtype)
    return {**columns, "birth": births.simplify(people.birth)}


def _people(columns: Columns) -> People:
    plain: dict[str, Any] = {name: column for name, column in columns.items() if "." not in name}
    for name in columns.keys() - plain.keys():
        field, _, fact = name.partition(".")
        plain.setdefault(field, {})[fact] = columns[name]
    return People(**plain)


def _merge(held: Sequence[tuple[Columns, Counts]]) -> tuple[Columns, Counts]:
    if len(held) == 1:
        return held[0]
    columns = {name: np.concatenate([part[name] for part, _ in held]) for name in held[0][0]}
    return _distinct(columns, np.concatenate([count for _, count in held]))


def _distinct(columns: Columns, count: Counts) -> tuple[Columns, Counts]:
    first, number = _number(columns, len(count))
    sums = np.zeros(len(first), np.int64)
    np.add.at(sums, number, count)
    return {name: column[first] for name, column in columns.items()}, sums


def _number(columns: Columns, rows: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Number the distinct rows: return where each stands first, and each row's number."""
    code, codes = np.zeros(rows, np.int64), 1
    for column in columns.values():
        if rows and (column == column[0]).all():
            continue
        encoded = pa.array(column.view(np.uint8) if column.dtype == np.bool_ else column).dictionary_encode()
        kinds = len(encoded.dictionary)
        if codes * kinds > MOST_CODES:
            _, code = np.unique(code, return_inverse=True)
            codes = int(code.max()) + 1
        code = code * kinds + encoded.indices.to_numpy()
        codes *= kinds
    _, first, number = np.unique(code, return_index=True, return_inverse=True)
    return first, number
