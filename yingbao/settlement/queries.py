"""Reading settlement lists: a department sees its own, whoever settles sees all of their divisions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet, Sum

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right, Role
from yingbao.divisions.codes import Scope
from yingbao.enrolment import queries as enrolment
from yingbao.settlement.models import SettlementLine, SettlementList

if TYPE_CHECKING:
    from yingbao.enrolment.models import Enrolment


def lists(actor: Actor) -> QuerySet[SettlementList]:
    """Return the lists the actor may see, newest first. Needs SEE_SETTLEMENT."""
    actor.must(Right.SEE_SETTLEMENT)
    within = SettlementList.objects.filter(division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    if actor.role == Role.DEPARTMENT:
        within = within.filter(payer=actor.department)
    return within.select_related("division", "extracted_by").order_by("-id")


def lines(drawn: SettlementList) -> QuerySet[SettlementLine]:
    """Return a list's lines in village order with the people they are for."""
    return (
        SettlementLine.objects.filter(list=drawn)
        .select_related("enrolment__resident", "enrolment__division", "enrolment__due")
        .order_by("enrolment__division_id", "enrolment_id")
    )


def billable(scope: Scope, *, year: int, begin_on: date, end_on: date) -> QuerySet[Enrolment]:
    """Return the subsidised enrolments cleared in [begin_on, end_on) that stand in no list yet."""
    subsidised = enrolment.subsidised(scope, year=year, begin_on=begin_on, end_on=end_on)
    return subsidised.filter(settlement_line__isnull=True).order_by("division_id", "pk")


def billed_among(enrolment_ids: Iterable[int]) -> dict[int, int]:
    """Return enrolment id → list in which a department was billed for it, of those that were."""
    billed = SettlementLine.objects.filter(enrolment_id__in=list(enrolment_ids))
    return dict(billed.values_list("enrolment_id", "list_id"))


def owed_by_identity(actor: Actor, *, year: int) -> list[tuple[str, int, int]]:
    """Return (identity, persons, fen) of locked subsidies in the actor's divisions. Needs SEE_SETTLEMENT."""
    actor.must(Right.SEE_SETTLEMENT)
    locked = enrolment.standing(actor.scope, year=year).filter(subsidy_fen__gt=0, locked_on__isnull=False)
    rows = locked.values_list("subsidy_identity").annotate(n=Count("id"), fen=Sum("subsidy_fen"))
    return [(identity, persons, fen) for identity, persons, fen in rows]
