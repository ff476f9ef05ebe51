"""Settlement lists (资助参保人员清册)."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.divisions.models import Division
from yingbao.enrolment.models import Enrolment
from yingbao.storage.fields import FenField, not_negative


class SettlementList(models.Model):
    """The subsidised whose dues cleared in a span of days, for the payer who owes the subsidy (PJ-5.2.3)."""

    payer = models.CharField(max_length=30)
    division = models.ForeignKey(Division, models.PROTECT)
    year = models.PositiveSmallIntegerField()
    begin_on = models.DateField()
    end_on = models.DateField()  # half-open
    persons = models.PositiveIntegerField()
    amount_fen = FenField()
    extracted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    extracted_at = models.DateTimeField()

    class Meta:
        constraints = (
            not_negative("amount_fen"),
            models.CheckConstraint(
                condition=models.Q(begin_on__lt=models.F("end_on")), name="settlement_list_has_days"
            ),
        )


class SettlementLine(models.Model):
    """One subsidised person; an enrolment is billed once, so that no department pays twice."""

    list = models.ForeignKey(SettlementList, models.PROTECT, related_name="lines")
    enrolment = models.OneToOneField(Enrolment, models.PROTECT, related_name="settlement_line")
    identity = models.CharField(max_length=40)
    amount_fen = FenField()

    class Meta:
        constraints = (not_negative("amount_fen"),)
