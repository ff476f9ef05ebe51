"""The life of a numbered form (BN-4.3.3b): spoiled and replaced, blank and ended, missing and found again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import operations
from yingbao.collection import queries as collection
from yingbao.collection.kinds import BookState, ReceiptState
from yingbao.collection.receipts import operations as forms
from yingbao.collection.receipts import queries as receipts
from yingbao.collection.receipts import stock
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY
from yingbao.kernel.texts import clean
from yingbao.storage.fields import Json
from yingbao.usecases import receipting
from yingbao.usecases.once import once
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

if TYPE_CHECKING:
    from yingbao.collection.models import Payment, Receipt, ReceiptBook

SEEN_WITHIN = 7 * DAY
MOST_AT_ONCE = 200
LONGEST_REASON = 200
WORK_OF = {
    ReceiptState.VOID: Kind.RECEIPT_TO_REVIEW,
    ReceiptState.TAKEN_BACK: Kind.RECEIPT_TO_REVIEW,
    ReceiptState.LOST: Kind.RECEIPT_MISSING,
}
# Kept in the record, whatever language the reader's page is in.
FOUND = "已找回"


def void_receipt(actor: Actor, *, receipt_id: int, reason: str, on: date, key: str, at: datetime) -> Json:
    """Make a spoiled receipt void and give its payment the next number of the actor's book at once.

    Returns ``{"void": id, "receipt": id of the new one}``. Another person is to look at the void paper. Raises
    NotFound outside the actor's scope, BadInput without a reason, Refused for a form that is not out, where the actor
    has no form left, or where the new one would be void (BN-4.3.3c): then the old one stands.
    """
    actor.must(Right.COLLECT)
    _check_reason(reason)

    def effect() -> Json:
        shown = receipts.receipt(actor, receipt_id)
        payment = collection.find_payment(shown.payment_id or 0)
        if payment is None:
            raise _not_out()
        _hold_dues(payment)
        stock.hold_series(shown.book.series)  # before any book: nobody writes its book off meanwhile
        book = receipting.next_form(actor, payment, on=on)
        spoiled = _hold(receipt_id)
        if spoiled.state != ReceiptState.ISSUED:
            raise _not_out()
        forms.void(spoiled, by_id=actor.user_id, on=on, reason=reason)
        fresh = forms.use_next(book, payment, on=on, stated=spoiled.stated)
        open_work([spoiled], on=on, but=actor.user_id)
        _tell(actor, "void-receipt", spoiled, at, key, replaced_by=fresh.pk)
        return {"void": spoiled.pk, "receipt": fresh.pk}

    inputs = {"receipt": receipt_id, "reason": reason, "on": on}
    return once(actor, key=key, use_case="void-receipt", inputs=inputs, at=at, effect=effect)


def _hold_dues(payment: Payment | None) -> None:
    """Hold the dues of a form's payment until commit, before any form: no refund ends them and its form meanwhile."""
    lines = payment.lines.all() if payment is not None else ()
    operations.hold_dues(line.due_id for line in lines if line.due_id is not None)


def _hold(receipt_id: int) -> Receipt:
    """Return a form held until commit; raises Refused where its book is written off: all of it has been seen."""
    (form,) = forms.lock_forms([receipt_id])
    if form.book.state == BookState.WRITTEN_OFF:
        raise Refused(
            say(N_("这张收据所在的收据本已经核销，不能再变更。")),
            todo=say(N_("请在待办事项中写明情况，由镇街社保所处理。")),
        )
    return form


def _not_out() -> Refused:
    return Refused(
        say(N_("这张收据不是已开具的收据，不能作废重开。")),
        todo=say(N_("请刷新页面查看它现在的状态；没有开出的空白收据在收据本页面登记作废。")),
    )


def spoil_blanks(
    actor: Actor, *, book_id: int, first: int, last: int, reason: str, on: date, key: str, at: datetime
) -> Json:
    """Note unused forms ``first`` … ``last`` of a book as spoiled: void at once, to be reviewed by another.

    Returns ``{"forms": [ids]}``. Raises NotFound outside the actor's scope, Forbidden for another's book, BadInput
    for numbers that are not unused ones of this book, or without a reason.
    """
    return _end_blanks(actor, "spoil-blank-receipts", ReceiptState.VOID, book_id, (first, last), reason, on, key, at)


def lose_blanks(
    actor: Actor, *, book_id: int, first: int, last: int, reason: str, on: date, key: str, at: datetime
) -> Json:
    """Note unused forms ``first`` … ``last`` of a book as lost: each is an exception somebody must see to.

    Returns and raises what ``spoil_blanks`` does.
    """
    return _end_blanks(actor, "lose-blank-receipts", ReceiptState.LOST, book_id, (first, last), reason, on, key, at)


def _end_blanks(
    actor: Actor,
    action: str,
    state: ReceiptState,
    book_id: int,
    run: tuple[int, int],
    reason: str,
    on: date,
    key: str,
    at: datetime,
) -> Json:
    actor.must(Right.COLLECT)
    _check_reason(reason)
    first, last = run

    def effect() -> Json:
        seen = receipts.book(actor, book_id)
        if seen.agent_id != actor.user_id and not (seen.agent_id and actor.may(Right.HAND_RECEIPTS)):
            raise Forbidden(
                say(N_("这本收据不由您使用，不能登记作废或遗失。")),
                todo=say(N_("请由领用人或镇街社保所登记；库存的号码先发放给经手人再登记。")),
            )
        book = stock.lock(book_id)
        _check_unused(book, first, last)
        ended = forms.end_blanks(book, first=first, last=last, state=state, by_id=actor.user_id, on=on, reason=reason)
        open_work(ended, on=on, but=actor.user_id)
        audit.record(
            actor,
            action,
            subject=("receipt-book", book.pk),
            division_code=book.division_id,
            at=at,
            detail={"first": first, "last": last},
            request_key=key,
        )
        return {"forms": [form.pk for form in ended]}

    inputs = {"book": book_id, "first": first, "last": last, "reason": reason, "on": on}
    return once(actor, key=key, use_case=action, inputs=inputs, at=at, effect=effect)


def _check_unused(book: ReceiptBook, first: int, last: int) -> None:
    if not book.next_number <= first <= last <= book.last:
        raise BadInput(
            say(N_("这些号码不是这本收据未用的号码。")),
            fact=say(N_("未用的是{first}–{last}。"), first=book.next_number, last=book.last)
            if book.next_number <= book.last
            else say(N_("这本收据已经用完。")),
        )
    if last - first >= MOST_AT_ONCE:
        raise BadInput(say(N_("一次最多登记{limit}张。"), limit=MOST_AT_ONCE))


def report_missing_receipt(
    actor: Actor, *, receipt_id: int, on: date, key: str, at: datetime, reason: str = "存根遗失"
) -> Json:
    """Note that a used form, its stub or its receipt, is missing: an exception for whoever answers for the village.

    Returns ``{"receipt": id}``. Raises NotFound outside the actor's scope, Refused where it is reported already.
    """
    actor.must(Right.COLLECT)
    _check_reason(reason)

    def effect() -> Json:
        stock.hold_series(receipts.receipt(actor, receipt_id).book.series)
        receipt = _hold(receipt_id)
        if receipt.state == ReceiptState.LOST:
            raise Refused(say(N_("这张收据已经登记为遗失。")), todo=say(N_("请刷新页面查看它现在的状态。")))
        forms.lose(receipt, by_id=actor.user_id, on=on, reason=reason)
        worklist.close_about(
            Kind.RECEIPT_TO_REVIEW, "receipt", [receipt.pk], by_id=actor.user_id, reason="改为遗失", at=at
        )
        open_work([receipt], on=on, but=0)
        _tell(actor, "report-missing-receipt", receipt, at, key)
        return {"receipt": receipt.pk}

    inputs = {"receipt": receipt_id, "reason": reason, "on": on}
    return once(actor, key=key, use_case="report-missing-receipt", inputs=inputs, at=at, effect=effect)


def find_receipt(actor: Actor, *, receipt_id: int, on: date, key: str, at: datetime) -> Json:
    """Note that a lost form was found again: a payment's counts again; what counts no more is to be reviewed.

    Returns ``{"receipt": id, "state": …}``. Raises NotFound outside the actor's scope, Refused for what is not lost.
    """
    actor.must(Right.COLLECT)

    def effect() -> Json:
        shown = receipts.receipt(actor, receipt_id)
        _hold_dues(collection.find_payment(shown.payment_id or 0))
        stock.hold_series(shown.book.series)
        receipt = _hold(receipt_id)
        if receipt.state != ReceiptState.LOST:
            raise Refused(say(N_("这张收据没有登记为遗失。")), todo=say(N_("请刷新页面查看它现在的状态。")))
        forms.find_again(receipt, by_id=actor.user_id, on=on, reason=FOUND)
        worklist.close_about(Kind.RECEIPT_MISSING, "receipt", [receipt.pk], by_id=actor.user_id, reason=FOUND, at=at)
        if receipt.state in WORK_OF:
            open_work([receipt], on=on, but=actor.user_id)
        _tell(actor, "find-receipt", receipt, at, key)
        return {"receipt": receipt.pk, "state": receipt.state}

    inputs = {"receipt": receipt_id, "on": on}
    return once(actor, key=key, use_case="find-receipt", inputs=inputs, at=at, effect=effect)


def open_work(ended: Iterable[Receipt], *, on: date, but: int) -> None:
    """Open the work item of each ended form, for who answers for its village but not for who ended it.

    Raises NotFound where nobody answers for it.
    """
    worklist.open_items(list(_findings(ended, on, but)), on=on)


def _findings(ended: Iterable[Receipt], on: date, but: int) -> Iterator[Finding]:
    owners: dict[int, int] = {}
    for form in ended:
        division = form.book.division_id
        if division not in owners:
            owner = accounts.owner_for(division, but=but)
            if owner is None:
                raise NotFound(say(N_("这个村没有负责人，无法登记事项。")))
            owners[division] = owner.pk
        told = {"series": form.book.series, "number": form.number}
        kind = WORK_OF[ReceiptState(form.state)]
        yield Finding(kind, division, owners[division], ("receipt", form.pk), on + SEEN_WITHIN, told)


def _check_reason(reason: str) -> None:
    if not clean(reason, limit=LONGEST_REASON):
        raise BadInput(say(N_("请写明原因（最多{limit}字）。"), limit=LONGEST_REASON))


def _tell(actor: Actor, action: str, receipt: Receipt, at: datetime, key: str, **detail: object) -> None:
    audit.record(
        actor,
        action,
        subject=("receipt", receipt.pk),
        division_code=receipt.book.division_id,
        at=at,
        detail=detail,
        request_key=key,
    )
