"""Columns every app uses the same way."""

from __future__ import annotations

from typing import Any

from django.db import models


class FenField(models.BigIntegerField):  # type: ignore[type-arg]
    """An amount in whole fen. Signs are held by each table's own check constraint (see ``not_negative``)."""


def not_negative(*names: str) -> models.CheckConstraint:
    """Return a constraint that the named fen columns of a model are null or at least 0."""
    condition = models.Q()
    for name in names:
        condition &= models.Q(**{f"{name}__gte": 0}) | models.Q(**{f"{name}__isnull": True})
    return models.CheckConstraint(condition=condition, name="%(app_label)s_%(class)s_fen_not_negative")


def one_of(field: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    """Return a constraint that a text column holds one of the choices, whoever writes it."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": list(choices.values)}),
        name=f"%(app_label)s_%(class)s_{field}_known",
    )


Json = dict[str, Any]
