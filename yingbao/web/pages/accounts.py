"""The list of users."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from yingbao.accounts import queries as accounts
from yingbao.accounts.roles import Right
from yingbao.web.doors import shows
from yingbao.web.requests import WebRequest, paginate


@shows(Right.MANAGE_USERS)
def users(request: WebRequest) -> HttpResponse:
    """List the users: role, division, department."""
    context = {"page": paginate(request, accounts.users(request.actor), size=100)}
    return render(request, "web/users.html", context)
