"""What departments' and other insurers' lists say of people, from when to when."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.registry.kinds import ElsewhereKind
from yingbao.registry.models.files import ImportedFile
from yingbao.registry.models.people import Resident
from yingbao.storage.fields import one_of


class CoveredElsewhere(models.Model):
    """A span in which somebody is insured or looked after elsewhere (BN-2.0).

    ``file`` opened it and ``closed_by`` ended it: withdrawing a file undoes what it did.
    """

    resident = models.ForeignKey(Resident, models.PROTECT, related_name="elsewhere")
    kind = models.CharField(max_length=20, choices=ElsewhereKind.choices)
    begin_on = models.DateField()
    end_on = models.DateField(null=True)  # half-open
    place = models.CharField(max_length=60, blank=True, default="", db_default="")  # where, as the list says
    file = models.ForeignKey(ImportedFile, models.PROTECT, null=True)
    closed_by = models.ForeignKey(ImportedFile, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            one_of("kind", ElsewhereKind),
            models.UniqueConstraint(
                fields=["resident", "kind"],
                condition=models.Q(end_on__isnull=True),
                name="registry_elsewhere_once",
            ),
        )


class Identity(models.Model):
    """What entitles somebody to a subsidy: from when to when, and whose roster says so (BN-4.2.1, PJ-5.2.1)."""

    resident = models.ForeignKey(Resident, models.PROTECT, related_name="identities")
    code = models.CharField(max_length=40)
    department = models.CharField(max_length=30)
    begin_on = models.DateField()
    end_on = models.DateField(null=True)  # half-open
    file = models.ForeignKey(ImportedFile, models.PROTECT)
    closed_by = models.ForeignKey(ImportedFile, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "identities"
        constraints = (
            models.UniqueConstraint(
                fields=["resident", "code"],
                condition=models.Q(end_on__isnull=True),
                name="registry_identity_once",
            ),
        )
        indexes = (models.Index(fields=["code", "resident"], name="registry_identity_holders"),)


class IdentityConfirmation(models.Model):
    """The town's own word on an identity when it declares somebody for a year (PJ-5.2.1); an objection says why."""

    identity = models.ForeignKey(Identity, models.PROTECT, related_name="confirmations")
    year = models.PositiveSmallIntegerField()
    agrees = models.BooleanField()
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["identity", "year"], name="registry_confirmed_once_a_year"),
            models.CheckConstraint(
                condition=models.Q(agrees=True) | ~models.Q(reason=""), name="registry_objection_says_why"
            ),
        )
