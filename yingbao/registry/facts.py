"""What the register says of a person that decides what they owe: read in one statement, for one or for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from yingbao.divisions.codes import Scope
from yingbao.registry import counts
from yingbao.registry.kinds import Eligibility
from yingbao.registry.models import Resident
from yingbao.storage.questions import Question

FEW = 20  # ids up to which a statement is kept worked out, one for each number of them
BATCH = 10_000  # ids in a statement: below what either database takes
Span = tuple[str, date, date | None]  # code, first day, day after the last


@dataclass(frozen=True, slots=True)
class Facts:
    """One person on one day. ``identities`` and ``elsewhere`` hold the codes in force on that day.

    ``spans`` are all identities the person ever had. Disability: as the certificate says, None where none is known.
    """

    resident_id: int
    household_id: int
    division_code: int
    birth_on: date
    population: str
    graduating: bool
    on_platform: bool
    state: str
    eligibility: str = Eligibility.ACCEPTED
    disability_kind: int | None = None
    disability_grade: int | None = None
    term_start_on: date | None = None
    identities: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()
    spans: tuple[Span, ...] = ()

    def identities_on(self, day: date) -> frozenset[str]:
        """Return the codes in force on another day: what a notice asks that goes by a fixed day."""
        return frozenset(span[0] for span in self.spans if _in_force(span, day))


def of_household(household_id: int, *, on: date) -> dict[int, Facts]:
    """Return resident id → facts of the members of a household."""
    return _gathered(_OF_HOUSEHOLD.ask(household=household_id), on)


def of_residents(resident_ids: Iterable[int], *, on: date) -> dict[int, Facts]:
    """Return resident id → facts of the named residents, ``BATCH`` of them a statement."""
    ids = sorted(set(resident_ids))
    if len(ids) <= FEW:
        return _gathered(_OF_A_FEW.ask(people=ids), on) if ids else {}
    found: dict[int, Facts] = {}
    for begin in range(0, len(ids), BATCH):
        found |= _facts(Resident.objects.filter(pk__in=ids[begin : begin + BATCH]), on)
    return found


def of_scope(scope: Scope, *, on: date) -> dict[int, Facts]:
    """Return resident id → facts of everyone present in a scope who was born by ``on``."""
    return _facts(counts.present(scope).filter(birth_on__lte=on), on)


def of_holders(scope: Scope, *, codes: Iterable[str], on: date) -> dict[int, Facts]:
    """Return resident id → facts of everyone present in a scope who holds one of the identities on a day."""
    holders = counts.holders(codes=codes, on=on)
    return _facts(counts.present(scope).filter(pk__in=holders), on)


PERSON = (
    *("pk", "household_id", "division_id", "birth_on", "population", "graduating", "on_platform", "state"),
    *("eligibility", "disability_kind", "disability_grade", "term_start_on"),
)
FACTS = len(PERSON)
IDENTITY = ("identities__code", "identities__begin_on", "identities__end_on")
ELSEWHERE = ("elsewhere__kind", "elsewhere__begin_on", "elsewhere__end_on")


_OF_HOUSEHOLD = Question(lambda *, household: _rows(Resident.objects.filter(household_id=household)))
_OF_A_FEW = Question(lambda *, people: _rows(Resident.objects.filter(pk__in=people)))


def _rows(residents: QuerySet[Resident]) -> QuerySet[Any, Any]:
    """Read people, identities and spans elsewhere in one statement: a row per person and pair of the other two."""
    return residents.values_list(*PERSON, *IDENTITY, *ELSEWHERE)


def _facts(residents: QuerySet[Resident], on: date) -> dict[int, Facts]:
    return _gathered(_rows(residents), on)


def _gathered(rows: Iterable[Sequence[Any]], on: date) -> dict[int, Facts]:
    people: dict[int, Sequence[Any]] = {}
    spans: defaultdict[int, set[Span]] = defaultdict(set)
    kinds: defaultdict[int, set[str]] = defaultdict(set)
    for row in rows:
        pk = row[0]
        people[pk] = row[:FACTS]
        identity, elsewhere = row[FACTS : FACTS + 3], row[FACTS + 3 :]
        if identity[0] is not None:
            spans[pk].add((identity[0], identity[1], identity[2]))
        if _in_force(elsewhere, on):
            kinds[pk].add(elsewhere[0])
    return {pk: _one(person, spans[pk], kinds[pk], on) for pk, person in people.items()}


def _one(person: Sequence[Any], spans: Iterable[Span], kinds: Iterable[str], on: date) -> Facts:
    held = frozenset(span[0] for span in spans if _in_force(span, on))
    return Facts(*[*person, held, frozenset(kinds), tuple(sorted(spans, key=lambda span: span[:2]))])


def _in_force(span: Sequence[Any], on: date) -> bool:
    """Whether (code, begin_on, end_on), all None where the person has none, is in force on a day."""
    code, begin_on, end_on = span
    return code is not None and begin_on <= on and (end_on is None or on < end_on)
