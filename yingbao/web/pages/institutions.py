"""Institutions: those of a place, one with its people, lists, bills and payments, and its agent's own first page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right, Role
from yingbao.collection.institutional import queries as institutional
from yingbao.collection.keeping import queries as keeping
from yingbao.collection.orders.queries import state_of
from yingbao.divisions import queries as divisions
from yingbao.kernel.messages import N_
from yingbao.registry.institutions import queries
from yingbao.registry.kinds import InstitutionKind
from yingbao.usecases.manage_institutions import (
    add_institution,
    change_institution,
    give_login,
    register_members_on_platform,
)
from yingbao.web import policies
from yingbao.web.clock import read_now
from yingbao.web.doors import changes, shows
from yingbao.web.requests import WebRequest, new_key, paginate, read_key, read_number, read_text

RECENT = 10
STATE_NAMES = {
    institutional.OWED: N_("待缴"),
    institutional.BILLED: N_("已开通知单"),
    institutional.WAITING: N_("待登记国家平台"),
    institutional.ZERO: N_("待零申报"),
    institutional.ON_THE_WAY: N_("在途或少缴"),
    institutional.CLEARED: N_("已到账"),
}


@shows(*queries.SEES)
def institutions(request: WebRequest) -> HttpResponse:
    """List the institutions of the actor's divisions and how far each has come."""
    actor, year = request.actor, policies.current().year
    page = paginate(request, queries.institutions(actor))
    progress = institutional.progress([one.household_id for one in page], year=year)
    context = {
        "page": page,
        "rows": [{"one": one, "done": progress.get(one.household_id, (0, 0, 0, 0))} for one in page],
        "year": year,
        "kinds": InstitutionKind.choices,
        "places": [*divisions.villages(actor.scope), *divisions.towns(actor.scope)]
        if actor.may(Right.MANAGE_INSTITUTIONS)
        else [],
        "key": new_key(),
    }
    return render(request, "web/institutions.html", context)


@shows(*queries.SEES)
def institution(request: WebRequest, institution_id: int) -> HttpResponse:
    """Show one institution."""
    return _show(request, queries.institution(request.actor, institution_id))


def show_own_institution(request: WebRequest) -> HttpResponse:
    """Show who acts for an institution that institution, or the notices where nobody has said for which."""
    found = queries.own(request.actor)
    return render(request, "web/home_notices.html") if found is None else _show(request, found)


def _show(request: WebRequest, found: Any) -> HttpResponse:
    actor, year, now = request.actor, policies.current().year, read_now()
    totals = institutional.totals(found, year=year, at=now)
    bills = list(institutional.bills(found, year=year)[:RECENT])
    context = {
        "institution": found,
        "year": year,
        "states": [{"code": code, "name": _(STATE_NAMES[code]), "part": part} for code, part in totals.items()],
        "persons": sum(part.persons for part in totals.values()),
        "owed": totals[institutional.OWED],
        "waiting": totals[institutional.WAITING],
        "cleared": totals[institutional.CLEARED],
        "bills": [{"order": one, "state": state_of(one, at=now)} for one in bills],
        "payments": institutional.payments(found, year=year)[:RECENT],
        "kept": keeping.of_household(found.household_id, year=year)[:RECENT],
        "lists": queries.lists(found)[:RECENT],
        "logins": queries.logins(found),
        "enrols": actor.may(Right.ENROL_INSTITUTION) and found.is_active,
        "is_own": actor.role == Role.INSTITUTION,
        "key": new_key(),
    }
    return render(request, "web/institution.html", context)


@shows(Right.ENROL_INSTITUTION)
def people(request: WebRequest, institution_id: int) -> HttpResponse:
    """List an institution's people, to look at or to choose who is paid for now."""
    found, year, now = queries.institution(request.actor, institution_id), policies.current().year, read_now()
    state = request.GET.get("state", "")
    state = state if state in STATE_NAMES else ""
    dues = institutional.in_state(institutional.dues(found, year=year), state, found, at=now)
    page = paginate(request, dues.select_related("enrolment__resident").order_by("id"))
    numbers = queries.numbers_of([due.enrolment.resident_id for due in page], year=year)
    context = {
        "institution": found,
        "year": year,
        "page": page,
        "rows": [{"due": due, "member": numbers.get(due.enrolment.resident_id)} for due in page],
        "states": [(code, _(name)) for code, name in STATE_NAMES.items()],
        "state": state,
        "chooses": state == institutional.OWED and found.is_active,
        "key": new_key(),
    }
    return render(request, "web/institution_people.html", context)


@changes(Right.MANAGE_INSTITUTIONS)
def add(request: WebRequest) -> HttpResponse:
    """Found an institution."""
    answer = add_institution(
        request.actor,
        code=read_text(request, "code"),
        name=read_text(request, "name"),
        kind=read_text(request, "kind"),
        division_code=read_number(request, "division"),
        key=read_key(request),
        at=read_now(),
    )
    messages.success(request, _("单位已增加，并建立了它的集体户。"))
    return redirect("institution", institution_id=answer["institution"])


@changes(Right.MANAGE_INSTITUTIONS)
def change(request: WebRequest, institution_id: int) -> HttpResponse:
    """Rename an institution, close it, or open it again."""
    change_institution(
        request.actor,
        institution_id=institution_id,
        name=read_text(request, "name"),
        active=read_text(request, "active") == "1",
        key=read_key(request),
        at=read_now(),
    )
    messages.success(request, _("已保存。"))
    return redirect("institution", institution_id=institution_id)


@changes(Right.MANAGE_INSTITUTIONS)
def login(request: WebRequest, institution_id: int) -> HttpResponse:
    """Let a user act for an institution."""
    give_login(
        request.actor,
        institution_id=institution_id,
        username=read_text(request, "username"),
        key=read_key(request),
        at=read_now(),
    )
    messages.success(request, _("已指定经办员。"))
    return redirect("institution", institution_id=institution_id)


@changes(Right.EDIT_REGISTER)
def platform(request: WebRequest, institution_id: int) -> HttpResponse:
    """Note that an institution's people are registered on the national platform, all at once."""
    answer = register_members_on_platform(
        request.actor,
        institution_id=institution_id,
        year=policies.current().year,
        key=read_key(request),
        at=read_now(),
    )
    messages.success(request, _("已登记国家平台 %(count)s 人。") % {"count": answer["registered"]})
    return redirect("institution", institution_id=institution_id)
