"""Register people on the national platform (国家医疗保障信息平台): before that nobody can pay (PJ-4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.registry.editing import records
from yingbao.registry.editing.history import Why
from yingbao.registry.kinds import Action
from yingbao.storage.fields import Json
from yingbao.usecases.once import once


def register_on_platform(actor: Actor, *, resident_ids: Sequence[int], key: str, at: datetime) -> Json:
    """Note that people have been registered on the national platform.

    Returns ``{"registered": [ids], "already": count}``. All or nobody: raises Forbidden, NotFound where one of them
    is not of the actor's divisions, Conflict.
    """
    actor.must(Right.EDIT_REGISTER)
    ids = sorted(set(resident_ids))

    def effect() -> Json:
        registered = records.register_on_platform(ids, why=Why(actor, Action.PLATFORM, at, key=key))
        audit.record(
            actor,
            "register-on-platform",
            subject=("resident", ids[0] if len(ids) == 1 else None),
            division_code=actor.division_code,
            at=at,
            detail={"residents": registered},
            request_key=key,
        )
        return {"registered": registered, "already": len(ids) - len(registered)}

    return once(actor, key=key, use_case="register-on-platform", inputs={"residents": ids}, at=at, effect=effect)
