"""A refund took some of a household off its receipt: who stays gets a new one (BN-4.3.3b)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import operations as collection
from yingbao.collection import queries
from yingbao.collection.receipts import operations as forms
from yingbao.kernel.errors import NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.storage.fields import Json
from yingbao.usecases import receipting
from yingbao.usecases.once import once
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind

if TYPE_CHECKING:
    from yingbao.collection.models import Payment

REISSUED = "已补开"  # kept in the record, whatever language the reader's page is in


def reissue_receipt(actor: Actor, *, payment_id: int, on: date, key: str, at: datetime) -> Json:
    """Issue the next form of the actor's book for those of a payment who are still enrolled by it.

    It says what was taken and decided then, of them alone. Returns ``{"receipt": id}``. Raises Forbidden, NotFound
    outside the actor's scope, Refused where a receipt is out or nobody was refunded or stays, where the actor has no
    form left, or where it would be void (BN-4.3.3c).
    """
    actor.must(Right.COLLECT)

    def effect() -> Json:
        payment = _lock(actor, payment_id)
        if not payment.owes_receipt:
            raise Refused(
                say(N_("这笔缴费不用补开收据。")),
                fact=say(N_("只有退费收回了收据、还有人留在参保登记上的，才补开。")),
                todo=say(N_("请刷新页面查看现在的收据；写坏、打坏的请作废重开。")),
            )
        book, stated = receipting.staying_form(actor, payment, on=on)
        fresh = forms.use_next(book, payment, on=on, stated=stated)
        by: Json = {"by_id": actor.user_id, "reason": REISSUED, "at": at}
        worklist.close_about(Kind.RECEIPT_TO_REISSUE, "payment", [payment_id], **by)
        audit.record(
            actor,
            "reissue-receipt",
            subject=("receipt", fresh.pk),
            division_code=payment.division_id,
            at=at,
            detail={"payment": payment_id, "people": len(stated)},
            request_key=key,
        )
        return {"receipt": fresh.pk}

    inputs = {"payment": payment_id, "on": on}
    return once(actor, key=key, use_case="reissue-receipt", inputs=inputs, at=at, effect=effect)


def _lock(actor: Actor, payment_id: int) -> Payment:
    """Return a payment as it stands once its dues are held until commit: nobody else of it ends meanwhile."""
    seen = queries.find_payment(payment_id)
    if seen is None:
        raise NotFound(say(N_("没有找到这笔缴费，或不在您的管理范围内。")))
    actor.must_reach(seen.division_id)
    collection.lock_dues(line.due_id for line in seen.lines.all() if line.due_id is not None)
    payment = queries.find_payment(payment_id)
    assert payment is not None  # payments are never deleted
    return payment
