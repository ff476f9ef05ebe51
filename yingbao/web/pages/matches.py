"""Rows of lists that name nobody exactly: a person says whom each means, or that it is nobody of ours."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.registry.kinds import FileState
from yingbao.registry.recognising import questions
from yingbao.registry.recognising.questions import Asked
from yingbao.usecases.decide_match import decide_match, revise_match
from yingbao.web.clock import read_now
from yingbao.web.doors import changes, shows
from yingbao.web.requests import WebRequest, filter_number, new_key, paginate, parse_number, read_key, read_text

ON_A_PAGE = 20
NOBODY, OTHER = "nobody", "other"
STATES = ("open", "decided")


@shows(Right.DECIDE_MATCH)
def matches(request: WebRequest) -> HttpResponse:
    """List the open questions file by file, or those decided, the last first."""
    actor, state = request.actor, request.GET.get("state", "")
    state = state if state in STATES else "open"
    found = questions.answered(actor) if state == "decided" else questions.open_questions(actor)
    file_id = filter_number(request, "file")
    if file_id is not None:
        found = found.filter(file_id=file_id)
    page = paginate(request, found, size=ON_A_PAGE)
    asked = questions.shown(actor, page)
    context = {
        "page": page,
        "state": state,
        "file_id": file_id,
        "groups": [(file, list(rows)) for file, rows in groupby(asked, key=lambda one: one.question.file)],
        "reasons": _reasons(asked) if state == "decided" else {},
        "accepted": FileState.ACCEPTED,
        "key": new_key(),
    }
    return render(request, "web/matches.html", context)


def _reasons(asked: Iterable[Asked]) -> dict[int, str]:
    """Return question → the reason given for its answer."""
    keys = {one.question.pk: bytes(one.question.key) for one in asked}
    known = questions.reasons_of(keys.values())
    return {pk: known.get(key, "") for pk, key in keys.items()}


@changes(Right.DECIDE_MATCH)
def decide(request: WebRequest, question_id: int) -> HttpResponse:
    """Answer an open question."""
    answer = decide_match(request.actor, question_id=question_id, **_read(request))
    messages.success(
        request, _("已认定 %(count)s 行，今后遇到同样的号码和姓名不再询问。") % {"count": answer["answered"]}
    )
    return _back(request, "open")


@changes(Right.DECIDE_MATCH)
def revise(request: WebRequest, question_id: int) -> HttpResponse:
    """Change what was decided."""
    revise_match(request.actor, question_id=question_id, **_read(request))
    messages.success(request, _("认定已更正。已导入的名单不会自动改动。"))
    return _back(request, "decided")


def _read(request: WebRequest) -> dict[str, Any]:
    common = {"reason": read_text(request, "reason", limit=200), "key": read_key(request), "at": read_now()}
    return {"resident_id": _answer(request), **common}


def _answer(request: WebRequest) -> int | None:
    """Return the person who was chosen, None for nobody of ours. Raises BadInput where nothing was, NotFound."""
    chosen = read_text(request, "answer", limit=20)
    if not chosen:
        raise BadInput(say(N_("没有选择是哪一位。")), todo=say(N_("请选择一位，或选“都不是”；拿不准的可以先不办。")))
    if chosen == OTHER:
        return questions.person_of(request.actor, read_text(request, "number", limit=40))
    return None if chosen == NOBODY else parse_number(chosen)


def _back(request: WebRequest, state: str) -> HttpResponse:
    file_id = filter_number(request, "file")
    return redirect(f"{reverse('matches')}?state={state}" + (f"&file={file_id}" if file_id is not None else ""))
