"""Money: where every fen is, down to the receipt it came from."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.custody import queries as custody
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.ledger import queries as ledger
from yingbao.ledger.kinds import AccountKind
from yingbao.usecases.money_lists import write_deposits, write_transfers
from yingbao.usecases.verify import verify
from yingbao.web import policies
from yingbao.web.clock import read_today
from yingbao.web.doors import XLSX, attach, shows
from yingbao.web.pages.ledger import read_day, read_kind
from yingbao.web.requests import WebRequest, paginate


@shows(Right.SEE_MONEY)
def money(request: WebRequest) -> HttpResponse:
    """Show the money check, the trial balance and who holds cash, at the end of a day (``on``, by default today)."""
    actor, year, on = request.actor, policies.current().year, read_day(request, "on")
    balance = ledger.trial_balance(actor, year=year, on=on)
    context = {
        "on": on,
        "money": ledger.money_check(actor, year=year, on=on),
        "balance": [(kind, AccountKind(kind).label, fen) for kind, fen in balance.items()],
        "sum": sum(balance.values()),
        "holders": cash_holders(actor, year, on),
    }
    return render(request, "web/money.html", context)


def cash_holders(actor: Actor, year: int, on: date) -> list[tuple[str, int]]:
    """Return (agent's name, fen in hand) of those who hold cash at the end of a day, most first."""
    held = ledger.by_holder(actor.scope, year=year, kind=AccountKind.AGENT_CASH, on=on)
    names = accounts.names_of(int(holder) for holder, _village in held)
    rows = [(names.get(int(holder), holder), fen) for (holder, _village), fen in held.items() if fen]
    return sorted(rows, key=lambda row: -row[1])


@shows(Right.SEE_MONEY)
def transfers(request: WebRequest) -> HttpResponse:
    """List the transfers until a day, of those that touch a kind of account."""
    kind, on = read_kind(request), read_day(request, "on")
    found = ledger.transfers(request.actor, year=policies.current().year, kind=kind, on=on)
    context = {"page": paginate(request, found), "kinds": AccountKind.choices, "kind": kind, "on": on}
    return render(request, "web/transfers.html", context)


@shows(Right.SEE_MONEY)
def transfers_file(request: WebRequest) -> HttpResponse:
    """Give the transfers the list is filtered to as .xlsx."""
    kind, on, year = read_kind(request), read_day(request, "on"), policies.current().year
    content = write_transfers(request.actor, year=year, kind=kind, on=on, language=policies.language())
    return attach(content, name=f"transfers{kind and '-'}{kind}-{on}.xlsx", kind=XLSX)


@shows(Right.SEE_MONEY)
def entry(request: WebRequest, entry_id: UUID) -> HttpResponse:
    """Show one entry: its transfers, and the record they come from."""
    found = ledger.entry(request.actor, entry_id)
    if not found:
        raise NotFound(say(N_("没有找到这笔分录，或不在您的管理范围内。")))
    context = {"transfers": found, "first": found[0], "total": sum(transfer.amount_fen for transfer in found)}
    return render(request, "web/entry.html", context)


@shows(Right.SEE_MONEY)
def deposits(request: WebRequest) -> HttpResponse:
    """List deposits, newest first; those that brought an earlier day's cash are marked (BN-4.3.3d)."""
    page = paginate(request, custody.deposits(request.actor, year=policies.current().year))
    return render(request, "web/deposits.html", {"page": page, "late": custody.late_deposits(list(page))})


@shows(Right.SEE_MONEY)
def deposits_file(request: WebRequest) -> HttpResponse:
    """Give the deposits as .xlsx."""
    content = write_deposits(request.actor, year=policies.current().year, language=policies.language())
    return attach(content, name=f"deposits-{read_today()}.xlsx", kind=XLSX)


@shows(Right.SEE_MONEY)
def proofs(request: WebRequest) -> HttpResponse:
    """Prove the books now: every check, and what breaks it."""
    return render(request, "web/proofs.html", {"checks": verify(request.actor, year=policies.current().year)})
