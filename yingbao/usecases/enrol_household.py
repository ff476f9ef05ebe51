"""Enrol members of a household for the insurance year: who takes which tier, and what each then owes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput, NotFound
from yingbao.kernel.messages import N_, say
from yingbao.ledger.operations import post
from yingbao.policy import get_policy
from yingbao.registry import facts as registry
from yingbao.registry.facts import Facts
from yingbao.storage.fields import Json
from yingbao.usecases import deciding, enrolling
from yingbao.usecases.once import once


def enrol_household(
    actor: Actor,
    *,
    household_id: int,
    tiers: Mapping[int, int],
    policy_name: str,
    on: date,
    key: str,
    at: datetime,
) -> Json:
    """Enrol the members named in ``tiers`` (resident id → tier) as of ``on``.

    Returns ``{"dues": {resident id: {"due": id, "amount_fen": …}}}``. Raises Forbidden, NotFound outside the actor's
    scope, Refused naming everyone who cannot be enrolled (nobody is, then), Conflict for a key used otherwise.
    """
    actor.must(Right.ENROL)
    inputs = {"household": household_id, "tiers": sorted(tiers.items()), "policy": policy_name, "on": on}

    def effect() -> Json:
        facts = members(actor, household_id, tiers, on=on)
        policy = get_policy(policy_name)
        decided = deciding.decide_choices(policy, facts, tiers, on=on)
        dues = enrolling.enrol(actor, decided, policy=policy, on=on, at=at)
        moves = enrolling.owed(dues, year=policy.year)
        post(moves, on=on, at=at, user_id=actor.user_id, source=("household", household_id))
        audit.record(
            actor,
            "enrol-household",
            subject=("household", household_id),
            division_code=dues[0].division_id,
            at=at,
            detail={"residents": sorted(tiers), "due_fen": sum(due.amount_fen for due in dues)},
            request_key=key,
        )
        rows = {due.enrolment.resident_id: {"due": due.pk, "amount_fen": due.amount_fen} for due in dues}
        return {"dues": {str(resident_id): row for resident_id, row in rows.items()}}

    with enrolling.refusing_twice():
        return once(actor, key=key, use_case="enrol-household", inputs=inputs, at=at, effect=effect)


def members(actor: Actor, household_id: int, tiers: Mapping[int, int], *, on: date) -> dict[int, Facts]:
    """Return the facts of a household within the actor's scope; all of ``tiers`` must be its members."""
    facts = registry.of_household(household_id, on=on)
    if not facts:
        raise NotFound(say(N_("没有找到这一户，或不在您的管理范围内。")))
    for one in facts.values():
        actor.must_reach(one.division_code)
    if not tiers or not tiers.keys() <= facts.keys():
        raise BadInput(
            say(N_("所选人员不是本户成员，或没有选择任何人。")), todo=say(N_("请在本户页面勾选要参保的人员。"))
        )
    return facts
