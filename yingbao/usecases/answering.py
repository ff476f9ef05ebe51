"""The step in which the tax client's answers come into the books: money to the treasury, or back to the agreement."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.collection import operations as collection
from yingbao.collection.declaring import operations as declaring
from yingbao.collection.declaring.results import Answer
from yingbao.collection.kinds import AnswerState
from yingbao.ledger import operations as ledger
from yingbao.ledger.operations import Move
from yingbao.policy import Policy
from yingbao.registry import facts as registry
from yingbao.usecases import places
from yingbao.usecases.clearing import clear
from yingbao.usecases.custody import working_days_after
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

if TYPE_CHECKING:
    from yingbao.collection.models import Declaration, Due

MEND_WITHIN_WORKING_DAYS = 2
ACCEPTED_SINCE = "更正后重新申报，已受理"  # kept in the record, whatever language the reader's page is in


@dataclass(slots=True)
class Taken:
    """Of how many people the money cleared, was not enough any more, or went back."""

    cleared: int = 0
    short: int = 0
    refused: int = 0

    def add(self, other: Taken) -> None:
        """Count another's in."""
        self.cleared += other.cleared
        self.short += other.short
        self.refused += other.refused

    def as_json(self) -> dict[str, int]:
        """Return the counts as answers and the audit trail have them."""
        return {"cleared": self.cleared, "short": self.short, "refused": self.refused}


def take_in(
    actor: Actor,
    answers: Sequence[Answer],
    declarations: Mapping[int, Declaration],
    *,
    policy: Policy,
    action: str,
    key: str,
    at: datetime,
) -> Taken:
    """Take in answers about unanswered lines of ``declarations``, which the caller holds locked.

    Accepted money clears on each answer's own day, earliest first (interpretation 7: coverage follows that day);
    refused money goes back and somebody is to mend what was wrong. A statement is for all lines of one batch and day.
    """
    dues = {due.pk: due for due in collection.lock_dues(answer.line.due_id for answer in answers)}
    batches: defaultdict[tuple[date, int], list[Answer]] = defaultdict(list)
    refused: defaultdict[int, list[Answer]] = defaultdict(list)
    for answer in answers:
        if answer.accepted:
            batches[answer.on, answer.line.declaration_id].append(answer)
        else:
            refused[answer.line.declaration_id].append(answer)
    told: defaultdict[int, Taken] = defaultdict(Taken)
    for (on, batch), accepted in sorted(batches.items()):
        told[batch].add(_clear(actor, declarations[batch], accepted, dues, policy, on, at))
    for batch, sent_back in sorted(refused.items()):
        told[batch].add(_send_back(actor, declarations[batch], sent_back, dues, at))
    _close_mended(actor, (dues[a.line.due_id] for a in answers if a.accepted), at)
    declaring.close_answered(told)
    whole = Taken()
    for batch, taken in told.items():
        _tell(actor, action, declarations[batch], taken, key=key, at=at)
        whole.add(taken)
    return whole


def _clear(
    actor: Actor,
    declaration: Declaration,
    accepted: Sequence[Answer],
    dues: Mapping[int, Due],
    policy: Policy,
    on: date,
    at: datetime,
) -> Taken:
    settled = [  # as declared; what clears may cost less
        Move(places.treasury(village, policy.year), places.declared(declaration.agent_id, village, policy.year), fen)
        for village, fen in _by_village(accepted, dues).items()
    ]
    chosen = [dues[due_id] for due_id in sorted({answer.line.due_id for answer in accepted})]
    facts = registry.of_residents((due.enrolment.resident_id for due in chosen), on=on)
    cleared = clear(policy, chosen, facts, cleared_on=on, at=at)
    short = set(cleared.short_due_ids)
    for state, is_short in ((AnswerState.ACCEPTED, False), (AnswerState.SHORT, True)):
        lines = [answer.line.pk for answer in accepted if (answer.line.due_id in short) == is_short]
        if lines:
            declaring.accept_lines(lines, state=state, on=on)
    _post(actor, declaration, [*settled, *cleared.moves], on=on, at=at)
    return Taken(cleared=len(cleared.due_ids), short=len(short))


def _send_back(
    actor: Actor, declaration: Declaration, refused: Sequence[Answer], dues: Mapping[int, Due], at: datetime
) -> Taken:
    """Put refused money back into the agreement account, from where it can be declared again."""
    agent_id, year, today = declaration.agent_id, declaration.year, timezone.localdate(at)
    moves = [
        Move(places.agreement(agent_id, village, year), places.declared(agent_id, village, year), fen)
        for village, fen in _by_village(refused, dues).items()
    ]
    declaring.refuse_lines({answer.line.pk: (answer.on, answer.reason) for answer in refused})
    collection.take_back(answer.line.due_id for answer in refused)
    _post(actor, declaration, moves, on=today, at=at)
    owners = accounts.owners_for(dues[answer.line.due_id].division_id for answer in refused)
    found = (_finding(answer, dues[answer.line.due_id], owners, today) for answer in refused)
    worklist.open_items([one for one in found if one is not None], on=today)
    return Taken(refused=len(refused))


def _post(actor: Actor, declaration: Declaration, moves: Sequence[Move], *, on: date, at: datetime) -> None:
    ledger.post(moves, on=on, at=at, user_id=actor.user_id, source=("declaration", declaration.pk))


def _finding(answer: Answer, due: Due, owners: Mapping[int, int], today: date) -> Finding | None:
    owner_id = owners.get(due.division_id)
    if owner_id is None:
        return None
    return Finding(
        kind=Kind.DECLARATION_REFUSED,
        division_code=due.division_id,
        owner_id=owner_id,
        subject=("resident", due.enrolment.resident_id),
        due_on=working_days_after(today, MEND_WITHIN_WORKING_DAYS),
        detail={"fen": answer.line.amount_fen, "declaration": answer.line.declaration_id, "line": answer.line.pk},
    )


def _close_mended(actor: Actor, dues: Iterable[Due], at: datetime) -> None:
    people = {due.enrolment.resident_id for due in dues}
    if people:
        by = actor.user_id
        worklist.close_about(Kind.DECLARATION_REFUSED, "resident", people, by_id=by, reason=ACCEPTED_SINCE, at=at)


def _by_village(answers: Iterable[Answer], dues: Mapping[int, Due]) -> Counter[int]:
    """Return village → fen: a town's clerk declares for several villages at once."""
    sums: Counter[int] = Counter()
    for answer in answers:
        sums[dues[answer.line.due_id].division_id] += answer.line.amount_fen
    return sums


def _tell(actor: Actor, action: str, declaration: Declaration, taken: Taken, *, key: str, at: datetime) -> None:
    audit.record(
        actor,
        action,
        subject=("declaration", declaration.pk),
        division_code=declaration.division_id,
        at=at,
        detail=taken.as_json(),
        request_key=key,
    )
