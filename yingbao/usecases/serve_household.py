"""Serve a household at the counter in one go: enrol some, take what they and others already owe, one receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.orders import operations as orders
from yingbao.ledger.operations import post
from yingbao.policy import get_policy
from yingbao.storage.fields import Json
from yingbao.usecases import billing, enrolling
from yingbao.usecases.billing import Choice
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
        taken: Json = {"payment": None, "receipt": None, "surplus_fen": 0}
        if bill.amount_fen or amount_fen:
            taking = Taking(household_id, channel, amount_fen, on, at, reference, terminal)
            taken = receive(actor, taking, bill.dues, facts, policy=policy, owed=bill.moves)
            orders.close_asking(due_ids)
        else:
            post(bill.moves, on=on, at=at, user_id=actor.user_id, source=("household", household_id))
        audit.record(
            actor,
            "serve-household",
            subject=("payment", taken["payment"]) if taken["payment"] else ("household", household_id),
            division_code=bill.dues[0].division_id,
            at=at,
            detail={"household": household_id, "enrolled": sorted(tiers), "channel": channel, "fen": amount_fen},
            request_key=key,
        )
        return taken | {"dues": [due.pk for due in bill.dues], "enrolled": bill.enrolled}

    with enrolling.refusing_twice():
        return once(actor, key=key, use_case="serve-household", inputs=inputs, at=at, effect=effect)
