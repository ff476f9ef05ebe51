"""The register (全员信息台账) and the departments' lists that what people owe rests on."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.divisions.models import Division
from yingbao.registry.kinds import (
    ElsewhereKind,
    FileKind,
    FileState,
    Population,
    Relation,
    ResidentState,
    Sex,
)
from yingbao.storage.encrypted import SealedTextField
from yingbao.storage.fields import one_of


class ImportedFile(models.Model):
    """A file as it came: who brought it, what was found wrong in it, who let its good rows in."""

    kind = models.CharField(max_length=20, choices=FileKind.choices)
    state = models.CharField(max_length=20, choices=FileState.choices, default=FileState.CHECKED)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    division = models.ForeignKey(Division, models.PROTECT)
    department = models.CharField(max_length=30, blank=True)
    month = models.DateField(null=True)  # rosters: the first day of the month it speaks for
    rows = models.PositiveIntegerField()
    good_rows = models.PositiveIntegerField()
    problems = models.JSONField(default=list)  # [{row, column, reason, params, fatal}]; no cell values
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            one_of("kind", FileKind),
            one_of("state", FileState),
            models.UniqueConstraint(
                fields=["kind", "sha256", "division"],
                condition=models.Q(state=FileState.ACCEPTED),
                name="registry_file_accepted_once",
            ),
        )


class Household(models.Model):
    """A household (户) of a village, known by its number there."""

    division = models.ForeignKey(Division, models.PROTECT)
    number = models.CharField(max_length=30)
    address = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["division", "number"], name="registry_household_number_once"),)


class Resident(models.Model):
    """A person of the register. ``basis`` is the rule of the notice that makes them eligible, e.g. BN-2.1."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="members")
    division = models.ForeignKey(Division, models.PROTECT)  # where they are enrolled; the household's village
    relation = models.CharField(max_length=12, choices=Relation.choices)
    name = models.CharField(max_length=60)
    certificate_kind = models.CharField(max_length=6)  # national psn_cert_type
    certificate_number = SealedTextField()
    certificate_index = models.BinaryField(max_length=16, unique=True)
    birth_on = models.DateField()
    sex = models.CharField(max_length=1, choices=Sex.choices)
    phone = SealedTextField(null=True)
    hukou = models.CharField(max_length=60, blank=True)
    basis = models.CharField(max_length=30)
    population = models.CharField(max_length=20, choices=Population.choices, default=Population.RESIDENT)
    graduating = models.BooleanField(default=False)
    on_platform = models.BooleanField(default=True)
    state = models.CharField(max_length=12, choices=ResidentState.choices, default=ResidentState.PRESENT)

    class Meta:
        constraints = (
            one_of("relation", Relation),
            one_of("population", Population),
            one_of("state", ResidentState),
            models.UniqueConstraint(
                fields=["household"],
                condition=models.Q(relation="head"),
                name="registry_one_head_per_household",
            ),
        )
        indexes = (
            models.Index(fields=["division", "name"], name="registry_resident_by_name"),
            models.Index(fields=["name"], name="registry_resident_name"),
        )


class CoveredElsewhere(models.Model):
    """A span in which somebody is insured or looked after elsewhere (BN-2.0)."""

    resident = models.ForeignKey(Resident, models.PROTECT, related_name="elsewhere")
    kind = models.CharField(max_length=20, choices=ElsewhereKind.choices)
    begin_on = models.DateField()
    end_on = models.DateField(null=True)  # half-open
    file = models.ForeignKey(ImportedFile, models.PROTECT, null=True)

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

    class Meta:
        verbose_name_plural = "identities"
        constraints = (
            models.UniqueConstraint(
                fields=["resident", "code"],
                condition=models.Q(end_on__isnull=True),
                name="registry_identity_once",
            ),
        )


class ResidentLogin(models.Model):
    """Which household a resident who has proved who they are may see."""

    user = models.OneToOneField(User, models.PROTECT, related_name="+")
    resident = models.ForeignKey(Resident, models.PROTECT)
