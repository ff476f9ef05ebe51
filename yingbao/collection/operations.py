"""Writing dues and payments. Money itself is posted by the use cases, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import F, Value
from django.db.models.functions import Coalesce

from yingbao.collection import queries
from yingbao.collection.kinds import DueState, LineKind
from yingbao.collection.models import (
    Declaration,
    DeclarationLine,
    Deposit,
    Due,
    Payment,
    PaymentLine,
    Receipt,
    ReceiptBook,
)
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, say
from yingbao.storage.bulk import insert_rows
from yingbao.storage.transactions import operation, take_turns

if TYPE_CHECKING:
    from yingbao.enrolment.models import Enrolment


@dataclass(frozen=True, slots=True)
class Line:
    """What one person's part of a payment is for; ``due_id`` None marks money over what was owed."""

    resident_id: int
    due_id: int | None
    amount_fen: int


@operation
def raise_dues(enrolments: Iterable[Enrolment]) -> list[Due]:
    """Raise the due of each new enrolment; a due of 0 waits for its zero declaration (PJ-5.2.2)."""
    return Due.objects.bulk_create(
        [
            Due(enrolment=enrolment, division_id=enrolment.division_id, amount_fen=enrolment.payable_fen)
            for enrolment in enrolments
        ]
    )


@operation
def lock_dues(due_ids: Iterable[int]) -> list[Due]:
    """Return the named dues with their enrolments, held until commit, in id order: two clerks cannot deadlock."""
    ids = sorted(set(due_ids))
    return list(
        Due.objects.select_for_update(of=("self",)).filter(pk__in=ids).select_related("enrolment").order_by("pk")
    )


@operation
def change_amounts(dues: Sequence[Due]) -> None:
    """Store the new amounts of dues whose decision changed before it was locked."""
    Due.objects.bulk_update(dues, ["amount_fen"])


@operation
def record_payment(
    lines: Sequence[Line],
    *,
    household_id: int,
    division_code: int,
    year: int,
    channel: str,
    collected_on: date,
    user_id: int,
    at: datetime,
) -> Payment:
    """Write one payment and its lines."""
    payment = Payment.objects.create(
        household_id=household_id,
        division_id=division_code,
        year=year,
        channel=channel,
        collected_on=collected_on,
        amount_fen=sum(line.amount_fen for line in lines),
        collected_by_id=user_id,
        received_at=at,
    )
    insert_rows(
        PaymentLine,
        ("payment", "resident", "due", "kind", "amount_fen"),
        ((payment.pk, line.resident_id, line.due_id, _kind(line), line.amount_fen) for line in lines),
    )
    return payment


def _kind(line: Line) -> str:
    return LineKind.SURPLUS.value if line.due_id is None else LineKind.DUE.value


@operation
def mark_collected(due_ids: Iterable[int], *, on: date) -> None:
    """Mark dues as collected: their money is in an agent's hands."""
    Due.objects.filter(pk__in=list(due_ids)).update(state=DueState.COLLECTED, collected_on=on)


@operation
def hand_book(*, agent_id: int, division_code: int, series: str, first: int, last: int, on: date) -> ReceiptBook:
    """Hand a numbered run of receipts to an agent; raises Refused where one of its numbers was handed out before."""
    take_turns(f"receipts-{series}")
    if queries.overlapping_books(series, first=first, last=last).exists():
        raise Refused(say(N_("这些号码的收据已经发放过。")), todo=say(N_("请核对册号和起止号码。")))
    return ReceiptBook.objects.create(
        agent_id=agent_id,
        division_id=division_code,
        series=series,
        first=first,
        last=last,
        next_number=first,
        handed_on=on,
    )


@operation
def issue_receipt(payment: Payment, *, agent_id: int, on: date) -> Receipt:
    """Issue the next receipt of the agent's book for a payment; raises Refused where the agent has none left."""
    book = (
        ReceiptBook.objects.select_for_update()
        .filter(agent_id=agent_id, next_number__lte=F("last"))
        .order_by("handed_on", "pk")
        .first()
    )
    if book is None:
        raise Refused(
            say(N_("您手中没有可用的参保收据，没有收款。")),
            todo=say(N_("请先领用收据再收款：由镇街社保所在“资金”的“收据本”页面发放。")),
        )
    receipt = Receipt.objects.create(book=book, number=book.next_number, payment=payment, issued_on=on)
    book.next_number += 1
    book.save(update_fields=["next_number"])
    return receipt


@operation
def record_deposit(
    *, agent_id: int, division_code: int, year: int, on: date, amount_fen: int, slip_number: str
) -> Deposit:
    """Write a deposit slip; raises IntegrityError where the agent has used the slip number before."""
    return Deposit.objects.create(
        agent_id=agent_id,
        division_id=division_code,
        year=year,
        deposited_on=on,
        amount_fen=amount_fen,
        slip_number=slip_number,
    )


@operation
def record_declaration(
    dues: Sequence[Due], *, kind: str, division_code: int, agent_id: int, year: int, on: date
) -> Declaration:
    """Write a declaration of dues and mark them declared; zero dues count as collected on the same day."""
    declaration = Declaration.objects.create(
        kind=kind,
        division_id=division_code,
        agent_id=agent_id,
        year=year,
        declared_on=on,
        persons=len(dues),
        amount_fen=sum(due.amount_fen for due in dues),
    )
    insert_rows(DeclarationLine, ("declaration", "due"), ((declaration.pk, due.pk) for due in dues))
    ids = [due.pk for due in dues]
    Due.objects.filter(pk__in=ids).update(state=DueState.DECLARED, declared_on=on)
    Due.objects.filter(pk__in=ids, collected_on__isnull=True).update(collected_on=on)
    return declaration


@operation
def lock_declaration(declaration_id: int) -> Declaration | None:
    """Return a declaration that has not been cleared, held until commit; None where there is none."""
    return (
        Declaration.objects.select_for_update(of=("self",))
        .select_related("agent")
        .filter(pk=declaration_id, cleared_on__isnull=True)
        .first()
    )


@operation
def mark_cleared(due_ids: Iterable[int], *, on: date) -> None:
    """Mark dues as cleared: their money has reached the treasury, or nothing was owed.

    What clears on the day it was paid was collected that day too.
    """
    Due.objects.filter(pk__in=list(due_ids)).update(
        state=DueState.CLEARED, cleared_on=on, collected_on=Coalesce("collected_on", Value(on))
    )


@operation
def close_declaration(declaration: Declaration, *, on: date) -> None:
    """Note the day on which the tax client answered that a declaration's money is in."""
    declaration.cleared_on = on
    declaration.save(update_fields=["cleared_on"])
