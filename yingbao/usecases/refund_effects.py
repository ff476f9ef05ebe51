"""What an approved refund changes: the enrolment ends, or its locked decision is mended; and the postings of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts import queries as accounts
from yingbao.collection import operations as collection
from yingbao.enrolment import operations as enrolments
from yingbao.enrolment.operations import Basis
from yingbao.kernel.periods import DAY
from yingbao.ledger.operations import Move
from yingbao.policy import Decision, get_policy
from yingbao.settlement import queries as settlement
from yingbao.storage.fields import Json
from yingbao.usecases import deciding, places
from yingbao.usecases.refund_parts import corrected
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

if TYPE_CHECKING:
    from yingbao.collection.models import Due
    from yingbao.enrolment.models import Enrolment

SETTLE_WITHIN = 7 * DAY


@dataclass(frozen=True, slots=True)
class Approved:
    """By whom, when and why, and which refund the postings and findings come from."""

    by_id: int
    on: date
    at: datetime
    why: str
    refund_id: int


def end(dues: Sequence[Due], approved: Approved) -> list[Move]:
    """End paid enrolments: what was paid for them is owed back, what others owed for them no more."""
    enrolments.cancel([due.enrolment_id for due in dues], by_id=approved.by_id, why=approved.why, at=approved.at)
    collection.cancel(due.pk for due in dues)
    moves = []
    for due in dues:
        village, year = due.division_id, due.enrolment.year
        income = places.contribution(village, year)
        moves.append(Move(income, places.refund_payable(village, year), due.amount_fen))
        moves += _undone(due.enrolment, village)
    _tell_of_billed((due.enrolment for due in dues), approved)
    return moves


def mend(dues: Sequence[Due], approved: Approved, *, judged_on: date) -> tuple[list[Move], list[Json]]:
    """Put right the locked decisions of dues; return the moves, and what changed for the audit trail."""
    moves: list[Move] = []
    told: list[Json] = []
    for due in dues:
        before = _figures(due.enrolment)
        decision, _rules = corrected(due, on=judged_on)
        moves += _mend(due, decision)
        told.append({"enrolment": due.enrolment_id, "before": before, "after": _figures(due.enrolment)})
    collection.change_amounts(dues)
    _tell_of_billed((due.enrolment for due in dues), approved)
    return moves, told


def _mend(due: Due, decision: Decision) -> list[Move]:
    """Take back what others owed by the old decision, write down what they owe by the new one and what goes back."""
    one, village = due.enrolment, due.division_id
    assert one.locked_on is not None  # asked by ``corrected``
    moves = _undone(one, village)
    policy = get_policy(one.policy)
    enrolments.correct_locked(one, decision, basis=Basis(policy.name, policy.hash, one.year, one.locked_on))
    less = due.amount_fen - one.payable_fen
    due.amount_fen = one.payable_fen
    income = places.contribution(village, one.year)
    moves += [Move(move.credit, move.debit, move.amount_fen) for move in _undone(one, village)]
    return [*moves, Move(income, places.refund_payable(village, one.year), less)]


def _undone(one: Enrolment, village: int) -> list[Move]:
    """Return the moves that take back what departments and the treasury owed for a locked decision, as it was posted.

    None for one that never locked: nobody owed anything yet.
    """
    if one.locked_on is None:
        return []
    income = places.contribution(village, one.year)
    moves = [Move(income, places.fiscal_due(village, one.year), one.fiscal_fen or 0)]
    if one.subsidy_identity and one.subsidy_fen:
        payer = deciding.locked_payer(one)
        moves.append(Move(income, places.department_due(payer, village, one.year), one.subsidy_fen))
    return moves


def _figures(one: Enrolment) -> Json:
    return {
        "identity": one.subsidy_identity,
        "subsidy_fen": one.subsidy_fen,
        "payable_fen": one.payable_fen,
        "fiscal_fen": one.fiscal_fen,
    }


def _tell_of_billed(changed: Iterable[Enrolment], approved: Approved) -> None:
    """Open an item for each whom a department was billed for already: the list that went out says otherwise.

    Asked after the enrolments were written: who extracts lists holds them, and has billed them by now or will not.
    """
    by_id: Mapping[int, Enrolment] = {one.pk: one for one in changed}
    findings = []
    for enrolment_id, list_id in settlement.billed_among(by_id).items():
        one = by_id[enrolment_id]
        owner = accounts.owner_for(one.division_id)
        if owner is None:
            continue
        detail = {"enrolment": one.pk, "list": list_id, "refund": approved.refund_id, "fen": one.subsidy_fen}
        subject = ("resident", one.resident_id)
        due_on = approved.on + SETTLE_WITHIN
        findings.append(Finding(Kind.BILLED_AND_REFUNDED, one.division_id, owner.pk, subject, due_on, detail))
    worklist.open_items(findings, on=approved.on)
