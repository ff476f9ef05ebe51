"""Register somebody who is in no file: who they may be already is shown before anything is written."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.divisions import queries as divisions
from yingbao.kernel.errors import BadInput, Refused, YingbaoError
from yingbao.kernel.messages import N_, say
from yingbao.registry import queries as registry
from yingbao.registry.editing import homes
from yingbao.registry.kinds import HouseholdState, Population, Relation, Sex
from yingbao.usecases.change_household import Place
from yingbao.usecases.register_resident import Entry, Known, look_up, register_resident
from yingbao.web import policies
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import changes, shows
from yingbao.web.forms import evidence_choices, form_choices, read_form, read_optional_date, show_form, typed
from yingbao.web.requests import (
    WebRequest,
    filter_number,
    parse_number,
    read_key,
    read_number,
    read_numbers,
    read_text,
)

NAMES = [one.name for one in fields(Entry)] + ["village", "household_no", "address"]
FIRST = {"evidence": "household_booklet", "population": Population.RESIDENT.value, "relation": Relation.CHILD.value}


@shows(Right.EDIT_REGISTER)
def form(request: WebRequest) -> HttpResponse:
    """Show the empty form: for a household (``household``), or a new one in a village (``village``)."""
    home = _home(request, filter_number(request, "household"))
    values = dict.fromkeys(NAMES, "") | FIRST
    if home is None:
        villages = list(divisions.villages(request.actor.scope).values_list("code", flat=True))
        village = filter_number(request, "village")
        village = village if village in villages else next(iter(villages), 0)
        number = homes.next_number(village)
        values |= {"relation": Relation.HEAD.value, "village": str(village), "household_no": number}
    return _page(request, home, values)


@shows(Right.EDIT_REGISTER)
def next_number(request: WebRequest) -> HttpResponse:
    """Give the field for a household's number, filled with the next free one of the village chosen.

    For people who leave a household (``leaves``) also the field for the address: theirs while the village stays.
    """
    village = filter_number(request, "village") or 0
    request.actor.must_reach(village)
    left = _home(request, filter_number(request, "leaves"))
    goes = left is not None and left.division_id != village
    address = left.address if left is not None and not goes else ""
    context = {"household_no": homes.next_number(village), "left": left, "goes": goes, "address": address}
    return render(request, "web/parts/next_number.html", context)


@changes(Right.EDIT_REGISTER)
def register(request: WebRequest) -> HttpResponse:
    """Register the person, or show who they may be already."""
    key, actor = read_key(request), request.actor
    home_id = parse_number(request.POST["household"]) if request.POST.get("household") else None
    home = _home(request, home_id)
    known: Known | None = None
    try:
        entry, where = _read(request), home.pk if home else _read_place(request)
        village = home.division_id if home else where.division_code if isinstance(where, Place) else 0
        known = look_up(actor, entry, division_code=village, on=read_today())
        answer = register_resident(
            actor,
            entry=entry,
            home=where,
            policy_name=policies.current().name,
            key=key,
            at=read_now(),
            told_apart=read_numbers(request, "told_apart"),
            hidden=read_number(request, "hidden") if request.POST.get("hidden") else 0,
        )
    except (BadInput, Refused) as error:
        return _page(request, home, typed(request, NAMES), known, error)
    messages.success(request, _("已登记。"))
    if request.POST.get("act") == "next":
        return redirect(f"{request.path.removesuffix('save/')}?household={answer['household']}")
    return redirect("resident", resident_id=answer["resident"])


def _home(request: WebRequest, household_id: int | None) -> Any:
    return registry.household(request.actor, household_id) if household_id else None


def _read(request: WebRequest) -> Entry:
    texts = ("name", "number", "relation", "evidence", "sex", "phone", "hukou", "residence", "population")
    return Entry(
        **{name: read_text(request, name) for name in texts},
        form=read_form(request),
        birth_on=read_optional_date(request, "birth_on"),
        graduating=bool(request.POST.get("graduating")),
        on_platform=bool(request.POST.get("on_platform")),
    )


def _read_place(request: WebRequest) -> Place:
    if not request.POST.get("village"):
        raise BadInput(say(N_("请选择村（社区）。")))
    return Place(read_number(request, "village"), read_text(request, "household_no"), read_text(request, "address"))


def _page(
    request: WebRequest,
    home: Any,
    values: dict[str, str],
    known: Known | None = None,
    error: YingbaoError | None = None,
) -> HttpResponse:
    context = {
        "home": home,
        "is_open": home is None or home.state == HouseholdState.PRESENT,
        "values": values,
        "known": known,
        "villages": list(divisions.villages(request.actor.scope)),
        "relations": [(value, label) for value, label in Relation.choices if (value == "head") == (home is None)],
        "sexes": Sex.choices,
        "populations": Population.choices,
        "evidences": evidence_choices(),
        "forms": form_choices(),
    }
    return show_form(request, "web/register_resident.html", context, error)
