"""Work items: what is to be seen to, by whom, until when; each closes only with a reason."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.usecases.close_work_item import close_work_item
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import changes, shows
from yingbao.web.requests import WebRequest, new_key, paginate, read_key, read_text
from yingbao.worklist import queries as worklist
from yingbao.worklist.kinds import Kind

# Which page shows what a work item is about.
PAGES = {"payment": "payment", "resident": "resident", "household": "household"}
STATES = ("open", "overdue", "closed")


@shows(Right.SEE_WORK_ITEMS)
def work(request: WebRequest) -> HttpResponse:
    """List work items by kind and state, most urgent first."""
    actor, today = request.actor, read_today()
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "open")
    found = worklist.items(actor).order_by("-closed_at", "-id") if state == "closed" else worklist.open_items(actor)
    if state == "closed":
        found = found.filter(closed_at__isnull=False)
    if state == "overdue":
        found = found.filter(due_on__lt=today)
    if kind in Kind.values:
        found = found.filter(kind=kind)
    if request.GET.get("mine"):
        found = found.filter(owner_id=actor.user_id)
    page = paginate(request, found)
    context = {
        "page": page,
        "rows": [row_of(item) for item in page],
        "kinds": Kind.choices,
        "kind": kind,
        "state": state if state in STATES else "open",
        "mine": bool(request.GET.get("mine")),
        "counts": worklist.count_open(actor, today=today),
        "key": new_key(),
    }
    return render(request, "web/work.html", context)


def row_of(item: Any) -> dict[str, Any]:
    """Return a work item with the page of what it is about and the figures it holds."""
    return {
        "item": item,
        "address": _address(item.subject_kind, item.subject_id),
        "fen": next((value for name, value in item.detail.items() if name.endswith("fen")), None),
    }


def _address(kind: str, subject_id: int) -> str:
    if kind == "division":
        return f"{reverse('residents')}?village={subject_id}"
    return reverse(PAGES[kind], args=[subject_id]) if kind in PAGES else ""


@changes(Right.CLOSE_WORK_ITEM)
def close(request: WebRequest, item_id: int) -> HttpResponse:
    """Close one with a reason."""
    close_work_item(
        request.actor, item_id=item_id, reason=read_text(request, "reason"), key=read_key(request), at=read_now()
    )
    messages.success(request, _("事项已关闭，处理结果已记录。"))
    return redirect("work")
