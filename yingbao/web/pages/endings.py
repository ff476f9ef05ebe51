"""A declared enrolment that nobody has paid for is asked to end; another decides on the refund's page."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.collection.refunding import queries as refunding
from yingbao.usecases.ask_ending import ask_ending
from yingbao.usecases.refund_endings import REASONS
from yingbao.usecases.refund_rules import BEFORE_COVER, NEVER_ENTITLED, NOTHING_PAID, SILENT, readings
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import changes, shows
from yingbao.web.requests import WebRequest, new_key, read_key, read_text

GROUNDS = (SILENT, NOTHING_PAID, BEFORE_COVER, NEVER_ENTITLED)


@shows(Right.ASK_REFUND)
def ask(request: WebRequest, due_id: int) -> HttpResponse:
    """Show whose enrolment is to end and for which reasons it may."""
    due = refunding.standing_due(request.actor, due_id)
    context = {
        "due": due,
        "person": due.enrolment.resident,
        "reasons": [(one.value, one.label) for one in REASONS],
        "reason": request.GET.get("reason", ""),
        "grounds": [said for _rule, said in readings(GROUNDS)],
        "key": new_key(),
    }
    return render(request, "web/ask_ending.html", context)


@changes(Right.ASK_REFUND)
def save(request: WebRequest, due_id: int) -> HttpResponse:
    """Ask for it."""
    answer = ask_ending(
        request.actor,
        due_id=due_id,
        reason=read_text(request, "reason"),
        note=read_text(request, "note", limit=200),
        policy_name=settings.YINGBAO_POLICY,
        on=read_today(),
        key=read_key(request),
        at=read_now(),
    )
    messages.success(request, _("已申请取消参保，待另一位有审批权的人员审批。"))
    return redirect("refund", refund_id=answer["refund"])
