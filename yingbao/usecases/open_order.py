"""Scan-to-pay at the counter: enrol and open an order the payer's phone pays; close one that will not be paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.kinds import OrderState
from yingbao.collection.orders import operations as orders
from yingbao.collection.orders import queries
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, say
from yingbao.ledger.operations import post
from yingbao.policy import get_policy
from yingbao.registry.facts import Facts
from yingbao.storage.fields import Json
from yingbao.usecases import billing, enrolling, receiving, where_to_enrol
from yingbao.usecases.billing import Bill, Choice
from yingbao.usecases.once import once

STANDS_FOR = timedelta(minutes=15)


def open_order(
    actor: Actor,
    *,
    household_id: int,
    tiers: Mapping[int, int],
    due_ids: Sequence[int],
    amount_fen: int,
    policy_name: str,
    on: date,
    key: str,
    at: datetime,
) -> Json:
    """Enrol those in ``tiers`` and open an order for them and for ``due_ids``; it stands 15 minutes.

    Of a due that came out short it asks the rest. Returns ``{"order": number or None, "enrolled": n}``: None where
    nothing is to be paid. An open order that asks for one of the same dues is closed. Raises what ``serve_household``
    raises.
    """
    actor.must(Right.ENROL)
    actor.must(Right.COLLECT)
    choice = Choice(household_id, tiers, due_ids)
    inputs = {**choice.as_inputs(), "amount": amount_fen, "on": on, "policy": policy_name}

    def effect() -> Json:
        policy = get_policy(policy_name)
        facts = billing.household_facts(actor, household_id, on=on)
        bill = billing.draw_up(actor, choice, facts, policy=policy, on=on, at=at)
        for due in bill.dues:
            actor.must_reach(due.division_id)
        where_to_enrol.check_dues(actor, policy, bill.dues)
        return place(actor, choice, bill, facts, amount_fen=amount_fen, year=policy.year, on=on, at=at, key=key)

    with enrolling.refusing_twice():
        return once(actor, key=key, use_case="open-order", inputs=inputs, at=at, effect=effect)


def place(
    actor: Actor,
    choice: Choice,
    bill: Bill,
    facts: Mapping[int, Facts],
    *,
    amount_fen: int,
    year: int,
    on: date,
    at: datetime,
    key: str,
) -> Json:
    """Open the order of a bill drawn up in this transaction; returns what ``open_order`` returns."""
    if any(due.state != "open" and due.pk not in bill.rest for due in bill.dues):
        raise Refused(say(N_("其中有人本年度已经缴费，没有开单。")), todo=say(N_("请刷新页面，只为未缴费的人员缴费。")))
    receiving.check_platform(bill.dues, facts)
    receiving.check_may_pay(bill.dues, facts, on=on)
    receiving.check_village(bill.dues)
    billing.check_amount(bill, amount_fen)
    order = None
    if bill.amount_fen:
        orders.close_asking(choice.due_ids)
        order = orders.open_order(
            bill.asked,
            household_id=choice.household_id,
            year=year,
            opened_by_id=actor.user_id,
            at=at,
            expires_at=at + STANDS_FOR,
        )
    source = ("order", order.pk) if order else ("household", choice.household_id)
    post(bill.moves, on=on, at=at, user_id=actor.user_id, source=source)
    audit.record(
        actor,
        "open-order" if order else "enrol-household",
        subject=source,
        division_code=bill.dues[0].division_id,
        at=at,
        detail={"household": choice.household_id, "residents": sorted(choice.tiers), "fen": bill.amount_fen},
        request_key=key,
    )
    return {"order": order.number if order else None, "enrolled": bill.enrolled}


def close_order(actor: Actor, *, number: str, key: str, at: datetime) -> Json:
    """Close an open order: nobody is to pay it any more. Whoever enrolled with it stays enrolled and owes.

    For who may collect in its village, and for the resident who opened it. Returns ``{"closed": bool}``: false where
    it was paid or closed meanwhile. Raises Forbidden, NotFound.
    """
    if not actor.may(Right.PAY_ONLINE):
        actor.must(Right.COLLECT)

    def effect() -> Json:
        order = orders.lock_order(queries.order(actor, number).pk)
        if order.state != OrderState.OPEN:
            return {"closed": False}
        orders.close_order(order)
        audit.record(
            actor,
            "close-order",
            subject=("order", order.pk),
            division_code=order.division_id,
            at=at,
            detail={"household": order.household_id, "fen": order.amount_fen},
            request_key=key,
        )
        return {"closed": True}

    return once(actor, key=key, use_case="close-order", inputs={"order": number}, at=at, effect=effect)
