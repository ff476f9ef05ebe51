"""Money that goes back to the payer; and paid-for or declared enrolments that end, with money or without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from yingbao.accounts.models import User
from yingbao.collection.kinds import RefundReason, RefundState, RefundWay
from yingbao.collection.models.dues import Due
from yingbao.collection.models.payments import PaymentLine
from yingbao.divisions.models import Division
from yingbao.storage.fields import FenField, one_of

if TYPE_CHECKING:
    from yingbao.registry.models import Household, Resident


class Refund(models.Model):
    """Why, how much of one part of a payment goes back, who asked, who decided, when and how it was paid out.

    Or of a declared enrolment that nobody paid for: then ``due`` is what ends, there is no ``line``, and no fen goes
    back. ``case`` joins what was asked for together; ``ends_enrolment``: once it is approved the person is enrolled no
    more. ``rules`` are the rules it rests on, ids of the policy where there are.
    """

    case = models.UUIDField()
    line = models.ForeignKey(PaymentLine, models.PROTECT, null=True, related_name="refunds")
    due = models.ForeignKey(Due, models.PROTECT, null=True, related_name="endings")
    division = models.ForeignKey(Division, models.PROTECT)
    year = models.PositiveSmallIntegerField()
    amount_fen = FenField()
    reason = models.CharField(max_length=20, choices=RefundReason.choices)
    note = models.CharField(max_length=200, blank=True)
    rules = models.JSONField(default=list)
    ends_enrolment = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=RefundState.choices, default=RefundState.ASKED)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_why = models.CharField(max_length=200, blank=True)
    way = models.CharField(max_length=12, choices=RefundWay.choices, blank=True)
    paid_on = models.DateField(null=True)
    paid_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reference = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = (
            one_of("reason", RefundReason),
            one_of("state", RefundState),
            models.CheckConstraint(
                condition=models.Q(line__isnull=False, due__isnull=True, amount_fen__gt=0) & ~models.Q(state="ended")
                | models.Q(line__isnull=True, due__isnull=False, amount_fen=0, ends_enrolment=True)
                & models.Q(state__in=("asked", "refused", "ended")),
                name="collection_refund_of_money_or_of_none",
            ),
            models.CheckConstraint(
                condition=models.Q(state="asked", decided_by__isnull=True)
                | (~models.Q(state="asked") & models.Q(decided_by__isnull=False)),
                name="collection_refund_is_decided",
            ),
            # maker ≠ checker, whoever writes
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("asked_by")),
                name="collection_refund_decided_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(state="paid", paid_on__isnull=False, paid_by__isnull=False) & ~models.Q(way="")
                | (~models.Q(state="paid") & models.Q(paid_on__isnull=True)),
                name="collection_refund_paid_says_how",
            ),
            models.UniqueConstraint(
                fields=["line"], condition=models.Q(state="asked"), name="collection_one_refund_asked_per_line"
            ),
            models.UniqueConstraint(
                fields=["due"], condition=models.Q(state="asked"), name="collection_one_ending_asked_per_due"
            ),
        )
        indexes = (
            models.Index(fields=["division", "state"], name="collection_refund_state"),
            models.Index(fields=["case"], name="collection_refund_case"),
        )

    @property
    def person(self) -> Resident:
        """For whom was paid, or whose enrolment ends."""
        if self.line is not None:
            return self.line.resident
        assert self.due is not None  # the database sees to it
        return self.due.enrolment.resident

    @property
    def of_due(self) -> Due | None:
        """The due the money had paid, or that ends without money; None for money paid twice."""
        return self.due if self.line is None else self.line.due

    @property
    def household(self) -> Household:
        """The household that paid, or whose member ends."""
        return self.person.household if self.line is None else self.line.payment.household
