"""Reading enrolments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

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


def subsidised(scope: Scope, *, year: int, begin_on: date, end_on: date) -> QuerySet[Enrolment]:
    """Return the standing enrolments whose decision was locked in [begin_on, end_on) with a subsidy."""
    return standing(scope, year=year).filter(subsidy_fen__gt=0, locked_on__gte=begin_on, locked_on__lt=end_on)
