"""Ask for money back: which parts of one payment, and why; somebody else decides."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import operations as collection
from yingbao.collection.kinds import RefundReason
from yingbao.collection.refunding import operations, queries
from yingbao.collection.refunding.operations import Case
from yingbao.kernel.errors import BadInput, NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.texts import clean
from yingbao.policy import Policy, get_policy
from yingbao.storage.fields import Json
from yingbao.usecases import refund_followup
from yingbao.usecases.once import once
from yingbao.usecases.refund_parts import Asked, Wish, find_parts

if TYPE_CHECKING:
    from yingbao.collection.models import Due, PaymentLine, Refund

LONGEST_NOTE = 200


def ask_refund(
    actor: Actor,
    *,
    payment_id: int,
    line_ids: Sequence[int],
    reason: str,
    note: str,
    policy_name: str,
    on: date,
    key: str,
    at: datetime,
) -> Json:
    """Ask for the money of some lines of a payment: a surplus whole, what is beyond a due, or a due and all of it.

    Returns ``{"refund": first id, "case": …, "amount_fen": …, "ends": people enrolled no more once approved}``.
    Raises Forbidden, NotFound, BadInput for no line or a reason there is not, Refused where a line is asked for or
    has gone back already, is with the tax client, or covers already.
    """
    actor.must(Right.ASK_REFUND)
    _check(line_ids, reason)
    note = clean(note, limit=LONGEST_NOTE)
    policy = get_policy(policy_name)

    def effect() -> Json:
        lines, dues = lock_lines(actor, policy, payment_id, line_ids)
        asked = find_parts(policy, Wish(lines, reason, on), dues)
        village = lines[0].payment.division_id
        case = Case(uuid.uuid4(), village, policy.year, reason, note, asked.rules, bool(asked.ending))
        refunds = _write(asked, case, actor, at)
        refund_followup.tell_decider(refunds, on=on)
        answer = {"refund": refunds[0].pk, "amount_fen": asked.amount_fen, "ends": len(asked.ending)}
        told = {**answer, "payment": payment_id, "reason": reason, "parts": len(asked.parts)}
        audit.record(
            actor,
            "ask-refund",
            subject=("refund", refunds[0].pk),
            division_code=village,
            at=at,
            detail=told,
            request_key=key,
        )
        return {**answer, "case": str(case.id)}

    inputs = {"payment": payment_id, "lines": sorted(line_ids), "reason": reason, "note": note}
    inputs |= {"policy": policy_name, "on": on}
    return once(actor, key=key, use_case="ask-refund", inputs=inputs, at=at, effect=effect)


def lock_lines(
    actor: Actor, policy: Policy, payment_id: int, line_ids: Sequence[int]
) -> tuple[list[PaymentLine], dict[int, Due]]:
    """Return lines of a payment and their dues, held until commit: dues first, then every payment for them.

    Raises NotFound where a line is not of that payment, or outside the actor's divisions.
    """
    found = {line.pk: line for line in queries.lines_of_payment(payment_id)}
    if not found or not found.keys() >= set(line_ids):
        raise NotFound(say(N_("没有找到这笔缴费，或不在您的管理范围内。")))
    lines = [found[pk] for pk in sorted(set(line_ids))]
    payment = lines[0].payment
    actor.must_reach(payment.division_id)
    if payment.year != policy.year:
        raise NotFound(say(N_("这笔缴费不属于本年度，没有申请。")))
    dues = {due.pk: due for due in collection.lock_dues(line.due_id for line in lines if line.due_id is not None)}
    of_dues = queries.lines_of_dues(dues)
    operations.lock_payments([payment_id, *(one.payment_id for them in of_dues.values() for one in them)])
    return lines, dues


def _check(line_ids: Sequence[int], reason: str) -> None:
    if not line_ids:
        raise BadInput(say(N_("没有选择要退的项目。")), todo=say(N_("请勾选至少一项。")))
    if reason not in RefundReason.values:
        raise BadInput(say(N_("请选择退费原因。")))


def _write(asked: Asked, case: Case, actor: Actor, at: datetime) -> list[Refund]:
    try:
        with transaction.atomic():
            return operations.ask(asked.parts, case=case, by_id=actor.user_id, at=at)
    except IntegrityError as error:
        raise Refused(
            say(N_("所选项目已经申请退费，尚未审批。")), todo=say(N_("请到“退费”页面查看，不要重复申请。"))
        ) from error
