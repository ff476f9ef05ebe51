"""Changing households as wholes: who lives in which, and who is the head. Exactly one head, at every moment."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import IntegrityError, transaction

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions import queries as divisions
from yingbao.kernel.errors import BadInput, Conflict, NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.registry import queries
from yingbao.registry.editing.history import Change, Why, change, plain, record, record_moves, wait_for_files
from yingbao.registry.kinds import HouseholdState, Relation, ResidentState
from yingbao.registry.models import Household, Institution, Resident
from yingbao.storage.transactions import operation

TRAILING_NUMBER = re.compile(r"(.*?)(\d{1,12})")


class Seat(NamedTuple):
    """Where somebody belongs: a household, and the relation to its head."""

    household: Household
    relation: str


@dataclass(frozen=True, slots=True)
class Home:
    """A locked household and everybody who belongs to it, by id: those who have died or left too."""

    household: Household
    members: Mapping[int, Resident]

    @property
    def here(self) -> list[Resident]:
        """The members who are in the register."""
        return [one for one in self.members.values() if one.state == ResidentState.PRESENT]

    @property
    def head(self) -> Resident | None:
        """The head among them."""
        return next((one for one in self.here if one.relation == Relation.HEAD), None)


# --- finding --------------------------------------------------------------------------------------------------------


def find(actor: Actor, division_code: int, number: str) -> Household:
    """Return the household of a village with a number. Raises NotFound outside the actor's divisions."""
    actor.must(Right.SEE_RESIDENTS)
    actor.must_reach(division_code)
    found = Household.objects.filter(division_id=division_code, number=number.strip()).first()
    if found is None:
        raise NotFound(say(N_("这个村（社区）没有这个户号。")), todo=say(N_("请核对村（社区）和户号。")))
    return found


def next_number(division_code: int) -> str:
    """Return the next free household number of a village, written the way most numbers there are."""
    numbers = Household.objects.filter(division_id=division_code).values_list("number", flat=True)
    parts = [match.groups() for match in map(TRAILING_NUMBER.fullmatch, numbers) if match]
    if not parts:
        return "1"
    usual, _count = Counter((prefix, len(digits)) for prefix, digits in parts).most_common(1)[0]
    last = max(int(digits) for prefix, digits in parts if (prefix, len(digits)) == usual)
    return f"{usual[0]}{last + 1:0{usual[1]}d}"


# --- locking --------------------------------------------------------------------------------------------------------


@operation
def lock(actor: Actor, *household_ids: int) -> list[Home]:
    """Return households of the actor's divisions with their members, locked until the transaction ends, as asked.

    Households before people, both in id order: two clerks cannot deadlock. Raises NotFound.
    """
    wait_for_files()
    for household_id in household_ids:
        queries.household(actor, household_id)
    wanted = Household.objects.select_for_update(no_key=True).filter(pk__in=household_ids).order_by("pk")
    households = {one.pk: one for one in wanted}
    members: defaultdict[int, dict[int, Resident]] = defaultdict(dict)
    for person in Resident.objects.select_for_update().filter(household_id__in=household_ids).order_by("pk"):
        members[person.household_id][person.pk] = person
    for household in households.values():
        actor.must_reach(household.division_id)
    return [Home(households[key], members[key]) for key in household_ids]


def must_be_as_seen(home: Home, seen: Mapping[int, int]) -> None:
    """Raise Conflict unless the members and their versions are those a form was filled in for."""
    if {one.pk: one.version for one in home.here} != dict(seen):
        raise _changed()


def _changed() -> Conflict:
    return Conflict(
        say(N_("这一户刚刚被别人修改过，您的办理没有保存。")), todo=say(N_("请刷新页面，核对现在的成员后再办理。"))
    )


# --- changing -------------------------------------------------------------------------------------------------------


@operation
def add(actor: Actor, division_code: int, number: str, address: str, *, why: Why) -> Household:
    """Add a household to a village of the actor's. Raises NotFound, BadInput, Refused where the number is taken."""
    wait_for_files()
    values = {"division_id": _village(actor, division_code), "number": _number(number), "address": _address(address)}
    try:
        with transaction.atomic():
            household = Household.objects.create(**values)
    except IntegrityError:
        raise _taken() from None
    record([Change(household, {}, {name: plain(value) for name, value in values.items()})], why=why)
    return household


@operation
def relocate(actor: Actor, home: Home, *, division_code: int, number: str, address: str, hukou: str, why: Why) -> None:
    """Move a locked household with all its people to another village, under a number of that village."""
    values = {"division_id": _village(actor, division_code), "number": _number(number), "address": _address(address)}
    try:
        with transaction.atomic():
            change(home.household, values, why=why)
    except IntegrityError:
        raise _taken() from None
    for person in home.members.values():
        moved: dict[str, object] = {"division_id": division_code}
        change(person, moved | ({"hukou": hukou} if hukou else {}), why=why)


@operation
def seat(homes: Sequence[Home], seats: Mapping[int, Seat], *, why: Why, hukou: str = "") -> None:
    """Give members of locked households the seats named; a household nobody is left in is dissolved.

    Whoever changes household takes ``hukou`` where it is given. Raises BadInput where a household would have no
    head or two, or a new head and somebody whose relation to them is not told; Conflict where somebody named is not
    there any more.
    """
    people = {pk: person for home in homes for pk, person in home.members.items()}
    if not seats.keys() <= {pk for pk, person in people.items() if person.state == ResidentState.PRESENT}:
        raise _changed()
    _check_heads(people, seats)
    seats = _stepping_aside(people, seats) | dict(seats)
    moves: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for pk in sorted(seats, key=lambda pk: (_order(people[pk], seats[pk]), pk)):
        person, (household, relation) = people[pk], seats[pk]
        values = {"household_id": household.pk, "division_id": household.division_id, "relation": relation}
        if person.household_id != household.pk:
            moves[person.household_id, household.pk].append(pk)
            values |= {"hukou": hukou} if hukou else {}
        change(person, values, why=why)
    record_moves(moves, why=why)
    here = {person.household_id for person in people.values() if person.state == ResidentState.PRESENT}
    for home in homes:
        settle(home.household, is_empty=home.household.pk not in here, why=why)


@operation
def settle(household: Household, *, is_empty: bool, why: Why) -> None:
    """Dissolve a household nobody is left in; a dissolved one that somebody comes back to is there again."""
    state = HouseholdState.DISSOLVED if is_empty else HouseholdState.PRESENT
    change(household, {"state": state.value}, why=why)


def _check_heads(people: Mapping[int, Resident], seats: Mapping[int, Seat]) -> None:
    before, after = defaultdict(set), defaultdict(set)
    members: defaultdict[int, set[int]] = defaultdict(set)
    for pk, person in people.items():
        if person.state != ResidentState.PRESENT:
            continue
        if person.relation == Relation.HEAD:
            before[person.household_id].add(pk)
        household_id, relation = _seat_of(person, seats)
        members[household_id].add(pk)
        if relation == Relation.HEAD:
            after[household_id].add(pk)
    collective = set(Institution.objects.filter(household_id__in=members).values_list("household_id", flat=True))
    for household_id, those in members.items():
        if household_id in collective:  # who lives in an institution has no head to be related to
            continue
        if len(after[household_id]) != 1:
            raise BadInput(
                say(N_("每一户须有且只有一位户主，这样办理后有 {n} 位。"), n=len(after[household_id])),
                todo=say(N_("请给每一户选定一位户主，其余人员选与户主的关系。")),
            )
        if before[household_id] != after[household_id] and not those <= seats.keys():
            raise BadInput(say(N_("户主变了，每位成员与户主的关系都要重新选择。")))


def _seat_of(person: Resident, seats: Mapping[int, Seat]) -> tuple[int, str]:
    given = seats.get(person.pk)
    return (given.household.pk, given.relation) if given else (person.household_id, person.relation)


def _stepping_aside(people: Mapping[int, Resident], seats: Mapping[int, Seat]) -> dict[int, Seat]:
    """Return a seat for every head who has died or left and whose household gets another."""
    headed = {given.household.pk: given.household for given in seats.values() if given.relation == Relation.HEAD}
    return {
        pk: Seat(headed[person.household_id], Relation.OTHER.value)
        for pk, person in people.items()
        if person.relation == Relation.HEAD and person.household_id in headed and pk not in seats
    }


def _order(person: Resident, given: Seat) -> int:
    """Heads go before others come: the database lets no household have two, not even between two statements."""
    if person.relation != Relation.HEAD:
        return 2
    return 1 if given.relation == Relation.HEAD else 0


def _village(actor: Actor, division_code: int) -> int:
    if not divisions.villages(actor.scope).filter(code=division_code).exists():
        raise NotFound(say(N_("没有找到这个村（社区），或不在您的管理范围内。")))
    return division_code


def _number(text: str) -> str:
    number = text.strip()
    if not number or len(number) > 30:
        raise BadInput(say(N_("请填写户号（最多30个字）。")))
    return number


def _address(text: str) -> str:
    if len(text.strip()) > 120:
        raise BadInput(say(N_("地址太长（最多120字）。")))
    return text.strip()


def _taken() -> Refused:
    return Refused(
        say(N_("这个村（社区）已有这个户号，没有办理。")), todo=say(N_("请换一个户号；页面会给出下一个空号。"))
    )
