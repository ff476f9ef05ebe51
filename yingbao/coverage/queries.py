"""Reading benefit periods."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.coverage.models import CoveragePeriod
from yingbao.divisions.codes import Scope


def periods(scope: Scope, *, year: int) -> QuerySet[CoveragePeriod]:
    """Return the benefit periods of a scope's standing enrolments."""
    return CoveragePeriod.objects.filter(
        year=year, division_id__gte=scope.low, division_id__lt=scope.high, enrolment__state="standing"
    )


def starts_by_month(actor: Actor, *, year: int) -> dict[date | None, int]:
    """Return first day of the month → people whose benefits begin in it; None: the notice is silent."""
    actor.must(Right.SEE_PROGRESS)
    months = periods(actor.scope, year=year).annotate(month=TruncMonth("begin_on")).values_list("month")
    counted = Counter(dict(months.annotate(n=Count("id"))))
    return {month: counted[month] for month in sorted(counted, key=lambda month: month or date.max)}


def of_enrolments(enrolment_ids: list[int]) -> dict[int, CoveragePeriod]:
    """Return enrolment id → benefit period."""
    return {period.enrolment_id: period for period in CoveragePeriod.objects.filter(enrolment_id__in=enrolment_ids)}
