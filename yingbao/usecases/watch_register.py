"""Whoever is enrolled though dead or covered elsewhere, found one by one: each a work item until the cause is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.standing import Standing, standing_of
from yingbao.divisions.codes import Scope
from yingbao.kernel.periods import DAY
from yingbao.registry import counts
from yingbao.storage.fields import Json
from yingbao.storage.transactions import unit_of_work
from yingbao.usecases.watch_twice import watch_twice
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding, Opened

SETTLE_WITHIN = timedelta(days=14)
# Kept in the record, whatever language the reader's page is in.
GONE = "已不再有此情况：名单更正、参保登记取消或人员恢复"
CHANGED = "缴费情况已变化，另立事项"
DEAD, ELSEWHERE = "此人已死亡", "此人已在别处参保等，不属应参保人员"


@dataclass(frozen=True, slots=True)
class Case:
    """Somebody enrolled for the year who should not be: what stands, since when, and what the lists say."""

    kind: Kind
    standing: Standing
    because: Json

    @property
    def subject(self) -> tuple[str, str, int]:
        """Return what an open item is told apart by."""
        return (self.kind.value, "resident", self.standing.resident_id)

    def detail(self, year: int, on: date) -> Json:
        """Return the item's detail: money is refunded before cover begins, normally not after."""
        found = self.standing
        return {
            **{"year": year, "paid": found.is_paid, "fen": found.amount_fen, "household": found.household_id},
            **{"covered_from": found.covered_from.isoformat() if found.covered_from else None},
            **{"has_begun": found.has_begun(on), **self.because},
        }


def watch_register(actor: Actor, *, year: int, on: date, at: datetime) -> Json:
    """Open a work item for each person of the actor's divisions who is enrolled though dead or covered elsewhere.

    And one for each two records that look like one person. An item that is open already stays; one whose cause is
    gone is closed with that reason. Twice changes nothing.
    Returns ``{"opened_items": n, "closed_items": n}``. Raises Forbidden.
    """
    actor.must(Right.CLOSE_WORK_ITEM)
    with unit_of_work():
        enrolled = watch_within(actor, actor.scope, year=year, on=on, at=at)
        twice = watch_twice(actor, actor.scope, on=on, at=at)
        answer = {name: count + twice[name] for name, count in enrolled.items()}
        if any(answer.values()):
            audit.record(
                actor,
                "watch-register",
                subject=("day", None),
                division_code=actor.division_code,
                at=at,
                detail={"on": on.isoformat(), **answer},
            )
    return answer


def watch_within(actor: Actor, scope: Scope, *, year: int, on: date, at: datetime, gone: str = GONE) -> dict[str, int]:
    """Do ``watch_register``'s work for a scope, in the caller's transaction; ``gone`` is why items close."""
    cases = {case.subject: case for case in _cases(scope, year, on)}
    kinds = (Kind.PAID_BUT_COVERED_ELSEWHERE, Kind.PAID_BUT_DEAD)
    already = {
        subject: item for subject, item in worklist.open_of(scope, kinds).items() if item.detail.get("year") == year
    }
    changed = {subject for subject, item in already.items() if _has_changed(cases.get(subject), item)}
    ended = set(already) - set(cases)
    for subjects, reason in ((changed, CHANGED), (ended, gone)):
        ids = sorted(already[subject].item_id for subject in subjects)
        worklist.close_all(ids, by_id=actor.user_id, reason=reason, at=at)
    new = [case for subject, case in cases.items() if subject not in already or subject in changed]
    found = list(_findings(new, year, on))
    worklist.open_items(found, on=on)
    released = _release_missed(actor, scope, on, at)
    return {"opened_items": len(found), "closed_items": len(changed) + len(ended) + released}


def _cases(scope: Scope, year: int, on: date) -> Iterator[Case]:
    covered = {found.resident_id: found for found in standing_of(counts.covered_elsewhere(on=on), scope, year=year)}
    dead = {found.resident_id: found for found in standing_of(counts.dead(), scope, year=year)}
    kinds = counts.kinds_elsewhere(covered.keys() - dead.keys(), on=on)
    for resident_id, of_one in kinds.items():
        yield Case(Kind.PAID_BUT_COVERED_ELSEWHERE, covered[resident_id], {"kinds": of_one})
    for resident_id, died_on in counts.died(dead).items():
        if _should_not_have(dead[resident_id], died_on):
            yield Case(Kind.PAID_BUT_DEAD, dead[resident_id], {"died_on": died_on.isoformat()})


def _should_not_have(found: Standing, died_on: date) -> bool:
    """Return whether a death undoes an enrolment: who died while covered was rightly insured."""
    if found.collected_on is not None and found.collected_on > died_on:
        return True
    return not found.is_paid or found.covered_from is None or died_on < found.covered_from


def _has_changed(case: Case | None, item: Opened) -> bool:
    return case is not None and item.detail.get("paid") != case.standing.is_paid


def _findings(cases: Iterable[Case], year: int, on: date) -> Iterator[Finding]:
    cases = list(cases)
    owners = accounts.owners_for({case.standing.division_code for case in cases})
    for case in cases:
        found = case.standing
        owner_id = owners.get(found.division_code)
        if owner_id is not None:
            subject = ("resident", found.resident_id)
            due_on = _due_on(found, on)
            yield Finding(case.kind, found.division_code, owner_id, subject, due_on, case.detail(year, on))


def _due_on(found: Standing, on: date) -> date:
    """Return the day by which to settle it: while the money can still be refunded, where that is so."""
    due_on = on + SETTLE_WITHIN
    if found.is_paid and found.covered_from is not None and found.covered_from > on:
        due_on = min(due_on, found.covered_from - DAY)
    return max(due_on, on)


def _release_missed(actor: Actor, scope: Scope, on: date, at: datetime) -> int:
    """Close the items of people to be reached who cannot enrol any more: dead, or covered elsewhere by now."""
    sought = worklist.open_of(scope, (Kind.SUBSIDISED_NOT_ENROLLED,))
    if not sought:
        return 0
    people = {resident_id for _, _, resident_id in sought}
    dead = counts.died(people).keys()
    elsewhere = counts.kinds_elsewhere(people - dead, on=on).keys()
    for residents, reason in ((dead, DEAD), (elsewhere, ELSEWHERE)):
        ids = sorted(item.item_id for (_, _, resident_id), item in sought.items() if resident_id in residents)
        worklist.close_all(ids, by_id=actor.user_id, reason=reason, at=at)
    return len(dead) + len(elsewhere)
