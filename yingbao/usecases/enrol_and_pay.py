"""Enrol members of a household and take their money in one go: the counter's and the phone's usual journey."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.policy import get_policy
from yingbao.storage.fields import Json
from yingbao.usecases import deciding, enrolling
from yingbao.usecases.enrol_household import members
from yingbao.usecases.once import once
from yingbao.usecases.receive_payment import check_channel, record_taking
from yingbao.usecases.receiving import Taking, receive


def enrol_and_pay(
    actor: Actor,
    *,
    household_id: int,
    tiers: Mapping[int, int],
    channel: str,
    amount_fen: int,
    policy_name: str,
    on: date,
    key: str,
    at: datetime,
    reference: str = "",
    terminal: str = "",
) -> Json:
    """Enrol the members named in ``tiers`` (resident id → tier) and take ``amount_fen`` for all of them.

    Returns ``{"payment": id, "receipt": id or None, "surplus_fen": 0, "dues": [ids]}``. Either everybody is enrolled
    and paid for, or nothing has happened: raises what ``enrol_household`` and ``receive_payment`` raise.
    """
    actor.must(Right.ENROL)
    actor.must(Right.COLLECT)
    check_channel(actor, channel)
    inputs = {
        "household": household_id,
        "tiers": sorted(tiers.items()),
        "channel": channel,
        "amount": amount_fen,
        "on": on,
        "policy": policy_name,
        "reference": reference,
        "terminal": terminal,
    }

    def effect() -> Json:
        facts = members(actor, household_id, tiers, on=on)
        policy = get_policy(policy_name)
        decided = deciding.decide_choices(policy, facts, tiers, on=on)
        dues = enrolling.enrol(actor, decided, policy=policy, on=on, at=at)
        taking = Taking(household_id, channel, amount_fen, on, at, reference, terminal)
        owed = enrolling.owed(dues, year=policy.year)
        answer = receive(actor, taking, dues, facts, policy=policy, owed=owed)
        record_taking(actor, "enrol-and-pay", answer, taking, dues[0].division_id, key)
        return answer | {"dues": [due.pk for due in dues]}

    with enrolling.refusing_twice():
        return once(actor, key=key, use_case="enrol-and-pay", inputs=inputs, at=at, effect=effect)
