"""Declarations: what was sent to the tax client, line by line, what it answered, and the columns of the files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.collection.declaring import layouts, queries
from yingbao.collection.kinds import AnswerState, DeclarationKind, LayoutKind
from yingbao.kernel.errors import BadInput, YingbaoError
from yingbao.kernel.messages import N_, say
from yingbao.ledger import queries as ledger
from yingbao.usecases.declare import clear_declaration
from yingbao.usecases.export_declaration import Format, export_declaration
from yingbao.usecases.refuse_line import refuse_line
from yingbao.usecases.set_layout import reset_layout, set_layout
from yingbao.web import policies
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import XLSX, attach, changes, shows
from yingbao.web.forms import read_optional_date, show_form
from yingbao.web.requests import WebRequest, new_key, paginate, parse_number, read_key, read_text

STATES: dict[str, dict[str, Any]] = {
    "waiting": {"cleared_on__isnull": True},
    "answered": {"cleared_on__isnull": False},
    "refused": {"lines__state": AnswerState.REFUSED},
}
FILES = {Format.XLSX: ("xlsx", XLSX), Format.CSV: ("csv", "text/csv"), Format.CSV_GB18030: ("csv", "text/csv")}


@shows(Right.SEE_MONEY)
def declarations(request: WebRequest) -> HttpResponse:
    """List declarations, newest first, by what became of them and by kind."""
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    found = queries.declarations(request.actor, year=policies.current().year)
    if state in STATES:
        found = found.filter(**STATES[state]).distinct()
    if kind in DeclarationKind.values:
        found = found.filter(kind=kind)
    page = paginate(request, found)
    counted = queries.counted(page)
    rows = [{"batch": one, "counts": counted.get(one.pk, {})} for one in page]
    context = {"page": page, "rows": rows, "state": state, "kind": kind, "kinds": DeclarationKind.choices}
    return render(request, "web/declarations.html", context)


@shows(Right.SEE_MONEY)
def declaration(request: WebRequest, declaration_id: int) -> HttpResponse:
    """Show one batch: its lines, where its money is, and the forms by which it is answered."""
    found = queries.declaration(request.actor, declaration_id)
    lines = queries.lines_of(found)
    state = request.GET.get("state", "")
    if state in AnswerState.values:
        lines = lines.filter(state=state)
    counted = queries.counted([found]).get(found.pk, {})
    context = {
        "batch": found,
        "page": paginate(request, lines),
        "counts": [(one.value, one.label, *counted[one.value]) for one in AnswerState if one.value in counted],
        "waiting": AnswerState.SENT.value in counted,
        "state": state,
        "takes": request.actor.may(Right.CLEAR) or request.actor.may(Right.DECLARE),
        "transfers": ledger.of_source(request.actor, kind="declaration", source_id=found.pk),
        "key": new_key(),
    }
    return render(request, "web/declaration.html", context)


@shows(Right.DECLARE, Right.CLEAR)
def declaration_file(request: WebRequest, declaration_id: int) -> HttpResponse:
    """Give one batch as a file for the tax client."""
    wanted = request.GET.get("format", Format.XLSX.value)
    content = export_declaration(request.actor, declaration_id=declaration_id, file_format=wanted, at=read_now())
    ending, kind = FILES[Format(wanted)]
    return attach(content, name=f"declaration-{declaration_id}.{ending}", kind=kind)


@changes(Right.CLEAR)
def clear(request: WebRequest, declaration_id: int) -> HttpResponse:
    """Take in by hand that all of a batch that waits is in the treasury, today or since an earlier day."""
    told = clear_declaration(
        request.actor,
        declaration_id=declaration_id,
        policy_name=settings.YINGBAO_POLICY,
        key=read_key(request),
        on=read_optional_date(request, "on") or read_today(),
        at=read_now(),
    )
    words = {"cleared": told["cleared"], "short": told["short"]}
    messages.success(request, _("已到账 %(cleared)s 人；金额不足转待办 %(short)s 人。") % words)
    return redirect("declaration", declaration_id=declaration_id)


@changes(Right.CLEAR)
def refuse(request: WebRequest, line_id: int) -> HttpResponse:
    """Take in by hand that one line was sent back."""
    key = read_key(request)
    refuse_line(
        request.actor,
        line_id=line_id,
        reason=read_text(request, "reason", limit=200),
        policy_name=settings.YINGBAO_POLICY,
        on=read_optional_date(request, "on") or read_today(),
        key=key,
        at=read_now(),
    )
    messages.success(request, _("已登记退回：钱回到协议账户，已生成待办。"))
    return redirect("declaration", declaration_id=queries.find_line(request.actor, line_id).declaration_id)


# --- the columns of the files -----------------------------------------------------------------------------------------


@shows(Right.SET_LAYOUT)
def exchange(request: WebRequest) -> HttpResponse:
    """Show the columns of one of the two files as they are now, to be renamed, reordered, left out."""
    kind = LayoutKind.RESULT if request.GET.get("kind") == LayoutKind.RESULT else LayoutKind.DECLARATION
    layout = layouts.current(kind, division_code=request.actor.division_code or 0)
    return _show_layout(request, kind, [(one.key, one.name) for one in layout.columns], None)


@changes(Right.SET_LAYOUT)
def save_layout(request: WebRequest) -> HttpResponse:
    """Keep the columns as they were written down."""
    kind, key = _kind(request), read_key(request)
    columns = _read_columns(request, kind)
    try:
        set_layout(request.actor, kind=kind, columns=columns, key=key, at=read_now())
    except BadInput as error:
        return _show_layout(request, kind, columns, error)
    messages.success(request, _("格式已保存，从现在起按它导出和读取。"))
    return redirect(f"{reverse('layouts')}?kind={kind.value}")


@changes(Right.SET_LAYOUT)
def back_to_ours(request: WebRequest) -> HttpResponse:
    """Use our own columns again."""
    kind, key = _kind(request), read_key(request)
    reset_layout(request.actor, kind=kind, key=key, at=read_now())
    messages.success(request, _("已恢复为系统自带的格式。"))
    return redirect(f"{reverse('layouts')}?kind={kind.value}")


def _kind(request: WebRequest) -> LayoutKind:
    wanted = read_text(request, "kind")
    if wanted not in LayoutKind.values:
        raise BadInput(say(N_("没有这种文件。")))
    return LayoutKind(wanted)


def _read_columns(request: WebRequest, kind: LayoutKind) -> list[tuple[str, str]]:
    """Return (field, heading) by the places that were written beside them; no place: left out."""
    placed: list[tuple[int, int, str, str]] = []
    for field, _name in layouts.ours(kind):
        place = read_text(request, f"place-{field}", limit=3)
        if place:
            placed.append((parse_number(place), len(placed), field, read_text(request, f"heading-{field}")))
    return [(field, heading) for _place, _nth, field, heading in sorted(placed)]


def _show_layout(
    request: WebRequest, kind: LayoutKind, columns: Sequence[tuple[str, str]], error: YingbaoError | None
) -> HttpResponse:
    ours, chosen = dict(layouts.ours(kind)), dict(columns)
    rows: list[dict[str, Any]] = [
        {"field": field, "name": ours[field], "heading": heading, "place": place}
        for place, (field, heading) in enumerate(columns, 1)
        if field in ours
    ]
    rows += [{"field": f, "name": name, "heading": name, "place": ""} for f, name in ours.items() if f not in chosen]
    context = {
        "kind": kind.value,
        "kinds": LayoutKind.choices,
        "rows": rows,
        "saved": layouts.saved(kind, division_code=request.actor.division_code or 0)[:10],
    }
    return show_form(request, "web/layouts.html", context, error)
