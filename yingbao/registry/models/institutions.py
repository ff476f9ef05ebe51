"""Universities, schools and welfare institutions, who acts for them, and their lists (BN-3.2.2, BN-3.3.3)."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.divisions.models import Division
from yingbao.registry.kinds import InstitutionKind
from yingbao.registry.models.files import ImportedFile
from yingbao.registry.models.people import Household, Resident
from yingbao.storage.encrypted import SealedTextField
from yingbao.storage.fields import one_of


class Institution(models.Model):
    """An institution that enrols its people from its lists.

    ``household`` is its collective household (集体户) in ``division``: whoever the register does not know is registered
    there, and what is paid in one sum is paid as that household's.
    """

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=InstitutionKind.choices)
    division = models.ForeignKey(Division, models.PROTECT)
    household = models.OneToOneField(Household, models.PROTECT, related_name="institution")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = (one_of("kind", InstitutionKind),)


class InstitutionLogin(models.Model):
    """For which institution a user acts."""

    user = models.OneToOneField(User, models.PROTECT, related_name="+")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="logins")


class InstitutionMember(models.Model):
    """Whom an institution has enrolled for a year, and what its list calls them by; ``file`` is that list."""

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="members", db_index=False)
    resident = models.ForeignKey(Resident, models.PROTECT, related_name="memberships", db_index=False)
    year = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=30)  # 学号
    unit = models.CharField(max_length=60)  # 院系
    file = models.ForeignKey(ImportedFile, models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["resident", "year"], name="registry_member_once_a_year"),)
        indexes = (models.Index(fields=["institution", "year", "id"], name="registry_member_of_institution"),)


class StagedMember(models.Model):
    """A row of an institution's checked list as it was read, waiting for the second word. Emptied once decided.

    ``id`` is made of file and row as ``StagedPerson``'s.
    """

    id = models.BigIntegerField(primary_key=True)
    row = models.PositiveIntegerField()
    is_sound = models.BooleanField()  # nothing is wrong with the row's own cells
    name = models.CharField(max_length=60)
    certificate_kind = models.CharField(max_length=6)  # "": the number is none
    certificate_number = SealedTextField()
    certificate_index = models.BinaryField(max_length=16)
    birth_on = models.DateField()
    sex = models.CharField(max_length=1)
    phone = SealedTextField(null=True)
    tier = models.PositiveSmallIntegerField()
    graduating = models.BooleanField()
    term_start_on = models.DateField(null=True)
    identity = models.CharField(max_length=40)
    on_platform = models.BooleanField()
    number = models.CharField(max_length=30)
    unit = models.CharField(max_length=60)
