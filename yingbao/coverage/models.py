"""Benefit periods."""

from __future__ import annotations

from django.db import models

from yingbao.divisions.models import Division
from yingbao.enrolment.models import Enrolment


class CoveragePeriod(models.Model):
    """The days on which an enrolment gives benefits: half-open; ``begin_on`` null where the notice is silent."""

    enrolment = models.OneToOneField(Enrolment, models.PROTECT, related_name="coverage")
    division = models.ForeignKey(Division, models.PROTECT)
    year = models.PositiveSmallIntegerField()
    begin_on = models.DateField(null=True)
    end_on = models.DateField(null=True)
    reasons = models.JSONField(default=list)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(begin_on__isnull=True, end_on__isnull=True)
                | models.Q(begin_on__lt=models.F("end_on")),
                name="coverage_period_holds_a_day",
            ),
        )
        indexes = (models.Index(fields=["year", "begin_on"], name="coverage_begin"),)
