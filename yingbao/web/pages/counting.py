"""Counting an agent's cash: by denomination, against the books, on paper, and into another's hands (BN-4.3.3d)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yingbao.accounts import queries as accounts
from yingbao.accounts.roles import Right
from yingbao.collection.custody import queries as custody
from yingbao.kernel.errors import BadInput, Refused, YingbaoError
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan
from yingbao.ledger import queries as ledger
from yingbao.ledger.kinds import AccountKind
from yingbao.usecases.count_cash import DENOMINATIONS, MOST_PIECES, accept_hand_over, count_cash, sum_of
from yingbao.usecases.print_hand_over import print_hand_over
from yingbao.web import policies
from yingbao.web.clock import read_now
from yingbao.web.doors import PDF, attach, changes, shows
from yingbao.web.forms import show_form
from yingbao.web.requests import WebRequest, filter_number, paginate, read_key, read_text

RECENT = 10


@shows(Right.DEPOSIT)
def count(request: WebRequest) -> HttpResponse:
    """Show the form of a count, and the actor's last ones."""
    return _form(request, {}, None)


@shows(Right.DEPOSIT)
def total(request: WebRequest) -> HttpResponse:
    """Say what the notes typed so far add up to, beside what the books have."""
    return render(request, "web/parts/count_sum.html", _figures(request, _typed(request.GET)))


@changes(Right.DEPOSIT)
def save(request: WebRequest) -> HttpResponse:
    """Keep a count; where it differs without a word, ask again with everything as it was typed."""
    key, typed, taken_by = read_key(request), _typed(request.POST), read_text(request, "taken_by", limit=60)
    try:
        told = count_cash(
            request.actor,
            pieces=_pieces(typed),
            note=read_text(request, "note", limit=200),
            taken_by=taken_by,
            year=policies.current().year,
            key=key,
            at=read_now(),
        )
    except (BadInput, Refused) as error:
        return _form(request, typed, error)
    difference = told["counted_fen"] - told["expected_fen"]
    if difference:
        yuan = {"yuan": format_yuan(difference)}
        messages.warning(request, _("已登记盘点，相差 %(yuan)s 元，已转为待办。") % yuan, extra_tags="warn")
    else:
        messages.success(request, _("已登记盘点，账实相符。"))
    taker = dict(accounts.takers(request.actor).values_list("username", "display_name")).get(taken_by)
    if taker:
        messages.info(request, _("等 %(name)s 接收后，现金才转到对方手里。") % {"name": taker})
    return redirect("count")


@changes(Right.DEPOSIT)
def take(request: WebRequest, count_id: int) -> HttpResponse:
    """Take over what another has counted."""
    told = accept_hand_over(request.actor, count_id=count_id, key=read_key(request), at=read_now())
    messages.success(
        request, _("已接收 %(yuan)s 元，请当日缴存，并负责申报。") % {"yuan": format_yuan(told["moved_fen"])}
    )
    return redirect("day")


@shows(Right.SEE_MONEY)
def counts(request: WebRequest) -> HttpResponse:
    """List the counts of the actor's divisions, newest first; with ``count`` that one alone, as work items ask."""
    found = custody.counts(request.actor, year=policies.current().year)
    one = filter_number(request, "count")
    if one is not None:
        found = found.filter(pk=one)
    return render(request, "web/counts.html", {"page": paginate(request, found), "alone": one is not None})


@shows(Right.SEE_MONEY)
def count_pdf(request: WebRequest, count_id: int) -> HttpResponse:
    """Give one count as PDF."""
    printed = print_hand_over(request.actor, count_id=count_id, at=read_now())
    return attach(printed.pdf, name=f"cash-{count_id}.pdf", kind=PDF)


def _form(request: WebRequest, typed: dict[int, str], error: YingbaoError | None) -> HttpResponse:
    actor, year = request.actor, policies.current().year
    context = {
        **_figures(request, typed),
        "rows": [(fen, typed.get(fen, "")) for fen in DENOMINATIONS],
        "most": MOST_PIECES,
        "takers": accounts.takers(actor),
        "taken_by": request.POST.get("taken_by", ""),
        "note": request.POST.get("note", ""),
        "counts": custody.counts(actor, year=year).filter(agent_id=actor.user_id)[:RECENT],
    }
    return show_form(request, "web/count.html", context, error)


def _figures(request: WebRequest, typed: dict[int, str]) -> dict[str, int | bool | None]:
    """Return what is expected and what was typed adds up to; None where that is no count."""
    actor = request.actor
    expected = ledger.balance_of(
        actor.scope, year=policies.current().year, kind=AccountKind.AGENT_CASH, holder=str(actor.user_id)
    )
    try:
        counted: int | None = sum_of(_pieces(typed))
    except BadInput:
        counted = None
    return {
        "expected_fen": expected,
        "counted_fen": counted,
        "difference_fen": None if counted is None else counted - expected,
        "begun": any(typed.values()),
    }


def _typed(sent: QueryDict) -> dict[int, str]:
    return {fen: str(sent.get(f"n-{fen}", "")).strip() for fen in DENOMINATIONS}


def _pieces(typed: dict[int, str]) -> dict[int, int]:
    """Return the number of pieces by denomination; nothing typed is none. Raises BadInput."""
    numbers = {fen: text or "0" for fen, text in typed.items()}
    if not all(text.isascii() and text.isdigit() and len(text) <= 6 for text in numbers.values()):
        raise BadInput(
            say(N_("张数填写不正确。")), todo=say(N_("每种面额填写 0 到 {most} 之间的整数。"), most=MOST_PIECES)
        )
    return {fen: int(text) for fen, text in numbers.items()}
