"""At the end of a day: whose cash was not deposited, whose money was not declared in time (BN-4.3.3d)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.declaring import queries as declaring
from yingbao.divisions.codes import town_of
from yingbao.ledger import queries as ledger
from yingbao.ledger.kinds import AccountKind
from yingbao.storage.fields import Json
from yingbao.storage.transactions import unit_of_work
from yingbao.usecases.custody import is_overdue, working_days_after
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

DECLARE_WITHIN_WORKING_DAYS = 2
# Kept in the record, whatever language the reader's page is in.
CAUGHT_UP = {Kind.LATE_DEPOSIT: "已补缴存", Kind.LATE_DECLARATION: "已补申报"}


def watch_custody(actor: Actor, *, year: int, on: date, at: datetime) -> int:
    """Open a work item for each agent of the actor's divisions who is late at the end of ``on``; return how many.

    Cash must be deposited on the day it is collected and declared within two working days. An item that is open
    already stays as it is; one whose agent has caught up is closed with that reason. Twice changes nothing.
    """
    actor.must(Right.CLOSE_WORK_ITEM)
    late = {
        Kind.LATE_DEPOSIT: _not_deposited(actor, year, on),
        Kind.LATE_DECLARATION: _not_declared(actor, year, on),
    }
    with unit_of_work():
        caught_up = sum(_close_caught_up(actor, kind, findings, at) for kind, findings in late.items())
        findings = [one for found in late.values() for one in found]
        worklist.open_items(findings, on=on)
        if findings or caught_up:
            audit.record(
                actor,
                "watch-custody",
                subject=("day", None),
                division_code=actor.division_code,
                at=at,
                detail={"on": on.isoformat(), "late": len(findings), "caught_up": caught_up},
            )
    return len(findings)


def _close_caught_up(actor: Actor, kind: Kind, findings: Sequence[Finding], at: datetime) -> int:
    late = {finding.subject[1] for finding in findings}
    caught_up = [item for agent, item in worklist.open_subjects(actor.scope, kind).items() if agent not in late]
    worklist.close_all(caught_up, by_id=actor.user_id, reason=CAUGHT_UP[kind], at=at)
    return len(caught_up)


def _not_deposited(actor: Actor, year: int, on: date) -> list[Finding]:
    held = ledger.by_holder(actor.scope, year=year, kind=AccountKind.AGENT_CASH, on=on)
    late = {(int(holder), village): fen for (holder, village), fen in held.items() if fen > 0}
    return list(_late(Kind.LATE_DEPOSIT, late, on, {}))


def _not_declared(actor: Actor, year: int, on: date) -> list[Finding]:
    waiting = declaring.undeclared_since(actor.scope, year=year)
    late = {
        whose: (oldest, fen)
        for whose, (oldest, fen) in waiting.items()
        if is_overdue(oldest, DECLARE_WITHIN_WORKING_DAYS, on=on)
    }
    oldest_of: dict[int, date] = {}
    for (agent, _village), (oldest, _fen) in late.items():
        oldest_of[agent] = min(oldest, oldest_of.get(agent, oldest))
    amounts = {whose: fen for whose, (_oldest, fen) in late.items()}
    collected = {agent: {"collected_on": oldest.isoformat()} for agent, oldest in oldest_of.items()}
    return list(_late(Kind.LATE_DECLARATION, amounts, on, collected))


def _late(kind: Kind, late: Mapping[tuple[int, int], int], on: date, more: Mapping[int, Json]) -> Iterator[Finding]:
    """Give one finding per agent: of a village, or of the town where a clerk's money is of several."""
    villages: defaultdict[int, list[int]] = defaultdict(list)
    amounts: Counter[int] = Counter()
    for (agent, village), fen in sorted(late.items()):
        villages[agent].append(village)
        amounts[agent] += fen
    places = {agent: codes[0] if len(codes) == 1 else town_of(codes[0]) for agent, codes in villages.items()}
    owners = accounts.owners_for(places.values())
    for agent, place in places.items():
        if place in owners:
            told = {"agent": agent, "on": on.isoformat(), "fen": amounts[agent], **more.get(agent, {})}
            yield Finding(kind, place, owners[place], ("agent", agent), working_days_after(on, 1), told)
