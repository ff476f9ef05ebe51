"""Counting people of the register, village by village."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Count, Q, QuerySet

from yingbao.divisions.codes import Scope
from yingbao.registry.kinds import ResidentState
from yingbao.registry.models import CoveredElsewhere, Identity, Resident


def holders(*, codes: Iterable[str], on: date) -> QuerySet[Identity, int]:
    """Return the ids of residents who hold one of the identities on a day, as a subquery."""
    in_force = Q(begin_on__lte=on) & (Q(end_on__isnull=True) | Q(end_on__gt=on))
    return Identity.objects.filter(in_force, code__in=sorted(codes)).values_list("resident_id", flat=True)


def with_identity(scope: Scope, *, codes: Iterable[str], on: date) -> dict[int, int]:
    """Return village code → number of people present who hold one of the identities on a day and may enrol here.

    Whoever is insured elsewhere that day is not counted: BN-4.2.2a asks for those not in employee insurance.
    """
    entitled = present(scope).filter(pk__in=holders(codes=codes, on=on))
    return _by_village(entitled.exclude(pk__in=covered_elsewhere(on=on)))


def covered_elsewhere(*, on: date) -> QuerySet[CoveredElsewhere, int]:
    """Return the ids of residents who are insured or looked after elsewhere on a day, as a subquery."""
    in_force = Q(begin_on__lte=on) & (Q(end_on__isnull=True) | Q(end_on__gt=on))
    return CoveredElsewhere.objects.filter(in_force).values_list("resident_id", flat=True)


def population(scope: Scope) -> dict[int, int]:
    """Return village code → number of people present in the register."""
    return _by_village(present(scope))


def present(scope: Scope) -> QuerySet[Resident]:
    """Return the people of a scope who are still of its register."""
    return Resident.objects.filter(division_id__gte=scope.low, division_id__lt=scope.high, state=ResidentState.PRESENT)


def _by_village(residents: QuerySet[Resident]) -> dict[int, int]:
    return dict(residents.values_list("division_id").annotate(n=Count("id")))
