"""Finding residents, and one resident's page: what they owe and why, line by line."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import push_url

from yingbao.accounts import queries as accounts
from yingbao.accounts.roles import Right
from yingbao.collection import queries as collection
from yingbao.coverage import queries as coverage
from yingbao.divisions import queries as divisions
from yingbao.enrolment import queries as enrolment
from yingbao.registry import queries as registry
from yingbao.registry import shown
from yingbao.registry.facts import of_residents
from yingbao.registry.kinds import ElsewhereKind
from yingbao.storage.encrypted import seal, unseal
from yingbao.web import policies
from yingbao.web.clock import read_today
from yingbao.web.doors import changes, shows
from yingbao.web.explaining import explain_enrolment, offer_for
from yingbao.web.requests import WebRequest, filter_number, read_text

LONGEST_SEARCH = 60
SEARCH = "search"  # in the session


@shows(Right.SEE_RESIDENTS)
def residents(request: WebRequest) -> HttpResponse:
    """List the residents of a village or of all; with ``found`` those the last search asked for."""
    text = _remembered(request) if request.GET.get("found") else ""
    return render(request, "web/residents.html", _found(request, text, filter_number(request, "village")))


@changes(Right.SEE_RESIDENTS)
def search(request: WebRequest) -> HttpResponse:
    """Take a name, certificate number or household number. By POST, so that none of it stands in an address or log."""
    text = read_text(request, "q", limit=LONGEST_SEARCH)
    request.session[SEARCH] = seal(text).hex()
    village = request.POST.get("village", "")
    query = {"found": 1} | ({"village": village} if village.isdigit() else {})
    address = f"{reverse('residents')}?{urlencode(query)}"
    if not request.htmx:
        return redirect(address)
    context = _found(request, text, int(village) if village.isdigit() else None)
    return push_url(render(request, "web/parts/found.html", context), address)


def _remembered(request: WebRequest) -> str:
    """Return the last search of this login; sessions lie in the database, so it is sealed there."""
    return unseal(bytes.fromhex(request.session[SEARCH])) if SEARCH in request.session else ""


def _found(request: WebRequest, text: str, village: int | None) -> dict[str, Any]:
    actor, year, today = request.actor, policies.current().year, read_today()
    found = registry.search(actor, text, village=village, page=filter_number(request, "page") or 1)
    ids = [one.pk for one in found.residents]
    dues, codes = collection.dues_of(ids, year=year), shown.identity_codes_on(ids, today)
    elsewhere = shown.elsewhere_on(ids, today)
    return {
        "found": found,
        "rows": [_row(one, dues.get(one.pk), codes.get(one.pk, ()), elsewhere.get(one.pk)) for one in found.residents],
        "q": text,
        "village": village,
        "villages": list(divisions.villages(actor.scope)),
    }


def _row(person: Any, due: Any, codes: Any, elsewhere: str | None) -> dict[str, Any]:
    return {
        "person": person,
        "due": due,
        "identities": [policies.identity_name(code) for code in sorted(codes)],
        "elsewhere": ElsewhereKind(elsewhere).label if elsewhere else "",
    }


@shows(Right.SEE_RESIDENTS, Right.SEE_OWN_HOUSEHOLD)
def resident(request: WebRequest, resident_id: int) -> HttpResponse:
    """Show one person: facts, identities, this year's decision with its clauses, dates, coverage, payments."""
    actor, policy, today = request.actor, policies.current(), read_today()
    person = registry.resident(actor, resident_id)
    standing = enrolment.standing_of([resident_id], year=policy.year).get(resident_id)
    identities, payments = shown.identities_of(resident_id), _payments_for(person, policy.year)
    context: dict[str, Any] = {
        "person": person,
        "year": policy.year,
        "identities": [{"held": one, "name": policies.identity_name(one.code)} for one in identities],
        "departments": {one.department: policies.department_name(one.department) for one in identities},
        "elsewhere": shown.elsewhere_of(resident_id),
        "enrolment": standing,
        "payments": payments,
    }
    judged_on = (standing.locked_on or standing.decided_on) if standing else today
    facts = of_residents([resident_id], on=judged_on)[resident_id]
    if standing:
        covered = coverage.of_enrolments([standing.pk]).get(standing.pk)
        context["due"] = collection.dues_of([resident_id], year=policy.year).get(resident_id)
        context["coverage"] = covered
        context["explained"] = explain_enrolment(standing, facts, covered)
        context["benefits"] = policy.benefits(standing.tier)
    else:
        context["offer"] = offer_for(facts, today)
    if actor.may(Right.SEE_AUDIT):
        subjects = [("resident", resident_id), ("household", person.household_id)]
        context["trail"] = accounts.audit_of(actor, subjects + [("payment", one.pk) for one in payments])
    return render(request, "web/resident.html", context)


def _payments_for(person: Any, year: int) -> list[Any]:
    """Return the household's payments that paid for this person too."""
    payments = collection.payments_of_household(person.household_id, year=year)
    return [one for one in payments if any(line.resident_id == person.pk for line in one.lines.all())]
