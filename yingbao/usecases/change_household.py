"""Who lives in which household: split, move, join, another head. Every household keeps exactly one head.

Enrolments and dues of the year stay with the village they were booked in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.registry.editing import entries, homes
from yingbao.registry.editing.history import Why
from yingbao.registry.editing.homes import Home, Seat
from yingbao.registry.kinds import Action, HouseholdState
from yingbao.storage.fields import Json
from yingbao.usecases.once import once


@dataclass(frozen=True, slots=True)
class Place:
    """A household's place: village, number there, address."""

    division_code: int
    number: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A household as the form showed it: ``seen`` is member → version; ``relations`` member → relation afterwards."""

    household_id: int
    seen: Mapping[int, int]
    relations: Mapping[int, str]

    def inputs(self) -> Json:
        """What tells two requests apart."""
        return {
            "household": self.household_id,
            "seen": sorted(self.seen.items()),
            "relations": sorted(self.relations.items()),
        }

    def read(self) -> dict[int, str]:
        """Return the relations. Raises BadInput for one that does not exist, or of somebody who was not shown."""
        if not self.relations.keys() <= self.seen.keys():
            raise BadInput(say(N_("提交的表单不完整或已过期，请刷新页面后重新填写。")))
        return {pk: entries.read_relation(text) for pk, text in self.relations.items()}


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, why, and when: what every change of a household carries. ``hukou``: of those who move, where given."""

    actor: Actor
    reason: str
    key: str
    at: datetime
    hukou: str = ""

    def why(self, action: Action) -> Why:
        """Return what the history keeps. Raises BadInput without a reason."""
        return Why(self.actor, action, self.at, entries.read_reason(self.reason), key=self.key)

    def tell(self, action: str, home: Home, detail: Json) -> None:
        """Tell the audit trail: ids only."""
        audit.record(
            self.actor,
            action,
            subject=("household", home.household.pk),
            division_code=home.household.division_id,
            at=self.at,
            detail=detail,
            request_key=self.key,
        )


def split_household(asking: Asking, shown: Shown, *, moving: Collection[int], place: Place) -> Json:
    """Make a new household of some members (分户), in the same or another village of the actor's.

    Returns ``{"household": id of the new one, "from": id}``. Raises Forbidden, NotFound, BadInput where either
    household would have no head or two, Refused where the number is taken, Conflict where the household is another
    by now.
    """
    inputs = {**shown.inputs(), "moving": sorted(moving), "place": repr(place)}

    def effect(why: Why) -> Json:
        (home,) = _lock(asking, shown)
        _must_tell_address(home, place)
        village, number, address = place.division_code, place.number, place.address
        new = homes.add(asking.actor, village, number, address, why=why)
        _seat(asking, shown, [home, Home(new, {})], moving, why)
        asking.tell("split-household", home, {"to": new.pk, "residents": sorted(moving)})
        return {"household": new.pk, "from": home.household.pk}

    return _once(asking, "split-household", Action.SPLIT, inputs, effect)


def move_residents(asking: Asking, shown: Shown, *, moving: Collection[int], into_id: int) -> Json:
    """Move some members, or all, into another household of the actor's divisions.

    Returns ``{"household": id of the other, "from": id}``. Raises as ``split_household`` does.
    """
    inputs = {**shown.inputs(), "moving": sorted(moving), "into": into_id}

    def effect(why: Why) -> Json:
        home, into = _lock(asking, shown, into_id)
        _seat(asking, shown, [home, into], moving, why)
        asking.tell("move-residents", home, {"to": into_id, "residents": sorted(moving)})
        return {"household": into_id, "from": home.household.pk}

    return _once(asking, "move-residents", Action.MOVED, inputs, effect)


def join_households(asking: Asking, shown: Shown, *, into_id: int) -> Json:
    """Join a household to another (并户): all its members move there, it is dissolved and keeps its number and past.

    Returns ``{"household": id of the other, "from": id}``. Raises as ``split_household`` does.
    """
    inputs = {**shown.inputs(), "into": into_id}

    def effect(why: Why) -> Json:
        home, into = _lock(asking, shown, into_id)
        everybody = sorted(one.pk for one in home.here)
        _seat(asking, shown, [home, into], everybody, why)
        asking.tell("join-households", home, {"to": into_id, "residents": everybody})
        return {"household": into_id, "from": home.household.pk}

    return _once(asking, "join-households", Action.JOINED, inputs, effect)


def move_household(asking: Asking, shown: Shown, *, place: Place) -> Json:
    """Move a household with all its people to another village, or give it another number.

    Returns ``{"household": id}``. Raises as ``split_household`` does.
    """
    inputs = {**shown.inputs(), "place": repr(place)}

    def effect(why: Why) -> Json:
        (home,) = _lock(asking, shown)
        _must_tell_address(home, place)
        homes.relocate(
            asking.actor,
            home,
            division_code=place.division_code,
            number=place.number,
            address=place.address,
            hukou=asking.hukou,
            why=why,
        )
        asking.tell("move-household", home, {"to": place.division_code})
        return {"household": home.household.pk}

    return _once(asking, "move-household", Action.MOVED, inputs, effect)


def change_head(asking: Asking, shown: Shown) -> Json:
    """Give a household another head: ``shown.relations`` says of every member what they are to the new one.

    Returns ``{"household": id}``. Raises Forbidden, NotFound, BadInput, Conflict.
    """

    def effect(why: Why) -> Json:
        (home,) = _lock(asking, shown)
        _seat(asking, shown, [home], (), why)
        asking.tell("change-head", home, {"residents": sorted(shown.relations)})
        return {"household": home.household.pk}

    return _once(asking, "change-head", Action.HEAD, shown.inputs(), effect)


# --- shared ---------------------------------------------------------------------------------------------------------


def _once(asking: Asking, use_case: str, action: Action, inputs: Json, effect: Callable[[Why], Json]) -> Json:
    asking.actor.must(Right.EDIT_REGISTER)
    why = asking.why(action)
    inputs = {**inputs, "reason": asking.reason, "hukou": asking.hukou}
    return once(
        asking.actor, key=asking.key, use_case=use_case, inputs=inputs, at=asking.at, effect=lambda: effect(why)
    )


def _lock(asking: Asking, shown: Shown, *others: int) -> list[Home]:
    if shown.household_id in others:
        raise BadInput(say(N_("选的就是本户。")), todo=say(N_("请填写另一户的户号。")))
    found = homes.lock(asking.actor, shown.household_id, *others)
    homes.must_be_as_seen(found[0], shown.seen)
    for home in found:
        if home.household.state == HouseholdState.DISSOLVED:
            raise Refused(say(N_("这一户已经并户或销户，不能再办理。")), todo=say(N_("请核对户号。")))
    return found


def _must_tell_address(home: Home, place: Place) -> None:
    """Raise BadInput where people go to another village and no other address is told."""
    goes = place.division_code != home.household.division_id
    if goes and place.address.strip() in ("", home.household.address):
        raise BadInput(
            say(N_("迁到另一个村（社区），地址不能沿用原来的，也不能空着。")), todo=say(N_("请填写迁入后的新地址。"))
        )


def _seat(asking: Asking, shown: Shown, found: list[Home], moving: Collection[int], why: Why) -> None:
    """Seat those who move in the last household, those who stay and whose relation is told in the first."""
    relations, there, here = shown.read(), found[-1].household, found[0].household
    if len(found) > 1 and (not moving or not set(moving) <= relations.keys()):
        raise BadInput(say(N_("没有选择要迁出本户的成员，或没有选择他们办理后的关系。")))
    seats = {pk: Seat(there if pk in moving else here, relation) for pk, relation in relations.items()}
    homes.seat(found, seats, why=why, hukou=entries.short_text(60)(asking.hukou))
