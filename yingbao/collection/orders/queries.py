"""Reading orders to pay."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Count, Q, QuerySet, Sum

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.kinds import ONLINE_CHANNELS, OrderState
from yingbao.collection.models import PaymentOrder
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say

OVER = "over"  # open, and its time is up


def order(actor: Actor, number: str) -> PaymentOrder:
    """Return an order by number with lines and people: staff by division, anybody else what they opened themselves.

    Raises NotFound.
    """
    found = _seen(actor).filter(number=number).select_related("household__division", "payment", "opened_by").first()
    if found is None:
        raise NotFound(say(N_("没有找到这张缴费订单，或不在您的管理范围内。")))
    return found


def find(number: str) -> PaymentOrder | None:
    """Return an order by number, its lines at hand. For use cases only."""
    return PaymentOrder.objects.filter(number=number).prefetch_related("lines__due__enrolment").first()


def opened_by(actor: Actor, *, year: int) -> QuerySet[PaymentOrder]:
    """Return the orders the actor opened, newest first, with households and people."""
    own = PaymentOrder.objects.filter(opened_by_id=actor.user_id, year=year)
    return own.prefetch_related("lines__due__enrolment__resident").order_by("-id")


def open_for(household_id: int, *, year: int, at: datetime) -> list[PaymentOrder]:
    """Return a household's orders that can still be paid, oldest first. For a household already found."""
    waiting = PaymentOrder.objects.filter(household_id=household_id, year=year, state=OrderState.OPEN)
    return list(waiting.filter(expires_at__gt=at).order_by("id"))


def scanned(user_id: int, *, on: date) -> tuple[int, int]:
    """Return (orders, fen) of what payers scanned on a day of the orders somebody opened; a bill's transfer is none."""
    paid = PaymentOrder.objects.filter(opened_by_id=user_id, state=OrderState.PAID, payment__collected_on=on)
    found = paid.filter(payment__channel__in=ONLINE_CHANNELS).aggregate(
        n=Count("id"), fen=Sum("payment__amount_fen", default=0)
    )
    return found["n"], found["fen"]


def state_of(order: PaymentOrder, *, at: datetime) -> str:
    """Return an order's state at a moment: ``over`` where it is open and its time is up."""
    return OVER if order.state == OrderState.OPEN and order.expires_at <= at else order.state


def _seen(actor: Actor) -> QuerySet[PaymentOrder]:
    seen = Q(opened_by_id=actor.user_id)
    if actor.may(Right.SEE_MONEY):
        seen |= Q(division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    return PaymentOrder.objects.filter(seen).prefetch_related("lines__due__enrolment__resident")
