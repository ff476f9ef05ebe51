"""What the register says of a person that decides what they owe: read in a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

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
    return _of_few(Resident.objects.filter(household_id=household_id), on)


def of_residents(resident_ids: Iterable[int], *, on: date) -> dict[int, Facts]:
    """Return resident id → facts of the named residents."""
    return _of_few(Resident.objects.filter(pk__in=list(resident_ids)), on)


def of_scope(scope: Scope, *, on: date) -> dict[int, Facts]:
    """Return resident id → facts of everyone present in a scope who was born by ``on``."""
    there = {"resident__division_id__gte": scope.low, "resident__division_id__lt": scope.high}
    present = Resident.objects.filter(
        division_id__gte=scope.low, division_id__lt=scope.high, state=ResidentState.PRESENT, birth_on__lte=on
    )
    return _facts(present.values_list(*COLUMNS), there, on)


COLUMNS = ("pk", "household_id", "division_id", "birth_on", "population", "graduating", "on_platform", "state")


def _of_few(residents: QuerySet[Resident], on: date) -> dict[int, Facts]:
    rows = list(residents.values_list(*COLUMNS))
    return _facts(rows, {"resident_id__in": [row[0] for row in rows]}, on)


def _facts(rows: Iterable[tuple[Any, ...]], of_them: dict[str, Any], on: date) -> dict[int, Facts]:
    identities = Identity.objects.filter(**of_them).values_list("resident_id", "code", "begin_on", "end_on")
    elsewhere = CoveredElsewhere.objects.filter(**of_them).values_list("resident_id", "kind", "begin_on", "end_on")
    codes, kinds = _in_force(identities, on), _in_force(elsewhere, on)
    nothing: frozenset[str] = frozenset()
    return {row[0]: Facts(*row, codes.get(row[0], nothing), kinds.get(row[0], nothing)) for row in rows}


def _in_force(spans: Iterable[tuple[int, str, date, date | None]], on: date) -> dict[int, frozenset[str]]:
    """Return resident id → codes whose half-open span holds ``on``."""
    held: defaultdict[int, set[str]] = defaultdict(set)
    for resident_id, code, begin_on, end_on in spans:
        if begin_on <= on and (end_on is None or on < end_on):
            held[resident_id].add(code)
    return {resident_id: frozenset(codes) for resident_id, codes in held.items()}
