"""Take money for dues of one household: payment, receipt, ledger, and coverage where the money clears at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right, Role
from yingbao.collection import operations as collection
from yingbao.collection.kinds import COUNTER_CHANNELS, Channel
from yingbao.collection.orders import operations as orders
from yingbao.kernel.errors import BadInput, Forbidden, NotFound
from yingbao.kernel.messages import N_, say
from yingbao.policy import get_policy
from yingbao.registry import facts as registry
from yingbao.registry.facts import Facts
from yingbao.storage.fields import Json
from yingbao.usecases.once import once
from yingbao.usecases.receiving import Taking, receive
from yingbao.usecases.redeciding import redecide

if TYPE_CHECKING:
    from yingbao.collection.models import Due


def receive_payment(
    actor: Actor,
    *,
    household_id: int,
    due_ids: Sequence[int],
    channel: str,
    amount_fen: int,
    policy_name: str,
    collected_on: date,
    key: str,
    at: datetime,
    reference: str = "",
    terminal: str = "",
) -> Json:
    """Take ``amount_fen`` for the named dues of one household.

    Returns ``{"payment": id, "receipt": id or None, "surplus_fen": …}``. Money a channel brings for a due that is
    paid already is kept as a surplus and becomes a work item; at a counter it is refused. Raises Forbidden,
    NotFound, BadInput (amount, channel), Refused, Conflict.
    """
    actor.must(Right.COLLECT)
    check_channel(actor, channel)
    inputs = {
        "household": household_id,
        "dues": sorted(due_ids),
        "channel": channel,
        "amount": amount_fen,
        "on": collected_on,
        "policy": policy_name,
        "reference": reference,
        "terminal": terminal,
    }

    def effect() -> Json:
        policy = get_policy(policy_name)
        dues = collection.lock_dues(due_ids)
        # Of the people paid for alone: an institution's collective household has thousands of others.
        facts = registry.of_residents((due.enrolment.resident_id for due in dues), on=collected_on)
        _check_dues(actor, dues, due_ids, facts, household_id=household_id, year=policy.year)
        changed = redecide(policy, dues, facts, on=collected_on)
        taking = Taking(household_id, channel, amount_fen, collected_on, at, reference, terminal)
        answer = receive(actor, taking, dues, facts, policy=policy, owed=changed)
        orders.close_asking(due_ids)
        record_taking(actor, "receive-payment", answer, taking, dues[0].division_id, key)
        return answer

    return once(actor, key=key, use_case="receive-payment", inputs=inputs, at=at, effect=effect)


def check_channel(actor: Actor, channel: str) -> None:
    """Raise BadInput for a channel that does not exist, Forbidden for one whose money the actor cannot have taken.

    What came online clears at once and needs no receipt, so only the channel itself may say that it came.
    """
    if channel not in Channel.values:
        raise BadInput(say(N_("没有这种缴费方式：{channel}。"), channel=channel))
    if (channel in COUNTER_CHANNELS) == (actor.role == Role.CHANNEL):
        raise Forbidden(
            say(N_("您不能登记这种方式的缴费。")),
            fact=say(N_("窗口只收现金和POS，线上缴费由缴费渠道传入。")),
        )


def record_taking(
    actor: Actor, action: str, answer: Json, taking: Taking, division_code: int, request_key: str
) -> None:
    """Tell the audit trail of a payment."""
    audit.record(
        actor,
        action,
        subject=("payment", answer["payment"]),
        division_code=division_code,
        at=taking.at,
        detail={"household": taking.household_id, "channel": taking.channel, "fen": taking.amount_fen},
        request_key=request_key,
    )


def _check_dues(
    actor: Actor,
    dues: Sequence[Due],
    due_ids: Sequence[int],
    facts: Mapping[int, Facts],
    *,
    household_id: int,
    year: int,
) -> None:
    """Raise NotFound where a named due is not of this household and year, or not the actor's to see."""
    missing = NotFound(say(N_("没有找到这些应缴，或不属于这一户。")), todo=say(N_("请刷新本户页面后重试。")))
    if not dues or len(dues) != len(set(due_ids)):
        raise missing
    for due in dues:
        actor.must_reach(due.division_id)
        one = due.enrolment
        if facts[one.resident_id].household_id != household_id or one.state != "standing" or one.year != year:
            raise missing
