"""What an enrolment still asks of the person."""

from __future__ import annotations

from django.db import models

from yingbao.collection.kinds import DueState
from yingbao.divisions.models import Division
from yingbao.enrolment.models import Enrolment
from yingbao.storage.fields import FenField, not_negative, one_of

CLEARED = models.Q(state=DueState.CLEARED, cleared_on__isnull=False)
NOT_CLEARED = ~models.Q(state__in=(DueState.CLEARED, DueState.CANCELLED)) & models.Q(cleared_on__isnull=True)


class Due(models.Model):
    """What one enrolment still asks of the person; the decision behind it is the enrolment's.

    Collection, declaration and clearing are three dates; deposit is the agent's. A cancelled due keeps its dates.
    """

    enrolment = models.OneToOneField(Enrolment, models.PROTECT, related_name="due")
    division = models.ForeignKey(Division, models.PROTECT)
    amount_fen = FenField()
    state = models.CharField(max_length=12, choices=DueState.choices, default=DueState.OPEN)
    collected_on = models.DateField(null=True)
    declared_on = models.DateField(null=True)
    cleared_on = models.DateField(null=True)

    class Meta:
        constraints = (
            one_of("state", DueState),
            not_negative("amount_fen"),
            models.CheckConstraint(
                condition=CLEARED | NOT_CLEARED | models.Q(state=DueState.CANCELLED),
                name="collection_due_cleared_has_a_date",
            ),
        )
        indexes = (models.Index(fields=["state", "division"], name="collection_due_state_division"),)
