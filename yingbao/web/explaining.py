"""From a decision to lines a person can check: what, how much, by which clause."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yingbao.kernel.messages import Message
from yingbao.policy import Decision, Person, Rule, Step
from yingbao.registry.facts import Facts
from yingbao.usecases import deciding
from yingbao.web import policies


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision line by line; ``steps`` name their clauses, ``interpreted`` those read in one of several ways."""

    decision: Decision
    steps: tuple[Step, ...]

    @property
    def shown(self) -> list[Step]:
        """The steps as a sum is read: what the treasury adds comes after what the person pays, it is no part of it."""
        last = {"fiscal": 1, "coverage": 2} if self.decision.fiscal_subsidy_fen else {}
        return sorted(self.steps, key=lambda step: last.get(step.part, 0))

    @property
    def rules(self) -> list[Rule]:
        """Every rule the decision rests on, once."""
        named = {rule.id: rule for step in self.steps for rule in step.rules}
        others = {id_: policies.current().explain(id_) for id_ in self.decision.reasons if id_ not in named}
        return list((named | others).values())

    @property
    def interpreted(self) -> list[Rule]:
        """The rules that leave room and were read in one way."""
        return [rule for rule in self.rules if rule.interpretation]

    @property
    def questions(self) -> list[Rule]:
        """The rules that name what the notice leaves open, and whom to ask."""
        return [rule for rule in self.rules if rule.ask]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person would owe in one tier if the money cleared today."""

    tier: int
    explained: Explained

    @property
    def payable_fen(self) -> int | None:
        """What the person pays; None where the policy gives no amount that day."""
        decision = self.explained.decision
        return decision.payable_fen if decision.status in deciding.TAKEN else None


@dataclass(frozen=True, slots=True)
class Offer:
    """What is open to somebody who is not enrolled: a choice per tier, or why there is none."""

    why_not: Message | None
    choices: list[Choice] = field(default_factory=list)

    @property
    def closed(self) -> bool:
        """Whether there is nothing to choose today though nothing stands against the person."""
        return all(choice.payable_fen is None for choice in self.choices)


def offer_for(facts: Facts, today: date) -> Offer:
    """Return what is open today to a person of whom ``facts`` hold."""
    why_not = deciding.why_not(facts, on=today)
    if why_not is not None:
        return Offer(why_not)
    policy = policies.current()
    people = [deciding.person(facts, tier=tier, paid_on=today) for tier in policy.tiers]
    decided = policy.assess_all(people)
    return Offer(None, [_choice(one, decision, today) for one, decision in zip(people, decided, strict=True)])


def _choice(person: Person, decision: Decision, today: date) -> Choice:
    return Choice(person.tier, Explained(decision, policies.current().explain_decision(person, decision, today)))


def explain_enrolment(enrolment: Any, facts: Facts, coverage: Any) -> Explained:
    """Return how a standing enrolment's kept decision came about; ``facts`` are those of the day it was judged on."""
    judged_on = enrolment.locked_on or enrolment.decided_on
    decision = Decision(
        status=enrolment.status,
        rate_fen=enrolment.rate_fen,
        subsidy_fen=enrolment.subsidy_fen,
        subsidy_identity=enrolment.subsidy_identity or None,
        payable_fen=enrolment.payable_fen,
        fiscal_subsidy_fen=enrolment.fiscal_fen,
        covered_from=coverage.begin_on if coverage else None,
        covered_to=policies.last_day(coverage.end_on) if coverage else None,
        reasons=tuple(enrolment.reasons),
    )
    person = deciding.person(facts, tier=enrolment.tier, paid_on=enrolment.locked_on)
    return Explained(decision, policies.current().explain_decision(person, decision, judged_on))
