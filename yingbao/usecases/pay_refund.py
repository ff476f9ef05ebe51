"""Pay approved refunds out by the way the money came, from where it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.kinds import RefundState
from yingbao.collection.refunding import operations
from yingbao.kernel.errors import BadInput, NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.texts import clean
from yingbao.ledger.operations import Move, post
from yingbao.storage.fields import Json
from yingbao.usecases import places, refund_followup, refund_places
from yingbao.usecases.once import once
from yingbao.usecases.refund_places import Group

if TYPE_CHECKING:
    from yingbao.collection.models import Refund

LONGEST_REFERENCE = 64


def pay_refund(
    actor: Actor, *, refund_ids: Sequence[int], way: str, reference: str, on: date, key: str, at: datetime
) -> Json:
    """Pay out refunds of one payment whose money is in one place.

    Cash still with its agent: by that agent, in cash or from the agreement account; what is in the treasury: by the
    tax officer with a reference, through the channel where it came by one. Returns ``{"refund": first id,
    "amount_fen": …}``. Raises Forbidden, NotFound, BadInput for a way it did not come by, Refused where it is not
    approved, paid already, with the tax client, or not enough money is there.
    """
    actor.must(Right.PAY_REFUND)
    reference = clean(reference, limit=LONGEST_REFERENCE)

    def effect() -> Json:
        refunds = operations.lock_refunds(refund_ids)
        if not refunds or len(refunds) != len(set(refund_ids)):
            raise NotFound(say(N_("没有找到这笔退费，或不在您的管理范围内。")))
        for one in refunds:
            actor.must_reach(one.division_id)
        _must_be_approved(refunds)
        group = _one_group(refunds)
        place = refund_places.hold(actor, group, way=way, reference=reference)
        operations.pay(refunds, way=way, reference=reference, by_id=actor.user_id, on=on)
        village, year = group.payment.division_id, group.payment.year
        move = Move(places.refund_payable(village, year), place, group.amount_fen)
        post([move], on=on, at=at, user_id=actor.user_id, source=("refund", refunds[0].pk))
        refund_followup.close_paid(refunds, by_id=actor.user_id, at=at)
        answer = {"refund": refunds[0].pk, "amount_fen": group.amount_fen}
        audit.record(
            actor,
            "pay-refund",
            subject=("refund", refunds[0].pk),
            division_code=village,
            at=at,
            detail={**answer, "way": way, "from": place.kind},
            request_key=key,
        )
        return answer

    inputs = {"refunds": sorted(refund_ids), "way": way, "reference": reference, "on": on}
    return once(actor, key=key, use_case="pay-refund", inputs=inputs, at=at, effect=effect)


def _must_be_approved(refunds: Sequence[Refund]) -> None:
    other = next((one for one in refunds if one.state != RefundState.APPROVED), None)
    if other is not None:
        raise Refused(
            say(N_("这笔退费不在“已批准待退款”状态，没有退款。")),
            fact=say(N_("现在的状态：{state}。"), state=RefundState(other.state).label),
            todo=say(N_("请刷新页面查看；已退款的不会再退一次。")),
        )


def _one_group(refunds: Sequence[Refund]) -> Group:
    found = refund_places.groups(refunds)
    if len(found) > 1:
        raise BadInput(
            say(N_("所选退费的钱不在一处，请分别退款。")), todo=say(N_("请刷新退费页面，按每一处分别退款。"))
        )
    return found[0]
