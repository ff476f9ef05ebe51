"""Reading dues, payments, deposits and declarations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Count, Min, QuerySet, Sum

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.kinds import Channel, DueState
from yingbao.collection.models import Declaration, Deposit, Due, Payment, PaymentLine, Receipt, ReceiptBook
from yingbao.divisions.codes import Scope
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.registry.recognising.matching import batches


def dues(scope: Scope, *, year: int) -> QuerySet[Due]:
    """Return the dues of standing enrolments of a scope and year."""
    return Due.objects.filter(
        division_id__gte=scope.low,
        division_id__lt=scope.high,
        enrolment__year=year,
        enrolment__state="standing",
    )


def undeclared_cash(agent_id: int, scope: Scope, *, year: int) -> QuerySet[Due]:
    """Return a scope's dues whose cash an agent holds or has deposited but not declared, oldest first."""
    taken = _undeclared_lines(scope, year=year).filter(payment__collected_by_id=agent_id)
    return Due.objects.filter(pk__in=taken.values("due_id")).select_related("enrolment").order_by("collected_on", "pk")


def _undeclared_lines(scope: Scope, *, year: int) -> QuerySet[PaymentLine]:
    """Find them from the few dues that wait, not from the many payments: the season grows, the waiting do not."""
    waiting = Due.objects.filter(
        state=DueState.COLLECTED, division_id__gte=scope.low, division_id__lt=scope.high, enrolment__year=year
    )
    return PaymentLine.objects.filter(due__in=waiting.values("pk"), kind="due", payment__channel=Channel.CASH)


def undeclared_zero(scope: Scope, *, year: int) -> QuerySet[Due]:
    """Return the open dues of a scope that owe nothing and wait for a zero declaration."""
    return dues(scope, year=year).filter(state=DueState.OPEN, amount_fen=0).select_related("enrolment").order_by("pk")


def payments(actor: Actor, *, year: int) -> QuerySet[Payment]:
    """Return the payments of the actor's divisions, newest first. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    within = Payment.objects.filter(year=year, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    return within.select_related("household", "division", "collected_by").order_by("-id")


def cash_payments(scope: Scope, *, year: int, begin_on: date, end_on: date, known_at: datetime) -> QuerySet[Payment]:
    """Return the cash payments of a scope collected in [begin_on, end_on) and noted by ``known_at``, in order."""
    return (
        Payment.objects.filter(
            year=year,
            channel=Channel.CASH,
            division_id__gte=scope.low,
            division_id__lt=scope.high,
            collected_on__gte=begin_on,
            collected_on__lt=end_on,
            received_at__lte=known_at,
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


def undeclared_since(scope: Scope, *, year: int) -> dict[tuple[int, int], tuple[date, int]]:
    """Return (agent id, division code) → (oldest day, fen) of the cash collected in a scope and not declared."""
    waiting = _undeclared_lines(scope, year=year).values_list("payment__collected_by_id", "payment__division_id")
    rows = waiting.annotate(oldest=Min("due__collected_on"), fen=Sum("amount_fen"))
    return {(agent_id, division): (oldest, fen) for agent_id, division, oldest, fen in rows if oldest is not None}


def overlapping_books(series: str, *, first: int, last: int) -> QuerySet[ReceiptBook]:
    """Return the books of a series that share a number with the run ``first`` … ``last``."""
    return ReceiptBook.objects.filter(series=series, first__lte=last, last__gte=first)


def receipt(actor: Actor, receipt_id: int) -> Receipt:
    """Return a receipt of the actor's divisions with its payment and book; raises NotFound."""
    actor.must(Right.SEE_MONEY)
    found = (
        Receipt.objects.select_related("book__agent", "payment__household__division", "payment__collected_by")
        .filter(pk=receipt_id, book__division_id__gte=actor.scope.low, book__division_id__lt=actor.scope.high)
        .first()
    )
    if found is None:
        raise NotFound(say(N_("没有找到这张收据，或不在您的管理范围内。")))
    return found


def by_channel(actor: Actor, *, year: int) -> list[tuple[str, int, int]]:
    """Return (channel, payments, fen) of the actor's divisions, most money first. Needs SEE_PROGRESS."""
    actor.must(Right.SEE_PROGRESS)
    within = Payment.objects.filter(year=year, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    rows = within.values_list("channel").annotate(n=Count("id"), fen=Sum("amount_fen"))
    return sorted(rows, key=lambda row: -row[2])


def dues_of(resident_ids: Iterable[int], *, year: int) -> dict[int, Due]:
    """Return resident id → due of the year, enrolment and declaration at hand. For residents already found."""
    found = Due.objects.filter(
        enrolment__resident_id__in=list(resident_ids), enrolment__year=year, enrolment__state="standing"
    )
    return {due.enrolment.resident_id: due for due in found.select_related("enrolment__coverage", "declaration_line")}


def paid_among(resident_ids: Iterable[int], *, year: int) -> set[int]:
    """Return who of some residents has paid for a year, or owes nothing and has been declared. For use cases only."""
    paid: set[int] = set()
    for batch in batches(sorted(resident_ids)):
        dues = Due.objects.filter(enrolment__resident_id__in=batch, enrolment__year=year, enrolment__state="standing")
        paid.update(dues.exclude(state=DueState.OPEN).values_list("enrolment__resident_id", flat=True))
    return paid


def payments_of_household(household_id: int, *, year: int) -> list[Payment]:
    """Return a household's payments with receipts and lines, oldest first. For a household already found."""
    found = Payment.objects.filter(household_id=household_id, year=year).select_related("receipt__book", "collected_by")
    return list(found.prefetch_related("lines__resident").order_by("id"))


def find_payment(payment_id: int) -> Payment | None:
    """Return a payment with receipt, household and lines; the caller asks whether its household may be seen."""
    found = Payment.objects.select_related("receipt__book", "collected_by", "household__division")
    return found.prefetch_related("lines__resident", "lines__due__enrolment").filter(pk=payment_id).first()


def books_of(agent_id: int) -> list[ReceiptBook]:
    """Return an agent's receipt books, the one in use first."""
    return list(ReceiptBook.objects.filter(agent_id=agent_id).order_by("-next_number", "id"))


def payments_of_agent(agent_id: int, *, on: date) -> list[Payment]:
    """Return what an agent collected on a day, with receipts, newest first."""
    found = Payment.objects.filter(collected_by_id=agent_id, collected_on=on)
    return list(found.select_related("receipt__book", "household__division").order_by("-id"))


def books(actor: Actor) -> QuerySet[ReceiptBook]:
    """Return the receipt books of the actor's divisions with their agents. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    within = ReceiptBook.objects.filter(division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    return within.select_related("agent", "division").order_by("division_id", "id")
