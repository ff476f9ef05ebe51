"""Reading the tree. Division names are public; what is in a division is not."""

from __future__ import annotations

from django.db.models import QuerySet

from yingbao.divisions.codes import Scope
from yingbao.divisions.kinds import Level
from yingbao.divisions.models import Division


def within(scope: Scope) -> QuerySet[Division]:
    """Return the divisions of a scope in code order, so that parents come before children."""
    return Division.objects.filter(code__gte=scope.low, code__lt=scope.high).order_by("code")


def villages(scope: Scope) -> QuerySet[Division]:
    """Return the villages and communities of a scope in code order."""
    return within(scope).filter(level=Level.VILLAGE)


def towns(scope: Scope) -> QuerySet[Division]:
    """Return the towns and subdistricts of a scope in code order."""
    return within(scope).filter(level=Level.TOWN)


def get(code: int) -> Division:
    """Return a division by its 12-digit code; raises Division.DoesNotExist."""
    return Division.objects.get(code=code)
