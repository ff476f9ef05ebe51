"""What shows that somebody may enrol, and who has looked at it (BN-2, PJ-2, PJ-8.3.1)."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.registry.kinds import Eligibility, Evidence
from yingbao.registry.models.people import Resident
from yingbao.storage.encrypted import SealedTextField
from yingbao.storage.fields import one_of


class EligibilityReview(models.Model):
    """Evidence handed in for a group of the notice, and the town office's word on it; the two are different people."""

    resident = models.ForeignKey(Resident, models.PROTECT, related_name="reviews")
    basis = models.CharField(max_length=30)  # the rule of the group it is evidence for
    evidence = models.CharField(max_length=30, choices=Evidence.choices)
    document_number = SealedTextField(null=True)
    valid_until = models.DateField(null=True)
    state = models.CharField(max_length=12, choices=Eligibility.choices, default=Eligibility.PENDING)
    reason = models.CharField(max_length=200, blank=True)  # why refused
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            one_of("evidence", Evidence),
            one_of("state", Eligibility),
            models.UniqueConstraint(
                fields=["resident"],
                condition=models.Q(state=Eligibility.PENDING),
                name="registry_one_review_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewed_by__isnull=True) | ~models.Q(reviewed_by=models.F("submitted_by")),
                name="registry_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=Eligibility.REFUSED) | ~models.Q(reason=""),
                name="registry_refusal_says_why",
            ),
        )


class Attachment(models.Model):
    """A scan or photograph of evidence. The bytes lie sealed on disk, by this record's id."""

    review = models.ForeignKey(EligibilityReview, models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
