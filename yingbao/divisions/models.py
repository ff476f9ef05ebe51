"""The administrative tree."""

from __future__ import annotations

from django.db import models

from yingbao.divisions.codes import Scope, scope_of
from yingbao.divisions.kinds import Level
from yingbao.storage.fields import one_of


class Division(models.Model):
    """One division; ``code`` is its 12-digit statistical code."""

    code = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=60)
    level = models.CharField(max_length=10, choices=Level.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")

    class Meta:
        constraints = (
            one_of("level", Level),
            models.UniqueConstraint(fields=["parent", "name"], name="divisions_division_name_once"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> Scope:
        """The range of codes this division holds."""
        return scope_of(self.code, self.level)

    @property
    def town_name(self) -> str:
        """The town a village lies in, or the town itself; its parent should be at hand."""
        return self.name if self.level == Level.TOWN or self.parent is None else self.parent.name
