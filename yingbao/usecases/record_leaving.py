"""Somebody dies or moves out of the place; or comes back where that was recorded wrongly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions.codes import Scope
from yingbao.registry import queries
from yingbao.registry.editing import entries, homes, records
from yingbao.registry.editing.history import Why, change
from yingbao.registry.editing.homes import Home, Seat
from yingbao.registry.kinds import Action, Relation, ResidentState
from yingbao.storage.fields import Json
from yingbao.usecases.once import once
from yingbao.usecases.watch_register import watch_within

if TYPE_CHECKING:
    from yingbao.registry.models import Resident

LEAVINGS = {Action.DEATH: ResidentState.DEAD, Action.LEFT: ResidentState.MOVED_OUT}


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who leaves, as the form showed them, on which day, where to; ``relations`` of the others to a new head."""

    resident_id: int
    version: int
    on: date
    reason: str = ""  # of a death: how it is known; of moving out: where to
    relations: Mapping[int, str] | None = None


def record_death(actor: Actor, leaving: Leaving, *, year: int, key: str, at: datetime) -> Json:
    """Mark a person as dead on a day; identities that are open end the day after.

    Whose money of ``year`` should go back becomes a work item. Returns ``{"resident": id, "household": id,
    "identities": how many ended}``. Where the person is a household's head and others stay, ``leaving.relations``
    must name the new head. Raises Forbidden, NotFound, BadInput, Refused, Conflict.
    """
    return _record(actor, leaving, Action.DEATH, "record-death", year=year, key=key, at=at)


def record_moving_out(actor: Actor, leaving: Leaving, *, year: int, key: str, at: datetime) -> Json:
    """Mark a person as moved out of the place (hukou elsewhere) on a day. As ``record_death``; says where to."""
    entries.read_reason(leaving.reason)
    return _record(actor, leaving, Action.LEFT, "record-moving-out", year=year, key=key, at=at)


def _record(actor: Actor, leaving: Leaving, action: Action, name: str, *, year: int, key: str, at: datetime) -> Json:
    actor.must(Right.EDIT_REGISTER)
    why = Why(actor, action, at, entries.short_text(entries.LONGEST_REASON)(leaving.reason), key=key)
    relations = {pk: entries.read_relation(text) for pk, text in (leaving.relations or {}).items()}
    inputs = {
        "resident": leaving.resident_id,
        "version": leaving.version,
        "on": leaving.on,
        "reason": leaving.reason,
        "year": year,
        "relations": sorted(relations.items()),
    }

    def effect() -> Json:
        home, person = _lock(actor, leaving.resident_id, leaving.version)
        ended = records.leave(person, LEAVINGS[action], on=leaving.on, why=why)
        _leave_home(home, person, relations, why)
        _tell(why, name, person)
        _watch(why, person, year)
        return {"resident": person.pk, "household": person.household_id, "identities": ended}

    return once(actor, key=key, use_case=name, inputs=inputs, at=at, effect=effect)


def restore_resident(
    actor: Actor, *, resident_id: int, version: int, relation: str, reason: str, year: int, key: str, at: datetime
) -> Json:
    """Undo a death or moving out that was recorded wrongly; identities it ended go on.

    The person goes back into their household with ``relation`` to its head; where nobody is left there, as its
    head. Returns ``{"resident": id, "household": id, "identities": how many go on}``. Raises Forbidden, NotFound,
    BadInput, Refused, Conflict.
    """
    actor.must(Right.EDIT_REGISTER)
    why = Why(actor, Action.RESTORED, at, entries.read_reason(reason), key=key)
    inputs = {"resident": resident_id, "version": version, "relation": relation, "reason": reason, "year": year}

    def effect() -> Json:
        home, person = _lock(actor, resident_id, version)
        is_alone = not home.here
        resumed = records.come_back(person, why=why)
        back = Relation.HEAD.value if is_alone else entries.read_relation(relation)
        homes.seat([home], {person.pk: Seat(home.household, back)}, why=why)
        _tell(why, "restore-resident", person)
        _watch(why, person, year)
        return {"resident": person.pk, "household": person.household_id, "identities": resumed}

    return once(actor, key=key, use_case="restore-resident", inputs=inputs, at=at, effect=effect)


def _lock(actor: Actor, resident_id: int, version: int) -> tuple[Home, Resident]:
    """Lock the household before the person, as everybody does."""
    (home,) = homes.lock(actor, queries.resident(actor, resident_id).household_id)
    person = records.lock(actor, resident_id, version=version)
    return home, home.members[person.pk]


def _leave_home(home: Home, person: Resident, relations: Mapping[int, str], why: Why) -> None:
    """See that those who stay have a head, and that a household nobody is left in is dissolved."""
    seats = {pk: Seat(home.household, relation) for pk, relation in relations.items() if pk != person.pk}
    if person.relation == Relation.HEAD and home.here:
        change(person, {"relation": Relation.OTHER.value}, why=why)
        homes.seat([home], seats, why=why)
    elif not home.here:
        homes.settle(home.household, is_empty=True, why=why)


def _watch(why: Why, person: Resident, year: int) -> None:
    """Open or close the work items of the person's village: paid though dead, sought though gone."""
    village = Scope(person.division_id, person.division_id + 1)
    watch_within(why.actor, village, year=year, on=timezone.localdate(why.at), at=why.at)


def _tell(why: Why, action: str, person: Resident) -> None:
    audit.record(
        why.actor,
        action,
        subject=("resident", person.pk),
        division_code=person.division_id,
        at=why.at,
        detail={"household": person.household_id},
        request_key=why.key,
    )
