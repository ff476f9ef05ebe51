"""Reading enrolments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from yingbao.accounts.roles import Role
from yingbao.divisions.codes import Scope
from yingbao.enrolment.kinds import EnrolmentState
from yingbao.enrolment.models import Enrolment
from yingbao.registry.recognising.matching import batches


def of_year(scope: Scope, *, year: int) -> QuerySet[Enrolment]:
    """Return every enrolment of a scope for a year, cancelled ones too."""
    return Enrolment.objects.filter(year=year, division_id__gte=scope.low, division_id__lt=scope.high)


def standing(scope: Scope, *, year: int) -> QuerySet[Enrolment]:
    """Return the standing enrolments of a scope for a year."""
    return of_year(scope, year=year).filter(state=EnrolmentState.STANDING)


def standing_of(resident_ids: Iterable[int], *, year: int) -> dict[int, Enrolment]:
    """Return resident id → standing enrolment of the year, for those of the named who have one."""
    found = Enrolment.objects.filter(year=year, state=EnrolmentState.STANDING, resident_id__in=list(resident_ids))
    return {enrolment.resident_id: enrolment for enrolment in found}


def made_online(enrolment_ids: Iterable[int]) -> set[int]:
    """Return which of some enrolments a resident made, for themselves or for somebody they meant to pay for."""
    made = Enrolment.objects.filter(pk__in=list(enrolment_ids), enrolled_by__role=Role.RESIDENT)
    return set(made.values_list("pk", flat=True))


def tiers_of(resident_ids: Iterable[int], *, year: int) -> dict[int, int]:
    """Return resident id → tier of the year's standing enrolment, for those of the named who have one."""
    found = Enrolment.objects.filter(year=year, state=EnrolmentState.STANDING, resident_id__in=list(resident_ids))
    return dict(found.values_list("resident_id", "tier"))


def places_of(resident_ids: Iterable[int], *, year: int) -> dict[int, tuple[int, int]]:
    """Return resident id → (enrolment id, division code) of those of the named who stand enrolled for a year."""
    places: dict[int, tuple[int, int]] = {}
    for batch in batches(sorted(set(resident_ids))):
        found = Enrolment.objects.filter(year=year, state=EnrolmentState.STANDING, resident_id__in=batch)
        places.update((row[0], (row[1], row[2])) for row in found.values_list("resident_id", "pk", "division_id"))
    return places


def locked_of(resident_ids: Iterable[int]) -> list[tuple[int, str, date]]:
    """Return (resident id, identity that counted, day it was locked) of standing decisions with a subsidy, any year."""
    found: list[tuple[int, str, date | None]] = []
    for batch in batches(sorted(set(resident_ids))):
        locked = Enrolment.objects.filter(
            state=EnrolmentState.STANDING, resident_id__in=batch, locked_on__isnull=False, subsidy_fen__gt=0
        )
        found += locked.values_list("resident_id", "subsidy_identity", "locked_on")
    return [(resident_id, code, on) for resident_id, code, on in found if on is not None]


def standing_years(resident_ids: Iterable[int]) -> dict[int, set[int]]:
    """Return resident id → years with a standing enrolment; who has none is not in the answer."""
    found = Enrolment.objects.filter(state=EnrolmentState.STANDING, resident_id__in=list(resident_ids))
    years: defaultdict[int, set[int]] = defaultdict(set)
    for resident_id, year in found.values_list("resident_id", "year"):
        years[resident_id].add(year)
    return dict(years)


def subsidised(scope: Scope, *, year: int, begin_on: date, end_on: date) -> QuerySet[Enrolment]:
    """Return the standing enrolments whose decision was locked in [begin_on, end_on) with a subsidy."""
    return standing(scope, year=year).filter(subsidy_fen__gt=0, locked_on__gte=begin_on, locked_on__lt=end_on)
