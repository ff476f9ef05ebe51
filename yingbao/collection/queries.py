"""Reading dues, payments, deposits and declarations."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.kinds import Channel, DueState
from yingbao.collection.models import Declaration, Deposit, Due, Payment
from yingbao.divisions.codes import Scope


def dues(scope: Scope, *, year: int) -> QuerySet[Due]:
    """Return the dues of standing enrolments of a scope and year."""
    return Due.objects.filter(
        division_id__gte=scope.low,
        division_id__lt=scope.high,
        enrolment__year=year,
        enrolment__state="standing",
    )


def open_dues_of_household(household_id: int, *, year: int) -> QuerySet[Due]:
    """Return what a household still owes for a year, with the enrolments."""
    return (
        Due.objects.filter(
            enrolment__resident__household_id=household_id,
            enrolment__year=year,
            enrolment__state="standing",
            state=DueState.OPEN,
        )
        .select_related("enrolment")
        .order_by("pk")
    )


def undeclared_cash(agent_id: int, *, year: int) -> QuerySet[Due]:
    """Return the dues whose cash an agent holds or has deposited but not declared, oldest first."""
    return (
        Due.objects.filter(
            state=DueState.COLLECTED,
            enrolment__year=year,
            lines__kind="due",
            lines__payment__collected_by_id=agent_id,
            lines__payment__channel=Channel.CASH,
        )
        .select_related("enrolment")
        .order_by("collected_on", "pk")
    )


def undeclared_zero(scope: Scope, *, year: int) -> QuerySet[Due]:
    """Return the open dues of a scope that owe nothing and wait for a zero declaration."""
    return dues(scope, year=year).filter(state=DueState.OPEN, amount_fen=0).select_related("enrolment").order_by("pk")


def payments(actor: Actor, *, year: int) -> QuerySet[Payment]:
    """Return the payments of the actor's divisions, newest first. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    within = Payment.objects.filter(year=year, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    return within.select_related("household", "division", "collected_by").order_by("-id")


def cash_payments(scope: Scope, *, year: int, begin_on: date, end_on: date) -> QuerySet[Payment]:
    """Return the cash payments of a scope collected in [begin_on, end_on), in order."""
    return (
        Payment.objects.filter(
            year=year,
            channel=Channel.CASH,
            division_id__gte=scope.low,
            division_id__lt=scope.high,
            collected_on__gte=begin_on,
            collected_on__lt=end_on,
        )
        .select_related("household")
        .order_by("collected_on", "pk")
    )


def deposits(actor: Actor, *, year: int) -> QuerySet[Deposit]:
    """Return the deposits of the actor's divisions, newest first. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    within = Deposit.objects.filter(year=year, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    return within.select_related("agent", "division").order_by("-id")


def declarations(actor: Actor, *, year: int) -> QuerySet[Declaration]:
    """Return the declarations of the actor's divisions, newest first. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    within = Declaration.objects.filter(year=year, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    return within.select_related("agent", "division").order_by("-id")


def agents_with_payments(scope: Scope, *, year: int) -> QuerySet[Payment, tuple[int, int]]:
    """Return (agent id, division code) of everyone who has collected cash in a scope."""
    return (
        Payment.objects.filter(year=year, channel=Channel.CASH, division_id__gte=scope.low, division_id__lt=scope.high)
        .order_by("collected_by_id")
        .values_list("collected_by_id", "division_id")
        .distinct()
    )
