"""The audit trail and the list of users."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from yingbao.accounts import queries as accounts
from yingbao.accounts.roles import Right
from yingbao.web.doors import shows
from yingbao.web.requests import WebRequest, filter_number, paginate
from yingbao.web.words import ACTIONS


@shows(Right.SEE_AUDIT)
def audit(request: WebRequest) -> HttpResponse:
    """Show who did what, newest first; by action, by record."""
    found = accounts.audit_trail(request.actor)
    action, subject = request.GET.get("action", ""), filter_number(request, "id")
    if action in ACTIONS:
        found = found.filter(action=action)
    kind = request.GET.get("kind", "")
    if subject is not None and kind and kind.isprintable():
        found = found.filter(subject_kind=kind, subject_id=subject)
    context = {"page": paginate(request, found), "actions": ACTIONS, "action": action}
    return render(request, "web/audit.html", context)


@shows(Right.MANAGE_USERS)
def users(request: WebRequest) -> HttpResponse:
    """List the users: role, division, department."""
    context = {"page": paginate(request, accounts.users(request.actor), size=100)}
    return render(request, "web/users.html", context)
