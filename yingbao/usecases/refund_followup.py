"""What follows from an approved refund beyond the books: receipts come back, work items close and open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts import queries as accounts
from yingbao.accounts.roles import Right, Role
from yingbao.collection.declaring import queries as declaring
from yingbao.collection.kinds import COUNTER_CHANNELS, AnswerState, LineKind, RefundReason
from yingbao.collection.receipts import operations as receipts
from yingbao.collection.refunding import queries
from yingbao.kernel.periods import DAY
from yingbao.storage.fields import Json
from yingbao.usecases.cancel_enrolment import close_about
from yingbao.usecases.custody import working_days_after
from yingbao.usecases.receipt_forms import open_work
from yingbao.usecases.refund_effects import Approved
from yingbao.usecases.refund_places import Group, Whereabouts, groups
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

if TYPE_CHECKING:
    from yingbao.collection.models import Due, Payment, Refund

DECIDE_WITHIN, PAY_WITHIN = 7 * DAY, 7 * DAY
CORRECT_WITHIN_WORKING_DAYS = 2
ANSWERED_FOR = (AnswerState.ACCEPTED, AnswerState.SHORT)  # the tax client has the person
AT_A_COUNTER = (Role.VILLAGE, Role.TOWN)
# Kept in the record, whatever language the reader's page is in.
APPROVED, DECIDED, PAID = "已批准退费，另立退款事项", "已审批", "已退款"
NOBODY_STAYS = "收据上的人都已退费"


def tell_decider(case: Sequence[Refund], *, on: date) -> None:
    """Tell somebody other than who asked that a case waits to be decided."""
    first = case[0]
    owner = accounts.who_may(Right.DECIDE_REFUND, first.division_id, but=first.asked_by_id)
    if owner is None:
        return
    detail = {"fen": sum(one.amount_fen for one in case), "reason": first.reason}
    subject, due_on = ("refund", first.pk), on + DECIDE_WITHIN
    found = Finding(Kind.REFUND_TO_DECIDE, first.division_id, owner.pk, subject, due_on, detail)
    worklist.open_items([found], on=on)


def approved(case: Sequence[Refund], ending: Sequence[Due], how: Approved) -> None:
    """See to items, receipts and declarations of an approved case; ``ending`` are the dues that ended by it."""
    close_decided(case, by_id=how.by_id, at=how.at)
    for due in ending:
        close_about(due.enrolment.resident_id, by_id=how.by_id, reason=APPROVED, at=how.at)
    _close_found(case, ending, how)
    _open_payouts(case, how)
    paid = [one.line.payment for one in case if one.line is not None]
    if not paid:
        _ask_to_correct(case[0], ending, how)
    for payment in {one.pk: one for one in paid}.values():
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
    over = {one.person.pk for one in case if one.reason == RefundReason.TOO_MUCH}
    worklist.close_about(Kind.PAID_TOO_MUCH, "resident", ended | over, **about)
    worklist.close_about(Kind.DUPLICATE_PAYMENT, "resident", ended, **about)
    surplus = {one.line.payment_id for one in case if one.line is not None and one.line.kind == LineKind.SURPLUS}
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


def _ask_to_correct(refund: Refund, ending: Sequence[Due], how: Approved) -> None:
    """Tell whoever declared what has ended to correct it in the tax client: our books say nothing there."""
    for due in ending:
        lines = [line for line in declaring.declared_of(due.pk) if line.state in ANSWERED_FOR]
        if not lines:
            continue
        last, agent = lines[-1], lines[-1].declaration.agent
        owner = agent if agent.role == Role.TOWN else accounts.who_may(Right.CLOSE_WORK_ITEM, due.division_id)
        if owner is not None:
            detail = {"declaration": last.declaration_id, "line": last.pk, "resident": due.enrolment.resident_id}
            subject, due_on = ("refund", refund.pk), working_days_after(how.on, CORRECT_WITHIN_WORKING_DAYS)
            found = Finding(Kind.DECLARATION_TO_CORRECT, due.division_id, owner.pk, subject, due_on, detail)
            worklist.open_items([found], on=how.on)


def _payer_id(group: Group) -> int | None:
    agent = group.payment.collected_by
    if group.whereabouts == Whereabouts.AGENT and agent.role in AT_A_COUNTER:
        return agent.pk
    officer = accounts.tax_officer_for(group.payment.division_id)
    return officer.pk if officer else None


def _take_back(payment: Payment, ending: Sequence[Due], case: Sequence[Refund], how: Approved) -> None:
    """Take the paper back where a person on it is enrolled no more; who stays is owed a new form (BN-4.3.3b).

    Who asked had the payer's paper in hand and has taken it back; another looks at it.
    """
    ended = {due.pk for due in ending}
    lines = [one.line for one in case if one.line is not None and one.line.payment_id == payment.pk]
    if not any(line.due_id in ended for line in lines):
        return
    asker = case[0].asked_by_id
    back = receipts.take_back(payment.pk, by_id=asker, on=how.on, reason=how.why)
    if back is not None:
        open_work([back], on=how.on, but=asker)
    if queries.standing_lines(payment.pk):
        _ask_for_a_form(payment, how)
    else:
        about: Json = {"by_id": how.by_id, "reason": NOBODY_STAYS, "at": how.at}
        worklist.close_about(Kind.RECEIPT_TO_REISSUE, "payment", [payment.pk], **about)


def _ask_for_a_form(payment: Payment, how: Approved) -> None:
    """Tell whoever took the money that who stays waits for a receipt, or whoever answers for the village."""
    agent = payment.collected_by
    owner = agent if agent.role in AT_A_COUNTER else accounts.owner_for(payment.division_id)
    if owner is None:
        return
    subject, due_on = ("payment", payment.pk), how.on + PAY_WITHIN
    found = Finding(Kind.RECEIPT_TO_REISSUE, payment.division_id, owner.pk, subject, due_on)
    worklist.open_items([found], on=how.on)
