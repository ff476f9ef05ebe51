"""A resident's standing decision explained, and printed as the letter that tells them of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.coverage import queries as coverage
from yingbao.documents import Addressee
from yingbao.enrolment import queries as enrolment
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY
from yingbao.policy import Decision, Policy, get_policy
from yingbao.policy.explaining import Node
from yingbao.registry import queries as registry
from yingbao.registry.facts import Facts, of_residents
from yingbao.storage.transactions import unit_of_work
from yingbao.usecases import deciding
from yingbao.usecases.letters import Occasion, write_letter
from yingbao.usecases.papers import issuer_of

if TYPE_CHECKING:
    from yingbao.enrolment.models import Enrolment
    from yingbao.registry.models import Resident


@dataclass(frozen=True, slots=True)
class Kept:
    """A decision as it was kept, the policy it was made by, and how it came about."""

    policy: Policy
    decision: Decision
    tree: Node


def explain_kept(standing: Enrolment, facts: Facts, covered: Any) -> Kept:
    """Return how an enrolment's kept decision came about; ``facts`` are those of the day it was judged on."""
    policy, judged_on = get_policy(standing.policy), judged_day(standing)
    person = deciding.person(policy, facts, tier=standing.tier, paid_on=standing.locked_on)
    decision = Decision(
        status=standing.status,  # type: ignore[arg-type]  # assess's own word, kept as text
        rate_fen=standing.rate_fen,
        subsidy_fen=standing.subsidy_fen,
        subsidy_identity=standing.subsidy_identity or None,
        payable_fen=standing.payable_fen,
        fiscal_subsidy_fen=standing.fiscal_fen,
        covered_from=covered.begin_on if covered else None,
        covered_to=covered.end_on - DAY if covered and covered.end_on else None,
        reasons=tuple(standing.reasons),
        # Not kept with the enrolment: what the policy answers for the same facts.
        extras=policy.assess(person, judged_on).extras,
    )
    return Kept(policy, decision, policy.explain_whole(person, decision, judged_on))


def judged_day(standing: Enrolment) -> date:
    """Return the day an enrolment's decision is judged on: of clearing, before that of the decision."""
    return standing.locked_on or standing.decided_on


def explain_standing(actor: Actor, *, resident_id: int, year: int) -> tuple[Resident, Enrolment, Kept]:
    """Return a resident the actor may see, their standing enrolment of a year, and its decision explained.

    Raises NotFound for whom the actor does not see, and for who is not enrolled.
    """
    person = registry.resident(actor, resident_id)
    standing = enrolment.standing_of([resident_id], year=year).get(resident_id)
    if standing is None:
        raise NotFound(say(N_("这个人本年度没有参保登记，也就没有决定。")))
    facts = of_residents([resident_id], on=judged_day(standing))[resident_id]
    covered = coverage.of_enrolments([standing.pk]).get(standing.pk)
    return person, standing, explain_kept(standing, facts, covered)


def print_decision(actor: Actor, *, resident_id: int, year: int, language: str, issued_on: date, at: datetime) -> bytes:
    """Return the letter on a resident's standing decision as PDF, and note in the audit trail who printed it.

    Raises NotFound as ``explain_standing`` does, Refused where the amounts do not add up.
    """
    person, _, kept = explain_standing(actor, resident_id=resident_id, year=year)
    to = Addressee(
        name=person.name,
        cert_number=person.certificate_number,
        household_no=person.household.number,
        division=person.division.name,
        office=issuer_of(person.division),
    )
    content = write_letter(kept.policy, kept.tree, Occasion(issued_on, language, to))
    with unit_of_work():
        audit.record(
            actor,
            "print-decision",
            subject=("resident", resident_id),
            division_code=person.division_id,
            at=at,
            detail={"year": year, "language": language[:2]},
        )
    return content
