"""Files coming in: upload, what is wrong row by row, and the second word that lets the good rows in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions import queries as divisions
from yingbao.kernel.errors import BadInput, NotFound
from yingbao.kernel.messages import N_, say
from yingbao.registry import queries as registry
from yingbao.registry.kinds import ElsewhereKind, FileKind, FileState, WithdrawReason
from yingbao.registry.recognising import questions
from yingbao.registry.rosters.rows import UNKNOWN_IDENTITY
from yingbao.sheets.layouts import REGISTER
from yingbao.usecases import files_in
from yingbao.usecases.files_found import Upload
from yingbao.usecases.import_deaths import accept_deaths, check_deaths
from yingbao.usecases.import_elsewhere import accept_elsewhere, check_elsewhere
from yingbao.usecases.import_register import accept_register, check_register
from yingbao.usecases.import_results import accept_result, check_result
from yingbao.usecases.import_rosters import accept_roster, check_roster
from yingbao.usecases.import_targets import accept_targets, check_targets
from yingbao.usecases.withdraw_file import withdraw_file
from yingbao.usecases.withdraw_roster import withdraw_roster
from yingbao.web import policies
from yingbao.web.clock import read_now
from yingbao.web.doors import XLSX, attach, changes, shows
from yingbao.web.requests import WebRequest, new_key, paginate, parse_date, read_key, read_number, read_text

SEES = (Right.SEE_ROSTERS, Right.IMPORT_REGISTER, Right.UPLOAD_ROSTER, Right.CLEAR)
UPLOADS = (Right.IMPORT_TARGETS, Right.IMPORT_REGISTER, Right.UPLOAD_ROSTER, Right.IMPORT_ELSEWHERE, Right.CLEAR)
DECIDES = (Right.IMPORT_TARGETS, Right.IMPORT_REGISTER, Right.ACCEPT_ROSTER, Right.IMPORT_ELSEWHERE, Right.CLEAR)
LARGEST_BYTES = 300 * 1024 * 1024  # a register of a million people takes 90 as .xlsx, 180 as .csv
ACCEPTORS: dict[str, Callable[..., Any]] = {
    FileKind.REGISTER: accept_register,
    FileKind.ROSTER: accept_roster,
    FileKind.TARGETS: accept_targets,
    FileKind.ELSEWHERE: accept_elsewhere,
    FileKind.DEATHS: accept_deaths,
    FileKind.RESULT: accept_result,
}
LISTS = (FileKind.ELSEWHERE, FileKind.DEATHS)  # of people who are not to be enrolled here
WITHDRAWS = (Right.ACCEPT_ROSTER, Right.IMPORT_ELSEWHERE)
WITHDRAW_RIGHTS = {FileKind.ROSTER: Right.ACCEPT_ROSTER, **dict.fromkeys(LISTS, Right.IMPORT_ELSEWHERE)}
# What a list would change or has changed, in the order it is told; the same words on the command line.
DIFFERENCES = {
    "begins": N_("开始"),
    "ends": N_("按行结束"),
    "missing": N_("名单中已没有，结束"),
    "deaths": N_("登记死亡"),
    "already": N_("没有变化"),
    "outside": N_("不在本台账"),
    "questions": N_("待认定"),
}
# And the tax client's answers.
ANSWERS = {"accepted": N_("已受理，到账"), "refused": N_("退回，待更正"), "already": N_("以前已有同样回执")}
# And a register.
REGISTER_DIFFERENCES = {
    "new": N_("新登记"),
    "changed": N_("更新已登记的人"),
    "unchanged": N_("台账中已有，没有变化"),
    "missing": N_("这些村（社区）中在册、文件里没有的人"),
}
ACCEPT_RIGHTS = {
    FileKind.REGISTER: Right.IMPORT_REGISTER,
    FileKind.ROSTER: Right.ACCEPT_ROSTER,
    FileKind.TARGETS: Right.IMPORT_TARGETS,
    FileKind.RESULT: Right.CLEAR,
    **dict.fromkeys(LISTS, Right.IMPORT_ELSEWHERE),
}


@shows(*SEES)
def files(request: WebRequest) -> HttpResponse:
    """List the files of a kind and offer to upload one."""
    actor = request.actor
    seen = kinds_seen(actor)
    kind = request.GET.get("kind", "")
    kind = kind if kind in seen else seen[0]
    context = {
        "page": paginate(request, registry.files(actor, FileKind(kind))),
        "kinds": [(value, FileKind(value).label) for value in seen],
        "kind": kind,
        "uploads": actor.may(files_in.UPLOADERS[FileKind(kind)]),
        "key": new_key(),
        "towns": list(divisions.towns(actor.scope)),
        "lists": LISTS,
        "abouts": ElsewhereKind.choices,
    }
    return render(request, "web/files.html", context)


def kinds_seen(actor: Actor) -> list[str]:
    """Return the kinds of files the actor has to do with."""
    kinds = (FileKind.ROSTER, FileKind.REGISTER, *LISTS, FileKind.TARGETS, FileKind.RESULT)
    return [kind for kind in kinds if _deals(actor, kind)]


def _deals(actor: Actor, kind: FileKind) -> bool:
    if not actor.may(registry.FILE_RIGHTS[kind]):
        return False
    if kind in (FileKind.TARGETS, FileKind.RESULT, *LISTS):
        return actor.may(files_in.UPLOADERS[kind]) or actor.may(Right.SEE_AUDIT)
    return True


@shows(*SEES)
def file(request: WebRequest, file_id: int) -> HttpResponse:
    """Show what was found in a file and, while it waits, ask for the second word."""
    found = find(request.actor, file_id)
    problems = sorted(registry.problems_of(found), key=lambda problem: (not problem.fatal, problem.row))
    kind = FileKind(found.kind)
    waits = found.state == FileState.CHECKED
    context = {
        "file": found,
        "page": paginate(request, problems),
        "fatal": sum(problem.fatal for problem in problems),
        "warnings": sum(not problem.fatal for problem in problems),
        "bad_rows": found.rows - found.good_rows,
        "decides": waits and request.actor.may(ACCEPT_RIGHTS[kind]),
        "discards": waits and files_in.may_discard(request.actor, kind),
        "department": policies.department_name(found.department) if found.department else "",
        "withdraws": found.state == FileState.ACCEPTED and _withdraws(request.actor, kind),
        "unknown_names": any(problem.reason.template == UNKNOWN_IDENTITY for problem in problems),
        "cancels": len(found.differences.get("removed", ())) if found.is_full and waits else 0,
        "about": ElsewhereKind(found.about).label if found.about else "",
        "lists": LISTS,
        "changes": _changes(found),
        **_questions(request.actor, found, kind),
        "withdraw_reasons": WithdrawReason.choices if kind in LISTS else (),
        "withdrawn_because": WithdrawReason(because).label if (because := found.differences.get("withdrawn")) else "",
        "key": new_key(),
    }
    return render(request, "web/file.html", context)


def _questions(actor: Actor, found: Any, kind: FileKind) -> dict[str, int]:
    """Count a roster's rows that name nobody exactly, and those somebody has recognised since it was checked."""
    if kind != FileKind.ROSTER or not actor.may(Right.DECIDE_MATCH):
        return {}
    asked = questions.open_questions(actor).filter(file_id=found.pk).count()
    if found.state != FileState.CHECKED:
        return {"asked": asked}
    answered = questions.answered(actor).filter(file_id=found.pk, resident__isnull=False)
    return {"asked": asked, "recognised": answered.count()}


def _changes(found: Any) -> list[tuple[str, int]]:
    """Return what a register, or a list of people who are not to be enrolled, changes: what, and how many."""
    counted = found.differences
    if found.kind == FileKind.REGISTER and counted:
        columns = {key: REGISTER.column(key).name for key in counted["fields"]}
        fields = [(f"{_('更新')} · {columns[key]}", n) for key, n in counted["fields"].items()]
        told = [(_(label), counted[key]) for key, label in REGISTER_DIFFERENCES.items()]
        return [*told[:2], *fields, *told[2:]]
    if found.kind not in (*LISTS, FileKind.RESULT):
        return []
    words = ANSWERS if found.kind == FileKind.RESULT else DIFFERENCES
    return [(_(label), counted[key]) for key, label in words.items() if key in counted]


def _withdraws(actor: Actor, kind: FileKind) -> bool:
    return kind in WITHDRAW_RIGHTS and actor.may(WITHDRAW_RIGHTS[kind])


def find(actor: Actor, file_id: int) -> Any:
    """Return a file of any kind the actor deals with. Raises NotFound."""
    for kind in kinds_seen(actor):
        found = registry.files(actor, FileKind(kind)).filter(pk=file_id).first()
        if found:
            return found
    raise NotFound(say(N_("没有找到这份文件，或不在您的管理范围内。")))


@changes(*UPLOADS)
def upload(request: WebRequest) -> HttpResponse:
    """Check a file; nothing comes in yet."""
    checked = _check(request, read_text(request, "kind"), read_upload(request))
    messages.success(request, _("文件已检查，尚未导入。请核对问题后决定。"))
    return redirect("file", file_id=checked["file_id"])


def _check(request: WebRequest, kind: str, sent: Upload) -> dict[str, Any]:
    common: dict[str, Any] = {"upload": sent, "key": read_key(request), "at": read_now()}
    if kind == FileKind.REGISTER:
        return check_register(request.actor, policy_name=settings.YINGBAO_POLICY, **common)
    if kind == FileKind.ROSTER:
        return check_roster(request.actor, month=read_month(request), policy_name=settings.YINGBAO_POLICY, **common)
    if kind in LISTS:
        return _check_list(request, kind, policy_name=settings.YINGBAO_POLICY, month=read_month(request), **common)
    if kind == FileKind.RESULT:
        return check_result(request.actor, policy_name=settings.YINGBAO_POLICY, **common)
    if kind == FileKind.TARGETS:
        due_on, division = parse_date(read_text(request, "due_on")), read_number(request, "division")
        year = policies.current().year
        return check_targets(request.actor, division_code=division, year=year, due_on=due_on, **common)
    raise BadInput(say(N_("请选择文件种类。")))


def _check_list(request: WebRequest, kind: str, **common: Any) -> dict[str, Any]:
    if kind == FileKind.DEATHS:
        return check_deaths(request.actor, **common)
    about, is_full = read_text(request, "about"), read_text(request, "is_full") == "1"
    return check_elsewhere(request.actor, about=about, is_full=is_full, **common)


def read_upload(request: WebRequest) -> Upload:
    """Return the sent file with its password. Raises BadInput without one or where it is too large."""
    sent = request.FILES.get("file")
    if sent is None or not sent.name:
        raise BadInput(say(N_("没有选择文件。")), todo=say(N_("请选择 .xlsx、.xls 或 .csv 文件后再上传。")))
    if (sent.size or 0) > LARGEST_BYTES:
        raise BadInput(say(N_("文件太大（最多 300 MB）。")), todo=say(N_("请分成几份上传。")))
    password = read_text(request, "password", limit=100)
    if isinstance(sent, TemporaryUploadedFile):  # a large one lies on disk already, and stays there
        return Upload(name=sent.name, path=Path(sent.temporary_file_path()), password=password)
    return Upload(name=sent.name, content=sent.read(), password=password)


def read_month(request: WebRequest) -> date:
    """Return the first day of the month a roster speaks for. Raises BadInput."""
    return parse_date(f"{read_text(request, 'month')[:7]}-01")


@changes(*DECIDES)
def accept(request: WebRequest, file_id: int) -> HttpResponse:
    """Let the good rows in."""
    found = find(request.actor, file_id)
    answer = ACCEPTORS[found.kind](request.actor, file_id=file_id, key=read_key(request), at=read_now())
    messages.success(request, _("已导入 %(count)s 行。") % {"count": answer["good_rows"]})
    return redirect("file", file_id=file_id)


@changes(*UPLOADS)
def discard(request: WebRequest, file_id: int) -> HttpResponse:
    """Say that the file is not wanted."""
    found = find(request.actor, file_id)
    kind = FileKind(found.kind)
    files_in.discard_file(request.actor, file_id=file_id, kind=kind, key=read_key(request), at=read_now())
    messages.success(request, _("文件已放弃，没有导入任何内容。"))
    return redirect("file", file_id=file_id)


@changes(*WITHDRAWS)
def withdraw(request: WebRequest, file_id: int) -> HttpResponse:
    """Take an accepted file back: what it changed is put back as it was."""
    found = find(request.actor, file_id)
    common: dict[str, Any] = {"file_id": file_id, "key": read_key(request), "at": read_now()}
    if found.kind in LISTS:
        kind, reason = FileKind(found.kind), read_text(request, "reason")
        withdraw_file(request.actor, kind=kind, reason=reason, policy_name=settings.YINGBAO_POLICY, **common)
    elif found.kind == FileKind.ROSTER:
        withdraw_roster(request.actor, **common)
    else:
        raise NotFound(say(N_("这类文件不能撤回。")))
    messages.success(request, _("文件已撤回，它所作的改动已恢复原状。"))
    return redirect("file", file_id=file_id)


@shows(*SEES)
def rejects(request: WebRequest, file_id: int) -> HttpResponse:
    """Give the rows that did not come in, with what is wrong, to be mended and sent again."""
    found = find(request.actor, file_id)
    content = files_in.read_rejects(request.actor, file_id=file_id, kind=FileKind(found.kind))
    if content is None:
        raise NotFound(say(N_("这份文件没有未通过的行。")))
    return attach(content, name=f"rejects-{file_id}.xlsx", kind=XLSX)
