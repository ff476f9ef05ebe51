"""Ask for a declared enrolment to end that nobody has paid for: 0 fen, but somebody else decides as of a refund."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.refunding import operations
from yingbao.collection.refunding.operations import Case
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.texts import clean
from yingbao.policy import get_policy
from yingbao.storage.fields import Json
from yingbao.usecases import refund_endings, refund_followup
from yingbao.usecases.ask_refund import LONGEST_NOTE
from yingbao.usecases.changing_due import lock_due, tell
from yingbao.usecases.once import once

if TYPE_CHECKING:
    from yingbao.collection.models import Due, Refund


def ask_ending(
    actor: Actor, *, due_id: int, reason: str, note: str, policy_name: str, on: date, key: str, at: datetime
) -> Json:
    """Ask for the enrolment behind a due to end that owes nothing and was declared (dead, insured elsewhere, …).

    Returns ``{"refund": id, "amount_fen": 0, "ends": 1}``. Raises Forbidden, NotFound, BadInput for a reason there is
    not, Refused where it is asked for already, can be cancelled at once, waits for the tax client, money was paid,
    or benefits have begun rightly.
    """
    actor.must(Right.ASK_REFUND)
    policy, note = get_policy(policy_name), clean(note, limit=LONGEST_NOTE)

    def effect() -> Json:
        due = lock_due(actor, due_id, year=policy.year)
        rules = refund_endings.check(due, reason, on=on)
        case = Case(uuid.uuid4(), due.division_id, policy.year, reason, note, rules, ends_enrolment=True)
        refund = _write(due, case, actor, at)
        refund_followup.tell_decider([refund], on=on)
        answer = {"refund": refund.pk, "amount_fen": 0, "ends": 1}
        tell(actor, "ask-ending", due, at=at, key=key, detail={**answer, "due": due.pk, "reason": reason})
        return answer

    inputs = {"due": due_id, "reason": reason, "note": note, "policy": policy_name, "on": on}
    return once(actor, key=key, use_case="ask-ending", inputs=inputs, at=at, effect=effect)


def _write(due: Due, case: Case, actor: Actor, at: datetime) -> Refund:
    try:
        with transaction.atomic():
            return operations.ask_ending(due.pk, case=case, by_id=actor.user_id, at=at)
    except IntegrityError as error:
        raise Refused(
            say(N_("这个人已经申请取消参保，尚未审批。")), todo=say(N_("请到“退费”页面查看，不要重复申请。"))
        ) from error
