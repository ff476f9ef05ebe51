"""The audit trail: who did what, when, to which record; by day, action, person and record, also as .xlsx."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from yingbao.accounts import queries as accounts
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.sheets import Column, Sheet, xlsx_bytes
from yingbao.usecases.trace_record import find_numbered, trace
from yingbao.web.clock import read_today
from yingbao.web.doors import XLSX, attach, shows
from yingbao.web.requests import WebRequest, filter_number, paginate, parse_date
from yingbao.web.trail import Reader, Row, role_name, subject_name, user_or_system
from yingbao.web.words import ACTIONS, SUBJECTS

LISTED = 10_000  # the newest of what is asked for; a trail of ten million is neither counted nor sorted for a page
AT_ONCE = 500  # entries of a sheet whose records are named in one go


@shows(Right.SEE_AUDIT)
def audit(request: WebRequest) -> HttpResponse:
    """Show who did what, newest first."""
    wanted = read_wanted(request)
    page = paginate(request, found_by(request, wanted))
    context = wanted | {
        "page": page,
        "rows": Reader(request.actor, page).rows(),
        "staff": accounts.staff(request.actor),
        "actions": ACTIONS,
        "subjects": {kind: SUBJECTS[kind] for kind in sorted(SUBJECTS)},
        "listed": LISTED,
        "is_cut": page.paginator.count == LISTED,
        "query": request.GET.urlencode(),
    }
    return render(request, "web/audit.html", context)


@shows(Right.SEE_AUDIT)
def audit_file(request: WebRequest) -> HttpResponse:
    """Give what is filtered as .xlsx, the newest LISTED entries at most."""
    found = found_by(request, read_wanted(request))
    names = (_("时间"), _("操作"), _("人员"), _("角色"), _("对象"), _("编号"), _("内容"))
    columns = [Column(name, name, width=width) for name, width in zip(names, (18, 18, 14, 14, 12, 16, 80), strict=True)]
    rows: list[list[Any]] = []
    for begin in range(0, LISTED, AT_ONCE):
        entries = list(found[begin : begin + AT_ONCE])
        rows += (_cells(row) for row in Reader(request.actor, entries).rows())
        if len(entries) < AT_ONCE:
            break
    above = (_("最近 {n} 条以内，按时间从新到旧").format(n=LISTED),)
    content = xlsx_bytes(sheets=[Sheet(_("操作记录"), columns, rows, _("操作记录"), above)])
    return attach(content, name=f"audit-{read_today()}.xlsx", kind=XLSX)


def read_wanted(request: WebRequest) -> dict[str, Any]:
    """Return what the query string asks for; what it does not name is None or empty. Raises BadInput for odd days."""
    first, last = (_day(request.GET.get(name, "")) for name in ("first", "last"))
    if first and last and first > last:
        raise BadInput(say(N_("起始日期晚于截止日期。")), todo=say(N_("请调换两个日期后再查。")))
    action, kind = request.GET.get("action", ""), request.GET.get("kind", "")
    return {
        "action": action if action in ACTIONS else "",
        "who": filter_number(request, "who"),
        "first": first,
        "last": last,
        "kind": kind if kind in SUBJECTS else "",
        "id": filter_number(request, "id"),
        "number": request.GET.get("number", "").strip().replace("\0", "")[:40],
    }


def found_by(request: WebRequest, wanted: dict[str, Any]) -> Any:
    """Return the newest LISTED entries of what is asked for."""
    actor, kind, number, id_ = request.actor, wanted["kind"], wanted["number"], wanted["id"]
    if number and not kind:
        raise BadInput(say(N_("只有编号，不知道要查什么。")), todo=say(N_("请在“对象”里选收据、户或其他，再筛选。")))
    found = accounts.audit_between(accounts.audit_trail(actor), first=wanted["first"], last=wanted["last"])
    if wanted["action"]:
        found = found.filter(action=wanted["action"])
    if wanted["who"] is not None:
        found = accounts.audit_by(found, wanted["who"])
    if kind and (number or id_ is not None):
        ids = [id_] if not number else find_numbered(actor, kind=kind, number=number)
        found = accounts.audit_about(found, trace(actor, kind=kind, ids=ids))
    elif kind:
        found = found.filter(subject_kind=kind)
    return found[:LISTED]


def _day(text: str) -> date | None:
    return parse_date(text) if text else None


def _cells(row: Row) -> list[Any]:
    entry = row.entry
    at = timezone.localtime(entry.at).strftime("%Y-%m-%d %H:%M:%S")
    action = str(ACTIONS.get(entry.action, entry.action))
    of_whom, record = role_name(entry.role), subject_name(entry.subject_kind)
    return [at, action, user_or_system(entry), of_whom, record, row.subject.text, row.content]
