"""One change for many residents: those ticked, or all that a search finds when the change is confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Q

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput, Conflict, Refused
from yingbao.kernel.messages import N_, say
from yingbao.policy import get_policy
from yingbao.registry.editing import many
from yingbao.registry.editing.history import Why
from yingbao.registry.finding import listing
from yingbao.registry.finding.listing import Search
from yingbao.registry.kinds import Action, Evidence, Population, ResidentState
from yingbao.storage.fields import Json
from yingbao.usecases.groups import bases
from yingbao.usecases.once import once

if TYPE_CHECKING:
    pass

MOST_AT_ONCE = 5_000


class Act(StrEnum):
    """What can be done to many. Dying and moving away are no such thing: each has a day and papers of its own."""

    PLATFORM = "platform"
    GRADUATING = "graduating"
    NOT_GRADUATING = "not-graduating"
    STUDENT = "student"
    RESIDENT = "resident"


# Who an act is about, beside being present; whoever it is not about is left as they are.
ABOUT: dict[Act, Q] = {
    Act.PLATFORM: Q(),
    Act.GRADUATING: Q(population=Population.STUDENT),
    Act.NOT_GRADUATING: Q(),
    Act.STUDENT: Q(population=Population.RESIDENT),
    Act.RESIDENT: Q(population=Population.STUDENT),
}


@dataclass(frozen=True, slots=True)
class Whom:
    """The residents meant: those ``ticked``, or everybody a search finds where ``ticked`` is None."""

    search: Search
    ticked: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Meant:
    """How many are meant, and how many of them the act is about."""

    found: int
    about: int


def count_meant(actor: Actor, *, act: Act, whom: Whom) -> Meant:
    """Return how many residents an act would be done to. Raises Refused past 5,000, BadInput for nobody."""
    actor.must(Right.EDIT_REGISTER)
    ids = _ids(actor, whom)
    return Meant(len(ids), len(_about(actor, act, ids)))


def bulk_residents(
    actor: Actor, *, act: Act, whom: Whom, counted: int, policy_name: str, reason: str, key: str, at: datetime
) -> Json:
    """Do one act to many residents, in one transaction; ``counted`` is how many the form that confirms it showed.

    Whom a search finds is looked up again here. Returns ``{"found", "changed", "already"}``, counts. Raises
    Forbidden, NotFound, BadInput without a reason or anybody, Refused past 5,000, Conflict where the search finds
    another number of people than was confirmed.
    """
    actor.must(Right.EDIT_REGISTER)
    if not reason.strip():
        raise BadInput(say(N_("批量办理必须写明理由。")), todo=say(N_("请写明依据，如学校名册、平台登记回执。")))

    def effect() -> Json:
        ids = _ids(actor, whom)
        _check_same(counted, len(ids))
        about = _about(actor, act, ids)
        kind = Action.PLATFORM if act is Act.PLATFORM else Action.EDITED
        why = Why(actor, kind, at, reason.strip(), key=key)
        changed = many.change_many(about, _values(act, policy_name), why=why)
        answer = {"found": len(ids), "changed": len(changed), "already": len(ids) - len(changed)}
        audit.record(
            actor,
            "bulk-residents",
            subject=("resident", None),
            division_code=actor.division_code,
            at=at,
            detail={"act": act.value, **answer, "residents": changed},
            request_key=key,
        )
        return answer

    inputs = {"act": act.value, "whom": _told(whom), "counted": counted, "reason": reason, "policy": policy_name}
    return once(actor, key=key, use_case="bulk-residents", inputs=inputs, at=at, effect=effect)


def _check_same(counted: int, now: int) -> None:
    if counted != now:
        raise Conflict(
            say(N_("查到的人数变了：确认时 {counted} 人，现在 {now} 人，没有办理。"), counted=counted, now=now),
            todo=say(N_("请返回名单核对后重新办理。")),
        )


def _ids(actor: Actor, whom: Whom) -> list[int]:
    found = listing.find(actor, whom.search)
    if whom.ticked is not None:
        # Ticked rows stand for themselves: what has narrowed the list may have changed since.
        found = listing.seen(actor).filter(pk__in=whom.ticked)
    ids = list(found.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    if not ids:
        raise BadInput(say(N_("没有选择任何人。")), todo=say(N_("请勾选居民，或选择“查到的全部人员”。")))
    if len(ids) > MOST_AT_ONCE:
        raise Refused(
            say(N_("一次最多批量办理 {most} 人。"), most=MOST_AT_ONCE),
            todo=say(N_("请加筛选条件，例如按村（社区）分批办理。")),
        )
    return sorted(ids)


def _about(actor: Actor, act: Act, ids: list[int]) -> list[int]:
    people = listing.seen(actor).filter(ABOUT[act], pk__in=ids, state=ResidentState.PRESENT)
    return list(people.order_by("pk").values_list("pk", flat=True))


def _values(act: Act, policy_name: str) -> dict[str, str | bool]:
    """Return what an act makes of a resident's fields; who becomes a student is of the notice's group of students."""
    if act in (Act.GRADUATING, Act.NOT_GRADUATING):
        return {"graduating": act is Act.GRADUATING}
    if act is Act.PLATFORM:
        return {"on_platform": True}
    rules = bases(get_policy(policy_name))
    booklet = rules[Evidence.HOUSEHOLD_BOOKLET]
    if act is Act.STUDENT:
        return {"population": Population.STUDENT.value, "basis": rules.get(Evidence.SCHOOL_REGISTER, booklet)}
    return {"population": Population.RESIDENT.value, "graduating": False, "basis": booklet}


def _told(whom: Whom) -> Json:
    """Return whom a request means, for telling a repeated one: it is kept only as a hash."""
    ticked = None if whom.ticked is None else sorted(whom.ticked)
    return {"ticked": ticked, "text": whom.search.text, "filter": whom.search.filter.codes()}
