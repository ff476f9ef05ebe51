"""Money channels report for nobody we know: the list, one of them, finding its payer, sending it back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import queries as collection
from yingbao.collection.keeping import queries
from yingbao.collection.kinds import STILL_KEPT, KeptState
from yingbao.enrolment import queries as enrolment
from yingbao.kernel.money import format_yuan
from yingbao.ledger import queries as ledger
from yingbao.registry.finding import listing
from yingbao.registry.finding.listing import Filter, Search
from yingbao.usecases.settle_kept import ask_return, give_back, keep_on, may_pay_back, take_kept
from yingbao.web import policies
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import changes, shows
from yingbao.web.requests import WebRequest, new_key, paginate, read_date, read_key, read_numbers, read_text

MOST_FOUND = 20
LONGEST_SEARCH = 60
WAITING = "waiting"


@shows(Right.SEE_MONEY)
def kept(request: WebRequest) -> HttpResponse:
    """List what was kept, newest first; what still waits unless another state is asked for."""
    state = request.GET.get("state", WAITING)
    found = queries.kept(request.actor)
    if state in KeptState.values:
        found = found.filter(state=state)
    elif state == WAITING:
        found = found.filter(state__in=STILL_KEPT)
    count, fen = queries.waiting(request.actor)
    context = {
        "page": paginate(request, found),
        "states": KeptState.choices,
        "state": state if state in (WAITING, *KeptState.values) else "",
        "count": count,
        "fen": fen,
    }
    return render(request, "web/kept.html", context)


@shows(Right.SEE_MONEY)
def kept_money(request: WebRequest, kept_id: int) -> HttpResponse:
    """Show one of them: what the channel said, what became of it, and both ways to settle it."""
    return _page(request, kept_id, {})


@changes(Right.SETTLE_KEPT)
def find(request: WebRequest, kept_id: int) -> HttpResponse:
    """Look for its payer. By POST: a name and a number stand in no log."""
    text = read_text(request, "q", limit=LONGEST_SEARCH)
    rows = _people(request.actor, text) if text else []
    return _page(request, kept_id, {"q": text, "searched": True, "rows": rows, "most": MOST_FOUND})


def _people(actor: Actor, text: str) -> list[tuple[Any, Any]]:
    """Return (person, their due of the year or None) of whom a text means, the first of them."""
    year = policies.current().year
    enrolled = enrolment.standing(actor.scope, year=year)
    found = listing.search(actor, Search(text, Filter(), read_today(), enrolled)).residents[:MOST_FOUND]
    dues = collection.dues_of([one.pk for one in found], year=year)
    return [(one, dues.get(one.pk)) for one in found]


def _page(request: WebRequest, kept_id: int, found: dict[str, Any]) -> HttpResponse:
    actor = request.actor
    one = queries.one(actor, kept_id)
    context = {
        "one": one,
        "transfers": ledger.of_source(actor, kind="kept-money", source_id=one.pk),
        "settles": actor.may(Right.SETTLE_KEPT) and one.state == KeptState.KEPT,
        "of_this_year": one.year == policies.current().year,
        "pays": may_pay_back(actor) and one.state == KeptState.RETURNING,
        "withdraws": actor.may(Right.SETTLE_KEPT) and one.state == KeptState.RETURNING,
        "keys": {name: new_key() for name in ("take", "ask", "keep", "back")},
    }
    return render(request, "web/kept_money.html", context | found)


@changes(Right.SETTLE_KEPT)
def take(request: WebRequest, kept_id: int) -> HttpResponse:
    """Book it for those who were ticked."""
    answer = take_kept(
        request.actor,
        kept_id=kept_id,
        resident_ids=read_numbers(request, "resident"),
        policy_name=settings.YINGBAO_POLICY,
        key=read_key(request),
        at=read_now(),
    )
    words = {"paid": answer["paid"], "yuan": format_yuan(answer["surplus_fen"])}
    told = _("已认领入账：缴清 %(paid)s 人，待退 %(yuan)s 元。") % words
    messages.success(request, told)
    return redirect("payment", payment_id=answer["payment"])


@changes(Right.SETTLE_KEPT)
def ask(request: WebRequest, kept_id: int) -> HttpResponse:
    """Ask that it go back."""
    reason = read_text(request, "reason", limit=200)
    ask_return(request.actor, kept_id=kept_id, reason=reason, key=read_key(request), at=read_now())
    messages.success(request, _("已申请退回，待区税务局按原渠道退款后登记。"))
    return redirect("kept-money", kept_id=kept_id)


@changes(Right.SETTLE_KEPT)
def keep(request: WebRequest, kept_id: int) -> HttpResponse:
    """Take that back."""
    keep_on(request.actor, kept_id=kept_id, key=read_key(request), at=read_now())
    messages.success(request, _("已撤回退回申请，可以继续认领。"))
    return redirect("kept-money", kept_id=kept_id)


@changes(Right.PAY_REFUND)
def back(request: WebRequest, kept_id: int) -> HttpResponse:
    """Note that it has gone back."""
    answer = give_back(
        request.actor,
        kept_id=kept_id,
        reference=read_text(request, "reference", limit=64),
        returned_on=read_date(request, "returned_on"),
        on=read_today(),
        key=read_key(request),
        at=read_now(),
    )
    messages.success(request, _("已登记退回 %(yuan)s 元。") % {"yuan": format_yuan(answer["amount_fen"])})
    return redirect("kept-money", kept_id=kept_id)
