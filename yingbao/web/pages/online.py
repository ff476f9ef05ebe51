"""Paying by phone oneself: for the own household, or for somebody else found by name and whole number (PJ-4.1)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.collection.orders import queries as orders
from yingbao.kernel.errors import BadInput, NotFound, Refused, YingbaoError
from yingbao.kernel.messages import N_, say
from yingbao.registry import queries as registry
from yingbao.registry.facts import of_residents
from yingbao.registry.kinds import ResidentState
from yingbao.usecases.pay_online import TRIES_A_DAY, find_payee, order_for_another, order_online, payee
from yingbao.web import policies
from yingbao.web.bills import Asked, bill_for, must_choose, read_asked
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import changes, shows
from yingbao.web.middleware import status_of
from yingbao.web.requests import WebRequest, new_key, read_key, read_number, read_text

RECENT = 8
PAYEE = "payee"  # in the session: whom the last search found


@shows(Right.PAY_ONLINE)
def online(request: WebRequest) -> HttpResponse:
    """Show a resident what their household owes or could enrol for, and the orders opened before."""
    return _own(request, None)


@changes(Right.PAY_ONLINE)
def bill(request: WebRequest) -> HttpResponse:
    """Work out anew what was chosen costs. Nothing is kept."""
    return _own(request, read_asked(request))


@changes(Right.PAY_ONLINE)
def order(request: WebRequest) -> HttpResponse:
    """Enrol those chosen and open an order for all of it."""
    asked = must_choose(read_asked(request))
    home = registry.own_household(request.actor)
    try:
        answer = order_online(request.actor, household_id=home.pk, tiers=asked.tiers, **_terms(request, asked))
    except (BadInput, Refused) as error:
        return _own(request, asked, error)
    return _to_order(request, answer["order"], "online")


def _terms(request: WebRequest, asked: Asked) -> dict[str, Any]:
    return {
        "due_ids": sorted(asked.due_ids),
        "amount_fen": read_number(request, "amount_fen"),
        "policy_name": settings.YINGBAO_POLICY,
        "on": read_today(),
        "key": read_key(request),
        "at": read_now(),
    }


def _to_order(request: WebRequest, number: str | None, back: str) -> HttpResponse:
    if number is None:
        messages.success(request, _("已登记参保，个人不用缴费。"))
        return redirect(back)
    return redirect("order", number=number)


def _own(request: WebRequest, asked: Asked | None, error: YingbaoError | None = None) -> HttpResponse:
    home, today = registry.own_household(request.actor), read_today()
    facts = of_residents((one.pk for one in home.members.all()), on=today)
    code = home.division_id
    drawn = bill_for(request.actor, home.members.all(), facts, division_code=code, asked=asked, today=today)
    now = read_now()
    opened = orders.opened_by(request.actor, year=policies.current().year)[:RECENT]
    context = {
        "household": home,
        "bill": drawn,
        "orders": [(one, orders.state_of(one, at=now)) for one in opened],
        "error": error,
        "key": new_key(),
    }
    return render(request, "web/online.html", context, status=status_of(error) if error else 200)


# --- for somebody else ----------------------------------------------------------------------------------------------


@shows(Right.PAY_ONLINE)
def another(request: WebRequest) -> HttpResponse:
    """Ask for whom; once they are found, what is to be paid, with a masked name and nothing else of them."""
    return _other(request, None)


@changes(Right.PAY_ONLINE)
def find(request: WebRequest) -> HttpResponse:
    """Look for somebody by exact name and whole number; ten tries a day."""
    name, number = read_text(request, "name", limit=60), read_text(request, "number", limit=40)
    request.session.pop(PAYEE, None)
    try:
        found = find_payee(request.actor, name=name, number=number, key=read_key(request), at=read_now())
        if found["resident"] is None:
            raise NotFound(
                say(N_("没有找到姓名和证件号码都相符的人。")),
                todo=say(N_("请核对姓名和完整证件号码；每天最多查找{n}次。"), n=TRIES_A_DAY),
            )
    except (NotFound, Refused) as error:
        return _other(request, None, error)
    request.session[PAYEE] = found
    return redirect("another")


@changes(Right.PAY_ONLINE)
def another_bill(request: WebRequest) -> HttpResponse:
    """Work out anew what the chosen tier costs. Nothing is kept."""
    return _other(request, read_asked(request))


@changes(Right.PAY_ONLINE)
def another_order(request: WebRequest) -> HttpResponse:
    """Open an order for whoever was found."""
    asked, found = must_choose(read_asked(request)), request.session.get(PAYEE)
    if found is None:
        raise NotFound(say(N_("请先用姓名和证件号码查找要代缴的人。")))
    tier = asked.tiers.get(found["resident"], 0)
    try:
        answer = order_for_another(request.actor, resident_id=found["resident"], tier=tier, **_terms(request, asked))
    except (BadInput, Refused) as error:
        return _other(request, asked, error)
    return _to_order(request, answer["order"], "another")


def _other(request: WebRequest, asked: Asked | None, error: YingbaoError | None = None) -> HttpResponse:
    found, drawn = request.session.get(PAYEE), None
    if found is not None:
        drawn = _bill_of(request, found, asked)
    context = {"found": found, "bill": drawn, "error": error, "key": new_key(), "tries": TRIES_A_DAY}
    return render(request, "web/another.html", context, status=status_of(error) if error else 200)


def _bill_of(request: WebRequest, found: dict[str, Any], asked: Asked | None) -> Any:
    """Return the bill of the one found today; None once they are not theirs to pay for any more."""
    today = read_today()
    try:
        facts = payee(request.actor, found["resident"], on=today, at=read_now())
    except NotFound:
        request.session.pop(PAYEE, None)
        return None
    person = SimpleNamespace(
        pk=facts.resident_id,
        name=found["name"],
        state=ResidentState.PRESENT,
        relation="head",
        birth_on=facts.birth_on,
    )
    return bill_for(
        request.actor,
        [person],
        {facts.resident_id: facts},
        division_code=facts.division_code,
        asked=asked,
        today=today,
    )
