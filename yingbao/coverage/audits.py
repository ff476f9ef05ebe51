"""What must hold of benefit periods; the function returns the ids of what breaks it."""

from __future__ import annotations

from yingbao.collection import audits as collection
from yingbao.coverage.models import CoveragePeriod
from yingbao.divisions.codes import Scope


def out_of_step(scope: Scope, *, year: int) -> list[int]:
    """Return enrolments cleared without a benefit period, and those with one that have not cleared."""
    cleared = set(collection.cleared_dues(scope, year=year).values_list("enrolment_id", flat=True))
    periods = CoveragePeriod.objects.filter(
        year=year, division_id__gte=scope.low, division_id__lt=scope.high, enrolment__state="standing"
    )
    return sorted(cleared.symmetric_difference(periods.values_list("enrolment_id", flat=True)))
