"""What a declared enrolment may end for that nobody has paid for: there is no money to ask back, only cover to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yingbao.collection.kinds import DueState, RefundReason
from yingbao.collection.refunding import queries as refunding
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.registry import facts as registry
from yingbao.registry.kinds import ElsewhereKind, ResidentState
from yingbao.usecases import refund_rules
from yingbao.usecases.refund_parts import covers_of
from yingbao.usecases.refund_rules import NEVER_ENTITLED, NOTHING_PAID

if TYPE_CHECKING:
    from datetime import date

    from yingbao.collection.models import Due

# Those of refunds but for what is about money alone.
REASONS = tuple(one for one in RefundReason if one not in (RefundReason.TOO_MUCH, RefundReason.SUBSIDISED))
FROM_THE_FIRST_DAY = {
    RefundReason.EMPLOYEE: ElsewhereKind.EMPLOYEE,
    RefundReason.OTHER_PLACE: ElsewhereKind.OTHER_PLACE,
    RefundReason.SENTENCED: ElsewhereKind.PRISON,
}


def check(due: Due, reason: str, *, on: date) -> tuple[str, ...]:
    """Return the rules by which a due's enrolment may end without money; the caller holds the due.

    Raises BadInput for a reason that is none, Refused where it can be cancelled at once or is with the tax client,
    where money was paid, or where benefits have begun rightly.
    """
    if reason not in REASONS:
        raise BadInput(say(N_("请选择取消参保的原因。")))
    _check_state(due)
    _check_nothing_paid(due)
    cover = covers_of([due])[due.enrolment_id]
    if not cover.has_begun(on):
        return (NOTHING_PAID, *refund_rules.check_cover(cover, on=on))
    assert cover.begin_on is not None  # it has begun
    if not _never_entitled(due, reason, begin_on=cover.begin_on):
        raise Refused(
            say(N_("待遇已经开始，不能取消参保。")),
            fact=say(N_("待遇自{begin}起；那天台账上没有不应享受的情况。"), begin=cover.begin_on),
            todo=say(N_("名单或死亡日期有误的，请先更正；其他情形请书面请示区医疗保障局和区税务局。")),
        )
    return (NOTHING_PAID, NEVER_ENTITLED)


def _check_state(due: Due) -> None:
    if due.state == DueState.OPEN:
        raise Refused(say(N_("这笔应缴还没有申报。")), todo=say(N_("请在户页面直接取消参保登记，不用审批。")))
    if due.state == DueState.DECLARED:
        raise Refused(
            say(N_("零申报已经报出，税务客户端尚未回执，现在不能取消。")),
            todo=say(N_("请等回执导入：到账的再来办理，退回的在户页面直接取消登记。")),
        )


def _check_nothing_paid(due: Due) -> None:
    lines = refunding.lines_of_dues([due.pk]).get(due.pk, [])
    gone = refunding.going_back([line.pk for line in lines])
    left = sum(line.amount_fen - gone.get(line.pk, 0) for line in lines)
    if due.amount_fen or left or refunding.waiting_lines([line.pk for line in lines]):
        raise Refused(
            say(N_("这个人缴过费，不能这样取消。")), todo=say(N_("请从缴费记录申请退费；退费待审批的，请先审批。"))
        )


def _never_entitled(due: Due, reason: str, *, begin_on: date) -> bool:
    """Return whether somebody should not have had what began on a day: who died before has not, by ``Cover``."""
    facts = registry.of_residents([due.enrolment.resident_id], on=begin_on)[due.enrolment.resident_id]
    if reason == RefundReason.PAID_TWICE:
        return facts.state == ResidentState.MERGED
    if reason in FROM_THE_FIRST_DAY:
        return FROM_THE_FIRST_DAY[RefundReason(reason)] in facts.elsewhere
    return reason == RefundReason.WRONG_PERSON
