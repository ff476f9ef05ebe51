"""Public notices of who paid cash at a payment point (BN-4.2.2c)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.kernel.periods import DAY
from yingbao.publicity import queries
from yingbao.usecases.papers import print_notice
from yingbao.usecases.publish_notice import approve_notice, draw_up_notice
from yingbao.web import policies
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import PDF, attach, changes, shows
from yingbao.web.requests import WebRequest, new_key, paginate, read_date, read_key


@shows(Right.SEE_NOTICES)
def notices(request: WebRequest) -> HttpResponse:
    """List the notices; an agent draws one up here, a leader approves."""
    today = read_today()
    context = {
        "page": paginate(request, queries.notices(request.actor)),
        "key": new_key(),
        "first": today.replace(day=1),
        "last": today,
    }
    return render(request, "web/notices.html", context)


@changes(Right.PUBLISH_NOTICE)
def draw_up(request: WebRequest) -> HttpResponse:
    """Draw up the notice of the agent's village for a span of days."""
    draw_up_notice(
        request.actor,
        year=policies.current().year,
        begin_on=read_date(request, "first"),
        end_on=read_date(request, "last") + DAY,
        key=read_key(request),
        at=read_now(),
    )
    messages.success(request, _("公示已编制，等待领导签批。"))
    return redirect("notices")


@changes(Right.APPROVE_NOTICE)
def approve(request: WebRequest, notice_id: int) -> HttpResponse:
    """Approve a notice as the leader who signs it."""
    approve_notice(request.actor, notice_id=notice_id, key=read_key(request), at=read_now())
    messages.success(request, _("公示已签批，可以打印张贴。"))
    return redirect("notices")


@shows(Right.SEE_NOTICES)
def notice_pdf(request: WebRequest, notice_id: int) -> HttpResponse:
    """Give a notice as PDF, to be signed, sealed and put up."""
    return attach(print_notice(request.actor, notice_id=notice_id), name=f"notice-{notice_id}.pdf", kind=PDF)
