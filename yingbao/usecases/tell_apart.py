"""Somebody finds that two records alike are two people; nobody is asked again."""

from __future__ import annotations

from datetime import datetime

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.registry.editing import entries, records
from yingbao.registry.editing.history import Why
from yingbao.registry.kinds import Action
from yingbao.storage.fields import Json
from yingbao.usecases.once import once
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind

TOLD_APART = "已认定不是同一人"  # kept in the record, whatever language the reader's page is in


def tell_apart(actor: Actor, *, one_id: int, other_id: int, reason: str, key: str, at: datetime) -> Json:
    """Keep that two records are two people, and why.

    Returns ``{"residents": [ids]}``. Raises Forbidden, NotFound outside the actor's divisions, BadInput without a
    reason, Refused for a record that is merged already.
    """
    actor.must(Right.EDIT_REGISTER)
    reason = entries.read_reason(reason)
    if one_id == other_id:
        raise BadInput(say(N_("请选择两条不同的记录。")))
    ids = sorted((one_id, other_id))

    def effect() -> Json:
        first, second = (records.lock(actor, pk, version=None) for pk in ids)
        why = Why(actor, Action.EDITED, at, reason, key=key)
        records.tell_apart(first, [second.pk], reason=reason, why=why)
        worklist.close_pair(Kind.REGISTERED_TWICE, ids, by_id=actor.user_id, reason=TOLD_APART, at=at)
        audit.record(
            actor,
            "tell-apart",
            subject=("resident", first.pk),
            division_code=first.division_id,
            at=at,
            detail={"residents": ids},
            request_key=key,
        )
        return {"residents": ids}

    inputs = {"residents": ids, "reason": reason}
    return once(actor, key=key, use_case="tell-apart", inputs=inputs, at=at, effect=effect)
