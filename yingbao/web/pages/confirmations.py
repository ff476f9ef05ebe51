"""The town confirms once more who is subsidised, village by village, before it declares (PJ-5.2.1)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.divisions import queries as divisions
from yingbao.registry.rosters import confirmations as registry
from yingbao.usecases.confirm_identities import confirm_identities, confirm_village, object_to_identity
from yingbao.web import policies
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import changes, shows
from yingbao.web.requests import (
    WebRequest,
    filter_number,
    new_key,
    paginate,
    read_key,
    read_number,
    read_numbers,
    read_text,
)


@shows(Right.CONFIRM_IDENTITY)
def confirmations(request: WebRequest) -> HttpResponse:
    """List the subsidised of the town or a village with what the town has said of them."""
    actor, year, village = request.actor, policies.current().year, filter_number(request, "village")
    found = registry.in_force(actor, on=read_today(), village=village)
    listed = registry.listed(registry.unsaid(found, year=year) if request.GET.get("open") else found, year=year)
    context: dict[str, Any] = {
        "page": paginate(request, listed),
        "tallies": registry.tallies(found, year=year),
        "year": year,
        "village": village,
        "villages": list(divisions.villages(actor.scope)),
        "open": bool(request.GET.get("open")),
        "key": new_key(),
    }
    context["waiting"] = sum(one.open for one in context["tallies"])
    return render(request, "web/confirmations.html", context)


@changes(Right.CONFIRM_IDENTITY)
def confirm(request: WebRequest) -> HttpResponse:
    """Confirm those that were ticked, or all of a village."""
    common: dict[str, Any] = {"year": policies.current().year, "on": read_today()}
    common |= {"key": read_key(request), "at": read_now()}
    if read_text(request, "all"):
        told = confirm_village(request.actor, village=read_number(request, "village"), **common)
    else:
        told = confirm_identities(request.actor, identity_ids=read_numbers(request, "identity"), **common)
    messages.success(request, _("已确认 %(count)s 人次。") % {"count": told["confirmed"]})
    return _back(request)


@changes(Right.CONFIRM_IDENTITY)
def object_to(request: WebRequest, identity_id: int) -> HttpResponse:
    """Say why an identity is doubted."""
    object_to_identity(
        request.actor,
        identity_id=identity_id,
        reason=read_text(request, "reason"),
        year=policies.current().year,
        on=read_today(),
        key=read_key(request),
        at=read_now(),
    )
    messages.success(request, _("异议已转区医保局处理。"))
    return _back(request)


def _back(request: WebRequest) -> HttpResponse:
    """Return to the list as it was filtered."""
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(f"{reverse('confirmations')}{query}")
