"""Work items: each has an owner and a due date, and closes only with a reason."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.divisions.models import Division
from yingbao.storage.fields import one_of
from yingbao.worklist.kinds import Kind


class WorkItem(models.Model):
    """One thing somebody must see to."""

    kind = models.CharField(max_length=40, choices=Kind.choices)
    division = models.ForeignKey(Division, models.PROTECT)
    owner = models.ForeignKey(User, models.PROTECT, related_name="work_items")
    due_on = models.DateField()
    opened_on = models.DateField()
    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    detail = models.JSONField(default=dict)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    closed_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            one_of("kind", Kind),
            models.UniqueConstraint(
                fields=["kind", "subject_kind", "subject_id"],
                condition=models.Q(closed_at__isnull=True),
                name="worklist_one_open_item_per_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, closed_by__isnull=True)
                | (models.Q(closed_at__isnull=False, closed_by__isnull=False) & ~models.Q(closed_reason="")),
                name="worklist_closes_with_a_reason",
            ),
        )
        indexes = (models.Index(fields=["division", "closed_at"], name="worklist_division_open"),)
