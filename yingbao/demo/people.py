"""What the synthetic town is made of: plain records, a person being a position in the town's list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from yingbao.kernel.certificates import Form

SEASON_BEGIN = date(2022, 11, 3)


class Household(NamedTuple):
    """A household: its members are the residents ``first`` … ``first + size - 1``, the head first."""

    village: int
    number: str
    address: str
    surname: str
    first: int
    size: int


class Resident(NamedTuple):
    """One person. ``relation``, ``population`` and ``elsewhere`` use the register's codes ("": nowhere else)."""

    household: int
    village: int
    relation: str
    name: str
    is_male: bool
    born_on: date
    form: Form
    number: str
    phone: str
    hukou: str
    population: str = "resident"
    graduating: bool = False
    on_platform: bool = True
    elsewhere: str = ""

    @property
    def is_eligible(self) -> bool:
        """Whether the person is to be enrolled here (BN-2.0)."""
        return not self.elsewhere


class Mark(NamedTuple):
    """An identity of a person. ``disability``: kind and grade digit of the certificate; ``focus``: 重点保障情况."""

    person: int
    code: str
    disability: str = ""
    focus: str = ""


class Twice(NamedTuple):
    """A planted mistake: ``person`` stands a second time in the register, in another ``household``."""

    person: int
    household: int


@dataclass(frozen=True)
class Town:
    """Synthetic Pingjin. ``residents`` are the 59,719 of the season's first day; ``newborns`` come during 2023.

    Person numbers count through both: ``people[len(residents) + k]`` is ``newborns[k]``, whom the town office
    hears of on ``arrivals[k]``.
    """

    seed: int
    households: tuple[Household, ...]
    residents: tuple[Resident, ...]
    newborns: tuple[Resident, ...]
    arrivals: tuple[date, ...]
    marks: tuple[Mark, ...]
    twice: tuple[Twice, ...]

    @cached_property
    def people(self) -> tuple[Resident, ...]:
        """Residents and then newborns: the list that person numbers count through."""
        return self.residents + self.newborns

    def codes_by_person(self) -> dict[int, frozenset[str]]:
        """Return the identity codes of everyone who has one."""
        found: dict[int, set[str]] = {}
        for mark in self.marks:
            found.setdefault(mark.person, set()).add(mark.code)
        return {person: frozenset(codes) for person, codes in found.items()}
