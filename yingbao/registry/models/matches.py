"""Who a row that names nobody exactly may mean: asked, decided by a person, remembered. Never a silent guess."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.registry.models.files import ImportedFile
from yingbao.registry.models.people import Resident
from yingbao.storage.encrypted import SealedTextField


class MatchMemory(models.Model):
    """What somebody decided about a number and name as some list writes them: who that is, or nobody of ours."""

    key = models.BinaryField(max_length=16, unique=True)  # blind index of "number|name"
    resident = models.ForeignKey(Resident, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()


class MatchQuestion(models.Model):
    """A row of a file that names nobody of the register exactly, and who it may mean.

    ``written`` is sealed JSON {name, number, town, village} as the file has it; ``candidates`` is
    [{"resident": id, "reasons": [{"reason", "params"}]}], likeliest first, no names.
    """

    file = models.ForeignKey(ImportedFile, models.PROTECT, related_name="questions")
    row = models.PositiveIntegerField()
    key = models.BinaryField(max_length=16)
    written = SealedTextField()
    candidates = models.JSONField(default=list)
    resident = models.ForeignKey(Resident, models.PROTECT, null=True, related_name="+")  # the answer; null: nobody
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["file", "row"], name="registry_question_once"),)
        indexes = (models.Index(fields=["key"], name="registry_question_key"),)


class DifferentPeople(models.Model):
    """Two records alike that somebody has found to be two people: not to be asked again. ``first`` < ``second``."""

    first = models.ForeignKey(Resident, models.PROTECT, related_name="+")
    second = models.ForeignKey(Resident, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "different people"
        constraints = (
            models.UniqueConstraint(fields=["first", "second"], name="registry_told_apart_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="registry_pair_in_order"),
        )
