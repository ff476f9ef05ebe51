"""The step in which money has reached the treasury: the decision is locked and benefits begin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts import queries as accounts
from yingbao.collection import operations as collection
from yingbao.coverage import operations as coverage
from yingbao.enrolment import operations as enrolment
from yingbao.kernel.periods import DAY
from yingbao.ledger.operations import Move
from yingbao.policy import Decision, Policy
from yingbao.registry.facts import Facts
from yingbao.usecases import deciding, places
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

if TYPE_CHECKING:
    from yingbao.collection.models import Due


@dataclass(frozen=True, slots=True)
class Cleared:
    """What clearing a set of dues came to; ``moves`` are for the caller's one posting."""

    due_ids: list[int]
    short_due_ids: list[int]
    moves: list[Move]


def clear(
    policy: Policy, dues: Sequence[Due], facts: Mapping[int, Facts], *, cleared_on: date, at: datetime
) -> Cleared:
    """Clear dues on a day: decide anew as of that day (PJ-7.2, rule of interpretation 7), lock, grant coverage.

    A due that costs more on the clearing day than was collected (a deadline passed on the way) does not clear:
    it becomes a work item, and the money stays where it is found. One that costs less (a roster came in on the way)
    clears, and what was paid too much is owed back.
    """
    chosen = [(facts[due.enrolment.resident_id], due.enrolment.tier) for due in dues]
    decided = list(zip(dues, deciding.decide_all(policy, chosen, paid_on=cleared_on), strict=True))
    full: list[tuple[Due, Decision]] = []
    short: list[tuple[Due, Decision]] = []
    for due, decision in decided:
        enough = decision.payable_fen is not None and decision.payable_fen <= due.amount_fen
        (full if enough else short).append((due, decision))
    over = _over(full)
    enrolment.redecide(
        ((due.enrolment, decision) for due, decision in full), basis=deciding.basis(policy, on=cleared_on)
    )
    enrolment.lock((due.enrolment_id for due, _decision in full), on=cleared_on)
    collection.mark_cleared((due for due, _decision in full), on=cleared_on)
    collection.mark_short(due.pk for due, _decision in short)
    coverage.grant(((due.enrolment_id, due.division_id, decision) for due, decision in full), year=policy.year)
    _open_items(full, short, on=cleared_on)
    _open_refunds(over, on=cleared_on)
    moves = [*_owed_by_others(policy, full, on=cleared_on), *_owed_back(over, year=policy.year)]
    _lower(over)
    return Cleared([due.pk for due, _ in full], [due.pk for due, _ in short], moves)


def _over(full: Iterable[tuple[Due, Decision]]) -> list[tuple[Due, int]]:
    """Return the dues of which more was collected than they cost on the clearing day, each with the fen too much."""
    more = [(due, due.amount_fen - (decision.payable_fen or 0)) for due, decision in full]
    return [(due, fen) for due, fen in more if fen]


def _owed_back(over: Sequence[tuple[Due, int]], *, year: int) -> list[Move]:
    return [
        Move(places.contribution(due.division_id, year), places.refund_payable(due.division_id, year), fen)
        for due, fen in over
    ]


def _lower(over: Sequence[tuple[Due, int]]) -> None:
    dues = [due for due, _fen in over]
    for due, fen in over:
        due.amount_fen -= fen
    if dues:
        collection.change_amounts(dues)


def _open_refunds(over: Sequence[tuple[Due, int]], *, on: date) -> None:
    found = [_finding(Kind.PAID_TOO_MUCH, due, on, owed=due.amount_fen - fen) for due, fen in over]
    if found:
        worklist.open_items([one for one in found if one is not None], on=on)


def _owed_by_others(policy: Policy, cleared: Sequence[tuple[Due, Decision]], *, on: date) -> list[Move]:
    """Return what departments and the treasury now owe, one move per village and payer."""
    subsidies: Counter[tuple[int, str]] = Counter()
    fiscal: Counter[int] = Counter()
    for due, decision in cleared:
        if decision.subsidy_identity and decision.subsidy_fen:
            payer = deciding.payer_of(policy, decision.subsidy_identity, on=on)
            subsidies[(due.division_id, payer)] += decision.subsidy_fen
        fiscal[due.division_id] += decision.fiscal_subsidy_fen or 0
    year = policy.year
    by_departments = [
        Move(places.department_due(payer, village, year), places.contribution(village, year), fen)
        for (village, payer), fen in subsidies.items()
    ]
    by_treasury = [
        Move(places.fiscal_due(village, year), places.contribution(village, year), fen)
        for village, fen in fiscal.items()
    ]
    return by_departments + by_treasury


def _open_items(full: Sequence[tuple[Due, Decision]], short: Sequence[tuple[Due, Decision]], *, on: date) -> None:
    findings = [_finding(Kind.PAID_TOO_LITTLE, due, on, owed=decision.payable_fen) for due, decision in short]
    silent = {due.division_id: due for due, decision in full if decision.status == "silent"}
    findings += [
        _finding(Kind.NOTICE_SILENT, due, on, subject=("division", village)) for village, due in silent.items()
    ]
    if findings:
        worklist.open_items([one for one in findings if one is not None], on=on)


def _finding(
    kind: str, due: Due, on: date, *, subject: tuple[str, int] | None = None, owed: int | None = None
) -> Finding | None:
    owner = accounts.owner_for(due.division_id)
    if owner is None:
        return None
    detail = {"cleared_on": on.isoformat(), "collected_fen": due.amount_fen}
    if owed is not None:
        detail["owed_fen"] = owed
    return Finding(
        kind=kind,
        division_code=due.division_id,
        owner_id=owner.pk,
        subject=subject or ("resident", due.enrolment.resident_id),
        due_on=on + 7 * DAY,
        detail=detail,
    )
