"""Approve or refuse a refund: another person than who asked; what was approved changes enrolment, books, receipt."""

from __future__ import annotations

from collections.abc import Sequence
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
from yingbao.ledger.operations import post
from yingbao.policy import get_policy
from yingbao.storage.fields import Json
from yingbao.usecases import refund_effects, refund_followup
from yingbao.usecases.cancel_enrolment import LONGEST_REASON, read_reason
from yingbao.usecases.once import once
from yingbao.usecases.refund_effects import Approved
from yingbao.usecases.refund_parts import Wish, find_parts

if TYPE_CHECKING:
    from yingbao.collection.models import Due, Refund

GONE = N_("没有找到这笔退费，或不在您的管理范围内。")


def approve_refund(
    actor: Actor, *, refund_id: int, why: str, policy_name: str, on: date, key: str, at: datetime
) -> Json:
    """Approve all that was asked for together with a refund, as it still holds.

    The money is then owed back; where a whole due goes back the enrolment ends, its cover with it, and departments
    and treasury owe nothing for it; a subsidised person's locked decision is mended. Returns ``{"refund": first id,
    "amount_fen": …, "ended": n}``. Raises Forbidden, NotFound, BadInput without a reason, Refused where it is decided
    already, the actor asked for it, or what was asked does not hold any more.
    """
    actor.must(Right.DECIDE_REFUND)
    why = read_reason(why)
    policy = get_policy(policy_name)

    def effect() -> Json:
        case, dues = _lock(actor, refund_id)
        first = case[0]
        asked_on = timezone.localdate(first.asked_at)
        lines = [one.line for one in case]
        wish = Wish(lines, first.reason, asked_on, tuple(one.pk for one in case))
        holds = find_parts(policy, wish, dues)
        if {part.line_id: part.amount_fen for part in holds.parts} != {one.line_id: one.amount_fen for one in case}:
            raise Refused(
                say(N_("申请以后情况有变，不能照原申请批准。")),
                fact=say(N_("可退的项目或金额已与申请时不同。")),
                todo=say(N_("请不批准这笔申请并写明原因，再由经办人重新申请。")),
            )
        operations.decide(case, state=RefundState.APPROVED, by_id=actor.user_id, why=why, at=at)
        approved = Approved(actor.user_id, on, at, _ended_why(first, why), first.pk)
        ending = [dues[due_id] for due_id in holds.ending]
        moves, mended = refund_effects.end(ending, approved), list[Json]()
        if first.reason == RefundReason.SUBSIDISED:
            moves, mended = refund_effects.mend(_of_dues(case, dues), approved, judged_on=asked_on)
        post(moves, on=on, at=at, user_id=actor.user_id, source=("refund", first.pk))
        refund_followup.approved(case, ending, approved)
        answer = {"refund": first.pk, "amount_fen": sum(one.amount_fen for one in case), "ended": len(ending)}
        _tell(actor, "approve-refund", first, answer | {"corrected": mended}, at=at, key=key)
        return answer

    inputs = {"refund": refund_id, "why": why, "policy": policy_name, "on": on}
    return once(actor, key=key, use_case="approve-refund", inputs=inputs, at=at, effect=effect)


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
    dues = {due.pk: due for due in collection.lock_dues(one.line.due_id for one in seen if one.line.due_id is not None)}
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


def _of_dues(case: Sequence[Refund], dues: dict[int, Due]) -> list[Due]:
    wanted = {one.line.due_id for one in case}
    return [due for pk, due in sorted(dues.items()) if pk in wanted]


def _ended_why(first: Refund, why: str) -> str:
    return f"退费：{RefundReason(first.reason).label}；{why}"[:LONGEST_REASON]


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
