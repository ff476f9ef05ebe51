"""Records of the register that look like one person under two numbers: pairs with reasons, for a person to judge.

Everything is found by sets, in a fixed number of statements (and batches of 900 for what is sealed). What two people
of one name can share by chance is told last; pairs that somebody has told apart are left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import ExtractDay, ExtractMonth, ExtractYear

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions.codes import SIZES, Scope
from yingbao.kernel.certificates import PSN_CERT_TYPES, Form
from yingbao.kernel.messages import N_, Message, say
from yingbao.registry.kinds import ResidentState
from yingbao.registry.models import DifferentPeople, Resident
from yingbao.registry.recognising import likeness
from yingbao.registry.recognising.matching import batches

BIRTH_CERTIFICATE = PSN_CERT_TYPES[Form.BIRTH_CERTIFICATE]
# What a newborn is called before it has a name: 艾青禾之子, 未命名, 婴儿.
PLACEHOLDER = re.compile(r"(?P<mother>.*?)(之子|之女|之婴|婴儿|宝宝|未命名|新生儿)\d?")
# How much each reason says; a sum orders the pairs and decides nothing.
ALIKE, NEWBORN, PHONE, FACTS, HOUSEHOLD, VILLAGE, TOWN = 40, 40, 30, 20, 20, 10, 5


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that look like one person, the older record first, and why."""

    first_id: int
    second_id: int
    division_code: int  # of the first
    reasons: tuple[Message, ...]
    weight: int


@dataclass(frozen=True, slots=True)
class ShownPair:
    """A pair with the two records, household and village at hand."""

    pair: Pair
    first: Resident
    second: Resident


class _Person(NamedTuple):
    pk: int
    name: str
    birth_on: date
    sex: str
    division_code: int
    household_id: int


PERSON = ("pk", "name", "birth_on", "sex", "division_id", "household_id")
Suspects = dict[tuple[int, int], tuple[_Person, _Person, list[tuple[int, Message]]]]


def pairs(scope: Scope) -> list[Pair]:
    """Return the pairs of a scope that look like one person, likeliest first."""
    found: Suspects = {}
    _add_namesakes(found, scope)
    _add_phones(found, scope)
    _add_newborns(found, scope)
    apart = _told_apart(found)
    made = [_pair(*found[ids]) for ids in found if ids not in apart]
    return sorted(made, key=lambda pair: (-pair.weight, pair.first_id, pair.second_id))


def shown(actor: Actor, found: Sequence[Pair]) -> list[ShownPair]:
    """Return pairs with their records, in one statement; those not wholly of the actor's divisions are left out."""
    actor.must(Right.EDIT_REGISTER)
    ids = {pk for pair in found for pk in (pair.first_id, pair.second_id)}
    within = Resident.objects.filter(pk__in=ids, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    people = within.exclude(state=ResidentState.MERGED).select_related("household", "division__parent").in_bulk()
    return [
        ShownPair(pair, people[pair.first_id], people[pair.second_id])
        for pair in found
        if pair.first_id in people and pair.second_id in people
    ]


def _present(scope: Scope) -> QuerySet[Resident]:
    return Resident.objects.filter(state=ResidentState.PRESENT, division_id__gte=scope.low, division_id__lt=scope.high)


def _add(found: Suspects, one: _Person, other: _Person, weight: int, reason: Message) -> None:
    first, second = sorted((one, other))
    found.setdefault((first.pk, second.pk), (first, second, []))[2].append((weight, reason))


def _pair(first: _Person, second: _Person, said: list[tuple[int, Message]]) -> Pair:
    said = [*said, *_near(first, second)]
    reasons = tuple(reason for _, reason in said)
    return Pair(first.pk, second.pk, first.division_code, reasons, sum(weight for weight, _ in said))


def _near(first: _Person, second: _Person) -> Iterator[tuple[int, Message]]:
    if first.household_id == second.household_id:
        yield HOUSEHOLD, say(N_("在同一户"))
    elif first.division_code == second.division_code:
        yield VILLAGE, say(N_("同村"))
    elif _town(first) == _town(second):
        yield TOWN, say(N_("同镇"))


def _town(person: _Person) -> int:
    return person.division_code // SIZES["town"]


def _told_apart(found: Suspects) -> set[tuple[int, int]]:
    apart: set[tuple[int, int]] = set()
    for batch in batches(sorted({first for first, _ in found})):
        apart.update(DifferentPeople.objects.filter(first_id__in=batch).values_list("first_id", "second_id"))
    return apart


# --- the same name --------------------------------------------------------------------------------------------------


def _add_namesakes(found: Suspects, scope: Scope) -> None:
    """Add people of one name whose births agree, or differ in one part only and their numbers by one slip."""
    near = list(_born_alike(scope))
    numbers = _sealed({person.pk for pair in near for person in pair}, "certificate_number")
    for one, other in near:
        same = one.birth_on == other.birth_on and one.sex == other.sex
        alike = likeness.likeness(numbers[one.pk], numbers[other.pk])
        if alike:
            _add(found, one, other, ALIKE, alike)
        if same:
            _add(found, one, other, FACTS, say(N_("姓名、性别、出生日期都相同")))
        elif alike:
            _add(found, one, other, 0, say(N_("姓名相同")))


def _born_alike(scope: Scope) -> set[tuple[_Person, _Person]]:
    """Return pairs of one name that share two of the year, month and day of birth, and are near in the third."""
    year, month, day = ExtractYear("birth_on"), ExtractMonth("birth_on"), ExtractDay("birth_on")
    counted = _present(scope).annotate(
        of_day=Window(Count("pk"), partition_by=[F("name"), month, day]),
        of_month=Window(Count("pk"), partition_by=[F("name"), year, month]),
        of_year=Window(Count("pk"), partition_by=[F("name"), year, day]),
    )
    several = counted.filter(Q(of_day__gt=1) | Q(of_month__gt=1) | Q(of_year__gt=1))
    return set(_paired(_Person(*row) for row in several.values_list(*PERSON)))


def _paired(people: Iterable[_Person]) -> Iterator[tuple[_Person, _Person]]:
    alike: defaultdict[tuple[Any, ...], list[_Person]] = defaultdict(list)
    for person in people:
        year, month, day = person.birth_on.year, person.birth_on.month, person.birth_on.day
        for key in ((0, month, day), (1, year, day), (2, year, month)):
            alike[(person.name, *key)].append(person)
    for group in alike.values():
        for one, other in combinations(sorted(group), 2):
            if likeness.is_birth_like(f"{one.birth_on:%Y%m%d}", other.birth_on):
                yield one, other


def _sealed(ids: Iterable[int], field: str) -> dict[int, str]:
    held: dict[int, str] = {}
    for batch in batches(sorted(ids)):
        held.update(dict(Resident.objects.filter(pk__in=batch).values_list("pk", field)))
    return held


# --- the same telephone ---------------------------------------------------------------------------------------------


def _add_phones(found: Suspects, scope: Scope) -> None:
    """Add people of one name and town with one telephone. Sealed numbers cannot be joined, so namesakes' are opened."""
    town = F("division_id") / SIZES["town"]
    with_phone = (
        _present(scope)
        .filter(phone__isnull=False)
        .annotate(namesakes=Window(Count("pk"), partition_by=[F("name"), town]))
    )
    rows = with_phone.filter(namesakes__gt=1).values_list(*PERSON, "phone")
    same: defaultdict[tuple[str, str, int], list[_Person]] = defaultdict(list)
    for *facts, phone in rows:
        person = _Person(*facts)
        same[person.name, str(phone), _town(person)].append(person)
    for group in same.values():
        for one, other in combinations(group, 2):
            _add(found, one, other, PHONE, say(N_("姓名和电话都相同")))


# --- newborns -------------------------------------------------------------------------------------------------------


def _add_newborns(found: Suspects, scope: Scope) -> None:
    """Add a birth-certificate record and another of the same birth and sex in its household, or in its mother's."""
    newborns = [_Person(*row) for row in _born_with_certificate(scope).values_list(*PERSON)]
    homes = _homes_of(newborns, scope)
    households = sorted({home for of_one in homes.values() for home in of_one})
    members: defaultdict[tuple[int, date, str], list[_Person]] = defaultdict(list)
    for batch in batches(households):
        others = _present(scope).filter(household_id__in=batch).exclude(certificate_kind=BIRTH_CERTIFICATE)
        for row in others.values_list(*PERSON):
            person = _Person(*row)
            members[person.household_id, person.birth_on, person.sex].append(person)
    for newborn in newborns:
        for home in homes[newborn.pk]:
            for other in members[home, newborn.birth_on, newborn.sex]:
                if _is_name_of_newborn(newborn.name, other.name):
                    _add(found, newborn, other, NEWBORN, say(N_("新生儿出生证明与身份证号各登记一次")))


def _born_with_certificate(scope: Scope) -> QuerySet[Resident]:
    return _present(scope).filter(certificate_kind=BIRTH_CERTIFICATE)


def _homes_of(newborns: Sequence[_Person], scope: Scope) -> dict[int, set[int]]:
    """Return newborn's id → households it may have been registered in: its own, and those of who its name names."""
    mothers: defaultdict[str, set[int]] = defaultdict(set)
    named = {one.pk: _mother_named(one.name) for one in newborns}
    for batch in batches(sorted(set(filter(None, named.values())))):
        for name, home in _present(scope).filter(name__in=batch).values_list("name", "household_id"):
            mothers[name].add(home)
    return {one.pk: {one.household_id} | mothers.get(named[one.pk], set()) for one in newborns}


def _mother_named(name: str) -> str:
    found = PLACEHOLDER.fullmatch(name)
    return found["mother"] if found else ""


def _is_name_of_newborn(name: str, other: str) -> bool:
    return PLACEHOLDER.fullmatch(name) is not None or name == other or likeness.is_name_near(name, other)
