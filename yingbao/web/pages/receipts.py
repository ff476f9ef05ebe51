"""Receipt stock (BN-4.3.3b): which numbered books agents hold, handing out a new one, a receipt that went missing."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yingbao.accounts import queries as accounts
from yingbao.accounts.roles import Right
from yingbao.collection.receipts import queries as stock
from yingbao.usecases.receipts import hand_receipts, report_missing_receipt
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import changes, shows
from yingbao.web.requests import WebRequest, new_key, paginate, read_key, read_number, read_text


@shows(Right.SEE_MONEY)
def receipts(request: WebRequest) -> HttpResponse:
    """List the books; whoever keeps the stock hands one out here."""
    actor = request.actor
    context = {
        "page": paginate(request, stock.books(actor)),
        "agents": accounts.collectors(actor) if actor.may(Right.HAND_RECEIPTS) else [],
        "key": new_key(),
    }
    return render(request, "web/receipts.html", context)


@changes(Right.HAND_RECEIPTS)
def hand(request: WebRequest) -> HttpResponse:
    """Hand a numbered run to an agent."""
    hand_receipts(
        request.actor,
        agent=read_text(request, "agent"),
        series=read_text(request, "series", limit=20),
        first=read_number(request, "first"),
        last=read_number(request, "last"),
        on=read_today(),
        key=read_key(request),
        at=read_now(),
    )
    messages.success(request, _("收据已发放。"))
    return redirect("receipts")


@changes(Right.COLLECT)
def report_missing(request: WebRequest, receipt_id: int) -> HttpResponse:
    """Say that an issued receipt's stub is missing."""
    report_missing_receipt(request.actor, receipt_id=receipt_id, on=read_today(), key=read_key(request), at=read_now())
    messages.success(request, _("已登记票据遗失，转为待办事项。"))
    return redirect("receipts")
