"""Reading public notices."""

from __future__ import annotations

from django.db.models import QuerySet

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.publicity.models import PublicNotice


def notices(actor: Actor) -> QuerySet[PublicNotice]:
    """Return the notices of the actor's divisions, newest first. Needs SEE_NOTICES."""
    actor.must(Right.SEE_NOTICES)
    within = PublicNotice.objects.filter(division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    return within.select_related("division", "handler", "leader").order_by("-id")
