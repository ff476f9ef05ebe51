"""A household's forms: split, move to another household, join another, another head, another village, the address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingbao.accounts.roles import Right
from yingbao.divisions import queries as divisions
from yingbao.enrolment import queries as enrolment
from yingbao.kernel.errors import BadInput, NotFound, Refused, YingbaoError
from yingbao.kernel.messages import N_, say
from yingbao.registry import queries as registry
from yingbao.registry.editing import homes
from yingbao.registry.kinds import HouseholdState, Relation, ResidentState
from yingbao.storage.fields import Json
from yingbao.usecases.change_household import (
    Asking,
    Place,
    Shown,
    change_head,
    join_households,
    move_household,
    move_residents,
    split_household,
)
from yingbao.usecases.edit_resident import edit_address
from yingbao.web import policies
from yingbao.web.clock import read_now
from yingbao.web.doors import changes, shows
from yingbao.web.forms import show_form, typed
from yingbao.web.pages.editing import RELATION, read_relations
from yingbao.web.requests import WebRequest, parse_number, read_key, read_number, read_numbers, read_text

SEEN = "seen_"
TABS = {
    "split": gettext_lazy("分户"),
    "move": gettext_lazy("迁入他户"),
    "join": gettext_lazy("并户"),
    "head": gettext_lazy("变更户主"),
    "place": gettext_lazy("整户迁移"),
    "address": gettext_lazy("改地址"),
}
FOR_AGENTS = ("address",)
INTO_ANOTHER = ("move", "join")
TYPED = ("village", "household_no", "address", "hukou", "reason")


@shows(Right.EDIT_CONTACT)
def change(request: WebRequest, household_id: int) -> HttpResponse:
    """Show one of a household's forms; ``do`` says which."""
    return _page(request, household_id, request.GET.get("do", ""))


@changes(Right.EDIT_CONTACT)
def save(request: WebRequest, household_id: int) -> HttpResponse:
    """Do what the form asks (``do``), and show the household that came of it.

    Another household is known by a bare number: it is shown first, and the form comes back for a second yes.
    """
    key, do = read_key(request), request.POST.get("do", "")
    if do not in ACTS:
        raise BadInput(say(N_("提交的表单不完整或已过期，请刷新页面后重新填写。")))
    target = None
    try:
        target = _target(request, household_id) if do in INTO_ANOTHER else None
        if target is not None and request.POST.get("into") != str(target.pk):
            return _page(request, household_id, do, target=target)  # who lives there is looked at first
        answer = ACTS[do](request, household_id, key)
    except (BadInput, Refused) as error:
        return _page(request, household_id, do, error, target)
    except NotFound as error:
        registry.household(request.actor, household_id)  # the household itself is not there: a page of its own
        return _page(request, household_id, do, error)
    messages.success(request, _("已办理，变更记录可查。"))
    return redirect("household", household_id=answer["household"])


# --- the acts -------------------------------------------------------------------------------------------------------


def _split(request: WebRequest, household_id: int, key: str) -> Json:
    moving = read_numbers(request, "moving")
    return split_household(_asking(request, key), _shown(request, household_id), moving=moving, place=_place(request))


def _move(request: WebRequest, household_id: int, key: str) -> Json:
    moving, into_id = read_numbers(request, "moving"), _other(request)
    return move_residents(_asking(request, key), _shown(request, household_id), moving=moving, into_id=into_id)


def _join(request: WebRequest, household_id: int, key: str) -> Json:
    return join_households(_asking(request, key), _shown(request, household_id), into_id=_other(request))


def _head(request: WebRequest, household_id: int, key: str) -> Json:
    return change_head(_asking(request, key), _shown(request, household_id))


def _relocate(request: WebRequest, household_id: int, key: str) -> Json:
    return move_household(_asking(request, key), _shown(request, household_id), place=_place(request))


def _address(request: WebRequest, household_id: int, key: str) -> Json:
    address, was = read_text(request, "address"), read_text(request, "was")
    return edit_address(request.actor, household_id=household_id, address=address, was=was, key=key, at=read_now())


ACTS: dict[str, Callable[[WebRequest, int, str], Json]] = {
    "split": _split,
    "move": _move,
    "join": _join,
    "head": _head,
    "place": _relocate,
    "address": _address,
}


def _asking(request: WebRequest, key: str) -> Asking:
    return Asking(request.actor, read_text(request, "reason"), key, read_now(), read_text(request, "hukou"))


def _shown(request: WebRequest, household_id: int) -> Shown:
    versions = {name.removeprefix(SEEN): request.POST[name] for name in request.POST if name.startswith(SEEN)}
    seen = {parse_number(pk): parse_number(version) for pk, version in versions.items()}
    return Shown(household_id, seen, read_relations(request))


def _place(request: WebRequest) -> Place:
    return Place(read_number(request, "village"), read_text(request, "household_no"), read_text(request, "address"))


def _other(request: WebRequest) -> int:
    number = read_text(request, "household_no")
    return homes.find(request.actor, read_number(request, "village"), number).pk


def _target(request: WebRequest, household_id: int) -> Any:
    """Return the household whose number was typed, with its members; None for one the use case will refuse."""
    request.actor.must(Right.EDIT_REGISTER)
    found = registry.household(request.actor, _other(request))
    return found if found.pk != household_id and found.state == HouseholdState.PRESENT else None


# --- the page -------------------------------------------------------------------------------------------------------


def _page(
    request: WebRequest, household_id: int, do: str, error: YingbaoError | None = None, target: Any = None
) -> HttpResponse:
    found = registry.household(request.actor, household_id)
    tabs = {name: label for name, label in TABS.items() if _may(request, name)}
    do = do if do in tabs else next(iter(tabs))
    context = {
        "household": found,
        "tabs": tabs,
        "do": do,
        "is_open": found.state == HouseholdState.PRESENT,
        "rows": _rows(request, found, do),
        "values": typed(request, TYPED) if error or target else _first_values(found, do),
        "target": target,
        "target_people": [one for one in target.members.all() if one.state == ResidentState.PRESENT] if target else [],
        "villages": list(divisions.villages(request.actor.scope)),
        "relations": Relation.choices,
    }
    return show_form(request, "web/change_household.html", context, error)


def _may(request: WebRequest, tab: str) -> bool:
    return tab in FOR_AGENTS or request.actor.may(Right.EDIT_REGISTER)


def _first_values(found: Any, do: str) -> dict[str, str]:
    is_new = do in ("split", "place")
    return {
        "village": str(found.division_id),
        "household_no": homes.next_number(found.division_id) if is_new else "",
        "address": found.address,
        "hukou": "",
        "reason": "",
    }


def _rows(request: WebRequest, found: Any, do: str) -> list[dict[str, Any]]:
    """Return each member who is in the register: chosen or not, relation afterwards, enrolled this year or not."""
    people = [one for one in found.members.all() if one.state == ResidentState.PRESENT]
    booked = enrolment.standing_of([one.pk for one in people], year=policies.current().year)
    moving, post = set(request.POST.getlist("moving")), request.POST
    return [
        {
            "person": one,
            "moves": str(one.pk) in moving,
            "relation": post.get(f"{RELATION}{one.pk}", _relation_first(one, do)),
            "version": post.get(f"{SEEN}{one.pk}", one.version),
            "booked": one.pk in booked,
        }
        for one in sorted(people, key=lambda person: (person.relation != "head", person.birth_on, person.pk))
    ]


def _relation_first(person: Any, do: str) -> str:
    """Whoever joins another household is not its head: that one stays."""
    return "" if do == "join" else str(person.relation)
