"""At the end of a day: whose cash was not deposited, whose deposits were not declared in time (BN-4.3.3d)."""

from __future__ import annotations

from datetime import date, datetime

from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import queries as collected
from yingbao.divisions.codes import Scope
from yingbao.kernel.periods import DAY
from yingbao.kernel.workdays import add_working_days
from yingbao.ledger import queries as ledger
from yingbao.ledger.kinds import AccountKind
from yingbao.storage.transactions import unit_of_work
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

DECLARE_WITHIN_WORKING_DAYS = 2


def watch_custody(actor: Actor, *, year: int, on: date, at: datetime) -> int:
    """Open a work item for each agent of the actor's divisions who is late at the end of ``on``; return how many.

    Cash collected that day must be deposited that day; what was deposited must be declared within two working days.
    Running it twice opens nothing twice.
    """
    actor.must(Right.SEE_MONEY)
    found: list[Finding] = []
    for agent_id, village in collected.agents_with_payments(actor.scope, year=year):
        held = ledger.balances(Scope(village, village + 1), year=year, on=on, holder=str(agent_id))
        owner = accounts.owner_for(village)
        if owner is None:
            continue
        detail = {"agent": agent_id, "on": on.isoformat()}
        subject = ("agent", agent_id)
        if held[AccountKind.AGENT_CASH] > 0:
            late = detail | {"fen": held[AccountKind.AGENT_CASH]}
            found.append(Finding(Kind.LATE_DEPOSIT, village, owner.pk, subject, on + DAY, late))
        overdue = _declarable_since(agent_id, year=year)
        if overdue is not None and add_working_days(overdue, DECLARE_WITHIN_WORKING_DAYS) < on:
            late = detail | {"fen": held[AccountKind.AGREEMENT], "collected_on": overdue.isoformat()}
            found.append(Finding(Kind.LATE_DECLARATION, village, owner.pk, subject, on + DAY, late))
    with unit_of_work():
        worklist.open_items(found, on=on)
    return len(found)


def _declarable_since(agent_id: int, *, year: int) -> date | None:
    oldest = collected.undeclared_cash(agent_id, year=year).first()
    return None if oldest is None else oldest.collected_on
