"""What must hold of dues, payments and receipts; each function returns the ids of what breaks it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from yingbao.collection import queries
from yingbao.collection.kinds import (
    COUNTER_CHANNELS,
    KEPT_MONEY,
    PAYING_LINES,
    STANDING_FORMS,
    STILL_KEPT,
    AnswerState,
    BookState,
    Channel,
    DueState,
    ReceiptState,
    RefundState,
)
from yingbao.collection.models import (
    DeclarationLine,
    Due,
    KeptMoney,
    Payment,
    PaymentLine,
    PaymentOrder,
    Receipt,
    ReceiptBook,
    Refund,
)
from yingbao.collection.receipts import queries as receipts
from yingbao.divisions.codes import Scope
from yingbao.enrolment import queries as enrolment
from yingbao.enrolment.kinds import EnrolmentState
from yingbao.ledger import queries as ledger
from yingbao.ledger.kinds import AccountKind

APPROVED = (RefundState.APPROVED, RefundState.PAID)


def payments_off_the_books(scope: Scope, *, year: int) -> list[int]:
    """Return payments whose amount is not what the ledger took in for them."""
    posted = ledger.taken_by_source(
        scope, year=year, source_kind="payment", into=(AccountKind.AGENT_CASH, AccountKind.CHANNEL)
    )
    paid = dict(_payments(scope, year).values_list("pk", "amount_fen"))
    return sorted(pk for pk in paid.keys() | posted.keys() if paid.get(pk) != posted.get(pk))


def payments_off_their_lines(scope: Scope, *, year: int) -> list[int]:
    """Return payments that are not the sum of their lines."""
    summed = _payments(scope, year).annotate(fen=Sum("lines__amount_fen", default=0))
    return list(summed.exclude(amount_fen=F("fen")).values_list("pk", flat=True))


def cleared_without_money(scope: Scope, *, year: int) -> list[int]:
    """Return cleared dues that what was paid for them and has not gone back does not cover, or that nobody declared.

    Declared, and accepted by the client, is what was paid in cash and what owes nothing.
    """
    lines = PaymentLine.objects.filter(due=OuterRef("pk"), kind__in=PAYING_LINES)
    sent = DeclarationLine.objects.filter(state__in=(AnswerState.ACCEPTED, AnswerState.SHORT))
    cash = lines.filter(payment__channel=Channel.CASH).exclude(Exists(sent.filter(payment_line=OuterRef("pk"))))
    nothing = Q(amount_fen=0) & ~Exists(lines) & ~Exists(sent.filter(due=OuterRef("pk")))
    cleared = queries.dues(scope, year=year).filter(state=DueState.CLEARED)
    paid = cleared.annotate(paid=_summed(lines, "due"), gone=_summed(_approved(), "line__due"))
    uncovered = Q(amount_fen__gt=F("paid") - F("gone"))
    return list(paid.filter(uncovered | Exists(cash) | nothing).values_list("pk", flat=True))


def _summed(rows: QuerySet[Any], by: str) -> Coalesce:
    """Return the sum of some rows' amounts, all of one ``by``, as an expression of the query around it."""
    return Coalesce(Subquery(rows.order_by().values(by).annotate(fen=Sum("amount_fen")).values("fen")), 0)


def _approved() -> QuerySet[Refund]:
    """Return what was approved to go back of a due of the query around it."""
    return Refund.objects.filter(line__due=OuterRef("pk"), state__in=APPROVED)


def unpaid_off_the_books(scope: Scope, *, year: int) -> list[int]:
    """Return villages where what residents owe in the ledger is not the sum of the open dues."""
    open_dues = queries.dues(scope, year=year).filter(state=DueState.OPEN, amount_fen__gt=0)
    owed = dict(open_dues.values_list("division_id").annotate(fen=Sum("amount_fen")))
    posted = ledger.by_division(scope, year=year, kind=AccountKind.RESIDENT_DUE)
    return sorted(code for code in owed.keys() | posted.keys() if owed.get(code, 0) != posted.get(code, 0))


def refunds_off_the_books(scope: Scope, *, year: int) -> list[int]:
    """Return places where what must go back in the ledger is not what was paid, less what it paid for and went back.

    What it paid for are the dues that stand: surplus, what is beyond a due, and a due that ended are owed back; so is
    what is kept for nobody yet, in its district.
    """
    of_year = PaymentLine.objects.filter(payment__in=_payments(scope, year))
    owed: Counter[int] = Counter()
    kept = _kept(scope, year).filter(state__in=STILL_KEPT).order_by()
    owed.update(dict(kept.values_list("division_id").annotate(fen=Sum("amount_fen"))))
    owed.update(_by_village(of_year.filter(Q(due__isnull=True) | Q(kind__in=PAYING_LINES)), "amount_fen"))
    # Once per due, by its first part: who paid nothing at first and the rest later has no part of the due itself.
    earlier = PaymentLine.objects.filter(due=OuterRef("due"), kind__in=PAYING_LINES, pk__lt=OuterRef("pk"))
    standing = of_year.filter(~Exists(earlier), kind__in=PAYING_LINES).exclude(due__state=DueState.CANCELLED)
    owed.subtract(_by_village(standing, "due__amount_fen"))
    paid = Refund.objects.filter(line__in=of_year, state=RefundState.PAID).order_by()
    owed.subtract(dict(paid.values_list("line__payment__division_id").annotate(fen=Sum("amount_fen"))))
    posted = ledger.by_division(scope, year=year, kind=AccountKind.REFUND_PAYABLE)
    return sorted(code for code in owed.keys() | posted.keys() if owed[code] != -posted.get(code, 0))


def _by_village(lines: QuerySet[PaymentLine], column: str) -> dict[int, int]:
    rows = lines.order_by().values_list("payment__division_id").annotate(fen=Sum(column))
    return {code: fen for code, fen in rows}


def kept_off_the_books(scope: Scope, *, year: int) -> list[int]:
    """Return money kept for nobody yet that is not with its channel in the books, or is there after it was settled.

    What was taken for somebody must also be the payment it says: the channel's, with its number and sum.
    """
    posted = ledger.through_by_source(scope, year=year, source_kind=KEPT_MONEY, kind=AccountKind.CHANNEL)
    wanted = {
        pk: (fen, 0 if state in STILL_KEPT else fen)
        for pk, fen, state in _kept(scope, year).values_list("pk", "amount_fen", "state")
    }
    alike = Q(payment__channel=F("channel"), payment__reference=F("reference"), payment__amount_fen=F("amount_fen"))
    other = _kept(scope, year).filter(payment__isnull=False).exclude(alike).values_list("pk", flat=True)
    return sorted({pk for pk in wanted.keys() | posted.keys() if wanted.get(pk) != posted.get(pk)} | set(other))


def _kept(scope: Scope, year: int) -> QuerySet[KeptMoney]:
    return KeptMoney.objects.filter(year=year, division_id__gte=scope.low, division_id__lt=scope.high)


def lines_refunded_beyond(scope: Scope, *, year: int) -> list[int]:
    """Return parts of payments of which more goes back, or is asked for, than was paid."""
    of_year = PaymentLine.objects.filter(payment__in=_payments(scope, year))
    back = Refund.objects.filter(line__in=of_year).exclude(state=RefundState.REFUSED).order_by()
    rows = back.values_list("line_id", "line__amount_fen").annotate(fen=Sum("amount_fen"))
    return sorted(pk for pk, paid, fen in rows if fen > paid)


def cancelled_without_refund(scope: Scope, *, year: int) -> list[int]:
    """Return dues that were paid for or cleared and stand no more, of which not all goes back; and those to be ended.

    One cancelled before anything was paid for it has nothing to go back; one that cleared with nothing paid ends only
    when two have said so.
    """
    within = {"division_id__gte": scope.low, "division_id__lt": scope.high, "enrolment__year": year}
    lines = PaymentLine.objects.filter(due=OuterRef("pk"), kind__in=PAYING_LINES)
    dues = Due.objects.filter(**within)
    paid = dues.filter(state=DueState.CANCELLED).annotate(
        paid=_summed(lines, "due"), gone=_summed(_approved(), "line__due")
    )
    ended = Refund.objects.filter(due=OuterRef("pk"), state=RefundState.ENDED)
    alone = paid.filter(cleared_on__isnull=False, gone=0).exclude(Exists(ended))
    owed = paid.exclude(paid=F("gone"))
    to_end = Exists(_approved().filter(ends_enrolment=True)) | Exists(ended)
    kept = dues.exclude(state=DueState.CANCELLED).filter(to_end)
    return sorted({pk for found in (owed, alone, kept) for pk in found.values_list("pk", flat=True)})


def receipts_out_of_order(scope: Scope, *, year: int) -> list[int]:
    """Return payments at a counter without a receipt, and books in which a number is missing (BN-4.3.3b)."""
    standing = Receipt.objects.filter(payment=OuterRef("pk"), state__in=STANDING_FORMS)
    at_counter = _payments(scope, year).filter(channel__in=COUNTER_CHANNELS).exclude(Exists(standing))
    of_agents = ReceiptBook.objects.filter(division_id__gte=scope.low, division_id__lt=scope.high, agent__isnull=False)
    books = of_agents.annotate(issued=Count("receipts"), highest=Max("receipts__number"))
    used = ~Q(issued=F("next_number") - F("first")) | (Q(issued__gt=0) & ~Q(highest=F("next_number") - 1))
    return [*at_counter.values_list("pk", flat=True), *books.filter(used).values_list("pk", flat=True)]


def orders_off_their_lines(scope: Scope, *, year: int) -> list[int]:
    """Return orders that are not the sum of their lines, or were paid by a payment of another household."""
    of_year = PaymentOrder.objects.filter(year=year, division_id__gte=scope.low, division_id__lt=scope.high)
    summed = of_year.annotate(fen=Sum("lines__amount_fen", default=0))
    off = ~Q(fen=F("amount_fen")) | (Q(payment__isnull=False) & ~Q(payment__household=F("household")))
    return list(summed.filter(off).values_list("pk", flat=True))


def transfers_on_one_word(scope: Scope, *, year: int) -> list[int]:
    """Return bills whose money was said to have come by whoever drew them up (maker ≠ checker)."""
    bills = PaymentOrder.objects.filter(year=year, division_id__gte=scope.low, division_id__lt=scope.high)
    paid = bills.filter(payment__channel=Channel.TRANSFER)
    kept = bills.filter(kept__noted_by=F("opened_by"))
    exact = paid.filter(payment__collected_by=F("opened_by"))
    return sorted({*exact.values_list("pk", flat=True), *kept.values_list("pk", flat=True)})


def people_off_their_dues(scope: Scope, *, year: int) -> list[int]:
    """Return standing enrolments that have no due in force, and cancelled ones whose due still asks for something."""
    enrolled = enrolment.of_year(scope, year=year)
    standing = enrolled.filter(state=EnrolmentState.STANDING)
    unowed = standing.filter(Q(due__isnull=True) | Q(due__state=DueState.CANCELLED))
    left_over = enrolled.exclude(state=EnrolmentState.STANDING).filter(due__state=DueState.OPEN)
    return sorted([*unowed.values_list("pk", flat=True), *left_over.values_list("pk", flat=True)])


def runs_out_of_place(scope: Scope, *, year: int) -> list[int]:
    """Return runs of receipts that leave the run they were taken from, or share a number with another beside them.

    ``year`` plays no part: a run belongs to none.
    """
    runs = ReceiptBook.objects.filter(division_id__gte=scope.low, division_id__lt=scope.high, last__gte=F("first"))
    outside = Q(parent__isnull=False) & (
        Q(first__lt=F("parent__first")) | Q(last__gt=F("parent__last")) | ~Q(series=F("parent__series"))
    )
    alike = ReceiptBook.objects.filter(series=OuterRef("series"), last__gte=F("first")).exclude(pk=OuterRef("pk"))
    others = alike.filter(first__lte=OuterRef("last"), last__gte=OuterRef("first"))
    beside = Exists(others.filter(parent=OuterRef("parent"))) | (
        Q(parent__isnull=True, agent__isnull=True) & Exists(others.filter(parent__isnull=True, agent__isnull=True))
    )
    held_twice = Q(agent__isnull=False) & Exists(others.filter(agent__isnull=False))
    return list(runs.filter(outside | beside | held_twice).values_list("pk", flat=True))


def written_off_unseen(scope: Scope, *, year: int) -> list[int]:
    """Return books written off with a form unused, without its record, or void or lost and not seen by another."""
    books = ReceiptBook.objects.filter(
        state=BookState.WRITTEN_OFF, division_id__gte=scope.low, division_id__lt=scope.high
    )
    # What a refund took back since waits as a work item: its book had been seen whole.
    unseen = Receipt.objects.filter(receipts.TO_REVIEW, book=OuterRef("pk"))
    unseen = unseen.exclude(state=ReceiptState.TAKEN_BACK, ended_on__gte=OuterRef("written_off_on"))
    counted = books.annotate(used=Count("receipts"))
    open_yet = Q(next_number__lte=F("last")) | ~Q(used=F("next_number") - F("first")) | Exists(unseen)
    return list(counted.filter(open_yet).values_list("pk", flat=True))


def dues_off_their_decision(scope: Scope, *, year: int) -> list[int]:
    """Return dues that are not what their enrolment's decision says the person pays."""
    dues = queries.dues(scope, year=year)
    return list(dues.exclude(amount_fen=F("enrolment__payable_fen")).values_list("pk", flat=True))


def locks_out_of_step(scope: Scope, *, year: int) -> list[int]:
    """Return dues cleared whose decision is not locked on that day, and locked ones that have not cleared."""
    dues = queries.dues(scope, year=year)
    cleared = Q(state=DueState.CLEARED) & (
        Q(enrolment__locked_on__isnull=True) | ~Q(enrolment__locked_on=F("cleared_on"))
    )
    early = ~Q(state=DueState.CLEARED) & Q(enrolment__locked_on__isnull=False)
    return list(dues.filter(cleared | early).values_list("pk", flat=True))


def _payments(scope: Scope, year: int) -> QuerySet[Payment]:
    return Payment.objects.filter(year=year, division_id__gte=scope.low, division_id__lt=scope.high)


def cleared_dues(scope: Scope, *, year: int) -> QuerySet[Due]:
    """Return the cleared dues of a scope, for the audits of rooms above."""
    return queries.dues(scope, year=year).filter(state=DueState.CLEARED)
