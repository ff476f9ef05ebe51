"""Reading what agents do with cash."""

from __future__ import annotations

from django.db.models import QuerySet

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.models import Deposit


def deposits(actor: Actor, *, year: int) -> QuerySet[Deposit]:
    """Return the deposits of the actor's divisions, newest first. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    within = Deposit.objects.filter(year=year, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    return within.select_related("agent", "division").order_by("-id")
