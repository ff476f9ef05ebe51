"""What the register says of a person that decides what they owe: read in a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from yingbao.divisions.codes import Scope
from yingbao.registry.kinds import ResidentState
from yingbao.registry.models import CoveredElsewhere, Identity, Resident


@dataclass(frozen=True, slots=True)
class Facts:
    """One person on one day. ``identities`` and ``elsewhere`` hold the codes in force on that day."""

    resident_id: int
    household_id: int
    division_code: int
    birth_on: date
    population: str
    graduating: bool
    on_platform: bool
    state: str
    identities: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()


def of_household(household_id: int, *, on: date) -> dict[int, Facts]:
    """Return resident id → facts of the members of a household."""
    return _facts(Resident.objects.filter(household_id=household_id), Q(resident__household_id=household_id), on)


def of_residents(resident_ids: Iterable[int], *, on: date) -> dict[int, Facts]:
    """Return resident id → facts of the named residents."""
    ids = list(resident_ids)
    return _facts(Resident.objects.filter(pk__in=ids), Q(resident_id__in=ids), on)


def of_scope(scope: Scope, *, on: date) -> dict[int, Facts]:
    """Return resident id → facts of everyone present in a scope who was born by ``on``."""
    here = Q(division_id__gte=scope.low, division_id__lt=scope.high)
    there = Q(resident__division_id__gte=scope.low, resident__division_id__lt=scope.high)
    return _facts(Resident.objects.filter(here, state=ResidentState.PRESENT, birth_on__lte=on), there, on)


def _facts(residents: QuerySet[Resident], of_them: Q, on: date) -> dict[int, Facts]:
    in_force = Q(begin_on__lte=on) & (Q(end_on__isnull=True) | Q(end_on__gt=on))
    identities = _gather(Identity.objects.filter(of_them, in_force).values_list("resident_id", "code"))
    elsewhere = _gather(CoveredElsewhere.objects.filter(of_them, in_force).values_list("resident_id", "kind"))
    rows = residents.values_list(
        "pk", "household_id", "division_id", "birth_on", "population", "graduating", "on_platform", "state"
    )
    nothing: frozenset[str] = frozenset()
    return {row[0]: Facts(*row, identities.get(row[0], nothing), elsewhere.get(row[0], nothing)) for row in rows}


def _gather(pairs: Iterable[tuple[int, str]]) -> dict[int, frozenset[str]]:
    codes: defaultdict[int, set[str]] = defaultdict(set)
    for resident_id, code in pairs:
        codes[resident_id].add(code)
    return {resident_id: frozenset(held) for resident_id, held in codes.items()}
