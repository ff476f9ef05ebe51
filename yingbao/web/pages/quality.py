"""The data quality board: what is missing or doubtful village by village, who mends it, by when (BN-4.2.2b, PJ-A3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions import queries as divisions
from yingbao.divisions.codes import SIZES, Scope
from yingbao.registry.finding.quality import CHECKS, Board, board
from yingbao.usecases.assign_mending import assign_mending
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import changes, shows
from yingbao.web.filters import Place, places_of
from yingbao.web.requests import WebRequest, filter_number, new_key, read_date, read_key, read_numbers
from yingbao.worklist import queries as worklist
from yingbao.worklist.kinds import Kind


@shows(Right.SEE_RESIDENTS)
def quality(request: WebRequest) -> HttpResponse:
    """Show the board: towns where there are several and none is chosen, else villages."""
    actor, today = request.actor, read_today()
    chosen = filter_number(request, "division")
    places = places_of(actor)
    made = board(actor, on=today, within=_range_of(chosen))
    by_town = len(places) > 1 and chosen is None
    rows = _towns(places, made) if by_town else _villages(actor, places, made, today)
    totals = made.totals
    context = {
        "rows": rows,
        "by_town": by_town,
        "town": next((one for one in places if chosen is not None and _holds(one, chosen)), None),
        "checks": [(code, check) for code, check in CHECKS.items() if code in totals],
        "clean": [check.name for code, check in CHECKS.items() if code not in totals],
        "totals": totals,
        "people": sum(made.people.values()),
        "key": new_key(),
    }
    return render(request, "web/quality.html", context)


@changes(Right.ASSIGN_MENDING)
def assign(request: WebRequest) -> HttpResponse:
    """Ask who answers for the ticked villages, or the villages of ticked towns, to mend by a day."""
    ticked, due_on = set(read_numbers(request, "division")), read_date(request, "due_on")
    villages = [
        one.code for one in divisions.villages(request.actor.scope) if ticked & {one.code, one.code - one.code % 1000}
    ]
    unknown = [code for code in ticked if code % SIZES["town"] and code not in villages]
    key = read_key(request)
    answer = assign_mending(
        request.actor, villages=[*villages, *unknown], due_on=due_on, on=read_today(), key=key, at=read_now()
    )
    messages.success(request, _("已布置 %(villages)s 个村（社区），共 %(persons)s 处待完善。") % answer)
    return redirect("quality")


def _range_of(code: int | None) -> Scope | None:
    if code is None:
        return None
    return Scope(code, code + SIZES["village" if code % SIZES["town"] else "town"])


def _holds(place: Place, code: int) -> bool:
    return place.code == code - code % SIZES["town"]


def _towns(places: Iterable[Place], made: Board) -> list[dict[str, Any]]:
    return [_town(one, made) for one in places]


def _town(place: Place, made: Board) -> dict[str, Any]:
    found: defaultdict[str, int] = defaultdict(int)
    for village, _name in place.villages:
        for code, number in made.of(village).items():
            found[code] += number
    people = sum(made.people.get(village, 0) for village, _name in place.villages)
    return {"code": place.code, "name": place.name, "people": people, "counts": _counts(found)}


def _villages(actor: Actor, places: Iterable[Place], made: Board, today: date) -> list[dict[str, Any]]:
    """Return a row per village that was counted; those the reader is named for come first."""
    own = accounts.answerable_for(actor)
    items = worklist.open_by_subject(actor, Kind.REGISTER_TO_MEND)
    villages = [one for place in places for one in place.villages if one[0] in made.people]
    owners = accounts.owners_for(code for code, _name in villages)
    names = accounts.names_of(owners.values())
    rows = [
        {
            "code": code,
            "name": name,
            "people": made.people[code],
            "counts": _counts(made.of(code)),
            "own": code in own,
            "owner": names.get(owners.get(code, 0), ""),
            "item": (item := items.get(code)),
            "overdue": item is not None and item.due_on < today,
        }
        for code, name in villages
    ]
    return sorted(rows, key=lambda row: not row["own"])


def _counts(found: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(code, found.get(code, 0)) for code in CHECKS]
