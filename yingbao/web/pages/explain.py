"""What somebody would owe and why, as a tree: for facts filled in by anybody, and for a resident's own decision."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from yingbao.accounts.roles import Right
from yingbao.kernel.errors import Forbidden
from yingbao.kernel.messages import N_, say
from yingbao.policy import get_policy
from yingbao.policy.asking import Answered, answer_facts
from yingbao.usecases.explain_decision import explain_standing, print_decision
from yingbao.usecases.letters import Occasion, write_letter
from yingbao.web import policies
from yingbao.web.asking import list_fields, read_as_of, read_facts
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import PDF, attach, shows
from yingbao.web.policies import language, speak
from yingbao.web.requests import WebRequest


@require_http_methods(["GET", "HEAD", "POST"])
def work_out(request: HttpRequest, name: str) -> HttpResponse:
    """Show the form of facts a pack needs and, once sent, the decision and everything that led to it.

    By POST, so that no fact of a person stands in an address or log; nothing is kept.
    """
    policy = get_policy(name)
    answered, as_of = None, None
    if request.method == "POST":
        policy.engine  # noqa: B018  a pack that cannot assess says so
        as_of = read_as_of(request)
        answered = answer_facts(policy, read_facts(request, policy), as_of)
        if request.POST.get("as") == "pdf":
            return _trial_pdf(request, name, answered)
    context: dict[str, Any] = {
        "policy": policy,
        "title": speak(policy.title),
        "fields": list_fields(request, policy, policies.identity_name) if policy.file.assessable else [],
        "answered": answered,
        "as_of": as_of or (policy.default_as_of if policy.file.assessable else None),
    }
    response = render(request, "web/work_out.html", context)
    if answered is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


def _trial_pdf(request: HttpRequest, name: str, answered: Answered) -> HttpResponse:
    """Return what was worked out as a PDF, for whoever has logged in: setting type costs more than a page."""
    if not request.user.is_authenticated:
        raise Forbidden(say(N_("请先登录，再下载 PDF。")))
    content = write_letter(get_policy(name), answered.tree, Occasion(read_today(), language()))
    return attach(content, name=f"{name}.pdf", kind=PDF)


@shows(Right.SEE_RESIDENTS, Right.SEE_OWN_HOUSEHOLD)
def decision(request: WebRequest, resident_id: int) -> HttpResponse:
    """Show how a resident's standing decision came about."""
    year = policies.current().year
    person, standing, kept = explain_standing(request.actor, resident_id=resident_id, year=year)
    context = {
        "person": person,
        "enrolment": standing,
        "policy": kept.policy,
        "tree": kept.tree,
        "decision": kept.decision,
        "judged_on": standing.locked_on or standing.decided_on,
    }
    return render(request, "web/decision.html", context)


@shows(Right.SEE_RESIDENTS, Right.SEE_OWN_HOUSEHOLD)
def decision_pdf(request: WebRequest, resident_id: int) -> HttpResponse:
    """Give the letter on a resident's standing decision, in the reader's language or in the one asked for."""
    asked = request.GET.get("lang", "")
    content = print_decision(
        request.actor,
        resident_id=resident_id,
        year=policies.current().year,
        language=asked if asked in ("zh", "en") else language(),
        issued_on=read_today(),
        at=read_now(),
    )
    return attach(content, name=f"decision-{resident_id}.pdf", kind=PDF)
