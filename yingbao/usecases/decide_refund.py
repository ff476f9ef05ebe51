"""Approve or refuse a refund: another person than who asked; what was approved changes enrolment, books, receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import operations as collection
from yingbao.collection.kinds import RefundReason, RefundState
from yingbao.collection.refunding import operations, queries
from yingbao.kernel.errors import Forbidden, NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.ledger.operations import Move, post
from yingbao.policy import Policy, get_policy
from yingbao.storage.fields import Json
from yingbao.usecases import refund_effects, refund_endings, refund_followup
from yingbao.usecases.cancel_enrolment import LONGEST_REASON, read_reason
from yingbao.usecases.once import once
from yingbao.usecases.refund_effects import Approved
from yingbao.usecases.refund_parts import Wish, find_parts

if TYPE_CHECKING:
    from yingbao.collection.models import Due, PaymentLine, Refund

GONE = N_("没有找到这笔退费，或不在您的管理范围内。")


def approve_refund(
    actor: Actor, *, refund_id: int, why: str, policy_name: str, on: date, key: str, at: datetime
) -> Json:
    """Approve all that was asked for together with a refund, as it still holds.

    The money is then owed back; where a whole due goes back the enrolment ends, its cover with it, and departments
    and treasury owe nothing for it; a subsidised person's locked decision is mended. What nobody had paid for ends
    without money, and who declared it is told to correct that. Returns ``{"refund": first id,
    "amount_fen": …, "ended": n}``. Raises Forbidden, NotFound, BadInput without a reason, Refused where it is decided
    already, the actor asked for it, or what was asked does not hold any more.
    """
    actor.must(Right.DECIDE_REFUND)
    why = read_reason(why)
    policy = get_policy(policy_name)

    def effect() -> Json:
        case, dues = _lock(actor, refund_id)
        first = case[0]
        approved = Approved(actor.user_id, on, at, _ended_why(first, why), first.pk)
        approve = _pay_back if first.due is None else _end
        state = RefundState.APPROVED if first.due is None else RefundState.ENDED
        operations.decide(case, state=state, by_id=actor.user_id, why=why, at=at)
        done = approve(policy, case, dues, approved)
        post(done.moves, on=on, at=at, user_id=actor.user_id, source=("refund", first.pk))
        refund_followup.approved(case, done.ending, approved)
        answer = {"refund": first.pk, "amount_fen": sum(one.amount_fen for one in case), "ended": len(done.ending)}
        _tell(actor, "approve-refund", first, answer | {"corrected": done.corrected}, at=at, key=key)
        return answer

    inputs = {"refund": refund_id, "why": why, "policy": policy_name, "on": on}
    return once(actor, key=key, use_case="approve-refund", inputs=inputs, at=at, effect=effect)


@dataclass(frozen=True, slots=True)
class _Done:
    """What an approval changed: which dues ended, which decisions were mended, and the moves of it all."""

    ending: list[Due]
    moves: list[Move]
    corrected: list[Json] = field(default_factory=list)


def _pay_back(policy: Policy, case: Sequence[Refund], dues: dict[int, Due], approved: Approved) -> _Done:
    """Owe the money of a case back as far as it still holds, as of the day it was asked for."""
    first, asked_on = case[0], timezone.localdate(case[0].asked_at)
    lines = [one.line for one in case if one.line is not None]
    holds = find_parts(policy, Wish(lines, first.reason, asked_on, tuple(one.pk for one in case)), dues)
    if {part.line_id: part.amount_fen for part in holds.parts} != {one.line_id: one.amount_fen for one in case}:
        raise Refused(
            say(N_("申请以后情况有变，不能照原申请批准。")),
            fact=say(N_("可退的项目或金额已与申请时不同。")),
            todo=say(N_("请不批准这笔申请并写明原因，再由经办人重新申请。")),
        )
    ending = [dues[due_id] for due_id in holds.ending]
    moves = refund_effects.end(ending, approved)
    if first.reason != RefundReason.SUBSIDISED:
        return _Done(ending, moves)
    mended, told = refund_effects.mend(_of_dues(lines, dues), approved, judged_on=asked_on)
    return _Done(ending, [*moves, *mended], told)


def _end(policy: Policy, case: Sequence[Refund], dues: dict[int, Due], approved: Approved) -> _Done:
    """End what nobody paid for, as it still stands and as of the day it was asked for."""
    ending = list(dues.values())
    for due in ending:
        refund_endings.check(due, case[0].reason, on=timezone.localdate(case[0].asked_at))
    return _Done(ending, refund_effects.end(ending, approved))


def refuse_refund(actor: Actor, *, refund_id: int, why: str, on: date, key: str, at: datetime) -> Json:
    """Refuse all that was asked for together with a refund, with the reason: nothing changes, and it may be asked anew.

    Returns ``{"refund": first id}``. Raises Forbidden, NotFound, BadInput without a reason, Refused where it is
    decided already or the actor asked for it.
    """
    actor.must(Right.DECIDE_REFUND)
    why = read_reason(why)

    def effect() -> Json:
        case, _dues = _lock(actor, refund_id)
        operations.decide(case, state=RefundState.REFUSED, by_id=actor.user_id, why=why, at=at)
        refund_followup.close_decided(case, by_id=actor.user_id, at=at)
        _tell(actor, "refuse-refund", case[0], {"refund": case[0].pk}, at=at, key=key)
        return {"refund": case[0].pk}

    inputs = {"refund": refund_id, "why": why, "on": on}
    return once(actor, key=key, use_case="refuse-refund", inputs=inputs, at=at, effect=effect)


def _lock(actor: Actor, refund_id: int) -> tuple[list[Refund], dict[int, Due]]:
    """Return a case that waits for a decision and its dues, held until commit: dues first, as everywhere."""
    seen = queries.find_case(refund_id)
    if not seen or any(one.division_id not in actor.scope for one in seen):
        raise NotFound(say(GONE))
    dues = {due.pk: due for due in collection.lock_dues(one.of_due.pk for one in seen if one.of_due is not None)}
    case = operations.lock_refunds(one.pk for one in seen)
    _must_be_asked(case)
    if any(one.asked_by_id == actor.user_id for one in case):
        raise Forbidden(say(N_("申请人不能审批自己申请的退费。")), todo=say(N_("请由另一位有审批权的人员审批。")))
    return case, dues


def _must_be_asked(case: Sequence[Refund]) -> None:
    decided = next((one for one in case if one.state != RefundState.ASKED), None)
    if decided is None:
        return
    assert decided.decided_by is not None  # the database sees to it
    raise Refused(
        say(N_("这笔退费已经审批过，没有重复审批。")),
        fact=say(
            N_("{name}已审批：{state}。"), name=decided.decided_by.display_name, state=RefundState(decided.state).label
        ),
        todo=say(N_("请刷新页面查看结果。")),
    )


def _of_dues(lines: Sequence[PaymentLine], dues: dict[int, Due]) -> list[Due]:
    wanted = {line.due_id for line in lines}
    return [due for pk, due in sorted(dues.items()) if pk in wanted]


def _ended_why(first: Refund, why: str) -> str:
    what = "退费" if first.due_id is None else "取消参保"  # kept in the record, whatever language the page is in
    return f"{what}：{RefundReason(first.reason).label}；{why}"[:LONGEST_REASON]


def _tell(actor: Actor, action: str, first: Refund, detail: Json, *, at: datetime, key: str) -> None:
    audit.record(
        actor,
        action,
        subject=("refund", first.pk),
        division_code=first.division_id,
        at=at,
        detail=detail,
        request_key=key,
    )
