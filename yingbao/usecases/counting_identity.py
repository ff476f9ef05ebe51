"""Of several identities the one that counts, also before anybody enrols (PJ-5.0)."""

from __future__ import annotations

from datetime import date

from yingbao.policy import Policy
from yingbao.registry.facts import Facts
from yingbao.usecases.deciding import decide


def find_counting(policy: Policy, facts: Facts, *, on: date) -> dict[str, list[int]]:
    """Return identity code → the tiers in which its subsidy would be the one given, had the money cleared ``on`` a day.

    All identities are kept; one that counts in no tier is not in the answer.
    """
    found: dict[str, list[int]] = {}
    for tier in policy.tiers if facts.identities else ():
        decision = decide(policy, facts, tier=tier, paid_on=on)
        if decision.subsidy_identity:
            found.setdefault(decision.subsidy_identity, []).append(tier)
    return found
