"""Two records that are one person become one; money stays where it is booked, and what was paid twice is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import queries as collection
from yingbao.collection.kinds import DueState
from yingbao.enrolment import queries as enrolment
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY
from yingbao.registry import operations
from yingbao.registry.editing import entries, records
from yingbao.registry.editing.history import Why
from yingbao.registry.kinds import Action
from yingbao.registry.recognising import merging
from yingbao.storage.fields import Json
from yingbao.usecases.once import once
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

if TYPE_CHECKING:
    from yingbao.registry.models import Resident

KEEP = N_("请保留已参保的那条记录。")
KEEP_AND_SWAP = N_("请保留已参保的那条记录；证件会自动换成居民身份证号码。")
REFUND_WITHIN = 7 * DAY
MERGED = "两条记录已合并"  # kept in the record, whatever language the reader's page is in


def merge_residents(
    actor: Actor,
    *,
    keep_id: int,
    drop_id: int,
    versions: Mapping[int, int],
    reason: str,
    on: date,
    key: str,
    at: datetime,
) -> Json:
    """Merge ``drop_id`` into ``keep_id``; ``versions`` are both records' as they were shown (empty: not checked).

    Of a birth certificate and an ID number the kept record gets the number, whichever is kept. Returns ``{"kept",
    "dropped", "identities", "elsewhere", "filled", "twice"}``: spans and fields that came over, and the years in which
    both are enrolled, each a work item for the second enrolment or its refund. Raises Forbidden, NotFound outside the
    actor's divisions, BadInput without a reason, Conflict where a record has changed, Refused where only the dropped
    one is enrolled, is head of others, has papers in review, has gone, or is merged already.
    """
    actor.must(Right.EDIT_REGISTER)
    reason = entries.read_reason(reason)
    if keep_id == drop_id:
        raise BadInput(say(N_("请选择两条不同的记录。")))

    def effect() -> Json:
        operations.take_turns()  # a file that is being accepted may be giving the dropped record an identity
        locked = {pk: records.lock(actor, pk, version=versions.get(pk)) for pk in sorted((keep_id, drop_id))}
        keep, drop = locked[keep_id], locked[drop_id]
        merging.refuse_unfit(keep, drop)
        twice = _enrolled_twice(keep, drop)
        why = Why(actor, Action.MERGED, at, reason, key=key)
        done = merging.merge(keep, drop, on=on, why=why)
        _tell_of_twice(drop, keep_id, twice, on)
        ids = (keep_id, drop_id)
        worklist.close_pair(Kind.REGISTERED_TWICE, ids, by_id=actor.user_id, reason=MERGED, at=at)
        moved = {"identities": done.identities, "elsewhere": done.elsewhere, "filled": list(done.filled)}
        answer = {"kept": keep_id, "dropped": drop_id, **moved, "twice": twice}
        _audit(actor, keep, answer, key, at)
        return answer

    inputs = {"keep": keep_id, "drop": drop_id, "versions": sorted(versions.items()), "reason": reason, "on": on}
    return once(actor, key=key, use_case="merge-residents", inputs=inputs, at=at, effect=effect)


def _enrolled_twice(keep: Resident, drop: Resident) -> list[int]:
    """Return the years in which both are enrolled. Raises Refused where the kept one lacks the last year's."""
    years = enrolment.standing_years((keep.pk, drop.pk))
    kept, dropped = years.get(keep.pk, set()), years.get(drop.pk, set())
    if dropped and max(dropped) not in kept and max(dropped) >= max(kept, default=0):
        raise Refused(
            say(N_("要并入的记录已办理 {year} 年度参保，保留的记录没有。"), year=max(dropped)),
            todo=say(KEEP_AND_SWAP if merging.swaps(drop, keep) else KEEP),
        )
    return sorted(kept & dropped)


def _tell_of_twice(drop: Resident, keep_id: int, years: Iterable[int], on: date) -> None:
    owner = accounts.owner_for(drop.division_id)
    if owner is None:
        return
    found = []
    for year in years:
        due = collection.dues_of([drop.pk], year=year).get(drop.pk)
        paid = due is not None and due.state != DueState.OPEN
        kind = Kind.DUPLICATE_PAYMENT if paid else Kind.REGISTERED_TWICE
        detail = {"year": year, "merged_into": keep_id, "household": drop.household_id}
        detail |= {"surplus_fen": due.amount_fen} if due is not None and paid else {}
        subject = ("resident", drop.pk)
        found.append(Finding(kind, drop.division_id, owner.pk, subject, on + REFUND_WITHIN, detail))
    worklist.open_items(found, on=on)


def _audit(actor: Actor, keep: Resident, answer: Json, key: str, at: datetime) -> None:
    audit.record(
        actor,
        "merge-residents",
        subject=("resident", keep.pk),
        division_code=keep.division_id,
        at=at,
        detail=answer,
        request_key=key,
    )
