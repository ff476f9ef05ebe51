"""Serve a household at the counter in one go: enrol some, take what they and others already owe, one receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.orders import operations as orders
from yingbao.ledger.operations import post
from yingbao.policy import Policy, get_policy
from yingbao.registry.facts import Facts
from yingbao.storage.fields import Json
from yingbao.usecases import billing, enrolling
from yingbao.usecases.billing import Bill, Choice
from yingbao.usecases.once import once
from yingbao.usecases.receive_payment import check_channel
from yingbao.usecases.receiving import Taking, receive


def serve_household(
    actor: Actor,
    *,
    household_id: int,
    tiers: Mapping[int, int],
    due_ids: Sequence[int],
    channel: str,
    amount_fen: int,
    policy_name: str,
    on: date,
    key: str,
    at: datetime,
    reference: str = "",
    terminal: str = "",
) -> Json:
    """Enrol those in ``tiers`` (resident id → tier) and take ``amount_fen`` for them and for the open ``due_ids``.

    Who pays nothing is enrolled in the same act; where all of it asks nothing, nothing is taken. Returns ``{"payment":
    id or None, "receipt": id or None, "surplus_fen": 0, "dues": [ids], "enrolled": n}``. Everything happens or
    nothing: raises Forbidden, NotFound, Refused, Conflict, and BadInput where the amount is not what is owed.
    """
    actor.must(Right.ENROL)
    actor.must(Right.COLLECT)
    check_channel(actor, channel)
    choice = Choice(household_id, tiers, due_ids)
    given = {"channel": channel, "amount": amount_fen, "reference": reference, "terminal": terminal}
    inputs = {**choice.as_inputs(), **given, "on": on, "policy": policy_name}

    def effect() -> Json:
        policy = get_policy(policy_name)
        facts = billing.household_facts(actor, household_id, on=on)
        bill = billing.draw_up(actor, choice, facts, policy=policy, on=on, at=at)
        for due in bill.dues:
            actor.must_reach(due.division_id)
        taking = Taking(household_id, channel, amount_fen, on, at, reference, terminal)
        answer = _settle(actor, taking, bill, facts, policy)
        orders.close_asking(due_ids)
        _tell(actor, taking, choice, answer, bill.dues[0].division_id, key)
        return answer | {"dues": [due.pk for due in bill.dues], "enrolled": bill.enrolled}

    with enrolling.refusing_twice():
        return once(actor, key=key, use_case="serve-household", inputs=inputs, at=at, effect=effect)


def _settle(actor: Actor, taking: Taking, bill: Bill, facts: Mapping[int, Facts], policy: Policy) -> Json:
    """Take the money of a bill; where it asks nothing and nothing is given, only write down that they are enrolled."""
    if bill.amount_fen or taking.amount_fen:
        return receive(actor, taking, bill.dues, facts, policy=policy, owed=bill.moves)
    source = ("household", taking.household_id)
    post(bill.moves, on=taking.collected_on, at=taking.at, user_id=actor.user_id, source=source)
    return {"payment": None, "receipt": None, "surplus_fen": 0}


def _tell(actor: Actor, taking: Taking, choice: Choice, answer: Json, division_code: int, key: str) -> None:
    audit.record(
        actor,
        "serve-household",
        subject=("payment", answer["payment"]) if answer["payment"] else ("household", choice.household_id),
        division_code=division_code,
        at=taking.at,
        detail={
            "household": choice.household_id,
            "enrolled": sorted(choice.tiers),
            "channel": taking.channel,
            "fen": taking.amount_fen,
        },
        request_key=key,
    )
