"""Writing receipts: runs change hands, forms are used one by one."""

from __future__ import annotations

from datetime import date

from django.db.models import F

from yingbao.collection.kinds import ReceiptState
from yingbao.collection.models import Payment, Receipt, ReceiptBook
from yingbao.collection.receipts import queries
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.storage.transactions import operation, take_turns


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


ENDING = ("state", "reason", "ended_on", "ended_by", "reviewed_on", "reviewed_by")


def _end(receipt: Receipt, state: str, *, by_id: int, on: date, reason: str) -> None:
    """End a form; whoever had seen it saw it as it was, so it is to be seen again."""
    receipt.state, receipt.reason = state, reason.strip()
    receipt.ended_on, receipt.ended_by_id = on, by_id
    receipt.reviewed_on = receipt.reviewed_by = None
    receipt.save(update_fields=ENDING)
