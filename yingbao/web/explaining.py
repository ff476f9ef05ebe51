"""From a decision to lines a person can check: what, how much, by which clause."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy import Decision, Person, Rule, Step
from yingbao.policy.explain import list_steps
from yingbao.policy.explaining import Node
from yingbao.registry.eligibility import papers
from yingbao.registry.facts import Facts
from yingbao.registry.kinds import Eligibility
from yingbao.usecases import deciding
from yingbao.usecases.explain_decision import explain_kept
from yingbao.web import policies


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision and the tree that led to it; ``steps`` are its lines, ``interpreted`` the rules that leave room."""

    decision: Decision
    tree: Node

    @property
    def steps(self) -> tuple[Step, ...]:
        """The tree's main branches, as lines of a bill."""
        return list_steps(self.tree)

    @property
    def shown(self) -> list[Step]:
        """The steps as a sum is read: what the treasury adds comes after what the person pays, it is no part of it."""
        last = {"fiscal": 1, "coverage": 2} if self.decision.fiscal_subsidy_fen else {}
        return sorted(self.steps, key=lambda step: last.get(step.part, 0))

    @property
    def rules(self) -> list[Rule]:
        """Every rule the lines rest on, once."""
        return list({rule.id: rule for step in self.steps for rule in step.rules}.values())

    @property
    def interpreted(self) -> list[Rule]:
        """The rules that leave room and were read in one way."""
        return [rule for rule in self.rules if rule.interpretation]

    @property
    def silent(self) -> bool:
        """Whether the notice itself says nothing of a part, where a day too late for cover is said well enough."""
        return self.decision.status == "silent" and "coverage.too_late" not in self.decision.reasons

    @property
    def questions(self) -> list[Rule]:
        """The rules that name what the notice leaves open, and whom to ask."""
        return [rule for rule in self.rules if rule.ask]


BRIEF = ("rate", "fiscal", "coverage")
FEW_DAYS = 31  # not a month


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

    @property
    def sum(self) -> Step | None:
        """The line that works the sum out."""
        return next((step for step in self.explained.steps if step.part == "payable"), None)

    @property
    def identity(self) -> Step | None:
        """The line of the identity that counts."""
        return next((step for step in self.explained.steps if step.won), None)

    @property
    def cover(self) -> Step | None:
        """The line that says from when to when it covers."""
        return next((step for step in self.explained.steps if step.part == "coverage"), None)

    @property
    def few_days(self) -> int:
        """How many days it covers where that is little for its price; 0 otherwise: nobody pays for four unawares."""
        decision = self.explained.decision
        if decision.covered_from is None or decision.covered_to is None:
            return 0
        days = (decision.covered_to - decision.covered_from).days + 1
        return days if days < FEW_DAYS else 0

    @property
    def covers_nothing(self) -> bool:
        """Whether it comes too late to cover a single day of the year."""
        return "coverage.too_late" in self.explained.decision.reasons

    @property
    def rules(self) -> list[Rule]:
        """The rules the sum and the cover rest on, once each: enough for one line."""
        steps = [step for step in self.explained.steps if step.won or step.part in BRIEF]
        return list({rule.id: rule for step in steps for rule in step.rules}.values())


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
        return Offer(_with_reason(why_not, facts))
    policy = policies.current()
    people = [deciding.person(policy, facts, tier=tier, paid_on=today) for tier in policy.tiers]
    decided = policy.assess_all(people)
    return Offer(None, [_choice(one, decision, today) for one, decision in zip(people, decided, strict=True)])


def choice_for(facts: Facts, tier: int, today: date) -> Choice:
    """Return what a person owes today in the tier they are enrolled in already."""
    policy = policies.current()
    person = deciding.person(policy, facts, tier=tier, paid_on=today)
    return _choice(person, policy.assess(person), today)


def _with_reason(why_not: Message, facts: Facts) -> Message:
    """Add what the town office wrote when it refused somebody (PJ-8.3.1): not eligible says why."""
    if facts.eligibility != Eligibility.REFUSED:
        return why_not
    reason = papers.why_refused([facts.resident_id]).get(facts.resident_id)
    return say(N_("{why}：{reason}"), why=why_not, reason=reason) if reason else why_not


def _choice(person: Person, decision: Decision, today: date) -> Choice:
    return Choice(person.tier, Explained(decision, policies.current().explain_whole(person, decision, today)))


def explain_enrolment(enrolment: Any, facts: Facts, coverage: Any) -> Explained:
    """Return how a standing enrolment's kept decision came about; ``facts`` are those of the day it was judged on."""
    kept = explain_kept(enrolment, facts, coverage)
    return Explained(kept.decision, kept.tree)
