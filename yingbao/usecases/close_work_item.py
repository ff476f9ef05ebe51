"""Close a work item with a reason: what was done about it, by whom."""

from __future__ import annotations

from datetime import datetime

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.kinds import KEPT_MONEY
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.texts import clean
from yingbao.storage.fields import Json
from yingbao.usecases.once import once
from yingbao.worklist import operations as worklist

LONGEST_REASON = 300


def close_work_item(actor: Actor, *, item_id: int, reason: str, key: str, at: datetime) -> Json:
    """Close an open item of the actor's divisions.

    Returns ``{"item": id}``. Raises BadInput without a reason, or for one too long to keep, NotFound outside the
    actor's scope or where it is closed already, Refused for money kept for nobody yet: that closes when it is taken
    or returned.
    """
    actor.must(Right.CLOSE_WORK_ITEM)
    reason = clean(reason, limit=LONGEST_REASON)

    def effect() -> Json:
        item = worklist.close(item_id, by_id=actor.user_id, reason=reason, at=at)
        actor.must_reach(item.division_id)
        if item.subject_kind == KEPT_MONEY:  # every fen has its place in the books: no word moves it
            raise Refused(
                say(N_("这笔渠道到款还没有处理，事项不能直接关闭。")),
                todo=say(N_("请到“资金 → 待认领”认领或退回；办完以后事项自动关闭。")),
            )
        audit.record(
            actor,
            "close-work-item",
            subject=("work-item", item.pk),
            division_code=item.division_id,
            at=at,
            detail={"kind": item.kind},
            request_key=key,
        )
        return {"item": item.pk}

    inputs = {"item": item_id, "reason": reason}
    return once(actor, key=key, use_case="close-work-item", inputs=inputs, at=at, effect=effect)
