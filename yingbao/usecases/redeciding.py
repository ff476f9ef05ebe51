"""The step two journeys share: bring what is still open to what the policy says on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from yingbao.collection import operations as collection
from yingbao.collection.kinds import DueState
from yingbao.enrolment import operations as enrolment
from yingbao.ledger.operations import Move
from yingbao.policy import Decision, Policy
from yingbao.registry.facts import Facts
from yingbao.usecases import deciding, places

if TYPE_CHECKING:
    from yingbao.collection.models import Due


def redecide(policy: Policy, dues: Sequence[Due], facts: Mapping[int, Facts], *, on: date) -> list[Move]:
    """Bring open dues to what holds on the day of payment; return the moves for what changed.

    Those decided that very day too: a roster may have come in since, and what is taken must be what clears. Raises
    Refused where somebody's money cannot be taken that day.
    """
    open_dues = [due for due in dues if due.state == DueState.OPEN]
    decided = decide_dues(policy, open_dues, facts, on=on)
    for due, decision in decided:
        deciding.must_be_taken(due.enrolment.resident_id, decision)
    return keep(policy, decided, on=on)


def decide_dues(
    policy: Policy, dues: Sequence[Due], facts: Mapping[int, Facts], *, on: date
) -> list[tuple[Due, Decision]]:
    """Return what the policy says of each due if it were cleared on a day."""
    chosen = [(facts[due.enrolment.resident_id], due.enrolment.tier) for due in dues]
    return list(zip(dues, deciding.decide_all(policy, chosen, paid_on=on), strict=True))


def keep(policy: Policy, decided: Sequence[tuple[Due, Decision]], *, on: date) -> list[Move]:
    """Keep new decisions of open dues and their amounts; return the moves for what changed."""
    basis = deciding.basis(policy, on=on)
    enrolment.redecide(((due.enrolment, decision) for due, decision in decided), basis=basis)
    changed = [due for due, decision in decided if due.amount_fen != decision.payable_fen]
    moves = [_correction(due, due.enrolment.payable_fen, policy.year) for due in changed]
    for due in changed:
        due.amount_fen = due.enrolment.payable_fen
    if changed:
        collection.change_amounts(changed)
    return moves


def _correction(due: Due, owed_fen: int, year: int) -> Move:
    """Return the move that raises or lowers what was written down as owed."""
    owes, income = places.resident_due(due.division_id, year), places.contribution(due.division_id, year)
    more = owed_fen - due.amount_fen
    return Move(owes, income, more) if more > 0 else Move(income, owes, -more)
