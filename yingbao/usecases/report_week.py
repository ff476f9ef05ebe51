"""Thursday: each village's cumulative figures as they stand at the cut-off (PJ-8.4)."""

from __future__ import annotations

from datetime import date, datetime

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.policy import get_policy
from yingbao.progress import weekly
from yingbao.progress.weekly import Standing
from yingbao.storage.transactions import unit_of_work


def report_week(actor: Actor, *, policy_name: str, cut_off_on: date, at: datetime) -> list[Standing]:
    """Keep and return the figures of the actor's villages at the end of ``cut_off_on``; repeating it replaces them."""
    actor.must(Right.REPORT_PROGRESS)
    policy = get_policy(policy_name)
    with unit_of_work():
        lines = weekly.standings(actor, year=policy.year, on=cut_off_on, low_income=policy.low_income)
        weekly.record_week(lines, year=policy.year, cut_off_on=cut_off_on)
        audit.record(
            actor,
            "report-week",
            subject=("week", None),
            division_code=actor.division_code,
            at=at,
            detail={"cut_off_on": cut_off_on.isoformat(), "persons": sum(line.done.persons for line in lines)},
        )
    return lines
