"""Who mends a village's data by when (BN-4.2.2b, PJ-A3): a work item per village, closed when nothing is left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.registry.finding import quality
from yingbao.registry.finding.quality import Board
from yingbao.storage.fields import Json
from yingbao.storage.transactions import unit_of_work
from yingbao.usecases.once import once
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

SUBJECT = "mending"
ALL_MENDED = "所列问题已全部处理"  # kept in the record, whatever language the reader's page is in


def assign_mending(actor: Actor, *, villages: Sequence[int], due_on: date, on: date, key: str, at: datetime) -> Json:
    """Ask who answers for each village to mend its data by a day; one asked already gets the new day.

    A village with nothing surely to mend is passed over. Returns ``{"villages": assigned, "persons": in all}``.
    Raises BadInput for a day past or no village, NotFound outside the scope, Refused where nothing is to be mended.
    """
    actor.must(Right.ASSIGN_MENDING)
    wanted = sorted(set(villages))
    if not wanted:
        raise BadInput(say(N_("没有选择村（社区）。")))
    if due_on < on:
        raise BadInput(say(N_("完成期限不能早于今天。")))
    for village in wanted:
        actor.must_reach(village)

    def effect() -> Json:
        found = _findings(actor, wanted, quality.board(actor, on=on), due_on)
        if not found:
            raise Refused(say(N_("所选村（社区）没有需要完善的资料，或没有负责人。")))
        _open(actor, found, on)
        answer = {"villages": len(found), "persons": sum(sum(one.detail["checks"].values()) for one in found)}
        audit.record(
            actor,
            "assign-mending",
            subject=("division", actor.division_code),
            division_code=actor.division_code,
            at=at,
            detail={"due_on": due_on.isoformat(), "assigned": [one.division_code for one in found], **answer},
            request_key=key,
        )
        return answer

    inputs = {"villages": wanted, "due_on": due_on.isoformat(), "on": on}
    return once(actor, key=key, use_case="assign-mending", inputs=inputs, at=at, effect=effect)


def _findings(actor: Actor, villages: Sequence[int], board: Board, due_on: date) -> list[Finding]:
    owners = accounts.owners_for(villages)
    return [
        Finding(
            kind=Kind.REGISTER_TO_MEND,
            division_code=village,
            owner_id=owners[village],
            subject=(SUBJECT, village),
            due_on=due_on,
            detail={"checks": board.to_mend(village), "by": actor.user_id},
        )
        for village in villages
        if village in owners and board.to_mend(village)
    ]


def _open(actor: Actor, found: Sequence[Finding], on: date) -> None:
    already = worklist.open_subjects(actor.scope, Kind.REGISTER_TO_MEND)
    worklist.open_items([one for one in found if one.division_code not in already], on=on)
    for one in found:
        if one.division_code in already:
            item = already[one.division_code]
            worklist.reassign(item, owner_id=one.owner_id, due_on=one.due_on, detail=one.detail)


def close_mended(actor: Actor, *, on: date, at: datetime) -> int:
    """Close the items of villages where nothing is left to mend; return how many. For the nightly watch.

    What may be right as it is, a true centenarian say, keeps no item open. Twice changes nothing.
    """
    actor.must(Right.CLOSE_WORK_ITEM)
    board = quality.board(actor, on=on)
    with unit_of_work():
        waiting = worklist.open_subjects(actor.scope, Kind.REGISTER_TO_MEND)
        done = [item for village, item in waiting.items() if not board.to_mend(village)]
        worklist.close_all(done, by_id=actor.user_id, reason=ALL_MENDED, at=at)
        if done:
            subject, detail = ("day", None), {"on": on.isoformat(), "closed": len(done)}
            audit.record(
                actor, "close-mended", subject=subject, division_code=actor.division_code, at=at, detail=detail
            )
    return len(done)
