"""An institution's lists: the form, what was found in one row by row, and the second word that enrols everybody."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.registry import queries as registry
from yingbao.registry.institutions import queries
from yingbao.registry.kinds import FileKind, FileState
from yingbao.sheets import sheet_of, xlsx_bytes
from yingbao.sheets.layouts import MEMBERS
from yingbao.usecases import files_in
from yingbao.usecases.enrol_institution import accept_members, check_members, discard_members, may_accept
from yingbao.web.clock import read_now
from yingbao.web.doors import XLSX, attach, changes, shows
from yingbao.web.pages.files import read_upload
from yingbao.web.requests import WebRequest, new_key, paginate, read_key

# What accepting a list does, in the order it is told.
COUNTS = {
    "new": N_("新登记到集体户"),
    "known": N_("台账中已有，保留原户"),
    "already": N_("本单位已参保，不重复"),
    "free": N_("个人应缴为零"),
    "off_platform": N_("待登记国家平台"),
    "identities": N_("按名单给予身份"),
    "unlikely": N_("台账中不像大学生，请核对"),
    "no_cover": N_("没有可享受的日子，不登记"),
}


@shows(Right.ENROL_INSTITUTION)
def template(request: WebRequest) -> HttpResponse:
    """Give the empty form of a list."""
    content = xlsx_bytes(sheets=[sheet_of(MEMBERS, [])], password=None)
    return attach(content, name=f"{MEMBERS.title}.xlsx", kind=XLSX)


@changes(Right.ENROL_INSTITUTION)
def upload(request: WebRequest, institution_id: int) -> HttpResponse:
    """Check a list; nothing comes in yet."""
    answer = check_members(
        request.actor,
        institution_id=institution_id,
        upload=read_upload(request),
        policy_name=settings.YINGBAO_POLICY,
        key=read_key(request),
        at=read_now(),
    )
    messages.success(request, _("名单已检查，还没有登记任何人。请核对问题后确认。"))
    return redirect("member-list", file_id=answer["file_id"])


@shows(Right.ENROL_INSTITUTION)
def member_list(request: WebRequest, file_id: int) -> HttpResponse:
    """Show what was found in a list and, while it waits, ask for the second word."""
    found = queries.list_of(request.actor, file_id)
    problems = sorted(registry.problems_of(found), key=lambda problem: (not problem.fatal, problem.row))
    counted: dict[str, Any] = found.differences
    waits = found.state == FileState.CHECKED
    context = {
        "file": found,
        "page": paginate(request, problems),
        "bad_rows": found.rows - found.good_rows,
        "counts": [(_(name), counted[key]) for key, name in COUNTS.items() if counted.get(key)],
        "amount_fen": counted.get("amount_fen"),
        "enrols": counted.get("new", 0) + counted.get("known", 0),
        "waits": waits,
        "accepts": waits and may_accept(request.actor, found, identities=counted.get("identities", 0)),
        "key": new_key(),
    }
    return render(request, "web/member_list.html", context)


@changes(Right.ENROL_INSTITUTION)
def accept(request: WebRequest, file_id: int) -> HttpResponse:
    """Enrol everybody on the list."""
    policy_name = settings.YINGBAO_POLICY
    answer = accept_members(
        request.actor, file_id=file_id, policy_name=policy_name, key=read_key(request), at=read_now()
    )
    count = answer["new"] + answer["known"]
    messages.success(request, _("已参保登记 %(count)s 人。") % {"count": count})
    return redirect("institution", institution_id=queries.list_of(request.actor, file_id).institution_id)


@changes(Right.ENROL_INSTITUTION)
def discard(request: WebRequest, file_id: int) -> HttpResponse:
    """Say that a list is not wanted."""
    discard_members(request.actor, file_id=file_id, key=read_key(request), at=read_now())
    messages.success(request, _("名单已放弃，没有登记任何人。"))
    return redirect("member-list", file_id=file_id)


@shows(Right.ENROL_INSTITUTION)
def rejects(request: WebRequest, file_id: int) -> HttpResponse:
    """Give the rows that do not come in, with what is wrong, to be mended and sent again."""
    queries.list_of(request.actor, file_id)
    content = files_in.read_rejects(request.actor, file_id=file_id, kind=FileKind.MEMBERS)
    if content is None:
        raise NotFound(say(N_("这份文件没有未通过的行。")))
    return attach(content, name=f"rejects-{file_id}.xlsx", kind=XLSX)
