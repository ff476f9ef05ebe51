"""How a record came to be as it is: who changed what, when, why, from which file (BN-4.4c)."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.registry.kinds import Action
from yingbao.registry.models.files import ImportedFile
from yingbao.registry.models.people import Household, Resident
from yingbao.storage.encrypted import SealedTextField
from yingbao.storage.fields import one_of


class RecordChange(models.Model):
    """One change of a resident or household. ``fields`` names what changed; the values before and after are sealed.

    Append-only. Somebody who came in with a register file has no first change: ``Resident.file`` tells of it, once
    for a million people.
    """

    at = models.DateTimeField()
    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    action = models.CharField(max_length=12, choices=Action.choices)
    reason = models.CharField(max_length=200, blank=True)
    file = models.ForeignKey(ImportedFile, models.PROTECT, null=True, related_name="+", db_index=False)
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="+")
    resident = models.ForeignKey(Resident, models.PROTECT, null=True, related_name="+")
    fields = models.JSONField(default=list)
    before = SealedTextField(null=True)  # JSON {field: value}; null: there was nothing
    after = SealedTextField(null=True)
    request_key = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = (
            one_of("action", Action),
            models.CheckConstraint(
                condition=models.Q(household__isnull=False) | models.Q(resident__isnull=False),
                name="registry_change_is_of_something",
            ),
        )
