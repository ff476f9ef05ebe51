"""Writing dues and payments. Money itself is posted by the use cases, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.collection.kinds import DueState, LineKind
from yingbao.collection.models import Due, Payment, PaymentLine
from yingbao.storage.bulk import add_few, insert_rows, set_rows, take_statistics, update_rows
from yingbao.storage.fields import Json
from yingbao.storage.transactions import operation

if TYPE_CHECKING:
    from yingbao.enrolment.models import Enrolment

MANY = 1000  # rows at once after which PostgreSQL should look at a table anew


@dataclass(frozen=True, slots=True)
class Line:
    """What one person's part of a payment is for; a surplus has no ``due_id``: it is money over what was owed.

    ``decided``: see ``PaymentLine``.
    """

    resident_id: int
    due_id: int | None
    amount_fen: int
    kind: str = LineKind.DUE.value
    decided: Json | None = None


@operation
def raise_dues(enrolments: Iterable[Enrolment]) -> list[Due]:
    """Raise the due of each new enrolment; a due of 0 waits for its zero declaration (PJ-5.2.2)."""
    return add_few(
        [
            Due(enrolment=enrolment, division_id=enrolment.division_id, amount_fen=enrolment.payable_fen)
            for enrolment in enrolments
        ]
    )


@operation
def raise_list(owed: Iterable[tuple[int, int, int]]) -> int:
    """Raise thousands of dues as ``raise_dues`` does: each is (enrolment id, division code, fen). Return how many."""
    names = ("enrolment", "division", "amount_fen", "state")
    count = insert_rows(Due, names, ((*one, DueState.OPEN.value) for one in owed))
    if count >= MANY:
        take_statistics(Due, ("enrolment", "division", "state"))
    return count


@operation
def lock_dues(due_ids: Iterable[int]) -> list[Due]:
    """Return the named dues with their enrolments, held until commit, in id order: two clerks cannot deadlock.

    Both are held: who waited must read the enrolment as the other left it, its tier above all.
    """
    ids = sorted(set(due_ids))
    held = Due.objects.select_for_update(of=("self", "enrolment")).filter(pk__in=ids)
    return list(held.select_related("enrolment").order_by("pk"))


@operation
def hold_dues(due_ids: Iterable[int]) -> set[int]:
    """Hold dues and their enrolments as ``lock_dues`` does, where only which they are is wanted; return their ids."""
    held = Due.objects.select_for_update(of=("self", "enrolment")).filter(pk__in=sorted(set(due_ids)))
    return {due.pk for due in held.select_related("enrolment").only("id", "enrolment__id").order_by("pk")}


@operation
def change_amounts(dues: Sequence[Due]) -> None:
    """Store the new amounts of dues whose decision changed before it was locked."""
    update_rows(Due, ("amount_fen",), ((due.pk, due.amount_fen) for due in dues))


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
    reference: str = "",
    terminal: str = "",
) -> Payment:
    """Write one payment and its lines. Raises IntegrityError where the channel brought this ``reference`` before."""
    payment = Payment(
        household_id=household_id,
        division_id=division_code,
        year=year,
        channel=channel,
        collected_on=collected_on,
        amount_fen=sum(line.amount_fen for line in lines),
        collected_by_id=user_id,
        received_at=at,
        reference=reference,
        terminal=terminal,
    )
    add_few([payment])
    insert_rows(
        PaymentLine,
        ("payment", "resident", "due", "kind", "amount_fen", "decided"),
        ((payment.pk, line.resident_id, line.due_id, line.kind, line.amount_fen, line.decided) for line in lines),
    )
    return payment


@operation
def mark_collected(due_ids: Iterable[int], *, on: date) -> None:
    """Mark dues as collected: their money is in an agent's hands."""
    set_rows(Due, due_ids, state=DueState.COLLECTED.value, collected_on=on)


@operation
def mark_cleared(dues: Iterable[Due], *, on: date) -> None:
    """Mark dues (locked by the caller, or new) as cleared: their money is in the treasury, or nothing was owed.

    What clears on the day it was paid was collected that day too.
    """
    cleared: Json = {"state": DueState.CLEARED.value, "cleared_on": on}
    collected = {due.pk: due.collected_on is not None for due in dues}
    set_rows(Due, (pk for pk, before in collected.items() if before), **cleared)
    set_rows(Due, (pk for pk, before in collected.items() if not before), **cleared, collected_on=on)


@operation
def mark_short(due_ids: Iterable[int]) -> None:
    """Mark dues whose money is in the treasury and is not enough any more: a deadline passed on its way."""
    set_rows(Due, due_ids, state=DueState.SHORT.value)


@operation
def mark_topped_up(due: Due) -> None:
    """Mark a short due as collected: the rest waits to be declared. The day its money first came stays."""
    Due.objects.filter(pk=due.pk).update(state=DueState.COLLECTED, collected_on=due.collected_on, declared_on=None)


@operation
def take_back(due_ids: Iterable[int]) -> None:
    """Mark dues as not declared after all: cash waits in the agreement account again, what owes nothing is open."""
    ids = list(due_ids)
    Due.objects.filter(pk__in=ids, amount_fen__gt=0).update(state=DueState.COLLECTED, declared_on=None)
    Due.objects.filter(pk__in=ids, amount_fen=0).update(state=DueState.OPEN, declared_on=None, collected_on=None)


@operation
def cancel(due_ids: Iterable[int]) -> None:
    """Mark dues as cancelled: their enrolment stands no more. Their dates stay."""
    Due.objects.filter(pk__in=list(due_ids)).update(state=DueState.CANCELLED)
