"""Enrolments and the decisions they rest on."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.divisions.models import Division
from yingbao.enrolment.kinds import EnrolmentState
from yingbao.registry.models import Resident
from yingbao.storage.fields import FenField, not_negative, one_of


class Enrolment(models.Model):
    """Resident × insurance year × tier, with the whole decision: amounts, winning identity, rules, pack hash.

    Until ``locked_on`` the decision is what would hold if paid on ``decided_on``; clearing locks it (PJ-5.0).
    """

    resident = models.ForeignKey(Resident, models.PROTECT, related_name="enrolments")
    division = models.ForeignKey(Division, models.PROTECT)
    year = models.PositiveSmallIntegerField()
    tier = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=EnrolmentState.choices, default=EnrolmentState.STANDING)
    status = models.CharField(max_length=12)  # assess's status
    rate_fen = FenField()
    subsidy_fen = FenField()
    subsidy_identity = models.CharField(max_length=40, blank=True)
    payable_fen = FenField()
    fiscal_fen = FenField(null=True)  # null: the notice does not say
    reasons = models.JSONField(default=list)
    policy = models.CharField(max_length=60)
    policy_hash = models.CharField(max_length=64)
    decided_on = models.DateField()
    locked_on = models.DateField(null=True)
    enrolled_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    enrolled_at = models.DateTimeField()
    extras = models.JSONField(default=dict, db_default=models.Value({}, output_field=models.JSONField()))  # add-ons …
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    cancelled_why = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        constraints = (
            one_of("state", EnrolmentState),
            not_negative("rate_fen", "subsidy_fen", "payable_fen", "fiscal_fen"),
            models.CheckConstraint(
                condition=models.Q(state="standing", cancelled_at__isnull=True)
                | (
                    models.Q(state="cancelled", cancelled_at__isnull=False, cancelled_by__isnull=False)
                    & ~models.Q(cancelled_why="")
                ),
                name="enrolment_cancelled_with_a_reason",
            ),
            models.UniqueConstraint(
                fields=["resident", "year"],
                condition=models.Q(state="standing"),
                name="enrolment_one_standing_per_year",
            ),
        )
        indexes = (models.Index(fields=["year", "division"], name="enrolment_year_division"),)
