"""At the end of a day: whose cash was not deposited, whose money was not declared in time (BN-4.3.3d)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.declaring import queries as declaring
from yingbao.kernel.periods import DAY
from yingbao.kernel.workdays import add_working_days
from yingbao.ledger import queries as ledger
from yingbao.ledger.kinds import AccountKind
from yingbao.storage.fields import Json
from yingbao.storage.transactions import unit_of_work
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
        Kind.LATE_DEPOSIT: list(_not_deposited(actor, year, on)),
        Kind.LATE_DECLARATION: list(_not_declared(actor, year, on)),
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


def _not_deposited(actor: Actor, year: int, on: date) -> Iterator[Finding]:
    for (holder, village), fen in ledger.by_holder(actor.scope, year=year, kind=AccountKind.AGENT_CASH).items():
        if fen > 0:
            yield from _late(Kind.LATE_DEPOSIT, int(holder), village, on, {"fen": fen})


def _not_declared(actor: Actor, year: int, on: date) -> Iterator[Finding]:
    for (agent_id, village), (oldest, fen) in declaring.undeclared_since(actor.scope, year=year).items():
        if add_working_days(oldest, DECLARE_WITHIN_WORKING_DAYS) < on:
            detail = {"fen": fen, "collected_on": oldest.isoformat()}
            yield from _late(Kind.LATE_DECLARATION, agent_id, village, on, detail)


def _late(kind: Kind, agent_id: int, village: int, on: date, detail: Json) -> Iterator[Finding]:
    owner = accounts.owner_for(village)
    if owner is not None:
        told = {"agent": agent_id, "on": on.isoformat(), **detail}
        yield Finding(kind, village, owner.pk, ("agent", agent_id), on + DAY, told)
