"""Files that came in, the rows of a register file that await the second word, and the names files call identities."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.divisions.models import Division
from yingbao.registry.kinds import AliasSource, FileKind, FileState
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
    month = models.DateField(null=True)  # lists: the first day of the month it speaks for
    institution = models.ForeignKey("registry.Institution", models.PROTECT, null=True, related_name="files")
    about = models.CharField(max_length=20, blank=True)  # lists of people covered elsewhere: an ElsewhereKind
    is_full = models.BooleanField(default=False)  # a whole list: who is missing from it has ended
    rows = models.PositiveIntegerField()
    good_rows = models.PositiveIntegerField()
    problems = models.JSONField(default=list)  # [{row, column, reason, params, fatal}]; no cell values
    differences = models.JSONField(default=dict)  # what accepting it would change: counts and ids, no names
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

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


class StagedPerson(models.Model):
    """A row of a checked register file as it was read, waiting for the second word. Emptied once decided.

    ``id`` is made of file and row (``staging.first_id``), so that one index finds both. A row with wrong cells is
    here too, because what it says of its household concerns others. ``is_held`` and ``resident_id`` are what the
    last look at the other rows and the register gave, and are found anew at acceptance.
    """

    id = models.BigIntegerField(primary_key=True)
    row = models.PositiveIntegerField()
    is_sound = models.BooleanField()  # nothing is wrong with the row's own cells
    is_held = models.BooleanField(default=False)  # kept out for what other rows or the register say
    resident_id = models.BigIntegerField(null=True)  # whom the register knows by this number, now or before
    unsaid = models.CharField(max_length=300)  # keys of optional columns left empty, joined by ;
    division_code = models.BigIntegerField()  # 0: not known
    household_no = models.CharField(max_length=30)
    address = models.CharField(max_length=120)
    relation = models.CharField(max_length=12)
    name = models.CharField(max_length=60)
    certificate_kind = models.CharField(max_length=6)  # "": the number is none
    certificate_number = SealedTextField()
    certificate_index = models.BinaryField(max_length=16)
    birth_on = models.DateField()
    sex = models.CharField(max_length=1)
    phone = SealedTextField(null=True)
    hukou = models.CharField(max_length=60)
    basis = models.CharField(max_length=30)
    population = models.CharField(max_length=20)
    graduating = models.BooleanField()
    on_platform = models.BooleanField()
    elsewhere = models.CharField(max_length=60)  # ElsewhereKind values joined by ;


class IdentityAlias(models.Model):
    """Another name an office uses for an identity, as compared (half width, no blanks). Unknown names stay errors."""

    name = models.CharField(max_length=60, unique=True)
    code = models.CharField(max_length=40)
    source = models.CharField(max_length=12, choices=AliasSource.choices)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "identity aliases"
        constraints = (one_of("source", AliasSource),)
