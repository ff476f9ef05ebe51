"""Close a work item with a reason: what was done about it, by whom."""

from __future__ import annotations

from datetime import datetime

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.storage.fields import Json
from yingbao.usecases.once import once
from yingbao.worklist import operations as worklist


def close_work_item(actor: Actor, *, item_id: int, reason: str, key: str, at: datetime) -> Json:
    """Close an open item of the actor's divisions.

    Returns ``{"item": id}``. Raises BadInput without a reason, NotFound outside the actor's scope or where it is
    closed already.
    """
    actor.must(Right.CLOSE_WORK_ITEM)

    def effect() -> Json:
        item = worklist.close(item_id, by_id=actor.user_id, reason=reason, at=at)
        actor.must_reach(item.division_id)
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
