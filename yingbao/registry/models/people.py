"""Households and the people in them."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.divisions.models import Division
from yingbao.registry.kinds import Eligibility, HouseholdState, Population, Relation, ResidentState, Sex
from yingbao.registry.models.files import ImportedFile
from yingbao.storage.encrypted import SealedTextField
from yingbao.storage.fields import one_of


class Household(models.Model):
    """A household (户) of a village, known by its number there."""

    division = models.ForeignKey(Division, models.PROTECT, db_index=False)  # the number's index begins with it
    number = models.CharField(max_length=30)
    address = models.CharField(max_length=120, blank=True)
    state = models.CharField(
        max_length=12,
        choices=HouseholdState.choices,
        default=HouseholdState.PRESENT,
        db_default=HouseholdState.PRESENT.value,
    )

    class Meta:
        constraints = (
            one_of("state", HouseholdState),
            models.UniqueConstraint(fields=["division", "number"], name="registry_household_number_once"),
        )
        indexes = (models.Index(fields=["number"], name="registry_household_number"),)


class Resident(models.Model):
    """A person of the register. ``basis`` is the rule of the notice that makes them eligible, e.g. BN-2.1.

    ``division`` is where they are enrolled, their household's village; ``hukou`` where they are registered and
    ``residence`` where they live may be elsewhere. ``version`` grows with every change, so that of two who edit
    the same record the second is told.
    """

    household = models.ForeignKey(Household, models.PROTECT, related_name="members")
    # Indexes below begin with it. The database proves the household's village, `yingbao verify` that this is the same.
    division = models.ForeignKey(Division, models.PROTECT, db_index=False, db_constraint=False)
    relation = models.CharField(max_length=12, choices=Relation.choices)
    name = models.CharField(max_length=60)
    certificate_kind = models.CharField(max_length=6)  # national psn_cert_type
    certificate_number = SealedTextField()
    certificate_index = models.BinaryField(max_length=16, unique=True)
    birth_on = models.DateField()
    sex = models.CharField(max_length=1, choices=Sex.choices)
    phone = SealedTextField(null=True)
    bank_account = SealedTextField(null=True)
    bank_name = models.CharField(max_length=60, blank=True, default="", db_default="")
    hukou = models.CharField(max_length=60, blank=True)
    residence = models.CharField(max_length=120, blank=True, default="", db_default="")
    basis = models.CharField(max_length=30)
    eligibility = models.CharField(
        max_length=12,
        choices=Eligibility.choices,
        default=Eligibility.ACCEPTED,
        db_default=Eligibility.ACCEPTED.value,
    )
    population = models.CharField(max_length=20, choices=Population.choices, default=Population.RESIDENT)
    graduating = models.BooleanField(default=False)
    term_start_on = models.DateField(null=True)  # students: their first day of term, where it is not the usual one
    disability_kind = models.PositiveSmallIntegerField(null=True)  # digit 19 of the disability certificate
    disability_grade = models.PositiveSmallIntegerField(null=True)  # 1–4, digit 20
    on_platform = models.BooleanField(default=True)
    state = models.CharField(max_length=12, choices=ResidentState.choices, default=ResidentState.PRESENT)
    gone_on = models.DateField(null=True)  # the day of death, or of moving out
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", db_index=False)
    # Brought by which file; nothing deletes one. Not proved row by row: that would cost a register of a million 4 s.
    file = models.ForeignKey(
        ImportedFile, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = (
            one_of("relation", Relation),
            one_of("population", Population),
            one_of("state", ResidentState),
            one_of("eligibility", Eligibility),
            models.CheckConstraint(
                condition=models.Q(state=ResidentState.MERGED, merged_into__isnull=False)
                | (~models.Q(state=ResidentState.MERGED) & models.Q(merged_into__isnull=True)),
                name="registry_resident_merged_into_somebody",
            ),
            models.UniqueConstraint(
                fields=["household"],
                condition=models.Q(relation="head"),
                name="registry_one_head_per_household",
            ),
        )
        indexes = (
            models.Index(
                fields=["merged_into"],
                name="registry_resident_merged",
                condition=models.Q(merged_into__isnull=False),  # hardly anybody is
            ),
            models.Index(fields=["division", "name"], name="registry_resident_by_name"),
            # Names in the order of their bytes: finds a prefix and gives its pages in order (finding.py).
            models.Index(
                fields=["name", "id"],
                name="registry_resident_name_bytes",
                opclasses=["varchar_pattern_ops", "int8_ops"],
            ),
            models.Index(fields=["division", "household", "id"], name="registry_resident_in_order"),
            # The few who are not like the rest, so that a filter for them need not read the rest.
            models.Index(
                fields=["state", "division", "household", "id"],
                name="registry_resident_gone",
                condition=~models.Q(state=ResidentState.PRESENT),
            ),
            models.Index(
                fields=["eligibility", "division", "household", "id"],
                name="registry_resident_doubtful",
                condition=~models.Q(eligibility=Eligibility.ACCEPTED),
            ),
            models.Index(
                fields=["population", "division", "household", "id"],
                name="registry_resident_students",
                condition=~models.Q(population=Population.RESIDENT),
            ),
            models.Index(
                fields=["division", "household", "id"],
                name="registry_resident_off_platform",
                condition=models.Q(on_platform=False),
            ),
        )


class FormerCertificate(models.Model):
    """A number somebody was known by before, or is known by beside their own: it still finds them, and no one else.

    A newborn's birth certificate, the 15-digit card, the number of a record that was merged into this person's.
    """

    resident = models.ForeignKey(Resident, models.PROTECT, related_name="former_certificates")
    kind = models.CharField(max_length=6)
    number = SealedTextField()
    index = models.BinaryField(max_length=16, unique=True)
    replaced_on = models.DateField()


class ResidentLogin(models.Model):
    """Which household a resident who has proved who they are may see."""

    user = models.OneToOneField(User, models.PROTECT, related_name="+")
    resident = models.ForeignKey(Resident, models.PROTECT)
