"""Who of the register owes what, before anybody has paid: everyone eligible, assessed at one tier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.policy import Decision, get_policy
from yingbao.registry import facts as registry
from yingbao.usecases import deciding


@dataclass(frozen=True, slots=True)
class Assessed:
    """What a population would owe, in persons and fen. ``subsidies``: identity → (persons, fen)."""

    persons: int
    nothing_to_pay: int
    rate_fen: int
    subsidy_fen: int
    payable_fen: int
    fiscal_fen: int
    subsidies: Mapping[str, tuple[int, int]]
    statuses: Mapping[str, int]
    not_eligible: Mapping[str, int]  # why, in Chinese → persons


def assess_population(actor: Actor, *, policy_name: str, tier: int, on: date) -> Assessed:
    """Assess everyone of the actor's divisions who may enrol, as if each took ``tier`` and paid on ``on``.

    Reads only: the policy is quick enough to be asked again whenever an amount is wanted.
    """
    actor.must(Right.SEE_RESIDENTS)
    everyone = registry.of_scope(actor.scope, on=on).values()
    why = {one.resident_id: deciding.why_not(one, on=on) for one in everyone}
    eligible = [one for one in everyone if why[one.resident_id] is None]
    decisions = deciding.decide_all(get_policy(policy_name), [(one, tier) for one in eligible], paid_on=on)
    return _add_up(decisions, Counter(str(reason) for reason in why.values() if reason is not None))


def _add_up(decisions: Iterable[Decision], not_eligible: Mapping[str, int]) -> Assessed:
    totals: Counter[str] = Counter()
    persons: Counter[str] = Counter()
    fen: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    for decision in decisions:
        statuses[decision.status] += 1
        totals["persons"] += 1
        totals["nothing_to_pay"] += decision.payable_fen == 0
        for name in ("rate_fen", "subsidy_fen", "payable_fen"):
            totals[name] += getattr(decision, name) or 0
        totals["fiscal_fen"] += decision.fiscal_subsidy_fen or 0
        if decision.subsidy_identity:
            persons[decision.subsidy_identity] += 1
            fen[decision.subsidy_identity] += decision.subsidy_fen or 0
    names = ("persons", "nothing_to_pay", "rate_fen", "subsidy_fen", "payable_fen", "fiscal_fen")
    return Assessed(
        **{name: totals[name] for name in names},
        subsidies={code: (persons[code], fen[code]) for code in sorted(fen, key=lambda code: -fen[code])},
        statuses=dict(statuses),
        not_eligible=dict(not_eligible),
    )
