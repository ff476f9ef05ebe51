"""Rosters: the form to fill in, what a roster changes against last month, names for identities."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.divisions import queries as divisions
from yingbao.registry import queries as registry
from yingbao.registry.kinds import AliasSource, FileKind
from yingbao.registry.rosters import aliases as names
from yingbao.registry.rosters import shown
from yingbao.registry.rosters.rows import UNKNOWN_IDENTITY
from yingbao.usecases import files_in, roster_template, roster_workbook
from yingbao.usecases.aliases import add_alias, remove_alias
from yingbao.web import policies
from yingbao.web.clock import read_now
from yingbao.web.doors import XLSX, attach, changes, shows
from yingbao.web.requests import (
    WebRequest,
    filter_number,
    new_key,
    paginate,
    parse_date,
    read_key,
    read_text,
)

LONGEST_PASSWORD = 100
MOST_UNKNOWN = 20


# --- the form -------------------------------------------------------------------------------------------------------


@shows(Right.UPLOAD_ROSTER)
def template(request: WebRequest) -> HttpResponse:
    """Ask which form, for which month's people, and the password that closes it."""
    department = policies.department_name(request.actor.department)
    context = {"department": department, "shortest": roster_template.SHORTEST_PASSWORD}
    return render(request, "web/roster_template.html", context)


@changes(Right.UPLOAD_ROSTER)
def template_file(request: WebRequest) -> HttpResponse:
    """Give the form (BN-A), closed with the password that was typed twice (BN-4.2.1b)."""
    month = read_text(request, "month")[:7] if read_text(request, "filled") else ""
    form = read_text(request, "form")
    content = roster_template.write_template(
        request.actor,
        form=form,
        password=request.POST.get("password", "")[:LONGEST_PASSWORD],
        password_again=request.POST.get("password_again", "")[:LONGEST_PASSWORD],
        month=parse_date(f"{month}-01") if month else None,
        policy_name=settings.YINGBAO_POLICY,
        at=read_now(),
    )
    return attach(content, name=f"roster-{form}{'-' + month if month else ''}.xlsx", kind=XLSX)


# --- differences ----------------------------------------------------------------------------------------------------


@shows(Right.SEE_ROSTERS, Right.UPLOAD_ROSTER)
def differences(request: WebRequest, file_id: int) -> HttpResponse:
    """Show what a roster changes: counts by identity and town, and whom, one kind of change at a time."""
    file = registry.file(request.actor, file_id, FileKind.ROSTER)
    counts = {kind: len(shown.list_differences(file, kind)) for kind in shown.KINDS}
    wanted = request.GET.get("show", "")
    show = wanted if wanted in counts else next((kind for kind, count in counts.items() if count), "added")
    page = paginate(request, shown.list_differences(file, show))
    context = {
        "file": file,
        "department": policies.department_name(file.department),
        "counts": counts,
        "kinds": [(kind, _(label), counts[kind]) for kind, label in roster_workbook.KIND_NAMES.items()],
        "show": show,
        "page": page,
        "rows": _people(page, file),
        "by_identity": [_tally(policies.identity_name(code), n) for code, n in _counted(file, "by_identity")],
        "by_town": _towns(file),
    }
    return render(request, "web/differences.html", context)


def _people(page: Any, file: Any) -> list[dict[str, Any]]:
    people = shown.people_of(page)
    held = shown.codes_of(list(people), file.department)
    return [
        {"person": people[one.resident_id], "code": one.code, "held": held.get(one.resident_id, [])} for one in page
    ]


def _counted(file: Any, key: str) -> list[tuple[str, list[int]]]:
    return list(file.differences.get(key, {}).items())


def _tally(name: str, counts: list[int]) -> dict[str, Any]:
    before, added, removed = counts
    return {"name": name, "before": before, "added": added, "removed": removed, "after": before + added - removed}


def _towns(file: Any) -> list[dict[str, Any]]:
    towns = {str(one.code): one.name for one in divisions.towns(divisions.get(file.division_id).scope)}
    return [_tally(towns.get(code, code), counts) for code, counts in _counted(file, "by_town")]


@shows(Right.SEE_ROSTERS, Right.UPLOAD_ROSTER)
def differences_file(request: WebRequest, file_id: int) -> HttpResponse:
    """Give the differences as .xlsx, numbers masked."""
    content = roster_workbook.write_differences(
        request.actor,
        file_id=file_id,
        policy_name=settings.YINGBAO_POLICY,
        language=policies.language(),
        at=read_now(),
    )
    return attach(content, name=f"differences-{file_id}.xlsx", kind=XLSX)


# --- names ----------------------------------------------------------------------------------------------------------


@shows(Right.SEE_ROSTERS)
def aliases(request: WebRequest) -> HttpResponse:
    """List the other names of identities, and those a file uses that nobody knows yet."""
    vocabulary = policies.current().vocabulary
    file_id = filter_number(request, "file")
    context = {
        "page": paginate(request, names.aliases(request.actor)),
        "identities": [(code, policies.identity_name(code)) for code in vocabulary.identities],
        "sources": AliasSource.choices,
        "unknown": _unknown(request, file_id) if file_id and request.actor.may(Right.MANAGE_ALIASES) else [],
        "file_id": file_id,
        "key": new_key(),
    }
    return render(request, "web/aliases.html", context)


def _unknown(request: WebRequest, file_id: int) -> list[str]:
    problems = files_in.read_problems(request.actor, file_id=file_id, kind=FileKind.ROSTER)
    words = dict.fromkeys(one.value for one in problems if one.reason.template == UNKNOWN_IDENTITY and one.value)
    code_named = names.reader_with(policies.current().vocabulary)
    return [word for word in words if code_named(word) is None][:MOST_UNKNOWN]


@changes(Right.MANAGE_ALIASES)
def add(request: WebRequest) -> HttpResponse:
    """Let a name stand for an identity."""
    add_alias(
        request.actor,
        name=read_text(request, "name"),
        code=read_text(request, "code"),
        source=read_text(request, "source"),
        policy_name=settings.YINGBAO_POLICY,
        key=read_key(request),
        at=read_now(),
    )
    messages.success(
        request, _("别名已加入。还没有导入的文件请重新上传；已导入的，请改正未通过的行后重新报送（全量名单须报整份）。")
    )
    file_id = read_text(request, "file")
    return redirect(f"{reverse('aliases')}{f'?file={file_id}' if file_id.isdigit() else ''}")


@changes(Right.MANAGE_ALIASES)
def remove(request: WebRequest, alias_id: int) -> HttpResponse:
    """Forget a name."""
    remove_alias(request.actor, alias_id=alias_id, key=read_key(request), at=read_now())
    messages.success(request, _("别名已删除。"))
    return redirect("aliases")
