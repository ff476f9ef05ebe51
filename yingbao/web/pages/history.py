"""How a record came to be as it is: who changed what, when, why, from which file."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from yingbao.accounts.roles import Right
from yingbao.registry import queries as registry
from yingbao.registry.editing import past
from yingbao.registry.kinds import HouseholdState
from yingbao.web.doors import shows
from yingbao.web.requests import WebRequest, paginate

SIZE = 20


@shows(Right.SEE_RESIDENTS, Right.SEE_OWN_HOUSEHOLD)
def resident_history(request: WebRequest, resident_id: int) -> HttpResponse:
    """Show how a person's record came to be, newest first."""
    person = registry.resident(request.actor, resident_id)
    context = {"person": person, "household": person.household}
    ids = past.merged_into(person.pk)
    return _show(request, past.of_resident(request.actor, resident_id), ids, context)


@shows(Right.SEE_RESIDENTS, Right.SEE_OWN_HOUSEHOLD)
def household_history(request: WebRequest, household_id: int) -> HttpResponse:
    """Show how a household came to be, its members with it, newest first."""
    home = registry.household(request.actor, household_id)
    ids = [one.pk for one in home.members.all()]
    went_to = past.went_to(request.actor, home.pk) if home.state != HouseholdState.PRESENT else []
    context = {"household": home, "went_to": went_to}
    return _show(request, past.of_household(request.actor, household_id), ids, context)


def _show(request: WebRequest, changes: Any, ids: list[int], context: dict[str, Any]) -> HttpResponse:
    page = paginate(request, changes, size=SIZE)
    events = past.events(page.object_list)
    if not page.has_next():
        events += past.beginnings(ids)  # the oldest there is: they came in with a file
    return render(request, "web/history.html", {"page": page, "events": events, **context})
