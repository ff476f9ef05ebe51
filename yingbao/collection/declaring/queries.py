"""Reading what waits to be declared, and what has been."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Count, Exists, Min, OuterRef, QuerySet, Sum

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right, Role
from yingbao.collection.kinds import PAYING_LINES, AnswerState, Channel, DueState
from yingbao.collection.models import Declaration, DeclarationLine, Due, PaymentLine
from yingbao.collection.queries import dues
from yingbao.divisions.codes import Scope
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say


def undeclared_cash(agents: Collection[int], scope: Scope, *, year: int) -> QuerySet[PaymentLine]:
    """Return the parts of payments whose cash some agents collected and nobody has declared, oldest first."""
    taken = _undeclared(scope, year=year).filter(payment__collected_by_id__in=list(agents))
    return taken.select_related("due__enrolment", "payment").order_by("payment__collected_on", "due_id", "pk")


def with_papers(lines: QuerySet[PaymentLine]) -> QuerySet[PaymentLine]:
    """Return parts of payments with the person, the household and the receipt they stand on."""
    people = lines.select_related("due__enrolment", "resident", "payment__household")
    return people.prefetch_related("payment__receipts__book")


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
    """Return the declarations of the actor's divisions, newest first; a village's agent sees their own. SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    within = Declaration.objects.filter(year=year, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    if actor.role == Role.VILLAGE:
        within = within.filter(agent_id=actor.user_id)
    return within.select_related("agent", "division").order_by("-id")


def declaration(actor: Actor, declaration_id: int) -> Declaration:
    """Return one declaration of the actor's, of any year. Raises NotFound. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    within = Declaration.objects.filter(division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    if actor.role == Role.VILLAGE:
        within = within.filter(agent_id=actor.user_id)
    found = within.select_related("agent", "division").filter(pk=declaration_id).first()
    if found is None:
        raise NotFound(say(N_("没有找到这批申报，或不在您的管理范围内。")))
    return found


def counted(declarations: Iterable[Declaration]) -> dict[int, dict[str, tuple[int, int]]]:
    """Return declaration id → answer state → (lines, fen) of declarations already found."""
    rows = DeclarationLine.objects.filter(declaration__in=[one.pk for one in declarations])
    found: defaultdict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    for batch, state, n, fen in rows.values_list("declaration_id", "state").annotate(
        n=Count("pk"), f=Sum("amount_fen")
    ):
        found[batch][state] = (n, fen)
    return dict(found)


def lines_of(declaration: Declaration) -> QuerySet[DeclarationLine]:
    """Return the lines of a declaration already found, person, household and village at hand, in the file's order."""
    people = ("due__enrolment__resident__household", "due__enrolment__division__parent", "payment_line__payment")
    return declaration.lines.select_related("declaration", *people).order_by("pk")


def with_receipts(lines: QuerySet[DeclarationLine]) -> QuerySet[DeclarationLine]:
    """Return lines with who collected their money and on which receipt."""
    collected = lines.select_related("payment_line__payment__collected_by")
    return collected.prefetch_related("payment_line__payment__receipts__book")


def find_line(actor: Actor, line_id: int) -> DeclarationLine:
    """Return one line of the actor's divisions with its declaration. Raises NotFound. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    within = DeclarationLine.objects.filter(
        declaration__division_id__gte=actor.scope.low, declaration__division_id__lt=actor.scope.high
    )
    found = within.select_related("declaration").filter(pk=line_id).first()
    if found is None:
        raise NotFound(say(N_("没有找到这一行申报，或不在您的管理范围内。")))
    return found


def sent_back(due_ids: Iterable[int]) -> dict[int, DeclarationLine]:
    """Return due id → the last refusal of those dues that were sent back and wait to be declared again."""
    refused = DeclarationLine.objects.filter(due_id__in=list(due_ids), state=AnswerState.REFUSED)
    found = refused.select_related("due__enrolment__resident__household").order_by("pk")
    return {line.due_id: line for line in found}


def declared_of(due_id: int) -> list[DeclarationLine]:
    """Return every line by which one due was declared, with its declaration, oldest first. For a due already found."""
    return list(DeclarationLine.objects.filter(due_id=due_id).select_related("declaration__agent").order_by("pk"))


def reasons_of(line_ids: Iterable[int]) -> dict[int, str]:
    """Return line → why the tax client sent it back, for lines the caller was found to see."""
    return dict(DeclarationLine.objects.filter(pk__in=list(line_ids)).values_list("pk", "reason"))
