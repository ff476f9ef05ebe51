"""What follows from an approved refund beyond the books: receipts come back, work items close and open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from yingbao.accounts import queries as accounts
from yingbao.accounts.roles import Role
from yingbao.collection.kinds import COUNTER_CHANNELS, BookState, LineKind, RefundReason
from yingbao.collection.receipts import operations as receipts
from yingbao.collection.receipts import queries as stock
from yingbao.collection.refunding import queries
from yingbao.kernel.periods import DAY
from yingbao.storage.fields import Json
from yingbao.usecases.cancel_enrolment import close_about
from yingbao.usecases.refund_effects import Approved
from yingbao.usecases.refund_places import Group, Whereabouts, groups
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

if TYPE_CHECKING:
    from yingbao.collection.models import Due, Payment, Refund

PAY_WITHIN = 7 * DAY
# Kept in the record, whatever language the reader's page is in.
APPROVED, DECIDED, PAID = "已批准退费，另立退款事项", "已审批", "已退款"
NEW_FORM = "退费后为留下的人员补开收据：经办员手中没有可用收据"


def approved(case: Sequence[Refund], ending: Sequence[Due], how: Approved) -> None:
    """See to items and receipts of an approved case; ``ending`` are the dues that ended by it."""
    close_decided(case, by_id=how.by_id, at=how.at)
    for due in ending:
        close_about(due.enrolment.resident_id, by_id=how.by_id, reason=APPROVED, at=how.at)
    _close_found(case, ending, how)
    _open_payouts(case, how)
    for payment in {one.line.payment_id: one.line.payment for one in case}.values():
        if payment.channel in COUNTER_CHANNELS:
            _take_back(payment, ending, case, how)


def close_decided(case: Sequence[Refund], *, by_id: int, at: datetime) -> None:
    """Close the item that asked for a decision on a case."""
    ids = [one.pk for one in case]
    worklist.close_about(Kind.REFUND_TO_DECIDE, "refund", ids, by_id=by_id, reason=DECIDED, at=at)


def close_paid(refunds: Sequence[Refund], *, by_id: int, at: datetime) -> None:
    """Close the items that asked to pay out some refunds."""
    ids = [one.pk for one in refunds]
    worklist.close_about(Kind.REFUND_TO_PAY, "refund", ids, by_id=by_id, reason=PAID, at=at)


def _close_found(case: Sequence[Refund], ending: Sequence[Due], how: Approved) -> None:
    """Close what said that this money was paid twice or too much."""
    about: Json = {"by_id": how.by_id, "reason": APPROVED, "at": how.at}
    ended = {due.enrolment.resident_id for due in ending}
    over = {one.line.resident_id for one in case if one.reason == RefundReason.TOO_MUCH}
    worklist.close_about(Kind.PAID_TOO_MUCH, "resident", ended | over, **about)
    worklist.close_about(Kind.DUPLICATE_PAYMENT, "resident", ended, **about)
    surplus = {one.line.payment_id for one in case if one.line.kind == LineKind.SURPLUS}
    settled = [payment for payment in surplus if not queries.surplus_left(payment)]
    for kind in (Kind.DUPLICATE_PAYMENT, Kind.ORDER_UNMATCHED):
        worklist.close_about(kind, "payment", settled, **about)


def _open_payouts(case: Sequence[Refund], how: Approved) -> None:
    """Tell whoever has the money to pay it out: its agent, or the tax officer."""
    findings = []
    for group in groups(case):
        owner_id = _payer_id(group)
        if owner_id is not None:
            detail = {"fen": group.amount_fen, "payment": group.payment.pk}
            village, first = group.payment.division_id, group.refunds[0].pk
            subject = ("refund", first)
            findings.append(Finding(Kind.REFUND_TO_PAY, village, owner_id, subject, how.on + PAY_WITHIN, detail))
    worklist.open_items(findings, on=how.on)


def _payer_id(group: Group) -> int | None:
    agent = group.payment.collected_by
    if group.whereabouts == Whereabouts.AGENT and agent.role in (Role.VILLAGE, Role.TOWN):
        return agent.pk
    officer = accounts.tax_officer_for(group.payment.division_id)
    return officer.pk if officer else None


def _take_back(payment: Payment, ending: Sequence[Due], case: Sequence[Refund], how: Approved) -> None:
    """Take the paper back where a person on it is enrolled no more; who stays gets a new form, or is owed one."""
    ended = {due.pk for due in ending}
    if not any(one.line.due_id in ended for one in case if one.line.payment_id == payment.pk):
        return
    back = receipts.take_back(payment.pk, by_id=how.by_id, on=how.on, reason=how.why)
    if back is None or not queries.standing_lines(payment.pk):
        return
    for agent_id in (case[0].asked_by_id, payment.collected_by_id):
        if any(book.state == BookState.HELD and book.next_number <= book.last for book in stock.books_of(agent_id)):
            book, _seal = receipts.next_book(agent_id, division_code=payment.division_id, on=how.on)
            receipts.use_next(book, payment, on=how.on)
            return
    owner = accounts.owner_for(payment.division_id)
    if owner is not None:
        detail = {"series": back.book.series, "number": back.number, "why": NEW_FORM}
        subject = ("payment", payment.pk)
        found = Finding(Kind.RECEIPT_MISSING, payment.division_id, owner.pk, subject, how.on + PAY_WITHIN, detail)
        worklist.open_items([found], on=how.on)
