"""Public notices (公示)."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.divisions.models import Division
from yingbao.storage.fields import FenField, not_negative


class PublicNotice(models.Model):
    """Who paid cash at a payment point and how much; signed by the handler and by a leader (BN-4.2.2c)."""

    division = models.ForeignKey(Division, models.PROTECT)
    year = models.PositiveSmallIntegerField()
    begin_on = models.DateField()
    end_on = models.DateField()  # half-open
    payments = models.PositiveIntegerField()
    amount_fen = FenField()
    handler = models.ForeignKey(User, models.PROTECT, related_name="+")
    drawn_up_at = models.DateTimeField()
    leader = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            not_negative("amount_fen"),
            models.CheckConstraint(
                condition=models.Q(leader__isnull=True) | ~models.Q(leader=models.F("handler")),
                name="publicity_handler_is_not_leader",
            ),
        )
