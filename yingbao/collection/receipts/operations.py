"""Writing receipts: forms are used one by one, and each ends with a reason and a second look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet, Subquery

from yingbao.collection.kinds import BookState, DueState, ReceiptState
from yingbao.collection.models import Payment, PaymentLine, PosStub, Receipt, ReceiptBook
from yingbao.collection.receipts import queries
from yingbao.divisions.codes import town_of
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.storage.bulk import add_few, set_rows
from yingbao.storage.questions import Question
from yingbao.storage.transactions import operation

BOOK = tuple(field.attname for field in ReceiptBook._meta.concrete_fields)


def _book_in_use(*, agent: int, office: int, on: date) -> QuerySet[Any, Any]:
    seal = queries.seals_in_use(office, on).values("text")[:1]
    held = ReceiptBook.objects.filter(agent_id=agent, state=BookState.HELD, next_number__lte=F("last"))
    first = held.select_for_update(of=("self",)).order_by("handed_on", "pk")[:1]
    return first.values_list(*BOOK, Subquery(seal))


_BOOK_IN_USE = Question(_book_in_use)


@operation
def next_book(agent_id: int, *, division_code: int, on: date) -> tuple[ReceiptBook, str]:
    """Return the agent's book in use, held until commit, and the seal of the issuing office on a day ("" for none).

    The seal comes with the book, in one statement and never from memory: one that has just ended issues nothing.
    Raises Refused where the agent has no form left.
    """
    found = _BOOK_IN_USE.ask(agent=agent_id, office=town_of(division_code), on=on)
    if not found:
        raise Refused(
            say(N_("您手中没有可用的参保收据，没有收款。")),
            todo=say(N_("请先领用收据再收款：由镇街社保所在“资金”的“收据本”页面发放。")),
        )
    *columns, seal = found[0]
    return ReceiptBook.from_db(connection.alias, BOOK, columns), seal or ""


@operation
def use_next(book: ReceiptBook, payment: Payment, *, on: date, stated: Sequence[int] | None = None) -> Receipt:
    """Use the next form of a book held by the caller for a payment; ``stated``: see ``Receipt``.

    Raises IntegrityError where a form is out for it.
    """
    told = None if stated is None else list(stated)
    form = Receipt(book=book, number=book.next_number, payment=payment, issued_on=on, stated=told)
    (receipt,) = add_few([form])
    book.next_number += 1
    set_rows(ReceiptBook, [book.pk], next_number=book.next_number)
    return receipt


@operation
def take_back(payment_id: int, *, by_id: int, on: date, reason: str) -> Receipt | None:
    """Take back the receipt of a payment whose money is returned (BN-4.3.3b); it keeps its number.

    Returns it, or None where none is out: the money came online, or the form is lost or was taken back before.
    Raises BadInput without a reason. The caller has asked whether this may be.
    """
    if not reason.strip():
        raise BadInput(say(N_("收回收据须写明原因。")))
    receipt = (
        Receipt.objects.select_for_update(of=("self",))
        .filter(payment_id=payment_id, state=ReceiptState.ISSUED)
        .select_related("book")
        .first()
    )
    if receipt is None:
        return None
    _end(receipt, ReceiptState.TAKEN_BACK, by_id=by_id, on=on, reason=reason)
    return receipt


@operation
def void(receipt: Receipt, *, by_id: int, on: date, reason: str) -> None:
    """Make an issued form void. Its payment wants the next one in the same transaction."""
    _end(receipt, ReceiptState.VOID, by_id=by_id, on=on, reason=reason)


@operation
def lose(receipt: Receipt, *, by_id: int, on: date, reason: str) -> None:
    """Note that a used form, its stub or its receipt, is not to be found."""
    _end(receipt, ReceiptState.LOST, by_id=by_id, on=on, reason=reason)


@operation
def find_again(receipt: Receipt, *, by_id: int, on: date, reason: str) -> None:
    """Undo a loss: a payment's form is issued again; a blank one stays out of use, void, and is to be looked at.

    One whose people ended by a refund meanwhile has come back (taken back), and is to be looked at too.
    """
    if receipt.payment_id is None or _has_another(receipt):
        _end(receipt, ReceiptState.VOID, by_id=by_id, on=on, reason=reason)
        return
    stated = PaymentLine.objects.filter(payment=receipt.payment)
    if receipt.stated is not None:
        stated = stated.filter(pk__in=receipt.stated)
    if stated.filter(due__state=DueState.CANCELLED).exists():
        _end(receipt, ReceiptState.TAKEN_BACK, by_id=by_id, on=on, reason=reason)
        return
    receipt.state, receipt.reason = ReceiptState.ISSUED, ""
    receipt.ended_on = receipt.ended_by = receipt.reviewed_on = receipt.reviewed_by = None
    receipt.save(update_fields=ENDING)


def _has_another(receipt: Receipt) -> bool:
    return Receipt.objects.filter(payment=receipt.payment, state=ReceiptState.ISSUED).exists()


@operation
def end_blanks(
    book: ReceiptBook, *, first: int, last: int, state: str, by_id: int, on: date, reason: str
) -> list[Receipt]:
    """Note blank forms ``first`` … ``last`` of a book (held by the caller) as void or lost, and return them.

    Forms are used in order, so a book is cut around some from its middle: what follows goes on as a book of its own.
    """
    run = book if first == book.next_number else _cut(book, first)
    if run is not book and last < run.last:
        _cut(run, last + 1)
    run.next_number = last + 1
    run.save(update_fields=["next_number"])
    told = {"state": state, "reason": reason.strip(), "issued_on": on, "ended_on": on, "ended_by_id": by_id}
    return Receipt.objects.bulk_create(Receipt(book=run, number=number, **told) for number in range(first, last + 1))


def _cut(book: ReceiptBook, first: int) -> ReceiptBook:
    """Cut a book in two before ``first``, none of which is used, and return the second."""
    rest = ReceiptBook.objects.create(
        parent_id=book.parent_id,
        agent_id=book.agent_id,
        division_id=book.division_id,
        series=book.series,
        first=first,
        last=book.last,
        next_number=first,
        handed_on=book.handed_on,
    )
    book.last = first - 1
    book.save(update_fields=["last"])
    return rest


@operation
def lock_forms(receipt_ids: Iterable[int]) -> list[Receipt]:
    """Return forms with their books and payments, held until commit, in id order."""
    held = Receipt.objects.select_for_update(of=("self",)).filter(pk__in=sorted(set(receipt_ids)))
    return list(held.select_related("book__division", "payment").order_by("pk"))


@operation
def mark_reviewed(receipt_ids: Iterable[int], *, by_id: int, on: date) -> None:
    """Note that another person has seen the papers."""
    Receipt.objects.filter(pk__in=list(receipt_ids)).update(reviewed_by_id=by_id, reviewed_on=on)


@operation
def write_off(book: ReceiptBook, *, by_id: int, on: date) -> None:
    """Write a book off: all of it has been seen."""
    book.state, book.written_off_by_id, book.written_off_on = BookState.WRITTEN_OFF, by_id, on
    book.save(update_fields=["state", "written_off_by", "written_off_on"])


@operation
def file_stubs(payment_ids: Iterable[int], *, by_id: int, on: date) -> None:
    """Note that the stubs of POS vouchers are filed (BN-4.3.2)."""
    PosStub.objects.bulk_create(PosStub(payment_id=pk, filed_on=on, filed_by_id=by_id) for pk in payment_ids)


ENDING = ("state", "reason", "ended_on", "ended_by", "reviewed_on", "reviewed_by")


def _end(receipt: Receipt, state: str, *, by_id: int, on: date, reason: str) -> None:
    """End a form; whoever had seen it saw it as it was, so it is to be seen again."""
    receipt.state, receipt.reason = state, reason.strip()
    receipt.ended_on, receipt.ended_by_id = on, by_id
    receipt.reviewed_on = receipt.reviewed_by = None
    receipt.save(update_fields=ENDING)
