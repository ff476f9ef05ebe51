"""Reading enrolments."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from yingbao.divisions.codes import Scope
from yingbao.enrolment.kinds import EnrolmentState
from yingbao.enrolment.models import Enrolment


def standing(scope: Scope, *, year: int) -> QuerySet[Enrolment]:
    """Return the standing enrolments of a scope for a year."""
    return Enrolment.objects.filter(
        year=year, state=EnrolmentState.STANDING, division_id__gte=scope.low, division_id__lt=scope.high
    )


def standing_of(resident_ids: Iterable[int], *, year: int) -> dict[int, Enrolment]:
    """Return resident id → standing enrolment of the year, for those of the named who have one."""
    found = Enrolment.objects.filter(year=year, state=EnrolmentState.STANDING, resident_id__in=list(resident_ids))
    return {enrolment.resident_id: enrolment for enrolment in found}
