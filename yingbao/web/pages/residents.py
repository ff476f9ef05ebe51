"""One resident's page: what they owe and why, line by line."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from yingbao.accounts import queries as accounts
from yingbao.accounts.roles import Right
from yingbao.collection import queries as collection
from yingbao.collection.refunding import queries as refunding
from yingbao.coverage import queries as coverage
from yingbao.enrolment import queries as enrolment
from yingbao.registry import queries as registry
from yingbao.registry import shown
from yingbao.registry.facts import of_residents
from yingbao.usecases.counting_identity import find_counting
from yingbao.usecases.refund_facts import LEFT_FOR
from yingbao.web import policies
from yingbao.web.clock import read_today
from yingbao.web.doors import shows
from yingbao.web.explaining import explain_enrolment, offer_for
from yingbao.web.requests import WebRequest, new_key
from yingbao.web.trail import Reader


@shows(Right.SEE_RESIDENTS, Right.SEE_OWN_HOUSEHOLD)
def resident(request: WebRequest, resident_id: int) -> HttpResponse:
    """Show one person: facts, identities, this year's decision with its clauses, dates, coverage, payments."""
    actor, policy, today = request.actor, policies.current(), read_today()
    person = registry.resident(actor, resident_id)
    standing = enrolment.standing_of([resident_id], year=policy.year).get(resident_id)
    identities, payments = shown.identities_of(resident_id), collection.payments_for([resident_id], year=policy.year)
    context: dict[str, Any] = {
        "person": person,
        "year": policy.year,
        "identities": [{"held": one, "name": policies.identity_name(one.code)} for one in identities],
        "departments": {one.department: policies.department_name(one.department) for one in identities},
        "objections": shown.objections_to(identities, year=policy.year) if actor.may(Right.SEE_WORK_ITEMS) else {},
        "elsewhere": shown.elsewhere_of(resident_id),
        "left": refunding.ended_for([resident_id], LEFT_FOR, year=policy.year).get(resident_id),
        "enrolment": standing,
        "payments": collection.parts_of(payments),
        "platform_key": new_key(),
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
        context["counting"] = find_counting(policy, facts, on=today)
    if actor.may(Right.SEE_AUDIT):
        subjects = [("resident", resident_id), ("household", person.household_id)]
        entries = accounts.audit_of(actor, subjects + [("payment", one.pk) for one in payments])
        context["trail"] = Reader(actor, entries).rows()
    return render(request, "web/resident.html", context)
