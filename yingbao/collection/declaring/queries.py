"""Reading what waits to be declared, and what has been."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, Min, OuterRef, QuerySet, Sum

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.kinds import PAYING_LINES, AnswerState, Channel, DueState
from yingbao.collection.models import Declaration, DeclarationLine, Due, PaymentLine
from yingbao.collection.queries import dues
from yingbao.divisions.codes import Scope


def undeclared_cash(agent_id: int, scope: Scope, *, year: int) -> QuerySet[PaymentLine]:
    """Return the parts of payments whose cash an agent holds or has deposited but not declared, oldest first."""
    taken = _undeclared(scope, year=year).filter(payment__collected_by_id=agent_id)
    return taken.select_related("due__enrolment", "payment").order_by("payment__collected_on", "due_id", "pk")


def _undeclared(scope: Scope, *, year: int) -> QuerySet[PaymentLine]:
    """Find them from the few dues that wait, not from the many payments: the season grows, the waiting do not."""
    waiting = Due.objects.filter(
        state=DueState.COLLECTED, division_id__gte=scope.low, division_id__lt=scope.high, enrolment__year=year
    )
    lines = PaymentLine.objects.filter(
        due__in=waiting.values("pk"), kind__in=PAYING_LINES, payment__channel=Channel.CASH
    )
    declared = DeclarationLine.objects.filter(payment_line=OuterRef("pk")).exclude(state=AnswerState.REFUSED)
    return lines.exclude(Exists(declared))


def undeclared_zero(scope: Scope, *, year: int) -> QuerySet[Due]:
    """Return the open dues of a scope that owe nothing and wait for a zero declaration."""
    return dues(scope, year=year).filter(state=DueState.OPEN, amount_fen=0).select_related("enrolment").order_by("pk")


def undeclared_since(scope: Scope, *, year: int) -> dict[tuple[int, int], tuple[date, int]]:
    """Return (agent id, division code) → (oldest day, fen) of the cash collected in a scope and not declared."""
    waiting = _undeclared(scope, year=year).values_list("payment__collected_by_id", "payment__division_id")
    rows = waiting.annotate(oldest=Min("payment__collected_on"), fen=Sum("amount_fen"))
    return {(agent_id, division): (oldest, fen) for agent_id, division, oldest, fen in rows if oldest is not None}


def declarations(actor: Actor, *, year: int) -> QuerySet[Declaration]:
    """Return the declarations of the actor's divisions, newest first. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    within = Declaration.objects.filter(year=year, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    return within.select_related("agent", "division").order_by("-id")
