"""Note by hand that the tax client sent one line of a declaration back, and why."""

from __future__ import annotations

from datetime import date, datetime

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.declaring import operations as declaring
from yingbao.collection.declaring import queries as declarations
from yingbao.collection.declaring.results import LONGEST_REASON, Answer
from yingbao.collection.kinds import AnswerState
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.texts import clean
from yingbao.policy import get_policy
from yingbao.storage.fields import Json
from yingbao.usecases.answering import take_in
from yingbao.usecases.declare import check_day
from yingbao.usecases.once import once


def refuse_line(actor: Actor, *, line_id: int, reason: str, policy_name: str, on: date, key: str, at: datetime) -> Json:
    """Send one line's money back to the agreement account: it is mended and declared again (PJ-5.2.2).

    Returns ``{"cleared": 0, "short": 0, "refused": 1}``. Raises BadInput without a reason, NotFound outside the
    actor's scope, Refused where the line is answered already or the day cannot be.
    """
    actor.must(Right.CLEAR)
    reason = clean(reason, limit=LONGEST_REASON)
    if not reason:
        raise BadInput(say(N_("请写明退回原因，最多 {most} 个字。"), most=LONGEST_REASON))

    def effect() -> Json:
        batch = declarations.find_line(actor, line_id).declaration_id
        held = declaring.lock_declarations([batch])
        line = declarations.find_line(actor, line_id)  # as it is now that nobody else answers for it
        if batch not in held or line.state != AnswerState.SENT:
            raise Refused(say(N_("这一行已经有了回执，没有改动。")), todo=say(N_("请刷新页面查看。")))
        check_day(held[batch], on, at)
        answer = Answer(line, accepted=False, on=on, reason=reason)
        policy = get_policy(policy_name)
        return take_in(actor, [answer], held, policy=policy, action="refuse-line", key=key, at=at).as_json()

    inputs = {"line": line_id, "reason": reason, "on": on, "policy": policy_name}
    return once(actor, key=key, use_case="refuse-line", inputs=inputs, at=at, effect=effect)
