"""Who of the register owes what, before anybody has paid: everyone eligible, assessed at one tier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.policy import get_policy
from yingbao.registry import facts as registry
from yingbao.usecases import deciding


@dataclass(frozen=True, slots=True)
class Assessed:
    """What a population would owe. ``by_identity``: code ("" for none) → (persons, subsidy in fen)."""

    persons: int
    rate_fen: int
    subsidy_fen: int
    payable_fen: int
    nothing_to_pay: int
    not_eligible: Mapping[str, int] = field(default_factory=dict)  # why → persons
    by_status: Mapping[str, int] = field(default_factory=dict)
    by_identity: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def assess_population(actor: Actor, *, policy_name: str, tier: int, on: date) -> Assessed:
    """Assess everyone of the actor's divisions who may enrol, as if each took ``tier`` and paid on ``on``.

    Reads, writes nothing: the policy is quick enough to ask again whenever an amount is wanted.
    """
    actor.must(Right.SEE_RESIDENTS)
    policy = get_policy(policy_name)
    everyone = registry.of_scope(actor.scope, on=on).values()
    refused = Counter(str(why) for one in everyone if (why := deciding.why_not(one, on=on)) is not None)
    eligible = [one for one in everyone if not one.elsewhere]
    return _add_up(policy.assess_many(_people(eligible, tier=tier, on=on)), refused)
