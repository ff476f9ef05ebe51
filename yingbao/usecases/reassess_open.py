"""The policy was amended: see whom of the unpaid it changes, and then write it down.

Who has been cleared keeps the locked decision (PJ-5.0). Who has paid cash that is on its way is decided on the day it
clears, as always; here it is only told where that will be short. Who owes still is brought to the new amounts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import operations as collection
from yingbao.collection import queries
from yingbao.collection.kinds import DueState
from yingbao.kernel.errors import Conflict
from yingbao.kernel.messages import N_, say
from yingbao.ledger.operations import Move, post
from yingbao.policy import Decision, Policy, get_policy
from yingbao.registry import facts as registry
from yingbao.storage.fields import Json
from yingbao.usecases import deciding
from yingbao.usecases.once import once
from yingbao.usecases.redeciding import decide_dues, keep

if TYPE_CHECKING:
    from yingbao.collection.models import Due

ON_THE_WAY = (DueState.COLLECTED, DueState.DECLARED)


@dataclass(frozen=True, slots=True)
class OpenChange:
    """One due before and after, in fen. ``after_fen`` None: the policy takes no money for it that day any more."""

    resident_id: int
    division_code: int
    state: str
    before_fen: int
    after_fen: int | None
    identity_before: str
    identity_after: str
    reasons_before: tuple[str, ...]
    reasons_after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom the policy changes. ``stamp`` changes with the answer: what is written is what was shown.

    ``changed``: amount or identity differ. ``not_taken``: stay as they are, as no money can be taken from them that
    day. ``short``: paid in cash on its way, which will not be enough when it clears.
    """

    policy: str
    on: date
    open: int
    changed: tuple[OpenChange, ...]
    not_taken: tuple[OpenChange, ...]
    short: tuple[OpenChange, ...]
    stamp: str

    @property
    def difference_fen(self) -> int:
        """By how much what is owed rises, or falls."""
        return sum((one.after_fen or 0) - one.before_fen for one in self.changed)


def preview_reassessment(actor: Actor, *, policy_name: str, on: date) -> Preview:
    """Return whom of the actor's divisions the policy changes if everybody open were cleared on a day; reads only.

    Needs REASSESS.
    """
    actor.must(Right.REASSESS)
    policy = get_policy(policy_name)
    waiting = queries.dues(actor.scope, year=policy.year).exclude(state=DueState.CLEARED)
    return _preview(policy, _decide(policy, list(waiting.select_related("enrolment").order_by("pk")), on=on), on=on)


def reassess_open(actor: Actor, *, policy_name: str, on: date, stamp: str, key: str, at: datetime) -> Json:
    """Write down what ``preview_reassessment`` showed under ``stamp``.

    Returns ``{"changed": persons, "difference_fen": …}``. Raises Forbidden, and Conflict where something has changed
    since it was shown: nothing is written then.
    """
    actor.must(Right.REASSESS)
    policy = get_policy(policy_name)

    def effect() -> Json:
        ids = queries.dues(actor.scope, year=policy.year).exclude(state=DueState.CLEARED).values_list("pk", flat=True)
        decided = _decide(policy, collection.lock_dues(ids), on=on)
        preview = _preview(policy, decided, on=on)
        if preview.stamp != stamp:
            raise Conflict(
                say(N_("显示之后又有变化，没有重新测算。")), todo=say(N_("请重新查看受影响的人员，再确认。"))
            )
        taken = [(due, decision) for due, decision in decided if due.state == DueState.OPEN and _is_taken(decision)]
        _post(actor, keep(policy, taken, on=on), on=on, at=at)
        answer: Json = {"changed": len(preview.changed), "difference_fen": preview.difference_fen}
        audit.record(
            actor,
            "reassess-open",
            subject=("division", actor.division_code),
            division_code=actor.division_code,
            at=at,
            detail={**answer, "policy": policy.name, "hash": policy.hash},
            request_key=key,
        )
        return answer

    inputs = {"policy": policy_name, "hash": policy.hash, "on": on, "stamp": stamp}
    return once(actor, key=key, use_case="reassess-open", inputs=inputs, at=at, effect=effect)


def _decide(policy: Policy, dues: Sequence[Due], *, on: date) -> list[tuple[Due, Decision]]:
    facts = registry.of_residents([due.enrolment.resident_id for due in dues], on=on)
    return decide_dues(policy, dues, facts, on=on)


def _is_taken(decision: Decision) -> bool:
    return decision.status in deciding.TAKEN and decision.payable_fen is not None


def _preview(policy: Policy, decided: Sequence[tuple[Due, Decision]], *, on: date) -> Preview:
    waiting = [pair for pair in decided if pair[0].state == DueState.OPEN]
    on_the_way = [pair for pair in decided if pair[0].state in ON_THE_WAY]
    rows = sorted((due.pk, due.amount_fen, due.state, *_said(decision)) for due, decision in decided)
    return Preview(
        policy=policy.name,
        on=on,
        open=len(waiting),
        changed=tuple(_change(*pair) for pair in waiting if _is_taken(pair[1]) and _differs(*pair)),
        not_taken=tuple(_change(*pair) for pair in waiting if not _is_taken(pair[1])),
        short=tuple(_change(*pair) for pair in on_the_way if _is_short(*pair)),
        stamp=hashlib.sha256(repr((policy.hash, on, rows)).encode()).hexdigest(),
    )


def _said(decision: Decision) -> tuple[str, str, str]:
    return str(decision.payable_fen), str(decision.subsidy_identity), decision.status


def _differs(due: Due, decision: Decision) -> bool:
    same_identity = due.enrolment.subsidy_identity == (decision.subsidy_identity or "")
    return due.amount_fen != decision.payable_fen or not same_identity


def _is_short(due: Due, decision: Decision) -> bool:
    return decision.payable_fen is None or decision.payable_fen > due.amount_fen


def _change(due: Due, decision: Decision) -> OpenChange:
    return OpenChange(
        resident_id=due.enrolment.resident_id,
        division_code=due.division_id,
        state=due.state,
        before_fen=due.amount_fen,
        after_fen=decision.payable_fen if _is_taken(decision) else None,
        identity_before=due.enrolment.subsidy_identity,
        identity_after=decision.subsidy_identity or "",
        reasons_before=tuple(due.enrolment.reasons),
        reasons_after=decision.reasons,
    )


def _post(actor: Actor, moves: Sequence[Move], *, on: date, at: datetime) -> None:
    """Write one entry per village: whoever answers for a village finds its own."""
    villages = sorted({move.debit.division_code for move in moves})
    for village in villages:
        own = [move for move in moves if move.debit.division_code == village]
        post(own, on=on, at=at, user_id=actor.user_id, source=("division", village))
