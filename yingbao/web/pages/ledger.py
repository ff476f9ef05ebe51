"""The books: the account tree down to one account's statement, and both as .xlsx."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yingbao.accounts import queries as people
from yingbao.accounts.roles import Right
from yingbao.collection.kinds import Channel
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY
from yingbao.ledger import tree
from yingbao.ledger.kinds import AccountKind
from yingbao.usecases.ledger_workbook import write_ledger, write_statement
from yingbao.web import policies
from yingbao.web.clock import read_today
from yingbao.web.doors import XLSX, attach, shows
from yingbao.web.requests import WebRequest, paginate, parse_date

OF_AN_AGENT = {AccountKind.AGENT_CASH, AccountKind.AGREEMENT, AccountKind.DECLARED}
SEASON_MONTH = 9  # of the year before: where a statement begins when no day is asked for


@shows(Right.SEE_MONEY)
def accounts(request: WebRequest) -> HttpResponse:
    """Show the kinds of account at the end of a day; with ``kind`` the accounts of that kind, village by village."""
    actor, year, on = request.actor, policies.current().year, read_day(request, "on")
    kind = read_kind(request)
    totals = tree.by_kind(actor, year=year, on=on)
    context = {
        "on": on,
        "kind": kind,
        "label": AccountKind(kind).label if kind else "",
        "kinds": [(code, AccountKind(code).label, total) for code, total in totals.items()],
        "came": sum(total.came for total in totals.values()),
        "sum": sum(total.balance for total in totals.values()),
        "whole": totals.get(kind),
    }
    if kind:
        page = paginate(request, tree.accounts(actor, year=year, kind=kind))
        of_each, name = tree.totals_of([one.pk for one in page], on=on), name_holders(page)
        rows = [(one, name(one), of_each[one.pk]) for one in page]
        context |= {"page": page, "rows": rows}
    return render(request, "web/ledger_accounts.html", context)


@shows(Right.SEE_MONEY)
def account(request: WebRequest, account_id: int) -> HttpResponse:
    """Show an account's statement: opening, every transfer with the balance after it, closing; or day by day."""
    found = tree.account(request.actor, account_id)
    begin_on, end_on = read_span(request)
    opening = tree.balance_before(found, begin_on=begin_on)
    context = {
        "account": found,
        "holder": name_holders([found])(found),
        "first": begin_on,
        "last": end_on - DAY,
        "opening": opening,
        "closing": tree.balance_before(found, begin_on=end_on),
        "daily": request.GET.get("by") == "day",
    }
    if context["daily"]:
        context["page"] = paginate(request, tree.days(found, begin_on=begin_on, end_on=end_on))
    else:
        page = paginate(request, tree.movements(found, begin_on=begin_on, end_on=end_on))
        rows = [(one, one.credit if one.fen > 0 else one.debit, opening + one.running) for one in page]
        context |= {"page": page, "rows": rows}
    return render(request, "web/ledger_account.html", context)


@shows(Right.SEE_MONEY)
def ledger_file(request: WebRequest) -> HttpResponse:
    """Give the trial balance and every account, or those of one kind, at the end of a day as .xlsx."""
    actor, year, on, kind = request.actor, policies.current().year, read_day(request, "on"), read_kind(request)
    name = name_holders(tree.accounts(actor, year=year, kind=kind))
    content = write_ledger(actor, year=year, on=on, kind=kind, language=policies.language(), holder=name)
    return attach(content, name=f"ledger{kind and '-'}{kind}-{on}.xlsx", kind=XLSX)


@shows(Right.SEE_MONEY)
def statement_file(request: WebRequest, account_id: int) -> HttpResponse:
    """Give an account's statement as .xlsx."""
    begin_on, end_on = read_span(request)
    name = name_holders([tree.account(request.actor, account_id)])
    content = write_statement(
        request.actor,
        account_id=account_id,
        begin_on=begin_on,
        end_on=end_on,
        language=policies.language(),
        holder=name,
    )
    return attach(content, name=f"account-{account_id}-{begin_on}-{end_on - DAY}.xlsx", kind=XLSX)


def read_kind(request: HttpRequest) -> str:
    """Return the kind of account asked for; "" where none is or there is no such kind."""
    kind = request.GET.get("kind", "")
    return kind if kind in AccountKind.values else ""


def read_day(request: HttpRequest, name: str, otherwise: date | None = None) -> date:
    """Return a day of the query string, by default today. Raises BadInput for what is none."""
    text = request.GET.get(name, "")
    return parse_date(text) if text else otherwise or read_today()


def read_span(request: HttpRequest) -> tuple[date, date]:
    """Return the days asked for, half-open: by default the season until today. Raises BadInput where it ends before."""
    last = read_day(request, "last")
    season = date(policies.current().year - 1, SEASON_MONTH, 1)
    first = read_day(request, "first", min(season, last))
    if first > last:
        raise BadInput(say(N_("起始日期晚于截止日期。")), todo=say(N_("请调换两个日期后再查。")))
    return first, last + DAY


def name_holders(found: Iterable[Any]) -> Callable[[Any], str]:
    """Return what tells whose an account is: agents by name, channels and departments in the reader's words."""
    agents = {one.holder for one in found if one.kind in OF_AN_AGENT and one.holder}
    names = people.names_of(map(int, agents)) if agents else {}

    def name(one: Any) -> str:
        if one.kind in OF_AN_AGENT:
            return names.get(int(one.holder or 0), str(one.holder))
        if one.kind == AccountKind.CHANNEL and one.holder in Channel.values:
            return str(Channel(one.holder).label)
        return policies.department_name(one.holder) if one.kind == AccountKind.DEPARTMENT_DUE else str(one.holder)

    return name
