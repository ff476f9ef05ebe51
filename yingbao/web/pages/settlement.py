"""Settlement lists: which department owes what for whom (PJ-5.2.3)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput, NotFound
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY
from yingbao.settlement import queries
from yingbao.usecases.extract_settlement import extract_settlement
from yingbao.usecases.papers import write_settlement_list
from yingbao.web import policies
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import XLSX, attach, changes, shows
from yingbao.web.requests import WebRequest, new_key, paginate, read_date, read_key


@shows(Right.SEE_SETTLEMENT)
def settlements(request: WebRequest) -> HttpResponse:
    """List the settlement lists and what each payer was billed."""
    found = queries.lists(request.actor)
    page = paginate(request, found)
    rows = [{"list": one, "payer": policies.department_name(one.payer)} for one in page]
    today = read_today()
    context = {"page": page, "rows": rows, "key": new_key(), "first": today.replace(day=1), "last": today}
    return render(request, "web/settlements.html", context)


@shows(Right.SEE_SETTLEMENT)
def settlement(request: WebRequest, list_id: int) -> HttpResponse:
    """Show one list, person by person."""
    found = find(request.actor, list_id)
    page = paginate(request, queries.lines(found))
    rows = [{"line": line, "identity": policies.identity_name(line.identity)} for line in page]
    context = {"list": found, "payer": policies.department_name(found.payer), "page": page, "rows": rows}
    return render(request, "web/settlement.html", context)


@shows(Right.SEE_SETTLEMENT)
def settlement_file(request: WebRequest, list_id: int) -> HttpResponse:
    """Give one list as .xlsx, for the department it is drawn up for."""
    name = settings.YINGBAO_POLICY
    content = write_settlement_list(request.actor, list_id=list_id, policy_name=name, at=read_now())
    return attach(content, name=f"settlement-{list_id}.xlsx", kind=XLSX)


def find(actor: Actor, list_id: int) -> Any:
    """Return a list the actor may see. Raises NotFound."""
    found = queries.lists(actor).filter(pk=list_id).first()
    if found is None:
        raise NotFound(say(N_("没有找到这份清册，或不在您的管理范围内。")))
    return found


@changes(Right.EXTRACT_SETTLEMENT)
def extract(request: WebRequest) -> HttpResponse:
    """Draw up the lists of a span of days."""
    first, last = read_date(request, "first"), read_date(request, "last")
    if last < first:
        raise BadInput(say(N_("到账止早于到账起，没有提取。")), todo=say(N_("请改正日期后再提取。")))
    answer = extract_settlement(
        request.actor,
        policy_name=settings.YINGBAO_POLICY,
        begin_on=first,
        end_on=last + DAY,
        key=read_key(request),
        at=read_now(),
    )
    if answer["lists"]:
        messages.success(request, _("已提取 %(count)s 份清册。") % {"count": len(answer["lists"])})
    else:
        messages.info(request, _("这一时段到账的资助参保人员都已在清册中，没有新的清册。"))
    return redirect("settlements")
