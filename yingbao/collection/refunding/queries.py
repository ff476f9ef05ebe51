"""Reading refunds: by case, by household, and what has gone or is to go back of a payment's lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Sum

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.kinds import PAYING_LINES, AnswerState, DueState, LineKind, RefundState
from yingbao.collection.models import DeclarationLine, Due, PaymentLine, Refund
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say

ENDING = "due__enrolment__resident__household"  # whose enrolment ends without money
GOING_BACK = (RefundState.ASKED, RefundState.APPROVED, RefundState.PAID)


def refunds(actor: Actor, *, year: int) -> QuerySet[Refund]:
    """Return the refunds of the actor's divisions. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    return Refund.objects.filter(year=year, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)


def cases(found: QuerySet[Refund]) -> QuerySet[Any, Any]:
    """Return what was asked for together as one row each, newest first: ``first`` id, ``fen``, ``lines``."""
    rows = found.order_by().values("case").annotate(first=Min("pk"), fen=Sum("amount_fen"), lines=Count("pk"))
    return rows.order_by("-first")


def heads(refund_ids: Iterable[int]) -> dict[int, Refund]:
    """Return id → refund with person, payment, place and who asked: what a list shows of each case."""
    related = ("line__resident", "line__payment__household", ENDING, "division", "asked_by", "decided_by")
    return {one.pk: one for one in Refund.objects.filter(pk__in=list(refund_ids)).select_related(*related)}


def case_of(actor: Actor, refund_id: int) -> list[Refund]:
    """Return the refunds asked for together with one of the actor's divisions, in order. Raises NotFound."""
    actor.must(Right.SEE_MONEY)
    found = find_case(refund_id)
    if not found or any(one.division_id not in actor.scope for one in found):
        raise NotFound(say(N_("没有找到这笔退费，或不在您的管理范围内。")))
    return found


def find_case(refund_id: int) -> list[Refund]:
    """Return the refunds asked for together with one, people and payments at hand. For use cases only."""
    case = Refund.objects.filter(pk=refund_id).values("case")
    related = ("line__resident", "line__due__enrolment", "line__payment__household", "line__payment__collected_by")
    people = (ENDING, "asked_by", "decided_by", "paid_by", "division")
    return list(Refund.objects.filter(case__in=case).select_related(*related, *people).order_by("pk"))


def of_payments(payment_ids: Iterable[int], *, residents: Iterable[int] | None = None) -> dict[int, list[Refund]]:
    """Return payment id → its refunds in order, of some people alone where named. For payments already found."""
    found: defaultdict[int, list[Refund]] = defaultdict(list)
    of_them = Refund.objects.filter(line__payment_id__in=list(payment_ids)).select_related("line")
    if residents is not None:
        of_them = of_them.filter(line__resident_id__in=list(residents))
    for one in of_them.order_by("pk"):
        if one.line is not None:
            found[one.line.payment_id].append(one)
    return dict(found)


def going_back(line_ids: Iterable[int], *, but: Iterable[int] = ()) -> dict[int, int]:
    """Return line id → fen that went back, will or may; ``but`` are refunds left out."""
    of_lines = Refund.objects.filter(line_id__in=list(line_ids), state__in=GOING_BACK).exclude(pk__in=list(but))
    return dict(of_lines.order_by().values_list("line_id").annotate(fen=Sum("amount_fen")))


def waiting_lines(line_ids: Iterable[int], *, but: Iterable[int] = ()) -> set[int]:
    """Return which of some lines wait for somebody to decide on their refund; ``but`` are refunds left out."""
    asked = Refund.objects.filter(line_id__in=list(line_ids), state=RefundState.ASKED).exclude(pk__in=list(but))
    return set(asked.values_list("line_id", flat=True))


def ended_for(resident_ids: Iterable[int], reasons: Iterable[str], *, year: int) -> dict[int, Refund]:
    """Return resident → the last approval that ended their enrolment of a year for one of some reasons.

    Who decided is at hand. It stands whatever the lists say later. For people already found.
    """
    ids = list(resident_ids)
    of_them = Q(line__resident_id__in=ids) | Q(due__enrolment__resident_id__in=ids)
    ended = Refund.objects.filter(of_them, year=year, ends_enrolment=True, reason__in=list(reasons))
    decided = ended.exclude(state__in=(RefundState.ASKED, RefundState.REFUSED))
    related = ("line__resident", "due__enrolment__resident", "decided_by")
    return {one.person.pk: one for one in decided.select_related(*related).order_by("pk")}


def asked_back(due_ids: Iterable[int]) -> set[int]:
    """Return which of some dues wait for somebody to decide whether their money goes back, or whether they end."""
    ids = list(due_ids)
    asked = Refund.objects.filter(Q(line__due_id__in=ids) | Q(due_id__in=ids), state=RefundState.ASKED)
    return {one or other for one, other in asked.values_list("line__due_id", "due_id") if one or other}


def lines_of_payment(payment_id: int) -> list[PaymentLine]:
    """Return a payment's lines with people, dues and payment, in order. For a payment already found."""
    found = PaymentLine.objects.filter(payment_id=payment_id)
    return list(found.select_related("resident", "due__enrolment", "payment").order_by("pk"))


def lines_of_dues(due_ids: Iterable[int]) -> dict[int, list[PaymentLine]]:
    """Return due id → every line that paid for it, later payments too, in order."""
    found: defaultdict[int, list[PaymentLine]] = defaultdict(list)
    lines = PaymentLine.objects.filter(due_id__in=list(due_ids), kind__in=PAYING_LINES)
    for line in lines.select_related("resident", "payment").order_by("pk"):
        if line.due_id is not None:
            found[line.due_id].append(line)
    return dict(found)


def answers_to(line_ids: Iterable[int]) -> dict[int, str]:
    """Return line id → what the tax client said of it, of those declared; what it refused counts as not declared."""
    declared = DeclarationLine.objects.filter(payment_line_id__in=list(line_ids)).exclude(state=AnswerState.REFUSED)
    return {line_id: state for line_id, state in declared.values_list("payment_line_id", "state") if line_id}


def surplus_left(payment_id: int) -> bool:
    """Return whether a payment still holds money paid twice that nobody has approved to go back."""
    decided = Refund.objects.filter(state__in=(RefundState.APPROVED, RefundState.PAID)).values("line_id")
    of_it = PaymentLine.objects.filter(payment_id=payment_id, kind=LineKind.SURPLUS)
    return of_it.exclude(pk__in=decided).exists()


def standing_lines(payment_id: int) -> list[PaymentLine]:
    """Return a payment's lines whose people are still enrolled by it, in order."""
    lines = PaymentLine.objects.filter(payment_id=payment_id, due__isnull=False)
    return list(lines.exclude(due__state=DueState.CANCELLED).order_by("pk"))


def payments_of_due(resident_id: int, *, year: int) -> list[int]:
    """Return the payments that paid for a resident's standing enrolment of a year, or twice for them; oldest first."""
    dues = Due.objects.filter(enrolment__resident_id=resident_id, enrolment__year=year, enrolment__state="standing")
    lines = PaymentLine.objects.filter(due__in=dues) | PaymentLine.objects.filter(
        resident_id=resident_id, kind=LineKind.SURPLUS, payment__year=year
    )
    return sorted(set(lines.values_list("payment_id", flat=True)))


def standing_due(actor: Actor, due_id: int) -> Due:
    """Return the due of a standing enrolment of the actor's divisions, person at hand. Raises NotFound."""
    actor.must(Right.SEE_MONEY)
    standing = Due.objects.filter(
        division_id__gte=actor.scope.low, division_id__lt=actor.scope.high, enrolment__state="standing"
    )
    found = standing.filter(pk=due_id).select_related("enrolment__resident__household", "enrolment__coverage").first()
    if found is None:
        raise NotFound(say(N_("没有找到这笔应缴，或已经取消。")), todo=say(N_("请刷新本户页面后重试。")))
    return found


def endings_of(due_ids: Iterable[int]) -> dict[int, Refund]:
    """Return due id → that its enrolment is to end without money, as last asked for. For dues already found."""
    found = Refund.objects.filter(due_id__in=list(due_ids)).order_by("pk")
    return {one.due_id: one for one in found if one.due_id is not None}
