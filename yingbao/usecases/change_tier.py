"""Change the tier somebody has chosen, before they have paid; what they owe is decided anew."""

from __future__ import annotations

from datetime import date, datetime

from yingbao.accounts.actors import Actor
from yingbao.collection.orders import operations as orders
from yingbao.enrolment import operations as enrolment
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.ledger.operations import post
from yingbao.policy import get_policy
from yingbao.registry import facts as registry
from yingbao.storage.fields import Json
from yingbao.usecases import deciding, where_to_enrol
from yingbao.usecases.changing_due import lock_due, must_be_open, must_enrol, tell
from yingbao.usecases.once import once
from yingbao.usecases.redeciding import keep
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind

CHANGED = "已改档次"  # kept in the record, whatever language the reader's page is in


def change_tier(actor: Actor, *, due_id: int, tier: int, policy_name: str, on: date, key: str, at: datetime) -> Json:
    """Change the tier of an open due; the ledger is corrected by the difference.

    Residents may where it was made online. Returns ``{"due": id, "before_fen": …, "amount_fen": …}``. Raises Forbidden,
    NotFound, BadInput for the tier there is already, Refused where money was taken already or the person cannot enrol
    in that tier today.
    """
    must_enrol(actor)
    policy = get_policy(policy_name)

    def effect() -> Json:
        due = lock_due(actor, due_id, year=policy.year)
        must_be_open(due)
        one, before, old_tier = due.enrolment, due.amount_fen, due.enrolment.tier
        if tier == old_tier:
            raise BadInput(say(N_("已经是这个档次，没有更改。")), todo=say(N_("请选择另一个档次。")))
        facts = registry.of_residents([one.resident_id], on=on)
        decided = deciding.decide_choices(policy, facts, {one.resident_id: tier}, on=on)
        where_to_enrol.check_decided(actor, policy, decided)
        enrolment.choose_tier(one, tier)
        moves = keep(policy, [(due, decided[0].decision)], on=on)
        post(moves, on=on, at=at, user_id=actor.user_id, source=("household", facts[one.resident_id].household_id))
        orders.close_asking([due.pk])
        about: Json = {"by_id": actor.user_id, "reason": CHANGED, "at": at}
        worklist.close_about(Kind.WRONG_TIER, "resident", [one.resident_id], **about)
        detail = {"tiers": [old_tier, tier], "fen": [before, due.amount_fen]}
        tell(actor, "change-tier", due, at=at, key=key, detail=detail)
        return {"due": due.pk, "before_fen": before, "amount_fen": due.amount_fen}

    inputs = {"due": due_id, "tier": tier, "policy": policy_name, "on": on}
    return once(actor, key=key, use_case="change-tier", inputs=inputs, at=at, effect=effect)
