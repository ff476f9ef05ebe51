"""Nobody entitled is missed unseen (BN-4.1, BN-4.2.2a): low-income people who may enrol and have not, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.enrolment import queries as enrolment
from yingbao.kernel.periods import DAY
from yingbao.policy import Policy, get_policy
from yingbao.registry import facts as registry
from yingbao.registry.facts import Facts
from yingbao.storage.fields import Json
from yingbao.storage.transactions import unit_of_work
from yingbao.usecases import deciding
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

REACH_WITHIN = 14 * DAY
ENROLLED_SINCE = "已参保"  # the reason kept in the record, whatever language the reader's page is in


def find_missed(actor: Actor, *, policy_name: str, on: date, at: datetime) -> Json:
    """Open a work item for each low-income person of the actor's divisions who could enrol and has not.

    Items of people who have enrolled since, or no longer may, are closed with that reason; running it twice changes
    nothing. Returns ``{"missing": open items now, "opened": n, "closed": n}``.
    """
    actor.must(Right.CLOSE_WORK_ITEM)
    policy = get_policy(policy_name)
    missing = _missing(actor, policy, on)
    with unit_of_work():
        already = worklist.open_subjects(actor.scope, Kind.SUBSIDISED_NOT_ENROLLED)
        found = [_finding(one, owner_id, on) for one, owner_id in _owned(missing, already)]
        worklist.open_items(found, on=on)
        reached = [item for resident_id, item in already.items() if resident_id not in missing]
        worklist.close_all(reached, by_id=actor.user_id, reason=ENROLLED_SINCE, at=at)
        answer = {"missing": len(missing), "opened": len(found), "closed": len(reached)}
        audit.record(
            actor, "find-missed", subject=("day", None), division_code=actor.division_code, at=at, detail=answer
        )
    return answer


def _missing(actor: Actor, policy: Policy, on: date) -> dict[int, Facts]:
    low_income = policy.low_income
    entitled = {
        resident_id: one
        for resident_id, one in registry.of_holders(actor.scope, codes=low_income, on=on).items()
        if deciding.why_not(one, on=on) is None
    }
    enrolled = set(enrolment.standing(actor.scope, year=policy.year).values_list("resident_id", flat=True))
    return {resident_id: one for resident_id, one in entitled.items() if resident_id not in enrolled}


def _owned(missing: Mapping[int, Facts], already: Mapping[int, int]) -> list[tuple[Facts, int]]:
    new = [one for resident_id, one in missing.items() if resident_id not in already]
    owners = {village: accounts.owner_for(village) for village in {one.division_code for one in new}}
    return [(one, owner.pk) for one in new if (owner := owners[one.division_code]) is not None]


def _finding(one: Facts, owner_id: int, on: date) -> Finding:
    return Finding(
        kind=Kind.SUBSIDISED_NOT_ENROLLED,
        division_code=one.division_code,
        owner_id=owner_id,
        subject=("resident", one.resident_id),
        due_on=on + REACH_WITHIN,
        detail={"identities": sorted(one.identities), "household": one.household_id},
    )
