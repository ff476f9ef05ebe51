"""At a set date, extract who was subsidised and draw up one list per paying department (PJ-5.2.3)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.policy import get_policy
from yingbao.settlement import operations, queries
from yingbao.settlement.operations import Span
from yingbao.storage.fields import Json
from yingbao.storage.transactions import take_turns
from yingbao.usecases import deciding
from yingbao.usecases.once import once

if TYPE_CHECKING:
    from yingbao.enrolment.models import Enrolment


def extract_settlement(actor: Actor, *, policy_name: str, begin_on: date, end_on: date, key: str, at: datetime) -> Json:
    """Draw up the lists of those whose dues cleared in [begin_on, end_on) and stand in no list yet.

    Returns ``{"lists": {payer: {"list": id, "persons": n, "amount_fen": …}}}``; extracting twice bills nobody twice.
    """
    actor.must(Right.EXTRACT_SETTLEMENT)
    policy = get_policy(policy_name)

    def effect() -> Json:
        take_turns("settlement-lists")  # who is second finds what the first has billed, and bills the rest
        billable = queries.billable(actor.scope, year=policy.year, begin_on=begin_on, end_on=end_on)
        by_payer: defaultdict[str, list[Enrolment]] = defaultdict(list)
        for enrolment in billable.select_for_update(of=("self",)):
            by_payer[deciding.locked_payer(enrolment)].append(enrolment)
        span = Span(actor.division_code or 0, policy.year, begin_on, end_on)
        drawn = {
            payer: operations.draw_up(payer, by_payer[payer], span=span, user_id=actor.user_id, at=at)
            for payer in sorted(by_payer)
        }
        answer: Json = {
            "lists": {
                payer: {"list": one.pk, "persons": one.persons, "amount_fen": one.amount_fen}
                for payer, one in drawn.items()
            }
        }
        audit.record(
            actor,
            "extract-settlement",
            subject=("settlement", None),
            division_code=actor.division_code,
            at=at,
            detail=answer,
            request_key=key,
        )
        return answer

    inputs = {"policy": policy_name, "begin": begin_on, "end": end_on, "division": actor.division_code}
    return once(actor, key=key, use_case="extract-settlement", inputs=inputs, at=at, effect=effect)
