"""A transfer that was noted by mistake, in another sum than its bill asks, is taken back by who noted it."""

from __future__ import annotations

from datetime import datetime

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.collection.keeping import operations as keeping
from yingbao.collection.keeping.queries import GONE
from yingbao.collection.kinds import KEPT_MONEY, KeptState
from yingbao.kernel.errors import Forbidden, NotFound
from yingbao.kernel.messages import N_, say
from yingbao.ledger.operations import reverse
from yingbao.storage.fields import Json
from yingbao.usecases.note_transfer import may_note
from yingbao.usecases.once import once
from yingbao.usecases.settle_kept import close_items, lock

MISTYPED = "登记有误，已撤销"  # kept in the record, whatever language the reader's page is in


def withdraw_transfer(actor: Actor, *, kept_id: int, key: str, at: datetime) -> Json:
    """Undo one's own note of a transfer that is not what its bill asks, while nobody has asked for its return.

    Its postings are reversed; the record stays, withdrawn. Returns ``{"kept": id, "order": id}``. Raises Forbidden for
    who may note none or did not note this one, NotFound, Refused where it is settled or on its way back.
    """
    if not may_note(actor):
        raise Forbidden(say(N_("只有区税务局、区医保局或镇街社保所可以登记到账。")))

    def effect() -> Json:
        kept = lock(actor, kept_id, KeptState.KEPT)
        if kept.order is None:
            raise NotFound(say(GONE))
        if kept.noted_by_id != actor.user_id:
            raise Forbidden(
                say(N_("这笔到账不是您登记的，不能由您撤销。")), todo=say(N_("请由登记的人撤销，或申请退回单位。"))
            )
        reverse((KEPT_MONEY, kept.pk), at=at, user_id=actor.user_id)
        keeping.withdraw(kept, by_id=actor.user_id, at=at)
        close_items(actor, kept, MISTYPED, at=at)
        audit.record(
            actor,
            "withdraw-transfer",
            subject=(KEPT_MONEY, kept.pk),
            division_code=kept.division_id,
            at=at,
            detail={"order": kept.order.pk, "fen": kept.amount_fen},
            request_key=key,
        )
        return {"kept": kept.pk, "order": kept.order.pk}

    return once(actor, key=key, use_case="withdraw-transfer", inputs={"kept": kept_id}, at=at, effect=effect)
