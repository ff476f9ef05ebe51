"""Targets and weekly tables."""

from __future__ import annotations

from django.db import models

from yingbao.divisions.models import Division
from yingbao.storage.fields import FenField, not_negative


class Target(models.Model):
    """What a division is to reach in a year (PJ-1, PJ-A2, BN-1)."""

    division = models.ForeignKey(Division, models.PROTECT)
    year = models.PositiveSmallIntegerField()
    households = models.PositiveIntegerField()
    population = models.PositiveIntegerField()
    persons = models.PositiveIntegerField()
    amount_fen = FenField()
    due_on = models.DateField()

    class Meta:
        constraints = (
            not_negative("amount_fen"),
            models.UniqueConstraint(fields=["division", "year"], name="progress_target_once"),
        )


class WeeklyLine(models.Model):
    """One division's cumulative figures as they stood at a Thursday's cut-off (PJ-8.4)."""

    division = models.ForeignKey(Division, models.PROTECT)
    year = models.PositiveSmallIntegerField()
    cut_off_on = models.DateField()
    persons = models.PositiveIntegerField()
    amount_fen = FenField()
    low_income_persons = models.PositiveIntegerField()
    low_income_enrolled = models.PositiveIntegerField()

    class Meta:
        constraints = (
            not_negative("amount_fen"),
            models.UniqueConstraint(fields=["division", "year", "cut_off_on"], name="progress_week_once"),
        )
