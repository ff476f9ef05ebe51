"""Before it declares people, the town confirms their identities once more, or objects to one (PJ-5.2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions.codes import SIZES
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.registry.rosters import confirmations
from yingbao.storage.fields import Json
from yingbao.usecases.once import once
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

if TYPE_CHECKING:
    from yingbao.registry.models import Identity

ANSWER_WITHIN = timedelta(days=7)
LONGEST_REASON = 200


def confirm_identities(
    actor: Actor, *, identity_ids: Sequence[int], year: int, on: date, key: str, at: datetime
) -> Json:
    """Confirm identities of the town's people for a year. Returns ``{"confirmed": n}``, those not said before.

    One identity alone may have been objected to: confirming it takes the objection back. Raises Forbidden, BadInput
    where none is named, NotFound for one that is not in force in the actor's divisions.
    """
    actor.must(Right.CONFIRM_IDENTITY)
    if not identity_ids:
        raise BadInput(say(N_("没有选择要确认的人员。")))

    def effect() -> Json:
        found = confirmations.lock_identities(actor, identity_ids, on=on)
        if len(found) == 1:
            confirmations.say_of(found[0], year=year, agrees=True, reason="", by_id=actor.user_id, at=at)
            return _told(actor, 1, year=year, at=at, key=key)
        count = confirmations.confirm(found, year=year, by_id=actor.user_id, at=at)
        return _told(actor, count, year=year, at=at, key=key)

    inputs = {"identities": sorted(identity_ids), "year": year, "on": on}
    return once(actor, key=key, use_case="confirm-identities", inputs=inputs, at=at, effect=effect)


def confirm_village(actor: Actor, *, village: int, year: int, on: date, key: str, at: datetime) -> Json:
    """Confirm every identity of a village that the town has said nothing of. Returns ``{"confirmed": n}``.

    Raises Forbidden, NotFound for a village outside the actor's divisions, BadInput where nothing is left to confirm.
    """
    actor.must(Right.CONFIRM_IDENTITY)
    actor.must_reach(village)

    def effect() -> Json:
        open_ones = confirmations.unsaid(confirmations.in_force(actor, on=on, village=village), year=year)
        ids = list(open_ones.values_list("pk", flat=True))
        if not ids:
            raise BadInput(say(N_("这个村（社区）没有待确认的人员。")))
        found = confirmations.lock_identities(actor, ids, on=on)
        count = confirmations.confirm(found, year=year, by_id=actor.user_id, at=at)
        return _told(actor, count, year=year, at=at, key=key)

    inputs = {"village": village, "year": year, "on": on}
    return once(actor, key=key, use_case="confirm-village", inputs=inputs, at=at, effect=effect)


def object_to_identity(
    actor: Actor, *, identity_id: int, reason: str, year: int, on: date, key: str, at: datetime
) -> Json:
    """Say why an identity is doubted; the bureau gets a work item, due in seven days. Returns ``{"identity": id}``.

    The identity itself stays until its department takes it off a roster. Raises Forbidden, BadInput without a reason,
    NotFound for an identity that is not in force in the actor's divisions.
    """
    actor.must(Right.CONFIRM_IDENTITY)
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise BadInput(say(N_("请写明异议的理由，最多 {longest} 字。"), longest=LONGEST_REASON))

    def effect() -> Json:
        (identity,) = confirmations.lock_identities(actor, [identity_id], on=on)
        confirmations.say_of(identity, year=year, agrees=False, reason=reason, by_id=actor.user_id, at=at)
        _ask_the_bureau(identity, on)
        audit.record(
            actor,
            "object-to-identity",
            subject=("resident", identity.resident_id),
            division_code=identity.resident.division_id,
            at=at,
            detail={"code": identity.code, "year": year},
            request_key=key,
        )
        return {"identity": identity_id}

    inputs = {"identity": identity_id, "year": year, "reason": reason, "on": on}
    return once(actor, key=key, use_case="object-to-identity", inputs=inputs, at=at, effect=effect)


def _ask_the_bureau(identity: Identity, on: date) -> None:
    village = identity.resident.division_id
    owner = accounts.owner_for(village - village % SIZES["district"])
    if owner is None:
        return
    detail = {"identity": identity.pk, "code": identity.code, "department": identity.department}
    subject = ("resident", identity.resident_id)
    item = Finding(Kind.IDENTITY_OBJECTED, village, owner.pk, subject, on + ANSWER_WITHIN, detail)
    worklist.open_items([item], on=on)


def _told(actor: Actor, count: int, *, year: int, at: datetime, key: str) -> Json:
    audit.record(
        actor,
        "confirm-identities",
        subject=("division", actor.division_code),
        division_code=actor.division_code,
        at=at,
        detail={"confirmed": count, "year": year},
        request_key=key,
    )
    return {"confirmed": count}
