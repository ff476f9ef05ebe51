"""Counting people of the register, village by village."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Count, Q, QuerySet

from yingbao.divisions.codes import Scope
from yingbao.registry.kinds import ResidentState
from yingbao.registry.models import CoveredElsewhere, Identity, Resident
from yingbao.registry.recognising.matching import batches


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


def kinds_elsewhere(resident_ids: Iterable[int], *, on: date) -> dict[int, list[str]]:
    """Return resident id → the kinds of cover elsewhere in force on a day, of those of the named who have any."""
    in_force = Q(begin_on__lte=on) & (Q(end_on__isnull=True) | Q(end_on__gt=on))
    kinds: defaultdict[int, list[str]] = defaultdict(list)
    for batch in batches(sorted(resident_ids)):
        spans = CoveredElsewhere.objects.filter(in_force, resident_id__in=batch).order_by("resident_id", "kind")
        for resident_id, kind in spans.values_list("resident_id", "kind"):
            kinds[resident_id].append(kind)
    return dict(kinds)


def dead() -> QuerySet[Resident, int]:
    """Return the ids of everyone of the register who has died, as a subquery."""
    return Resident.objects.filter(state=ResidentState.DEAD).values_list("pk", flat=True)


def died(resident_ids: Iterable[int]) -> dict[int, date]:
    """Return resident id → day of death of those of the named who have died."""
    found: dict[int, date] = {}
    for batch in batches(sorted(resident_ids)):
        people = Resident.objects.filter(pk__in=batch, state=ResidentState.DEAD, gone_on__isnull=False)
        found.update((pk, gone_on) for pk, gone_on in people.values_list("pk", "gone_on") if gone_on)
    return found


def population(scope: Scope) -> dict[int, int]:
    """Return village code → number of people present in the register."""
    return _by_village(present(scope))


def present(scope: Scope) -> QuerySet[Resident]:
    """Return the people of a scope who are still of its register."""
    return Resident.objects.filter(division_id__gte=scope.low, division_id__lt=scope.high, state=ResidentState.PRESENT)


def _by_village(residents: QuerySet[Resident]) -> dict[int, int]:
    return dict(residents.values_list("division_id").annotate(n=Count("id")))
