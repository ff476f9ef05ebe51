"""Where one agent's cash is, receipt by receipt: for who sees that it is deposited and declared in time (BN-4.3.3d)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.custody import queries as custody
from yingbao.collection.declaring import queries as declaring
from yingbao.ledger import queries as ledger
from yingbao.ledger.kinds import AccountKind
from yingbao.usecases.custody import working_days_after
from yingbao.usecases.watch_custody import DECLARE_WITHIN_WORKING_DAYS
from yingbao.web import policies
from yingbao.web.clock import read_today
from yingbao.web.doors import shows
from yingbao.web.pages.day import RECENT, lately, undeclared_of
from yingbao.web.requests import WebRequest, paginate

PLACES = (AccountKind.AGENT_CASH, AccountKind.AGREEMENT, AccountKind.DECLARED)


@shows(Right.SEE_MONEY)
def agent_cash(request: WebRequest, agent_id: int) -> HttpResponse:
    """Show what an agent of the actor's divisions holds, the receipts it comes from, and what is not declared."""
    actor, year = request.actor, policies.current().year
    agent = accounts.agent_seen(actor, agent_id)
    held = {kind: _held(actor, agent_id, kind) for kind in PLACES}
    page = paginate(request, undeclared_of(actor, agent_id, year))
    shown = list(custody.deposits(actor, year=year).filter(agent_id=agent_id)[:RECENT])
    context = {
        "agent": agent,
        "held": [(kind.label, fen) for kind, fen in held.items()],
        "in_hand": custody.cash_in_hand(agent_id, actor.scope, year=year, held_fen=held[AccountKind.AGENT_CASH]),
        "page": page,
        "rows": [(line, *_declare_by(line)) for line in page],
        "lately": lately(shown, declaring.declarations(actor, year=year).filter(agent_id=agent_id)[:RECENT]),
        "late": custody.late_deposits(shown),
    }
    return render(request, "web/agent_cash.html", context)


def _held(actor: Actor, agent_id: int, kind: AccountKind) -> int:
    return ledger.balance_of(actor.scope, year=policies.current().year, kind=kind, holder=str(agent_id))


def _declare_by(line: Any) -> tuple[Any, bool]:
    """Return the day a line's money is to be declared by, and whether that has passed."""
    last = working_days_after(line.payment.collected_on, DECLARE_WITHIN_WORKING_DAYS)
    return last, last < read_today()
