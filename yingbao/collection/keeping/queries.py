"""Reading money kept for nobody yet."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet, Sum

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.kinds import STILL_KEPT
from yingbao.collection.models import KeptMoney
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say

GONE = N_("没有找到这笔待认领到款，或不在您的管理范围内。")


def kept(actor: Actor) -> QuerySet[KeptMoney]:
    """Return what was kept in the actor's divisions, of every year, newest first. Needs SEE_MONEY.

    What came for nobody lies in the district's books: a town sees none of it but transfers of its institutions.
    """
    actor.must(Right.SEE_MONEY)
    within = KeptMoney.objects.filter(division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    return within.select_related("division", "asked_by", "settled_by", "order", "noted_by").order_by("-id")


def one(actor: Actor, kept_id: int) -> KeptMoney:
    """Return one of them. Raises NotFound outside the actor's divisions."""
    found = kept(actor).filter(pk=kept_id).first()
    if found is None:
        raise NotFound(say(GONE))
    return found


def waiting(actor: Actor) -> tuple[int, int]:
    """Return how many wait in the actor's divisions, and their fen."""
    found = kept(actor).order_by().filter(state__in=STILL_KEPT)
    summed: dict[str, Any] = found.aggregate(n=Count("id"), fen=Sum("amount_fen", default=0))
    return summed["n"], summed["fen"]


def of_household(household_id: int, *, year: int) -> QuerySet[KeptMoney]:
    """Return the transfers kept of an institution's bills, newest first; the caller asks who may see it."""
    found = KeptMoney.objects.filter(order__household_id=household_id, year=year)
    return found.select_related("order", "noted_by").order_by("-id")


def of_bill(order_id: int) -> QuerySet[KeptMoney]:
    """Return the transfers kept of one bill, newest first; the caller asks who may see it."""
    return KeptMoney.objects.filter(order_id=order_id).select_related("noted_by", "settled_by").order_by("-id")


def has_reference(channel: str, reference: str) -> bool:
    """Return whether a channel's payment was kept by its own number before. For use cases only."""
    return KeptMoney.objects.filter(channel=channel, reference=reference).exists()
